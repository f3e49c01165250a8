package io.fustor.source.mysql.feed;

import io.fustor.source.mysql.encode.JsonBuffer;
import io.fustor.source.mysql.memory.HeapPart;
import io.fustor.source.mysql.position.Place;
import io.fustor.source.mysql.schema.TableSchema;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/// Stretches of the binlog in one form, while subscriptions catch up through them. One of them
/// reads and encodes a stretch. All others that come to its beginning write the same bytes.
///
/// A stretch begins at a place and ends at the first commit beyond a multiple of [#LENGTH] in the
/// binlog's file. So all who go on from the end of a stretch meet in the same places, wherever they
/// began. Places are compared with everything that they consist of, so that a stretch is never of
/// another binlog.
///
/// Nothing depends on a stretch being there: who finds none reads the binlog.
///
/// Any thread may call.
final class Stretches {

    /// In bytes of the binlog.
    static final long LENGTH = 256 * 1024;

    /// The most bytes of frames in a stretch. One large transaction makes more.
    private static final int LARGEST = 4 * 1024 * 1024;

    /// How far others may be before a stretch, in bytes of the binlog, so that its frames are worth
    /// keeping for them.
    private static final long NEAR = 16 * 1024 * 1024;

    private final HeapPart memory;
    private final BufferPool pieces;

    /// In the order in which they were begun.
    private final Map<Place, Stretch> stretches = new LinkedHashMap<>();

    private final Set<Reader> readers = new LinkedHashSet<>();

    Stretches(BufferPool pieces) {
        this(pieces, HeapPart.STRETCHES);
    }

    Stretches(BufferPool pieces, HeapPart memory) {
        this.pieces = pieces;
        this.memory = memory;
    }

    /// A part of a stretch, which is written as a whole.
    ///
    /// @param frames must not be changed; null if nothing is to be written
    /// @param rows in the frames
    /// @param after the place after the last event whose frames are complete
    /// @param micros when that event's change was committed, in microseconds since 1970
    record Piece(@Nullable JsonBuffer frames, int rows, Place after, long micros) {

        private long size() {
            return frames == null ? 0 : frames.array().length;
        }

        /// The same piece; few frames in a buffer of their own, where the binlog arrives slowly.
        private Piece trimmed() {
            if (frames == null || 2 * frames.size() > frames.array().length) {
                return this;
            }
            JsonBuffer own = new JsonBuffer(frames.size());
            own.append(frames);
            return new Piece(own, rows, after, micros);
        }
    }

    /// Whether a stretch ends at a commit.
    ///
    /// @param from where it begins
    /// @param place after the commit
    static boolean isEnd(Place from, Place place) {
        return place.fileNumber() != from.fileNumber()
                || place.offset() / LENGTH != from.offset() / LENGTH;
    }

    /// What became of a stretch.
    private enum State {
        MAKING,
        MADE,
        /// Its maker gave up, or it is no longer kept.
        GONE
    }

    /// A stretch that one subscription makes, and others write. Its own fields are guarded by the
    /// stretches.
    static final class Stretch {

        private final Place from;
        private final Reader maker;
        private final List<Piece> made = new ArrayList<>();
        private final Set<TableSchema> tables = new LinkedHashSet<>();
        private final List<Thread> waiting = new ArrayList<>();
        private volatile State state = State.MAKING;

        /// When its maker came further last, by [System#nanoTime].
        private volatile long since = System.nanoTime();

        private long bytes;
        private long taken;
        private int users;

        /// Whether others may come to it; for its maker only.
        private boolean isWanted;

        private Stretch(Place from, Reader maker) {
            this.from = from;
            this.maker = maker;
        }

        /// Its pieces, in order, once it is made.
        List<Piece> made() {
            return made;
        }

        /// The layouts of the tables whose rows are in it, in the order of the rows.
        Set<TableSchema> tables() {
            return tables;
        }

        boolean isMaking() {
            return state == State.MAKING;
        }

        /// How long its maker has not come further, in nanoseconds.
        long standstill() {
            return System.nanoTime() - since;
        }

        /// Whether its maker has to keep frames for others; for its maker only.
        boolean isWanted() {
            return isWanted && state == State.MAKING;
        }

        /// Takes over frames that the maker has written; for its maker only.
        ///
        /// @return false if the buffer stays the maker's
        @SuppressWarnings("ReferenceEquality") // the buffer itself, or a copy
        boolean add(Piece piece) {
            if (!isWanted() || bytes + piece.size() > LARGEST) {
                isWanted = false;
                return false;
            }
            since = System.nanoTime();
            Piece kept = piece.trimmed();
            bytes += kept.size();
            made.add(kept);
            return kept.frames() == piece.frames();
        }

        /// For its maker only.
        void add(TableSchema table) {
            tables.add(table);
        }

        /// The frames that follow cannot be shared; for its maker only.
        void spoil() {
            isWanted = false;
        }
    }

    /// A subscription that catches up.
    final class Reader implements AutoCloseable {

        private final Thread thread = Thread.currentThread();
        private final ChangeProgress progress;

        private Reader(ChangeProgress progress) {
            this.progress = progress;
        }

        /// The stretch that begins at the subscription's place, made or being made by another; a
        /// new one for this subscription to make if there is none.
        Stretch next() {
            return at(this, progress.place());
        }

