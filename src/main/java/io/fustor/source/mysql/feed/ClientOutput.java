package io.fustor.source.mysql.feed;

import io.fustor.source.mysql.capture.LiveEvent;
import io.fustor.source.mysql.compression.CodedOutput;
import io.fustor.source.mysql.compression.CompressedBlock;
import io.fustor.source.mysql.encode.JsonBuffer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/// The output to one client. Writing blocks while the client does not read, which is the
/// back-pressure. Frames are collected and written in large pieces; [#flush] sends the collected
/// frames. In a stream with a content coding, each piece is compressed by itself.
///
/// For the subscription's thread, except the counter.
final class ClientOutput {

    /// The maximum size of the buffer that remains after a large row, until all is written.
    private static final int LARGEST_KEPT = 1024 * 1024;

    /// The size of a piece of a catch-up that is compressed: what repeats farther away than in a
    /// usual piece is worth a tenth of the bytes.
    private static final int CODED_PIECE = 4 * BufferPool.SIZE;

    private final CodedOutput out;
    private final BufferPool pieces;

    /// Null if the stream is not compressed.
    private final @Nullable LiveRun run;

    private @Nullable JsonBuffer gathered;

    /// The number of bytes that are collected before they are written.
    private int pieceSize = BufferPool.SIZE;

    /// Whether the pool has room for the buffer.
    private boolean hasRoom;

    private final AtomicLong written = new AtomicLong();
    private long lastWrite = System.nanoTime();
    private boolean unflushed;

    /// Whether a part of a frame was sent without its end.
    private boolean isTorn;

    /// @param run of a stream with a coding
    ClientOutput(CodedOutput out, BufferPool pieces, @Nullable LiveRun run) {
        this.out = out;
        this.pieces = pieces;
        this.run = run;
    }

    /// Writes a frame that is too large to be collected as a whole, through a buffer that releases
    /// its pieces.
    interface LargeFrame {

        /// Writes the frame.
        ///
        /// @param out collected output, to append to
        void encode(JsonBuffer out, JsonBuffer.Outlet outlet);
    }

    /// Whether a frame takes so long that readers waiting for its memory come first.
    interface Overdue {
        boolean isOverdue();
    }

    /// Writes a frame while it is encoded.
    ///
    /// @throws IOException if the client has disconnected, or takes too long to read it
    void write(LargeFrame frame, Overdue overdue) throws IOException {
        try {
            frame.encode(gathered(), (bytes, from, length) -> take(bytes, from, length, overdue));
            isTorn = false;
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
        pieceDone();
    }

    private void take(byte[] bytes, int from, int length, Overdue overdue) {
        isTorn = true;
        endRun();
        try {
            for (int done = 0; done < length; done += BufferPool.SIZE) {
                if (overdue.isOverdue()) {
                    throw new IOException("a large row was read too slowly while others wait");
                }
                int piece = Math.min(length - done, BufferPool.SIZE);
                count(out.write(bytes, from + done, piece));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Verifies that the following output starts after a complete frame.
    ///
    /// @throws IOException if it would not, so that only closing the connection informs the client
    void requireWhole() throws IOException {
        if (isTorn) {
            throw new IOException("a frame was not written completely");
        }
    }

    /// The pool of its buffers.
    BufferPool pieces() {
        return pieces;
    }

    /// The buffer for encoded frames; call [#pieceDone] after each. Valid until the next [#flush].
    JsonBuffer gathered() {
        JsonBuffer buffer = gathered;
        if (buffer == null) {
            hasRoom = pieces.takeRoom();
            pieceSize = hasRoom ? BufferPool.SIZE : BufferPool.SMALL;
            buffer = hasRoom ? pieces.take() : new JsonBuffer(BufferPool.SMALL);
            gathered = buffer;
        }
        return buffer;
    }

    /// Writes the collected frames if they fill a piece.
    void pieceDone() throws IOException {
        if (gathered().size() >= pieceSize) {
            write();
        }
    }

    /// Writes the frame of a live event, which all subscribers with the same form share.
    void write(byte[] frame, LiveEvent live, long sequence) throws IOException {
        if (frame.length == 0) {
            return;
        }
        boolean isFull = gathered().size() + frame.length > pieceSize;
        if (isFull) {
            write();
        }
        if (!isFull || frame.length < pieceSize / 2) {
            int before = gathered().size();
            gathered().write(frame);
            if (run != null) {
                run.gathered(live, sequence, before, frame.length);
            }
        } else if (run != null) {
            count(out.write(run.block(frame, live, sequence)));
        } else {
            count(out.write(frame, 0, frame.length));
        }
    }

    /// Called before each live event: writes the collected frames where the block of other
    /// subscribers ends or begins.
    void pass(LiveEvent live, long sequence) throws IOException {
        if (run != null) {
            run.passedTo(sequence);
            if (run.isDueBefore(live, gathered)) {
                write();
            }
        }
    }

    /// What follows in the collected bytes is for this client alone.
    void endRun() {
        if (run != null) {
            run.end();
        }
    }

    /// Called when there is no live event with a sequence number: writes the collected frames, to
    /// which nothing of this client's own may be added before. Without a coding it does nothing.
    ///
    /// @return false if the block of other subscribers goes on, so that there is an event now
    boolean endOfLive(long sequence) throws IOException {
        if (run != null) {
            run.passedTo(sequence);
            if (run.goesOn(gathered)) {
                return false;
            }
            write();
        }
        return true;
    }

    /// Writes the frames that another thread collected, after those collected here.
    void write(JsonBuffer other) throws IOException {
        JsonBuffer own = gathered();
        int most = run == null || !hasRoom ? pieceSize : CODED_PIECE;
        boolean isFull = own.size() + other.size() > most;
        if (isFull) {
            write();
        }
        if (isFull && run == null) {
            count(out.write(other.array(), 0, other.size()));
            return;
        }
        own.append(other);
        if (own.size() >= most) {
            write();
        }
    }

    private void write() throws IOException {
        JsonBuffer buffer = gathered;
        if (buffer == null || buffer.size() == 0) {
            return;
        }
        CompressedBlock shared = run == null ? null : run.block(buffer);
        count(shared == null ? out.write(buffer.array(), 0, buffer.size()) : out.write(shared));
        buffer.reset(hasRoom ? LARGEST_KEPT : BufferPool.SMALL);
        endRun();
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
            release(buffer);
        }
    }

    private void release(JsonBuffer buffer) {
        gathered = null;
        if (hasRoom) {
            hasRoom = false;
            pieces.giveBack(buffer);
            pieces.giveBackRoom();
        }
    }

    /// The stream is over: gives the buffer back, also if its client has left and was not sent it.
    void close() {
        JsonBuffer buffer = gathered;
        if (buffer != null) {
            release(buffer);
        }
    }

    /// Sends everything to the client, and what completes the stream in its coding.
    void finish() throws IOException {
        write();
        count(out.finish());
        flush();
    }

    /// The time of the last write, by [System#nanoTime].
    long lastWrite() {
        return lastWrite;
    }

    /// The number of bytes sent to the client, as they were compressed; any thread may read it.
    long written() {
        return written.get();
    }
}
