package io.fustor.source.mysql.binlog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.luben.zstd.Zstd;
import java.io.IOException;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PayloadUnpackerTests {

    private final PayloadUnpacker unpacker = new PayloadUnpacker();
    private final Random random = new Random(7);

    @AfterEach
    void close() {
        unpacker.close();
    }

    private byte[] content(int size) {
        byte[] content = new byte[size];
        random.nextBytes(content);
        Arrays.fill(content, 0, size / 2, (byte) 'x');
        return content;
    }

    /// An event whose body is the payload, with the cursor at it.
    private static EventBytes event(byte[] payload) {
        byte[] bytes = new byte[EventBytes.HEADER + payload.length];
        for (int i = 0; i < 4; i++) {
            bytes[9 + i] = (byte) (bytes.length >> (8 * i));
        }
        System.arraycopy(payload, 0, bytes, EventBytes.HEADER, payload.length);
        EventBytes event = new EventBytes();
        event.set(bytes, 0, bytes.length, false);
        return event;
    }

    private byte[] unpacked(byte[] payload, int size) throws IOException {
        return Arrays.copyOf(unpacker.unpack(event(payload), size), size);
    }

    @Test
    void unpacksPayloadsOfAnySizeOneAfterAnother() throws IOException {
        for (int size : new int[] {0, 1, 20_000, 300, 128 * 1024, 1024 * 1024, 20_000}) {
            byte[] content = content(size);
            assertThat(unpacked(Zstd.compress(content), size)).isEqualTo(content);
        }
    }

    @Test
    void anotherSizeThanWasToldIsAFailure() {
        byte[] payload = Zstd.compress(content(1_000));

        assertThatThrownBy(() -> unpacked(payload, 1_001))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("1000 bytes");
        assertThatThrownBy(() -> unpacked(payload, 999)).isInstanceOf(IOException.class);
    }

    @Test
    void damagedPayloadIsAFailureAndTheNextOneIsNot() throws IOException {
        byte[] content = content(1_000);
        byte[] payload = Zstd.compress(content);
        byte[] damaged = Arrays.copyOf(payload, payload.length / 2);

        assertThatThrownBy(() -> unpacked(damaged, 1_000)).isInstanceOf(IOException.class);
        assertThat(unpacked(payload, 1_000)).isEqualTo(content);
    }

    @Test
    void nothingIsUnpackedOnceItIsClosed() {
        byte[] payload = Zstd.compress(content(10));
        unpacker.close();

        assertThatThrownBy(() -> unpacked(payload, 10)).hasMessage("the stream is closed");
    }
}