        /// Whether this subscription is to make a stretch.
        boolean makes(Stretch stretch) {
            return isMaker(stretch) && stretch.isMaking();
        }

        /// Waits for a stretch that another makes: this thread is unparked when it is over.
        void awaits(Stretch stretch) {
            synchronized (Stretches.this) {
                stretch.waiting.add(thread);
            }
        }

        /// Makes in its place what another has not made in time.
        Stretch takeOver(Stretch stretch) {
            synchronized (Stretches.this) {
                if (stretch.isMaking()) {
                    over(stretch, State.GONE);
                    stretches.remove(stretch.from, stretch);
                }
                return next();
            }
        }

        /// Its stretch ends at the subscription's place.
        void made(Stretch stretch) {
            Place end = progress.place();
            stretch.add(new Piece(null, 0, end, progress.servedMicros()));
            finish(stretch, stretch.isWanted() && !end.equals(stretch.from));
        }

        /// Its stretch will not be made.
        void leave(Stretch stretch) {
            if (isMaker(stretch)) {
                finish(stretch, false);
            }
        }

        @SuppressWarnings("ReferenceEquality") // a reader is itself only
        private boolean isMaker(Stretch stretch) {
            return stretch.maker == this;
        }

        /// Uses the pieces of a stretch, which stays until [#used].
        ///
        /// @return false if it is gone
        boolean use(Stretch stretch) {
            synchronized (Stretches.this) {
                if (stretch.state != State.MADE) {
                    return false;
                }
                stretch.users++;
                return true;
            }
        }

        void used(Stretch stretch) {
            synchronized (Stretches.this) {
                stretch.users--;
                freeIfUnused(stretch);
            }
        }

        @Override
        public void close() {
            synchronized (Stretches.this) {
                readers.remove(this);
                if (readers.isEmpty()) {
                    List.copyOf(stretches.values()).forEach(Stretches.this::drop);
                }
            }
        }
    }

    /// A subscription catches up until it closes the reader. For the subscription's thread.
    synchronized Reader enter(ChangeProgress progress) {
        Reader reader = new Reader(progress);
        readers.add(reader);
        return reader;
    }

    private synchronized Stretch at(Reader reader, Place place) {
        Stretch found = stretches.get(place);
        if (found != null) {
            return found;
        }
        Stretch mine = new Stretch(place, reader);
        mine.isWanted = isNearFor(reader, place);
        stretches.put(place, mine);
        return mine;
    }

    /// Whether another reader is at a place or shortly before it.
    private boolean isNearFor(@Nullable Reader reader, Place place) {
        for (Reader other : readers) {
            if (other != reader && isNear(other.progress.place(), place)) {
                return true;
            }
        }
        return false;
    }

    private static boolean isNear(Place before, Place place) {
        return before.server() == place.server()
                && before.fileNumber() == place.fileNumber()
                && !before.isAfter(place)
                && place.offset() - before.offset() <= NEAR;
    }

    private synchronized void finish(Stretch stretch, boolean isComplete) {
        if (!stretch.isMaking()) {
            // Another took it over, unless it was made and others may be writing it.
            if (stretch.state == State.GONE && stretch.users == 0) {
                giveBackPieces(stretch);
            }
            return;
        }
        dropUnreachable();
        if (isComplete && hasRoom(stretch)) {
            over(stretch, State.MADE);
            return;
        }
        stretches.remove(stretch.from, stretch);
        over(stretch, State.GONE);
        giveBackPieces(stretch);
    }

    /// Takes the memory for a stretch; the oldest ones make room for it.
    private boolean hasRoom(Stretch stretch) {
        Iterator<Stretch> oldest = List.copyOf(stretches.values()).iterator();
        while (!memory.take(stretch.bytes)) {
            if (!oldest.hasNext()) {
                return false;
            }
            Stretch next = oldest.next();
            if (next.state == State.MADE) {
                drop(next);
            }
        }
        stretch.taken = stretch.bytes;
        return true;
    }

    /// Those that every reader has passed.
    private void dropUnreachable() {
        for (Stretch stretch : List.copyOf(stretches.values())) {
            if (stretch.state == State.MADE && !isNearFor(null, stretch.from)) {
                drop(stretch);
            }
        }
    }

    private void drop(Stretch stretch) {
        stretches.remove(stretch.from, stretch);
        over(stretch, State.GONE);
        freeIfUnused(stretch);
    }

    private void over(Stretch stretch, State state) {
        stretch.state = state;
        stretch.waiting.forEach(LockSupport::unpark);
        stretch.waiting.clear();
    }

    private void freeIfUnused(Stretch stretch) {
        if (stretch.state == State.GONE && stretch.users == 0 && stretch.taken > 0) {
            memory.giveBack(stretch.taken);
            stretch.taken = 0;
            giveBackPieces(stretch);
        }
    }

    private void giveBackPieces(Stretch stretch) {
        for (Piece piece : stretch.made) {
            JsonBuffer frames = piece.frames();
            if (frames != null && frames.array().length >= BufferPool.SIZE) {
                pieces.giveBack(frames);
            }
        }
        stretch.made.clear();
    }

    /// How many stretches are kept or being made.
    synchronized int size() {
        return stretches.size();
    }
}
