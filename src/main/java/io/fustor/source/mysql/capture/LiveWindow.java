package io.fustor.source.mysql.capture;

import io.fustor.source.mysql.change.BinlogEvent;
import io.fustor.source.mysql.change.CommitEvent;
import io.fustor.source.mysql.change.RowsEvent;
import io.fustor.source.mysql.change.TruncateEvent;
import io.fustor.source.mysql.position.GtidSet;
import io.fustor.source.mysql.position.Place;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/// The newest events of a source, bounded in bytes. One thread, the capture's reader, appends. Any
/// number of subscribers read at their own pace by sequence numbers. The reader never waits for
/// them. A subscriber whose sequence number is gone catches up from the binlog.
///
/// A slot is written after its old event was counted out of the window, and read before that count
/// is checked again, so that a subscriber never takes a newer event for the one it wanted.
public final class LiveWindow {

    /// The most events in the window; a power of two. With fewer bytes than this times a kilobyte
    /// the bytes bound it.
    private static final int SLOTS = 1 << 16;

    /// Slots are allocated on demand, so an idle window needs little memory.
    private static final int SEGMENT = 1 << 10;

    private final AtomicReferenceArray<@Nullable AtomicReferenceArray<@Nullable LiveEvent>>
            segments = new AtomicReferenceArray<>(SLOTS / SEGMENT);

    /// The threads that wait. Each adds itself and removes itself: on a server where nothing
    /// happens, no event would remove those whose time is over.
    private final Set<Thread> waiting = ConcurrentHashMap.newKeySet();

    private final AtomicLong weight = new AtomicLong();
    private final long wanted;
    private final WindowShare share;

    /// The sequence number of the oldest event, and of the next event.
    private volatile long head;

    private volatile long tail;
    private volatile Base base;
    private volatile Base edge;
    private volatile boolean closed;

    /// The start of the searchable part of the window: the events of one server, from a sequence
    /// number on.
    ///
    /// @param sequence number of the first event after the place
    /// @param leftOut transactions that the server omits, anywhere in its binlog, because the
    ///   reader received them from another server
    private record Base(long sequence, Place place, GtidSet leftOut) {}

    /// @param start the place after which the first event will come
    /// @param capacity in bytes, of events and their frames, unless its share is smaller; frames
    ///   may exceed it by a quarter
    /// @param share of the memory of all windows
    LiveWindow(Place start, long capacity, WindowShare share) {
        this.base = new Base(0, start, GtidSet.EMPTY);
        this.edge = base;
        this.wanted = capacity;
        this.share = share;
        share.opened();
    }

    private long capacity() {
        return share.of(wanted);
    }

    /// Adds an event. For the reader's thread only; [#wake] notifies waiting subscribers.
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

