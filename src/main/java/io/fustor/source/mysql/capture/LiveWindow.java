package io.fustor.source.mysql.capture;

import io.fustor.source.mysql.change.BinlogEvent;
import io.fustor.source.mysql.change.CommitEvent;
import io.fustor.source.mysql.change.RowsEvent;
import io.fustor.source.mysql.change.TruncateEvent;
import io.fustor.source.mysql.position.FeedPosition;
import io.fustor.source.mysql.position.GtidSet;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/// The newest events of a source, as many as fit into a number of bytes. One thread, the capture's
/// reader, appends; any number of subscribers read at their own pace by sequence numbers. The
/// reader never waits for them: who falls behind the oldest event finds its sequence number gone
/// and catches up from the binlog.
///
/// A slot is written after its old event was counted out of the window, and read before that count
/// is checked again, so that a subscriber never takes a newer event for the one it wanted.
public final class LiveWindow {

    /// The most events in the window; a power of two. With fewer bytes than this times a kilobyte
    /// the bytes bound it.
    private static final int SLOTS = 1 << 16;

    /// Slots are made as they are needed, so that a window in which nothing happens takes little.
    private static final int SEGMENT = 1 << 10;

    private final AtomicReferenceArray<@Nullable AtomicReferenceArray<@Nullable LiveEvent>>
            segments = new AtomicReferenceArray<>(SLOTS / SEGMENT);
    private final AtomicReference<@Nullable Waiter> waiters = new AtomicReference<>();
    private final AtomicLong weight = new AtomicLong();
    private final long wanted;
    private final WindowShare share;

    /// The sequence number of the oldest event, and the one that the next event will have.
    private volatile long head;

    private volatile long tail;
    private volatile Base base;
    private volatile Base edge;
    private volatile boolean closed;

    /// From where on places can be found: the events of one server, from a sequence number on.
    ///
    /// @param sequence of the first event behind the place
    private record Base(long sequence, FeedPosition place) {}

    private record Waiter(Thread thread, @Nullable Waiter next) {}

    /// @param start the place behind which the first event will be
    /// @param capacity in bytes, of events and of the frames kept with them, where its share is no
    ///   less; frames may exceed it by a quarter
    /// @param share of the memory that all windows have together
    LiveWindow(FeedPosition start, long capacity, WindowShare share) {
        this.base = new Base(0, start);
        this.edge = base;
        this.wanted = capacity;
        this.share = share;
        share.opened();
    }

    private long capacity() {
        return share.of(wanted);
    }

    /// Adds an event. For the reader's thread only; [#wake] tells those who wait.
    void append(BinlogEvent event) {
        long sequence = tail;
        weight.addAndGet(event.weight());
        if (sequence - head >= SLOTS) {
            evictOldest();
        }
        trimTo(sequence);
        AtomicReferenceArray<@Nullable LiveEvent> segment = segment(sequence);
        if (segment == null) {
            segment = new AtomicReferenceArray<>(SEGMENT);
            segments.setRelease(segmentIndex(sequence), segment);
        }
        segment.setRelease(slot(sequence), new LiveEvent(event, this));
        tail = sequence + 1;
    }

    /// Lets go of what there is no room for any more, but for the newest event: frames were added,
    /// or the share is smaller now. For the reader's thread only.
    void trim() {
        trimTo(tail - 1);
    }

    private void trimTo(long end) {
        long most = capacity();
        long total = weight.get();
        while (head < end && total > most) {
            total = evictOldest();
        }
    }

    private @Nullable AtomicReferenceArray<@Nullable LiveEvent> segment(long sequence) {
        return segments.getAcquire(segmentIndex(sequence));
    }

    private static int segmentIndex(long sequence) {
        return ((int) sequence & (SLOTS - 1)) / SEGMENT;
    }

    /// Within its segment.
    private static int slot(long sequence) {
        return (int) sequence & (SEGMENT - 1);
    }

    /// @return the weight that is left
    private long evictOldest() {
        long sequence = head;
        AtomicReferenceArray<@Nullable LiveEvent> segment = segment(sequence);
        LiveEvent oldest = segment == null ? null : segment.getPlain(slot(sequence));
        if (segment == null || oldest == null) {
            throw new IllegalStateException("the window lost the event " + sequence);
        }
        if (sequence >= base.sequence()) {
            base = new Base(sequence + 1, oldest.event().after());
        }
        head = sequence + 1;
        segment.setRelease(slot(sequence), null);
        return weight.addAndGet(-oldest.evict());
    }

    /// Whether a frame may be left with an event: only the reader lets go of events, so that while
    /// it has nothing to append, the frames of ever more forms would pile up. They get a quarter of
    /// the capacity beyond it.
    boolean hasRoomFor(long bytes) {
        long most = capacity();
        return weight.get() + bytes <= most + most / 4;
    }

    /// Counts a frame that was left with an event.
    void grow(long bytes) {
        weight.addAndGet(bytes);
    }

