package io.fustor.source.mysql.feed;

import io.fustor.source.mysql.change.BinlogEvent;
import io.fustor.source.mysql.change.RowsEvent;
import io.fustor.source.mysql.encode.EventEncoder;
import io.fustor.source.mysql.encode.JsonBuffer;
import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.thread.Computing;
import io.fustor.source.mysql.thread.InternalFailures;
import io.fustor.source.mysql.thread.SupervisedThread;
import io.fustor.source.mysql.thread.Work;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// A batch of events in memory that several threads encode, because encoding is most of the work of
/// a catch-up. While the subscription's thread reads the events, its helpers begin at the first
/// share. Then it goes from the first share to the last and writes the frames in order, and the
/// helpers go from the last one to the first. They meet when all shares are encoded.
///
/// For the subscription's thread.
final class EncodingBatch {

    /// The number of bytes of row images at which the batch is written.
    private static final int FULL = 256 * 1024;

    /// Some 35 µs of work, and half a piece of frames.
    private static final int SHARE = 16 * 1024;

    /// The weight of an event in addition to its row images.
    private static final int EVENT = 64;

    private static final int MOST_THREADS = 4;
    private static final int HELPERS =
            Math.min(Runtime.getRuntime().availableProcessors(), MOST_THREADS) - 1;

    private final Thread owner = Thread.currentThread();
    private final EventEncoder encoder;
    private final BufferPool pieces;
    private final ConcurrentLinkedQueue<EventEncoder> ofHelpers = new ConcurrentLinkedQueue<>();
    private final List<FutureTask<Encoded>> shares = new ArrayList<>();
    private final Consumer<Runnable> starter;

    /// Helpers that were started and are not over.
    private final AtomicInteger helping = new AtomicInteger();

    /// The shares that helpers may encode; none between two batches. A helper may get its processor
    /// only when its batch has long been written, so it must not be what keeps the batch in memory.
    private final ConcurrentLinkedDeque<FutureTask<Encoded>> shared = new ConcurrentLinkedDeque<>();

    /// Whether the batch is being written, and not read.
    private volatile boolean isWriting;

    private Share last = new Share();
    private int bytes;

    /// Receives events after their frames were written.
    interface Written {
        /// Called once a share.
        ///
        /// @param rows how many rows were written
        /// @param isServed whether any frames were written
        /// @param frames as they were written; null if they have no buffer of their own
        /// @return whether the buffer is kept; otherwise it is used again
        boolean written(
                List<Entry> entries, int rows, boolean isServed, @Nullable JsonBuffer frames);
    }

    /// An event of the batch.
    ///
    /// @param skip number of its rows that the client already has
    /// @param isWanted whether it produces frames
    record Entry(BinlogEvent event, int skip, boolean isWanted) {}

    /// @param encoder of the form of the frames, without overlap marks
    EncodingBatch(EventEncoder encoder, BufferPool pieces) {
        this(encoder, pieces, help -> SupervisedThread.virtual(Work.ENCODING, "encoding", help));
    }

    /// @param starter runs a helper on a thread of its own
    EncodingBatch(EventEncoder encoder, BufferPool pieces, Consumer<Runnable> starter) {
        this.encoder = encoder;
        this.pieces = pieces;
        this.starter = starter;
    }

    boolean isEmpty() {
        return bytes == 0;
    }

    boolean isFull() {
        return bytes >= FULL;
    }

    /// Adds an event, whose bytes must not change until the batch is written.
    void add(Entry entry) {
        if (last.bytes >= SHARE) {
            closeShare();
            callForHelp();
        }
        int size = EVENT + (entry.isWanted ? imageBytes(entry.event) : 0);
        last.entries.add(entry);
        last.bytes += size;
        bytes += size;
    }

    private void closeShare() {
        FutureTask<Encoded> share = new FutureTask<>(last);
        last = new Share();
        shares.add(share);
        shared.addLast(share);
    }

