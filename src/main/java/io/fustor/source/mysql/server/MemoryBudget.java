package io.fustor.source.mysql.server;

import io.fustor.source.mysql.error.FailureCode;
import io.fustor.source.mysql.error.SourceException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/// The part of the heap that large binlog events and rows share while somebody delivers them:
/// whoever is going to hold one claims its bytes before, waits for its turn, and gives them back.
/// Turns are in the order of the claims. One that is larger than the whole budget waits until
/// nobody else holds anything.
///
/// For any number of threads, each with a claim of its own.
public final class MemoryBudget {

    /// The one for this process, which has one heap: two fifths of it.
    public static final MemoryBudget OF_HEAP =
            new MemoryBudget(Runtime.getRuntime().maxMemory() / 5 * 2);

    /// How long a claim may be held while others wait.
    private static final Duration FAIR_SHARE = Duration.ofSeconds(60);

    private final long total;
    private final long largest = Runtime.getRuntime().maxMemory() / 4 * 3;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition granted = lock.newCondition();
    private final Deque<Claim> waiting = new ArrayDeque<>();
    private long used;

    /// @param total in bytes
    public MemoryBudget(long total) {
        this.total = total;
    }

    /// Bytes that somebody wants to hold, or holds. For one thread.
    public final class Claim implements AutoCloseable {

        private final long bytes;
        private volatile boolean isGranted;
        private long since;

        private Claim(long bytes) {
            this.bytes = bytes;
        }

        /// Waits for the claim's turn.
        ///
        /// @return whether the bytes may be taken; once they may, they always may
        public boolean await(Duration time) {
            if (isGranted) {
                return true;
            }
            lock.lock();
            try {
                long left = time.toNanos();
                while (!isGranted && left > 0) {
                    left = granted.awaitNanos(left);
                }
                return isGranted;
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return isGranted;
            } finally {
                lock.unlock();
            }
        }

        /// Whether others have waited for longer than is fair while this one was held.
        public boolean isOverdue() {
            if (!isGranted || System.nanoTime() - since < FAIR_SHARE.toNanos()) {
                return false;
            }
            lock.lock();
            try {
                return !waiting.isEmpty();
            } finally {
                lock.unlock();
            }
        }

        /// Gives the bytes back, or gives up waiting; once is enough.
        @Override
        public void close() {
            lock.lock();
            try {
                if (isGranted) {
                    isGranted = false;
                    used -= bytes;
                } else {
                    waiting.remove(this);
                }
                grant();
            } finally {
                lock.unlock();
            }
        }
    }

    /// Asks for bytes; does not wait.
    ///
    /// @throws SourceException `UNSUPPORTED_EVENT` where the heap is too small for them whoever
    ///   waits
    public Claim claim(long bytes) {
        if (bytes > largest) {
            throw new SourceException(
                    FailureCode.UNSUPPORTED_EVENT,
                    "a row or event takes "
                            + (bytes >> 20)
                            + " MiB, which a heap of "
                            + (Runtime.getRuntime().maxMemory() >> 20)
                            + " MiB has no room for; start the service with a larger -Xmx");
        }
        Claim claim = new Claim(Math.min(bytes, total));
        lock.lock();
        try {
            waiting.add(claim);
            grant();
            return claim;
        } finally {
            lock.unlock();
        }
    }

    private void grant() {
        boolean changed = false;
        for (Claim next = waiting.peek();
                next != null && used + next.bytes <= total;
                next = waiting.peek()) {
            waiting.remove();
            used += next.bytes;
            next.since = System.nanoTime();
            next.isGranted = true;
            changed = true;
        }
        if (changed) {
            granted.signalAll();
        }
    }

    /// How many bytes are held.
    public long used() {
        lock.lock();
        try {
            return used;
        } finally {
            lock.unlock();
        }
    }
}