    /// From now on events come from another server: places on it are found from here on.
    void continueAt(FeedPosition place) {
        base = new Base(tail, place);
        edge = base;
    }

    /// The binlog moved on to a place without an event for the window. For the reader's thread
    /// only.
    void advance(FeedPosition place) {
        edge = new Base(tail, place);
    }

    /// How far the binlog is known to have moved behind all events before a sequence number, or
    /// null where nothing more is known than the last event's place.
    public @Nullable FeedPosition edge(long sequence) {
        Base known = edge;
        return known.sequence() == sequence ? known.place() : null;
    }

    /// Wakes everybody who waits for events.
    void wake() {
        for (Waiter waiter = waiters.getAndSet(null); waiter != null; waiter = waiter.next()) {
            LockSupport.unpark(waiter.thread());
        }
    }

    /// No event will follow; everybody who waits is woken. For one thread at a time.
    void close() {
        if (!closed) {
            closed = true;
            share.closed();
        }
        wake();
    }

    public boolean isClosed() {
        return closed;
    }

    /// Waits until there is an event of a sequence number, the window is closed, the thread is
    /// unparked or the time is over.
    public void await(long sequence, long nanos) {
        if (tail > sequence || closed || nanos <= 0) {
            return;
        }
        Thread current = Thread.currentThread();
        waiters.updateAndGet(next -> new Waiter(current, next));
        if (tail <= sequence && !closed) {
            LockSupport.parkNanos(this, nanos);
        }
    }

    /// Whether the event of a sequence number has been appended.
    public boolean has(long sequence) {
        return sequence < tail;
    }

    /// The event of a sequence number that [#has], or null where the window has let go of it.
    public @Nullable LiveEvent get(long sequence) {
        AtomicReferenceArray<@Nullable LiveEvent> segment = segment(sequence);
        LiveEvent event = segment == null ? null : segment.getAcquire(slot(sequence));
        return sequence < head ? null : event;
    }

    /// The sequence number of the first event that ends behind a place, or -1 where the window does
    /// not reach back to the place, or does not know its server.
    long sequenceBehind(FeedPosition place) {
        Base from = base;
        if (place.server() != from.place().server() || from.place().isAfter(place)) {
            return -1;
        }
        long low = from.sequence();
        long high = tail;
        while (low < high) {
            long middle = (low + high) >>> 1;
            LiveEvent candidate = get(middle);
            if (candidate == null || compareEnd(candidate.event(), place) <= 0) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        // What was let go of meanwhile may have been behind the place.
        return base.place().isAfter(place) || !agrees(place, low) ? -1 : low;
    }

    /// The place between two transactions at a position of the window's server, with the GTIDs in
    /// front of it; null where the window does not hold it, or not yet.
    @Nullable FeedPosition placeAt(FeedPosition position) {
        Base from = base;
        Base to = edge;
        if (isAt(to.place(), position)) {
            return to.place();
        }
        long sequence = sequenceBehind(position);
        if (sequence < 0) {
            return null;
        }
        LiveEvent before = sequence > from.sequence() ? get(sequence - 1) : null;
        FeedPosition end = before == null ? from.place() : before.event().after();
        return isAt(end, position) ? end : null;
    }

    private static boolean isAt(FeedPosition place, FeedPosition position) {
        return place.server() == position.server()
                && place.fileNumber() == position.fileNumber()
                && place.offset() == position.offset()
                && place.rows() == 0;
    }

    /// Whether the place holds no GTID that the window yields only later, which is so for one who
    /// began with a set that has gaps, and for one who is ahead of the reader. Both go on by
    /// themselves for now.
    private boolean agrees(FeedPosition place, long sequence) {
        GtidSet had = place.executed();
        if (had == null) {
            return true;
        }
        LiveEvent next = get(sequence);
        if (next != null) {
            return had.isSubsetOf(next.event().transaction().start().executedOrEmpty());
        }
        LiveEvent last = sequence > head ? get(sequence - 1) : null;
        FeedPosition end = last == null ? edge.place() : last.event().after();
        return had.isSubsetOf(end.executedOrEmpty());
    }

    private static int compareEnd(BinlogEvent event, FeedPosition place) {
        return switch (event) {
            case RowsEvent rows ->
                    FeedPosition.compare(
                            rows.transaction().start().fileNumber(),
                            rows.transaction().start().offset(),
                            rows.firstRow() + rows.rowCount(),
                            place);
            case CommitEvent commit ->
                    FeedPosition.compare(
                            commit.after().fileNumber(), commit.after().offset(), 0, place);
            case TruncateEvent truncate ->
                    FeedPosition.compare(
                            truncate.transaction().start().fileNumber(),
                            truncate.transaction().start().offset(),
                            1,
                            place);
        };
    }

    /// How many bytes events and frames take.
    public long weight() {
        return weight.get();
    }

    /// How many events the window holds.
    public long size() {
        return tail - head;
    }
}
