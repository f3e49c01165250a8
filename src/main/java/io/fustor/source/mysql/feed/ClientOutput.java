package io.fustor.source.mysql.feed;

import io.fustor.source.mysql.encode.JsonBuffer;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/// The bytes that go to one client. Writing blocks while the client does not read: that is the
/// back-pressure. Frames are gathered and written in large pieces; [#flush] sends what is gathered.
///
/// For the subscription's thread, except the counter.
final class ClientOutput {

    /// What a large row may leave behind as room for the next, until all is written.
    private static final int LARGEST_KEPT = 1024 * 1024;

    private final OutputStream out;
    private final Pieces pieces;
    private @Nullable JsonBuffer gathered;
    private final AtomicLong written = new AtomicLong();
    private long lastWrite = System.nanoTime();
    private boolean unflushed;

    ClientOutput(OutputStream out, Pieces pieces) {
        this.out = out;
        this.pieces = pieces;
    }

    /// Writes frames that are not gathered as a whole: to a buffer that lets go of its pieces.
    interface LargeFrame {

        /// Writes the frame.
        ///
        /// @param out what is gathered, to write behind
        void encode(JsonBuffer out, JsonBuffer.Outlet outlet);
    }

    /// Whether a frame took so long that others who wait for its memory come first.
    interface Overdue {
        boolean isSo();
    }

    /// Writes a frame while it is made.
    ///
    /// @throws IOException where the client is gone, or takes too long to read it
    void write(LargeFrame frame, Overdue overdue) throws IOException {
        try {
            frame.encode(gathered(), (bytes, from, length) -> take(bytes, from, length, overdue));
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
        pieceDone();
    }

    private void take(byte[] bytes, int from, int length, Overdue overdue) {
        try {
            for (int done = 0; done < length; done += Pieces.SIZE) {
                if (overdue.isSo()) {
                    throw new IOException("a large row was read too slowly while others wait");
                }
                int piece = Math.min(length - done, Pieces.SIZE);
                out.write(bytes, from + done, piece);
                count(piece);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Where buffers for it are lent.
    Pieces pieces() {
        return pieces;
    }

    /// The buffer that frames are encoded into; call [#pieceDone] behind each. Good until the next
    /// [#flush].
    JsonBuffer gathered() {
        JsonBuffer buffer = gathered;
        if (buffer == null) {
            buffer = pieces.take();
            gathered = buffer;
        }
        return buffer;
    }

    /// Writes what was gathered if it makes a piece.
    void pieceDone() throws IOException {
        if (gathered().size() >= Pieces.SIZE) {
            write();
        }
    }

    /// Writes a frame that belongs to somebody else.
    void write(byte[] frame) throws IOException {
        if (gathered().size() + frame.length <= Pieces.SIZE) {
            gathered().write(frame);
            return;
        }
        write();
        if (frame.length < Pieces.SIZE / 2) {
            gathered().write(frame);
        } else {
            out.write(frame);
            count(frame.length);
        }
    }

    /// Writes what somebody else gathered, behind what was gathered here.
    void write(JsonBuffer other) throws IOException {
        if (gathered().size() + other.size() <= Pieces.SIZE) {
            gathered().append(other);
            return;
        }
        write();
        out.write(other.array(), 0, other.size());
        count(other.size());
    }

    private void write() throws IOException {
        JsonBuffer buffer = gathered;
        if (buffer == null || buffer.size() == 0) {
            return;
        }
        out.write(buffer.array(), 0, buffer.size());
        count(buffer.size());
        buffer.reset(LARGEST_KEPT);
    }

    private void count(int bytes) {
        written.lazySet(written.getPlain() + bytes);
        lastWrite = System.nanoTime();
        unflushed = true;
    }

    /// Sends everything to the client.
    void flush() throws IOException {
        write();
        if (unflushed) {
            out.flush();
            unflushed = false;
        }
        JsonBuffer buffer = gathered;
        if (buffer != null) {
            gathered = null;
            pieces.giveBack(buffer);
        }
    }

    /// When something was last written, by [System#nanoTime].
    long lastWrite() {
        return lastWrite;
    }

    /// How many bytes went to the client; any thread may ask.
    long written() {
        return written.get();
    }
}
