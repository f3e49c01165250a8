package io.fustor.source.mysql.connection;

import java.io.FilterInputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;

/// A socket to a server whose streams pass through [AnswerFrames], so that a driver's reads are
/// bounded. A reader with its own bounds ([PacketInput]) uses [#unframed].
public sealed interface FramedSocket permits GuardedSocket, FramedTlsSocket {

    /// The server's bytes as received.
    InputStream unframed() throws IOException;

    /// Inspects the packets for a driver.
    AnswerFrames frames();

    /// The server's bytes as received on a socket, with or without inspection.
    static InputStream unframed(Socket socket) throws IOException {
        return socket instanceof FramedSocket framed ? framed.unframed() : socket.getInputStream();
    }

    /// Passes what the server sends to the frames.
    final class Input extends FilterInputStream {

        private final AnswerFrames frames;

        Input(InputStream in, AnswerFrames frames) {
            super(in);
            this.frames = frames;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            int count = super.read(bytes, offset, length);
            frames.received(bytes, offset, Math.max(count, 0));
            return count;
        }

        @Override
        public long skip(long count) throws IOException {
            byte[] passed = new byte[(int) Math.min(count, 8192)];
            return Math.max(0, read(passed, 0, passed.length));
        }

        @Override
        public boolean markSupported() {
            return false;
        }
    }

    /// Tells the frames when the driver asks.
    final class Output extends FilterOutputStream {

        private final AnswerFrames frames;

        Output(OutputStream out, AnswerFrames frames) {
            super(out);
            this.frames = frames;
        }

        @Override
        public void write(int one) throws IOException {
            write(new byte[] {(byte) one}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            frames.asked(bytes, offset, length);
            out.write(bytes, offset, length);
        }
    }
}