    /// Evicts events until the rest fits, except the newest event. Frames may have been added, or
    /// the share may be smaller. For the reader's thread only.
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
            base = new Base(sequence + 1, oldest.event().after(), base.leftOut());
        }
        head = sequence + 1;
        segment.setRelease(slot(sequence), null);
        return weight.addAndGet(-oldest.evict());
    }

    /// Whether a frame may be stored with an event. Only the reader evicts events, so the frames of
    /// many forms could accumulate while it has nothing to append. They may exceed the capacity by
    /// a quarter.
    boolean hasRoomFor(long bytes) {
        long most = capacity();
        return weight.get() + bytes <= most + most / 4;
    }

    /// Counts a frame that was stored with an event.
    void grow(long bytes) {
        weight.addAndGet(bytes);
    }

    /// From now on, events come from another server; places on that server are found from here on.
    ///
    /// @param leftOut transactions that the server was told to omit
    void continueAt(Place place, GtidSet leftOut) {
        base = new Base(tail, place, leftOut);
        edge = base;
    }

    /// The binlog advanced to a place without an event for the window. For the reader's thread
    /// only.
    void advance(Place place) {
        edge = new Base(tail, place, GtidSet.EMPTY);
    }

    /// How far the binlog is known to have advanced after all events before a sequence number; null
    /// if only the last event's place is known.
    public @Nullable Place edge(long sequence) {
        Base known = edge;
        return known.sequence() == sequence ? known.place() : null;
    }

    /// Wakes all waiting subscribers. If it fails in the middle, the rest waits on: closing the
    /// window wakes them.
    void wake() {
        for (Thread thread : waiting) {
            LockSupport.unpark(thread);
        }
    }

    /// How many threads wait.
    int waiting() {
        return waiting.size();
    }

    /// No event will follow; all waiting subscribers are woken. For one thread at a time.
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

    /// Waits until the event with a sequence number exists, the window is closed, the thread is
    /// unparked or the time has elapsed.
    public void await(long sequence, long nanos) {
        if (tail > sequence || closed || nanos <= 0) {
            return;
        }
        Thread current = Thread.currentThread();
        waiting.add(current);
        try {
            if (tail <= sequence && !closed) {
                LockSupport.parkNanos(this, nanos);
            }
        } finally {
            waiting.remove(current);
        }
    }

    /// Whether the event with a sequence number has been appended.
    public boolean has(long sequence) {
        return sequence < tail;
    }

    /// The event with a sequence number that [#has], or null if the window has evicted it.
    public @Nullable LiveEvent get(long sequence) {
        AtomicReferenceArray<@Nullable LiveEvent> segment = segment(sequence);
        LiveEvent event = segment == null ? null : segment.getAcquire(slot(sequence));
        return sequence < head ? null : event;
    }

    /// The sequence number of the first event that ends after a place. It is -1 if the window does
    /// not reach back to the place or lacks the events after it, or if it is not proven that the
    /// place belongs to the window's binlog.
    long sequenceAfter(Place place) {
        GtidSet leftOut = base.leftOut();
        if (place.server() == Place.BY_GTIDS || !leftOut.isSubsetOf(place.executedOrEmpty())) {
            return -1;
        }
        long sequence = search(place);
        boolean isSame = sequence >= 0 && base.leftOut().equals(leftOut);
        return isSame && isOfThisBinlog(place, sequence) ? sequence : -1;
    }

    /// Whether the place is in the same file as the newest event and after it, so that the window
    /// soon contains it.
    boolean comesTo(Place place) {
        long next = tail;
        Place known = edge(next);
        LiveEvent last = known == null && next > 0 ? get(next - 1) : null;
        Place newest = last == null ? edge.place() : last.event().after();
        return place.server() == newest.server()
                && isOfFile(place, newest)
                && place.isAfter(newest);
    }

    private long search(Place place) {
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
        // Events evicted meanwhile may have come after the place.
        return base.place().isAfter(place) || !agrees(place, low) ? -1 : low;
    }

    /// The place between two transactions at a position of the window's server, with the GTIDs
    /// before it; null if the window does not contain it, or not yet.
    @Nullable Place placeAt(Place position) {
        Base from = base;
        Base to = edge;
        if (isAt(to.place(), position)) {
            return to.place();
        }
        long sequence = search(position);
        if (sequence < 0) {
            return null;
        }
        LiveEvent before = sequence > from.sequence() ? get(sequence - 1) : null;
        Place end = before == null ? from.place() : before.event().after();
        return isAt(end, position) ? end : null;
    }

    /// Whether one of the places around a sequence number is in the same file as the place, and
    /// none contradicts it. A file that the window has not seen yet proves nothing.
    private boolean isOfThisBinlog(Place place, long sequence) {
        LiveEvent next = get(sequence);
        LiveEvent last = sequence > head ? get(sequence - 1) : null;
        Place after = next == null ? edge.place() : next.event().transaction().start();
        Place before = last == null ? base.place() : last.event().after();
        return (isOfFile(place, after) || isOfFile(place, before))
                && !contradict(place, after)
                && !contradict(place, before);
    }

    private static boolean isOfFile(Place place, Place known) {
        return place.fileNumber() == known.fileNumber()
                && place.evidence().isOfSameFile(known.evidence());
    }

    private static boolean contradict(Place place, Place known) {
        if (place.fileNumber() != known.fileNumber()) {
            return false;
        }
        boolean areOthers =
                known.fileCreated() != 0 && !place.evidence().isOfSameFile(known.evidence());
        return areOthers
                || (place.offset() == known.offset()
                        && place.evidence().contradicts(known.evidence()));
    }

    private static boolean isAt(Place place, Place position) {
        return place.server() == position.server()
                && place.fileNumber() == position.fileNumber()
                && place.offset() == position.offset()
                && place.rows() == 0;
    }

    /// Whether the window already contains every GTID of this place. A place whose GTID set has
    /// gaps, or that is ahead of the reader, may contain one that arrives later. Its subscriber
    /// does not join yet.
    private boolean agrees(Place place, long sequence) {
        GtidSet had = place.executed();
        if (had == null) {
            return true;
        }
        LiveEvent next = get(sequence);
        if (next != null) {
            return had.isSubsetOf(next.event().transaction().start().executedOrEmpty());
        }
        LiveEvent last = sequence > Math.max(head, base.sequence()) ? get(sequence - 1) : null;
        Place end = last == null ? edge.place() : last.event().after();
        return had.isSubsetOf(end.executedOrEmpty());
    }

    private static int compareEnd(BinlogEvent event, Place place) {
        return switch (event) {
            case RowsEvent rows ->
                    Place.compare(
                            rows.transaction().start().fileNumber(),
                            rows.transaction().start().offset(),
                            rows.firstRow() + rows.rowCount(),
                            place);
            case CommitEvent commit ->
                    Place.compare(commit.after().fileNumber(), commit.after().offset(), 0, place);
            case TruncateEvent truncate ->
                    Place.compare(
                            truncate.transaction().start().fileNumber(),
                            truncate.transaction().start().offset(),
                            1,
                            place);
        };
    }

    /// The size of events and frames in bytes.
    public long weight() {
        return weight.get();
    }

    /// The number of events in the window.
    public long size() {
        return tail - head;
    }
}
