package io.fustor.source.mysql.capture;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/// Who may read a server's binlog by a connection of their own: so many at a time, the others in
/// the order in which they came. A turn ends when its owner has caught up; while others wait it is
/// taken from whoever had it for longest, if that was long enough, so that subscribers that read
/// slowly or not at all do not keep the others out. Such a one queues again.
///
/// Nobody who has a turn waits for another one. Any thread.
public final class CatchUpTurns {

    /// How long a turn lasts at the least, from the first change that it brought, while others
    /// wait.
    private static final Duration SHORTEST = Duration.ofSeconds(10);

    /// How long one lasts at the least that brought none yet: its owner may be reading a large
    /// transaction once more, up to where it was.
    private static final Duration SHORTEST_IN_VAIN = Duration.ofMinutes(5);

    private final int most;
    private final Duration shortest;
    private final Object lock = new Object();
    private final List<Turn> taken = new ArrayList<>();
    private final Deque<Turn> queue = new ArrayDeque<>();

    CatchUpTurns(int most) {
        this(most, SHORTEST);
    }

    CatchUpTurns(int most, Duration shortest) {
        this.most = most;
        this.shortest = shortest;
    }

    /// A turn, or the wish for one, of the thread that asked. Closing it gives it back, or leaves
    /// the queue.
    public final class Turn implements AutoCloseable {

        private final Thread owner = Thread.currentThread();
        private volatile boolean isGranted;
        private volatile boolean isRevoked;
        private volatile long due;
        private boolean isProgressing;
        private @Nullable Runnable whenRevoked;

        /// Whether the turn has come. Its owner is unparked when it does.
        public boolean isGranted() {
            return isGranted;
        }

        /// Whether it was taken away again.
        public boolean isRevoked() {
            return isRevoked;
        }

        /// What the owner reads by ends when the turn is taken away.
        void onRevoked(Runnable end) {
            synchronized (lock) {
                whenRevoked = end;
            }
            if (isRevoked) {
                end.run();
            }
        }

        /// The owner got something new.
        public void progressed() {
            if (!isProgressing) {
                isProgressing = true;
                due = System.nanoTime() + shortest.toNanos();
            }
        }

        @Override
        public void close() {
            synchronized (lock) {
                queue.remove(this);
                if (taken.remove(this)) {
                    grantNext();
                }
            }
        }
    }

    /// Queues up for a turn, which is granted at once where one is free.
    public Turn ask() {
        Turn turn = new Turn();
        synchronized (lock) {
            queue.add(turn);
            grantNext();
        }
        return turn;
    }

    /// Takes the turn away that lasts for longest, where it is due. Those who wait call it now and
    /// then.
    public void revokeDue() {
        Turn longest = null;
        Runnable end;
        synchronized (lock) {
            long now = System.nanoTime();
            for (Turn turn : taken) {
                if (now - turn.due >= 0 && (longest == null || turn.due - longest.due < 0)) {
                    longest = turn;
                }
            }
            if (longest == null || queue.isEmpty()) {
                return;
            }
            longest.isRevoked = true;
            end = longest.whenRevoked;
            taken.remove(longest);
            grantNext();
        }
        if (end != null) {
            end.run();
        }
    }

    private void grantNext() {
        while (taken.size() < most && !queue.isEmpty()) {
            Turn next = queue.remove();
            next.due = System.nanoTime() + SHORTEST_IN_VAIN.toNanos();
            taken.add(next);
            next.isGranted = true;
            LockSupport.unpark(next.owner);
        }
    }

    /// How many turns are taken.
    public int taken() {
        synchronized (lock) {
            return taken.size();
        }
    }

    /// How many wait for one.
    public int waiting() {
        synchronized (lock) {
            return queue.size();
        }
    }
}
