package io.fustor.source.mysql.web;

import java.io.IOException;
import java.io.OutputStream;

/// The body of a response that has failed before it was written.
final class FailedOutput extends OutputStream {

    @Override
    public void write(int one) throws IOException {
        throw failure();
    }

    @Override
    public void flush() throws IOException {
        throw failure();
    }

    private static IOException failure() {
        return new IOException("the response has failed");
    }
}
