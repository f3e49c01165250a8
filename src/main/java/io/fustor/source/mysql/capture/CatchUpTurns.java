package io.fustor.source.mysql.capture;

import io.fustor.source.mysql.instance.Budget;
import io.fustor.source.mysql.memory.ClientMemory;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/// Limits how many subscribers read a server's binlog with their own connection at a time, over all
/// instances. The heap must have room for them. Other subscribers wait in order of arrival. A turn
/// ends when its owner has caught up. While others wait, the oldest turn is revoked after a minimum
/// time, so that slow subscribers do not block others. Its owner queues again.
///
/// The owner of a turn never waits for another one. Any thread may call.
public final class CatchUpTurns {

    /// The minimum duration of a turn while others wait, from its first delivered change.
    private static final Duration SHORTEST = Duration.ofSeconds(10);

    /// The minimum duration of a turn without a delivered change. Its owner may be reading a large
    /// transaction again, up to its place.
    private static final Duration SHORTEST_IN_VAIN = Duration.ofMinutes(5);

    private final Budget budget;
    private final Duration shortest;
    private final ClientMemory memory = ClientMemory.OF_HEAP;
    private final Object lock = new Object();
    private final List<Turn> taken = new ArrayList<>();
    private final Deque<Turn> queue = new ArrayDeque<>();

    /// @param budget how many turns there may be, over all instances
    CatchUpTurns(Budget budget) {
        this(budget, SHORTEST);
    }

    CatchUpTurns(Budget budget, Duration shortest) {
        this.budget = budget;
        this.shortest = shortest;
        budget.onChange(this::revokeDue);
    }

    /// A turn, or a queued request for one, of the calling thread. Closing it releases the turn, or
    /// leaves the queue.
    public final class Turn implements AutoCloseable {

        private final Thread owner = Thread.currentThread();
        private volatile boolean isGranted;
        private volatile boolean isRevoked;
        private volatile long due;
        private boolean isProgressing;
        private boolean hasMemory;
        private @Nullable Runnable whenRevoked;

        /// Whether the turn is granted. Its owner is unparked when that happens.
        public boolean isGranted() {
            return isGranted;
        }

        /// Whether the turn was revoked.
        public boolean isRevoked() {
            return isRevoked;
        }

        /// Registers an action that ends the owner's reading when the turn is revoked.
        void onRevoked(Runnable end) {
            synchronized (lock) {
                whenRevoked = end;
            }
            if (isRevoked) {
                end.run();
            }
        }

        /// The owner received a new change.
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
                    budget.giveBack();
                }
                if (hasMemory) {
                    hasMemory = false;
                    memory.giveBack(ClientMemory.Use.CATCH_UP);
                }
                grantNext();
            }
        }
    }

    /// Queues for a turn, which is granted at once if one is free.
    public Turn ask() {
        Turn turn = new Turn();
        synchronized (lock) {
            queue.add(turn);
            grantNext();
        }
        return turn;
    }

    /// Revokes the oldest turn, if it is due. Waiting threads call it from time to time.
    public void revokeDue() {
        Turn longest = null;
        Runnable end;
        synchronized (lock) {
            // Clients other than the owners of turns may have released memory.
            grantNext();
            long now = System.nanoTime();
            for (Turn turn : taken) {
                if (now - turn.due >= 0 && (longest == null || turn.due - longest.due < 0)) {
                    longest = turn;
                }
            }
            boolean isWanted = !queue.isEmpty() || budget.isOverdrawn();
            if (longest == null || !isWanted) {
                return;
            }
            longest.isRevoked = true;
            end = longest.whenRevoked;
            // Its owner keeps the memory until it closes the turn.
            taken.remove(longest);
            budget.giveBack();
            grantNext();
        }
        if (end != null) {
            end.run();
        }
    }

    private void grantNext() {
        while (!queue.isEmpty() && budget.tryTake()) {
            if (!memory.take(ClientMemory.Use.CATCH_UP)) {
                budget.giveBack();
                return;
            }
            Turn next = queue.remove();
            next.hasMemory = true;
            next.due = System.nanoTime() + SHORTEST_IN_VAIN.toNanos();
            taken.add(next);
            next.isGranted = true;
            LockSupport.unpark(next.owner);
        }
        budget.demand(queue.size());
    }

    /// The number of granted turns.
    public int taken() {
        synchronized (lock) {
            return taken.size();
        }
    }

    /// The number of waiting requests.
    public int waiting() {
        synchronized (lock) {
            return queue.size();
        }
    }
}
