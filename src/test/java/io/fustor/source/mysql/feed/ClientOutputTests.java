package io.fustor.source.mysql.feed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fustor.source.mysql.compression.CodedOutput;
import io.fustor.source.mysql.memory.ClientMemory;
import io.fustor.source.mysql.memory.ClientMemory.Use;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ClientOutputTests {

    private static final byte[] FRAME =
            "data: {\"rows\":[]}\n\n".repeat(50).getBytes(StandardCharsets.US_ASCII);
    private static final int FRAMES = 100;

    private final ClientMemory memory = ClientMemory.OF_HEAP;
    private final long usedBefore = memory.used();
    private final BufferPool pieces = new BufferPool();
    private final List<Integer> sizes = new ArrayList<>();
    private final ByteArrayOutputStream sent = new ByteArrayOutputStream();
    private int taken;

    @AfterEach
    void giveBack() {
        for (; taken > 0; taken--) {
            memory.giveBack(Use.OUTPUT);
        }
    }

    private void fillHeap() {
        while (memory.take(Use.OUTPUT)) {
            taken++;
        }
    }

    private final OutputStream client =
            new OutputStream() {
                @Override
                public void write(int one) {
                    throw new UnsupportedOperationException();
                }

                @Override
                public void write(byte[] bytes, int from, int length) {
                    sizes.add(length);
                    sent.write(bytes, from, length);
                }
            };

    private void writeAll(ClientOutput out) throws IOException {
        for (int i = 0; i < FRAMES; i++) {
            out.gathered().write(FRAME);
            out.pieceDone();
        }
        out.flush();
    }

    @Test
    void anOutputTakesRoomUntilItIsSent() throws IOException {
        ClientOutput out = new ClientOutput(new CodedOutput.Plain(client), pieces, null);

        out.gathered().write(FRAME);

        assertThat(memory.used()).isEqualTo(usedBefore + Use.OUTPUT.bytes());
        out.flush();
        assertThat(memory.used()).isEqualTo(usedBefore);
    }

    @Test
    void withoutRoomItIsSentInSmallPieces() throws IOException {
        fillHeap();
        long full = memory.used();
        ClientOutput out = new ClientOutput(new CodedOutput.Plain(client), pieces, null);

        writeAll(out);

        assertThat(memory.used()).isEqualTo(full);
        assertThat(sent.size()).isEqualTo(FRAMES * FRAME.length);
        assertThat(sizes).allMatch(size -> size <= BufferPool.SMALL + FRAME.length);
    }

    @Test
    void largePiecesReturnWithTheRoom() throws IOException {
        fillHeap();
        ClientOutput out = new ClientOutput(new CodedOutput.Plain(client), pieces, null);
        writeAll(out);
        sizes.clear();
        giveBack();

        writeAll(out);

        assertThat(sizes.getFirst()).isGreaterThanOrEqualTo(BufferPool.SIZE);
    }

    @Test
    void theRoomOfAClientThatLeftComesBack() throws IOException {
        OutputStream gone =
                new OutputStream() {
                    @Override
                    public void write(int one) throws IOException {
                        throw new IOException("gone");
                    }
                };
        ClientOutput out = new ClientOutput(new CodedOutput.Plain(gone), pieces, null);
        out.gathered().write(FRAME);
        assertThatThrownBy(out::flush).isInstanceOf(IOException.class);

        out.close();

        assertThat(memory.used()).isEqualTo(usedBefore);
    }
}