    /// Helpers of an earlier batch that have not begun yet help with this one.
    private void callForHelp() {
        if (helping.get() < HELPERS && Computing.canHelp()) {
            helping.incrementAndGet();
            starter.accept(this::help);
        }
    }

    private static int imageBytes(BinlogEvent event) {
        return event instanceof RowsEvent rows
                ? rows.images().rowsTo() - rows.images().rowsFrom()
                : 0;
    }

    /// Writes the frames of all events, and clears the batch.
    ///
    /// @param apart whether all frames need buffers of their own
    /// @throws io.fustor.source.mysql.error.SourceException if a row cannot be encoded correctly;
    ///   all events before it have then been written
    /// @throws IOException if the client has disconnected
    void write(ClientOutput out, boolean apart, Written written) throws IOException {
        try {
            if (shares.isEmpty() && !apart) {
                writeAlone(out, written);
            } else {
                writeTogether(out, written);
            }
        } finally {
            shared.clear();
            shares.forEach(share -> share.cancel(false));
            shares.clear();
            last = new Share();
            bytes = 0;
            isWriting = false;
        }
    }

    private void writeAlone(ClientOutput out, Written written) throws IOException {
        int before = out.gathered().size();
        Encoded encoded = last.encode(encoder, out.gathered());
        written.written(encoded.entries, encoded.rows, out.gathered().size() > before, null);
        encoded.throwFailure();
        out.pieceDone();
    }

    private void writeTogether(ClientOutput out, Written written) throws IOException {
        isWriting = true;
        boolean isAlone = shares.isEmpty();
        closeShare();
        if (!isAlone) {
            callForHelp();
        }
        for (FutureTask<Encoded> share : shares) {
            share.run();
            Encoded encoded = await(share);
            boolean isServed = encoded.frames.size() > 0;
            out.write(encoded.frames);
            if (!written.written(encoded.entries, encoded.rows, isServed, encoded.frames)) {
                pieces.giveBack(encoded.frames);
            }
            encoded.throwFailure();
        }
    }

    private void help() {
        try {
            FutureTask<Encoded> next = poll();
            while (next != null) {
                next.run();
                next = Computing.canHelp() ? poll() : null;
            }
        } finally {
            helping.decrementAndGet();
        }
    }

    private @Nullable FutureTask<Encoded> poll() {
        return isWriting ? shared.pollLast() : shared.pollFirst();
    }

    /// A helper may be encoding it.
    private static Encoded await(FutureTask<Encoded> share) throws IOException {
        try {
            return share.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while encoding", e);
        } catch (ExecutionException e) {
            throw InternalFailures.contain(
                    Work.ENCODING, "share", Objects.requireNonNullElse(e.getCause(), e));
        }
    }

    /// The result of a share.
    ///
    /// @param entries whose frames are complete
    private record Encoded(
            List<Entry> entries, JsonBuffer frames, int rows, @Nullable SourceException failure) {

        void throwFailure() {
            if (failure != null) {
                throw failure;
            }
        }
    }

    /// Consecutive events, encoded by one thread.
    private final class Share implements Callable<Encoded> {

        private final List<Entry> entries = new ArrayList<>();
        private int bytes;

        @Override
        public Encoded call() {
            if (Thread.currentThread() == owner) {
                return encode(encoder, pieces.take());
            }
            EventEncoder free = ofHelpers.poll();
            EventEncoder mine = free == null ? new EventEncoder(encoder.form()) : free;
            Encoded encoded = encode(mine, pieces.take());
            ofHelpers.add(mine);
            return encoded;
        }

        private Encoded encode(EventEncoder by, JsonBuffer frames) {
            int done = 0;
            int rows = 0;
            try {
                for (Entry entry : entries) {
                    rows += by.encode(entry.event, entry.skip, frames);
                    done++;
                }
                return new Encoded(entries, frames, rows, null);
            } catch (Throwable e) {
                return new Encoded(
                        entries.subList(0, done),
                        frames,
                        rows,
                        InternalFailures.contain(Work.ENCODING, "event", e));
            }
        }
    }
}
