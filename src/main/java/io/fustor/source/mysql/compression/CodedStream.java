package io.fustor.source.mysql.compression;

import java.io.IOException;
import java.io.OutputStream;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// A [CodedOutput] for writers that know nothing of blocks: what is written between two flushes is
/// compressed in large pieces. Closing it completes the stream and leaves the client's open. For
/// one thread.
public final class CodedStream extends OutputStream {

    private static final int PIECE = 64 * 1024;

    private final CodedOutput out;
    private final byte[] piece = new byte[PIECE];
    private int size;

    public CodedStream(CodedOutput out) {
        this.out = out;
    }

    @Override
    public void write(int one) throws IOException {
        piece[size++] = (byte) one;
        writeIfFull();
    }

    @Override
    public void write(byte @Nullable [] bytes, int from, int length) throws IOException {
        byte[] given = Objects.requireNonNull(bytes);
        for (int done = 0; done < length; ) {
            int part = Math.min(length - done, PIECE - size);
            System.arraycopy(given, from + done, piece, size, part);
            size += part;
            done += part;
            writeIfFull();
        }
    }

    private void writeIfFull() throws IOException {
        if (size == PIECE) {
            writePiece();
        }
    }

    private void writePiece() throws IOException {
        if (size > 0) {
            out.write(piece, 0, size);
            size = 0;
        }
    }

    @Override
    public void flush() throws IOException {
        writePiece();
        out.flush();
    }

    @Override
    public void close() throws IOException {
        writePiece();
        out.finish();
        out.flush();
    }
}
