package io.fustor.source.mysql.connection;

import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;

/// The output made from a server's answer, in memory until all of it is complete. It grows in
/// pieces, each with room in [AnswerMemory] before it is allocated. For one thread at a time.
public final class HeldBytes extends OutputStream {

    private static final int PIECE = 64 * 1024;

    private final AnswerMemory.Hold hold;
    private final List<byte[]> pieces = new ArrayList<>();
    private byte[] last = {};
    private int filled;

    /// @param hold used for nothing else; given back by [#release]
    public HeldBytes(AnswerMemory.Hold hold) {
        this.hold = hold;
    }

    @Override
    public void write(int one) {
        write(new byte[] {(byte) one}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) {
        int written = 0;
        while (written < length) {
            if (filled == last.length) {
                hold.add(PIECE);
                last = new byte[PIECE];
                pieces.add(last);
                filled = 0;
            }
            int count = Math.min(length - written, PIECE - filled);
            System.arraycopy(bytes, offset + written, last, filled, count);
            filled += count;
            written += count;
        }
    }

    /// Writes all bytes to another stream.
    public void writeTo(OutputStream out) throws IOException {
        for (byte[] piece : pieces) {
            out.write(piece, 0, length(piece));
        }
    }

    /// All bytes in one array, with room for it.
    public byte[] copy() {
        long size = (long) Math.max(0, pieces.size() - 1) * PIECE + filled;
        hold.add(size);
        byte[] all = new byte[(int) size];
        int at = 0;
        for (byte[] piece : pieces) {
            int length = length(piece);
            System.arraycopy(piece, 0, all, at, length);
            at += length;
        }
        return all;
    }

    @SuppressWarnings("ReferenceEquality") // the last piece itself
    private int length(byte[] piece) {
        return piece == last ? filled : PIECE;
    }

    /// Releases all bytes. Closing does not, since a writer closes the stream that it has written.
    public void release() {
        pieces.clear();
        last = new byte[0];
        filled = 0;
        hold.close();
    }
}
