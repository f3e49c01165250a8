package io.fustor.source.mysql.compression;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import java.util.zip.CRC32;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

/// The checksum of pieces, beside the JDK's of all bytes.
class CrcTests {

    private final Random random = seeded();

    private static Random seeded() {
        long seed = System.nanoTime();
        System.out.println("CrcTests: seed " + seed);
        return new Random(seed);
    }

    private static int crc(byte[] bytes, int from, int length) {
        CRC32 crc = new CRC32();
        crc.update(bytes, from, length);
        return (int) crc.getValue();
    }

    @RepeatedTest(20)
    void checksumOfPiecesIsThatOfTheWhole() {
        byte[] all = new byte[random.nextInt(300_000)];
        random.nextBytes(all);
        int combined = 0;
        int at = 0;
        while (at < all.length) {
            int most = random.nextBoolean() ? 300 : 70_000;
            int length = Math.min(random.nextInt(most), all.length - at);
            combined = Crc.combine(combined, crc(all, at, length), Crc.shift(length));
            at += length;
        }

        assertThat(combined).isEqualTo(crc(all, 0, all.length));
    }

    @Test
    void everySmallNumberOfZerosIsShiftedOver() {
        byte[] zeros = new byte[1_030];
        byte[] text = "text".getBytes(US_ASCII);
        for (int length = 0; length < zeros.length; length++) {
            CRC32 expected = new CRC32();
            expected.update(text);
            expected.update(zeros, 0, length);

            int combined =
                    Crc.combine(
                            crc(text, 0, text.length), crc(zeros, 0, length), Crc.shift(length));

            assertThat(combined).as("%s zeros", length).isEqualTo((int) expected.getValue());
        }
    }

    @Test
    void factorOfASumIsTheProductOfFactors() {
        for (int i = 0; i < 1_000; i++) {
            long first = random.nextLong(1L << 40);
            long second = random.nextLong(1L << 40);
            int shifted = Crc.combine(Crc.shift(first), 0, Crc.shift(second));

            assertThat(shifted).isEqualTo(Crc.shift(first + second));
        }
    }
}
