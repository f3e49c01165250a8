package io.fustor.source.mysql.server;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;

/// A socket that takes no more than a login needs until somebody says that the login is through: a
/// server that greets without end cannot fill the memory.
final class GuardedSocket extends Socket {

    private static final long LOGIN = 1024 * 1024;

    private volatile long allowed = LOGIN;
    private long count;

    /// Lifts the limit.
    void release() {
        allowed = Long.MAX_VALUE;
    }

    /// Whether the other end sent more than a login needs.
    boolean isExceeded() {
        return count > allowed;
    }

    @Override
    public InputStream getInputStream() throws IOException {
        return new GuardedStream(super.getInputStream());
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
            int read = super.read(bytes, offset, length);
            count(Math.max(read, 0));
            return read;
        }

        private void count(int read) throws IOException {
            count += read;
            if (count > allowed) {
                throw new IOException("more than a login needs");
            }
        }
    }
}
