package io.fustor.source.mysql.connection;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;

class PacketInputTests {

    private final Random random = seeded();

    /// A packet that was kept, as it was.
    private record Kept(byte[] array, int from, int to, byte[] copy) {}

    private static Random seeded() {
        long seed = System.nanoTime();
        System.out.println("PacketInputTests: seed " + seed);
        return new Random(seed);
    }

    /// Gives what a socket may give: now a few bytes, now as many as there is room for.
    private InputStream inBits(byte[] stream) {
        return new InputStream() {
            private final InputStream in = new ByteArrayInputStream(stream);

            @Override
            public int read() throws IOException {
                return in.read();
            }

            @Override
            public int read(byte[] into, int offset, int length) throws IOException {
                int most = random.nextBoolean() ? length : 1 + random.nextInt(length);
                return in.read(into, offset, most);
            }
        };
    }

    private byte[] packet() {
        int size =
                switch (random.nextInt(20)) {
                    case 0 -> random.nextInt(PacketInput.LARGEST_WHOLE);
                    case 1 -> random.nextInt(200_000);
                    default -> random.nextInt(9_000);
                };
        byte[] packet = new byte[size];
        random.nextBytes(packet);
        return packet;
    }

    private static byte[] stream(List<byte[]> packets) {
        ByteArrayOutputStream stream = new ByteArrayOutputStream();
        for (byte[] packet : packets) {
            stream.write(packet.length);
            stream.write(packet.length >> 8);
            stream.write(packet.length >> 16);
            stream.write(0);
            stream.writeBytes(packet);
        }
        return stream.toByteArray();
    }

    @RepeatedTest(20)
    void keptPacketsStayAsTheyAreUntilTheyAreNotNeeded() throws IOException {
        List<byte[]> packets = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            packets.add(packet());
        }
        PacketInput input =
                new PacketInput(
                        inBits(stream(packets)),
                        Duration.ofHours(1),
                        "silent",
                        random.nextBoolean() ? PacketInput.SMALL_BUFFER : PacketInput.BUFFER);
        List<Kept> kept = new ArrayList<>();
        for (byte[] packet : packets) {
            assertThat(input.next()).isTrue();
            byte[] copy = Arrays.copyOfRange(input.array(), input.from(), input.to());
            assertThat(copy).isEqualTo(packet);
            if (random.nextInt(3) > 0) {
                input.keep();
                kept.add(new Kept(input.array(), input.from(), input.to(), copy));
            }
            if (random.nextInt(30) == 0) {
                assertUnchanged(kept);
                kept.clear();
                input.reuse();
            }
        }
        assertUnchanged(kept);
    }

    private static void assertUnchanged(List<Kept> kept) {
        for (Kept one : kept) {
            assertThat(Arrays.copyOfRange(one.array, one.from, one.to)).isEqualTo(one.copy);
        }
    }
}
