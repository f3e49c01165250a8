package io.fustor.source.mysql.feed;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/// What a subscription does beside delivering: it looks whether it is to end, says to its client
/// that it is there, and gives way to others. For the subscription's thread.
final class Pace {

    private static final long MOVED_HEARTBEAT_NANOS = Duration.ofSeconds(1).toNanos();
    private static final long LOOK_NANOS = Duration.ofSeconds(1).toNanos();
    private static final long TURN_NANOS = Duration.ofMillis(5).toNanos();

    private final BooleanSupplier isEnding;
    private final Supplier<String> token;
    private final ClientOutput out;
    private final SubscriptionEvents events;
    private final long heartbeatNanos;

    private boolean moved;
    private long turn = System.nanoTime();

    /// @param isEnding whether the subscription is to end
    /// @param token of the place at which the client is
    /// @param heartbeat the longest silence
    Pace(
            BooleanSupplier isEnding,
            Supplier<String> token,
            ClientOutput out,
            SubscriptionEvents events,
            Duration heartbeat) {
        this.isEnding = isEnding;
        this.token = token;
        this.out = out;
        this.events = events;
        this.heartbeatNanos = heartbeat.toNanos();
    }

    boolean isEnding() {
        return isEnding.getAsBoolean();
    }

    /// The place moved on without an event for the client: it learns of it soon.
    void moved() {
        moved = true;
    }

    /// The client gets an event with its place.
    void served() {
        moved = false;
    }

    void heartbeatIfDue() throws IOException {
        heartbeatIfDue(System.nanoTime());
    }

    /// @param now by [System#nanoTime]: asking for it costs more than the rest
    void heartbeatIfDue(long now) throws IOException {
        long silent = now - out.lastWrite();
        if (silent >= heartbeatNanos || (moved && silent >= MOVED_HEARTBEAT_NANOS)) {
            events.heartbeat(token.get());
            moved = false;
            out.flush();
        }
    }

    /// Nanoseconds, at least one.
    long untilHeartbeat() {
        long due = moved ? Math.min(heartbeatNanos, MOVED_HEARTBEAT_NANOS) : heartbeatNanos;
        return Math.max(1, due - (System.nanoTime() - out.lastWrite()));
    }

    /// Waits before another attempt, while the client gets its heartbeats.
    void pause(Duration pause) throws IOException {
        pause(pause, () -> false);
    }

    /// Waits, while the client gets its heartbeats, for a time or until something is so, which is
    /// looked at every second and whenever the thread is unparked.
    void pause(Duration longest, BooleanSupplier isOver) throws IOException {
        long until = System.nanoTime() + longest.toNanos();
        while (!isEnding() && until - System.nanoTime() > 0 && !isOver.getAsBoolean()) {
            heartbeatIfDue();
            long rest = Math.min(until - System.nanoTime(), LOOK_NANOS);
            LockSupport.parkNanos(this, Math.min(rest, untilHeartbeat()));
        }
    }

    /// Lets others run every few milliseconds: a loop that never blocks would hold its carrier
    /// thread from all of them.
    ///
    /// @return whether it did
    boolean giveWayIfDue() {
        return giveWayIfDue(System.nanoTime());
    }

    /// @param now by [System#nanoTime]
    @SuppressWarnings("ThreadPriorityCheck") // giving way is what it is for
    boolean giveWayIfDue(long now) {
        if (now - turn <= TURN_NANOS) {
            return false;
        }
        Thread.yield();
        turn = now;
        return true;
    }
}
