package io.fustor.source.mysql.connection;

import io.fustor.source.mysql.thread.Computing;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;

/// A socket that accepts only as many bytes as a login needs until the login is complete. A server
/// that greets without end therefore cannot fill the memory. Its packets are inspected unless TLS
/// is over it.
final class GuardedSocket extends Socket implements FramedSocket {

    private static final long LOGIN = 1024 * 1024;

    private volatile long allowed = LOGIN;
    private final AnswerFrames frames;
    private boolean isUnderTls;
    private long count;

    /// @param frames inspect what a driver reads
    GuardedSocket(AnswerFrames frames) {
        this.frames = frames;
    }

    /// The following bytes are TLS, not packets.
    void putUnderTls() {
        isUnderTls = true;
        frames.encrypted();
    }

    /// Lifts the limit.
    void release() {
        allowed = Long.MAX_VALUE;
    }

    /// Whether the server sent more than a login needs.
    boolean isExceeded() {
        return count > allowed;
    }

    @Override
    public InputStream getInputStream() throws IOException {
        return isUnderTls ? unframed() : new FramedSocket.Input(unframed(), frames);
    }

    @Override
    public InputStream unframed() throws IOException {
        return new GuardedStream(super.getInputStream());
    }

    @Override
    public OutputStream getOutputStream() throws IOException {
        OutputStream out = super.getOutputStream();
        return isUnderTls ? out : new FramedSocket.Output(out, frames);
    }

    @Override
    public AnswerFrames frames() {
        return frames;
    }

    @Override
    public void close() throws IOException {
        frames.settle();
        super.close();
    }

    private final class GuardedStream extends FilterInputStream {

        GuardedStream(InputStream in) {
            super(in);
        }

        @Override
        public int read() throws IOException {
            int read = super.read();
            count(read < 0 ? 0 : 1);
            return read;
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            Computing.pause();
            try {
                int read = super.read(bytes, offset, length);
                count(Math.max(read, 0));
                return read;
            } finally {
                Computing.goOn();
            }
        }

        private void count(int read) throws IOException {
            count += read;
            if (count > allowed) {
                throw new IOException("more than a login needs");
            }
        }
    }
}
