package io.fustor.source.mysql.feed;

import io.fustor.source.mysql.thread.Computing;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/// The duties of a subscription besides delivery: it checks whether it must end, sends heartbeats,
/// and yields to other threads. For the subscription's thread.
final class Pace {

    private static final long MOVED_HEARTBEAT_NANOS = Duration.ofSeconds(1).toNanos();
    private static final long LOOK_NANOS = Duration.ofSeconds(1).toNanos();

    private final BooleanSupplier isEnding;
    private final Supplier<String> token;
    private final ClientOutput out;
    private final SubscriptionEvents events;
    private final long heartbeatNanos;

    /// Whether only a write can tell if the client is still there.
    private volatile boolean isInDoubt;

    private boolean moved;
    private boolean isOver;

    /// @param isEnding whether the subscription must end
    /// @param token of the client's place
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
        return isOver || isEnding.getAsBoolean();
    }

    /// The client has everything up to the end of its stream.
    void over() {
        isOver = true;
    }

    /// The place advanced without an event for the client; a heartbeat will follow soon.
    void moved() {
        moved = true;
    }

    /// The client receives an event with its place.
    void served() {
        moved = false;
    }

    /// A heartbeat is due now. Any thread may call.
    void doubt() {
        isInDoubt = true;
    }

    void heartbeatIfDue() throws IOException {
        heartbeatIfDue(System.nanoTime());
    }

    /// @param now by [System#nanoTime], because reading the clock costs more than the rest
    void heartbeatIfDue(long now) throws IOException {
        long silent = now - out.lastWrite();
        if (isInDoubt || silent >= heartbeatNanos || (moved && silent >= MOVED_HEARTBEAT_NANOS)) {
            events.heartbeat(token.get());
            moved = false;
            isInDoubt = false;
            out.flush();
        }
    }

    /// Nanoseconds, at least one.
    long untilHeartbeat() {
        if (isInDoubt) {
            return 1;
        }
        long due = moved ? Math.min(heartbeatNanos, MOVED_HEARTBEAT_NANOS) : heartbeatNanos;
        return Math.max(1, due - (System.nanoTime() - out.lastWrite()));
    }

    /// Waits before another attempt, and sends heartbeats.
    void pause(Duration pause) throws IOException {
        pause(pause, () -> false);
    }

    /// Sends what was collected, waits for a time or until a condition holds, and sends heartbeats.
    /// It checks the condition every second and whenever the thread is unparked.
    ///
    /// A thousand subscribers may wait here at a time, because they fell out of the live window
    /// together: none keeps a buffer.
    void pause(Duration longest, BooleanSupplier isOver) throws IOException {
        out.flush();
        long until = System.nanoTime() + longest.toNanos();
        while (!isEnding() && until - System.nanoTime() > 0 && !isOver.getAsBoolean()) {
            heartbeatIfDue();
            long rest = Math.min(until - System.nanoTime(), LOOK_NANOS);
            LockSupport.parkNanos(this, Math.min(rest, untilHeartbeat()));
        }
    }

    /// Lets other threads run now and then, as [Computing#giveWayIfDue] does.
    boolean giveWayIfDue() {
        return giveWayIfDue(System.nanoTime());
    }

    /// @param now by [System#nanoTime]
    boolean giveWayIfDue(long now) {
        return Computing.giveWayIfDue(now);
    }
}
