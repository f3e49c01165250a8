package io.fustor.source.mysql.encode;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class DigitsTests {

    @Test
    void writesEightDigitsOfEachGroupOfFour() {
        for (int four = 0; four < 10_000; four++) {
            assertThat(text(Digits.eight(four), 8)).isEqualTo("%08d".formatted(four));
            long high = four * 10_000L + 9_999 - four;
            assertThat(text(Digits.eight(high), 8)).isEqualTo("%08d".formatted(high));
        }
    }

    @Test
    void writesTheLastDigits() {
        for (int count = 1; count <= 8; count++) {
            assertThat(text(Digits.last(90_210_007, count), count))
                    .isEqualTo("90210007".substring(8 - count));
        }
    }

    @Test
    void writesTwoDigits() {
        for (int value = 0; value < 100; value++) {
            assertThat(text(Digits.two(value), 2)).isEqualTo("%02d".formatted(value));
        }
    }

    @Test
    void leavesNothingAfterTwoDigits() {
        for (int value = 0; value < 100; value++) {
            assertThat(Digits.two(value) >>> 16).isZero();
        }
    }

    private static String text(long packed, int count) {
        byte[] bytes =
                ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(packed).array();
        return new String(bytes, 0, count, StandardCharsets.US_ASCII);
    }
}
