package io.fustor.source.mysql.feed;

import io.fustor.source.mysql.change.BinlogEvent;
import io.fustor.source.mysql.change.RowsEvent;
import io.fustor.source.mysql.encode.EventEncoder;
import io.fustor.source.mysql.encode.JsonBuffer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.jspecify.annotations.Nullable;

/// Events that lie in memory together and are turned into frames by several threads, since that is
/// most of the work of a catch-up: the subscription's thread begins at the first share and writes
/// the frames in order, its helpers begin at the last, and so they meet wherever the work is done.
///
/// For the subscription's thread.
final class EncodingBatch {

    /// From how many bytes of row images on the batch is written.
    private static final int FULL = 256 * 1024;

    /// Some 35 µs of work, and half a piece of frames.
    private static final int SHARE = 16 * 1024;

    /// What an event counts beside its row images.
    private static final int EVENT = 64;

    private static final int MOST_THREADS = 4;
    private static final int HELPERS =
            Math.min(Runtime.getRuntime().availableProcessors(), MOST_THREADS) - 1;

    private final Thread owner = Thread.currentThread();
    private final EventEncoder encoder;
    private final Pieces pieces;
    private final ConcurrentLinkedQueue<EventEncoder> ofHelpers = new ConcurrentLinkedQueue<>();
    private final List<FutureTask<Encoded>> shares = new ArrayList<>();
    private Share last = new Share();
    private int bytes;

    /// Hears of events when their frames were written.
    interface Written {
        void written(List<Entry> entries);
    }

    /// An event of the batch.
    ///
    /// @param skip how many of its rows the client has had
    /// @param isWanted whether frames come of it
    record Entry(BinlogEvent event, int skip, boolean isWanted) {}

    /// @param encoder whose form the frames have, and which marks no overlap
    EncodingBatch(EventEncoder encoder, Pieces pieces) {
        this.encoder = encoder;
        this.pieces = pieces;
    }

    boolean isEmpty() {
        return bytes == 0;
    }

    boolean isFull() {
        return bytes >= FULL;
    }

    /// Adds an event, whose bytes have to stay as they are until the batch is written.
    void add(Entry entry) {
        if (last.bytes >= SHARE) {
            shares.add(new FutureTask<>(last));
            last = new Share();
        }
        int size = EVENT + (entry.isWanted ? imageBytes(entry.event) : 0);
        last.entries.add(entry);
        last.bytes += size;
        bytes += size;
    }

    private static int imageBytes(BinlogEvent event) {
        return event instanceof RowsEvent rows
                ? rows.images().rowsTo() - rows.images().rowsFrom()
                : 0;
    }

    /// Writes the frames of all events, and forgets them.
    ///
    /// @throws io.fustor.source.mysql.error.SourceException where a row cannot be turned into right
    ///   JSON; what stands in front of its event was written then
    /// @throws IOException where the client is gone
    void write(ClientOutput out, Written written) throws IOException {
        try {
            if (shares.isEmpty()) {
                writeAlone(out, written);
            } else {
                writeTogether(out, written);
            }
        } finally {
            shares.forEach(share -> share.cancel(false));
            shares.clear();
            last = new Share();
            bytes = 0;
        }
    }

    private void writeAlone(ClientOutput out, Written written) throws IOException {
        Encoded encoded = last.encode(encoder, out.gathered());
        written.written(encoded.entries);
        encoded.throwFailure();
        out.pieceDone();
    }

    private void writeTogether(ClientOutput out, Written written) throws IOException {
        shares.add(new FutureTask<>(last));
        List<FutureTask<Encoded>> work = List.copyOf(shares).reversed();
        for (int i = 0; i < Math.min(HELPERS, work.size() - 1); i++) {
            Thread.startVirtualThread(() -> work.forEach(FutureTask::run));
        }
        for (FutureTask<Encoded> share : shares) {
            share.run();
            Encoded encoded = await(share);
            out.write(encoded.frames);
            pieces.giveBack(encoded.frames);
            written.written(encoded.entries);
            encoded.throwFailure();
        }
    }

    /// A helper may have it in hand.
    private static Encoded await(FutureTask<Encoded> share) throws IOException {
        try {
            return share.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while encoding", e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof Error error) {
                throw error;
            }
            throw new IllegalStateException(e);
        }
    }

    /// What became of a share.
    ///
    /// @param entries those whose frames are there
    private record Encoded(
            List<Entry> entries, JsonBuffer frames, @Nullable RuntimeException failure) {

        void throwFailure() {
            if (failure != null) {
                throw failure;
            }
        }
    }

    /// Events one behind the other, encoded by one thread.
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
            try {
                for (Entry entry : entries) {
                    by.encode(entry.event, entry.skip, frames);
                    done++;
                }
                return new Encoded(entries, frames, null);
            } catch (RuntimeException e) {
                return new Encoded(entries.subList(0, done), frames, e);
            }
        }
    }
}
