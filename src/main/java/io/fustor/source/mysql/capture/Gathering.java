package io.fustor.source.mysql.capture;

import io.fustor.source.mysql.position.Place;
import io.fustor.source.mysql.server.BinlogStatus;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.SequencedSet;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// Subscribers that return at the same time with places that are close together. The one with the
/// oldest place begins the live window there, so that all others join it and none needs a reader of
/// its own.
///
/// The first subscriber waits for a moment; only if others come does it wait until no more come. If
/// the one with the oldest place fails, for example because its place is not of this server, the
/// next one takes over. Any thread may call. Only the subscriber that came first looks at the
/// clock: it is woken often, and the others only when they have something to do.
public final class Gathering {

    /// How long the first subscriber waits for a second one.
    private static final Duration ALONE = Duration.ofMillis(60);

    /// Subscribers gather until none came for this time. A few that come later may have older
    /// places; if the window began while most are still to come, half of those would.
    private static final Duration QUIET = Duration.ofMillis(150);

    /// How long subscribers gather, if they do not stop coming.
    private static final Duration TOGETHER = Duration.ofMillis(1_500);

    /// After this time a subscriber catches up on its own.
    private static final Duration LONGEST = Duration.ofSeconds(5);

    /// So many at a time are not served one by one.
    private static final int CROWD = 4;

    private final long near;
    private final LongSupplier clock;

    // Guarded by this object.
    private final SequencedSet<Seat> seats = new LinkedHashSet<>();
    private @Nullable Seat leader;
    private long begun;
    private long newest;

    /// The part of one subscriber, until it is closed.
    public final class Seat implements AutoCloseable {

        private final Place place;
        private final Thread owner = Thread.currentThread();
        private final long entered;

        private Seat(Place place, long entered) {
            this.place = place;
            this.entered = entered;
        }

        /// Whether this subscriber is the one to begin the window.
        public boolean leads() {
            return leader() == this;
        }

        /// Whether this subscriber has to look again and again whether the time is over.
        public boolean watches() {
            return first() == this;
        }

        /// Whether it waited long enough.
        public boolean isOver() {
            return clock.getAsLong() - entered > LONGEST.toNanos();
        }

        @Override
        public void close() {
            leave(this);
        }
    }

    /// @param near how many bytes of the binlog the window can hold, more or less
    Gathering(long near) {
        this(near, System::nanoTime);
    }

    /// @param clock in nanoseconds
    Gathering(long near, LongSupplier clock) {
        this.near = near;
        this.clock = clock;
    }

    /// Whether the window could hold what follows a place.
    ///
    /// @param status the end of the binlog
    public boolean isNear(Place place, BinlogStatus status) {
        Place end = status.place();
        return end.server() == place.server()
                && end.fileNumber() == place.fileNumber()
                && end.offset() - place.offset() < near;
    }

    /// Whether any subscribers gather now.
    public synchronized boolean isUnderWay() {
        return !seats.isEmpty();
    }

    /// Whether many subscribers gather now.
    synchronized boolean isCrowd() {
        return seats.size() >= CROWD;
    }

    /// A subscriber comes with its place.
    public synchronized Seat enter(Place place) {
        newest = clock.getAsLong();
        if (seats.isEmpty()) {
            begun = newest;
        }
        Seat seat = new Seat(place, newest);
        seats.add(seat);
        return seat;
    }

    private void leave(Seat seat) {
        List<Seat> called;
        synchronized (this) {
            boolean isFirst = seat.equals(first());
            seats.remove(seat);
            if (seat.equals(leader)) {
                leader = null;
                called = List.copyOf(seats);
            } else {
                called = isFirst && !seats.isEmpty() ? List.of(seats.getFirst()) : List.of();
            }
        }
        called.forEach(one -> LockSupport.unpark(one.owner));
    }

    private synchronized @Nullable Seat first() {
        return seats.isEmpty() ? null : seats.getFirst();
    }

    private synchronized @Nullable Seat leader() {
        if (leader == null && isTime()) {
            Seat oldest = null;
            for (Seat seat : seats) {
                oldest = older(seat, oldest);
            }
            leader = oldest;
            if (oldest != null) {
                LockSupport.unpark(oldest.owner);
            }
        }
        return leader;
    }

    private boolean isTime() {
        long now = clock.getAsLong();
        if (seats.size() == 1) {
            return now - begun >= ALONE.toNanos();
        }
        return now - newest >= QUIET.toNanos() || now - begun >= TOGETHER.toNanos();
    }

    private static Seat older(Seat seat, @Nullable Seat known) {
        if (known == null) {
            return seat;
        }
        boolean isOlder =
                seat.place.server() == known.place.server() && known.place.isAfter(seat.place);
        return isOlder ? seat : known;
    }
}
