package io.fustor.source.mysql.memory;

import io.fustor.source.mysql.error.FailureCode;
import io.fustor.source.mysql.error.SourceException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/// The part of the heap that large binlog events and rows share during delivery. A thread claims
/// the bytes before it holds an event, waits for its turn, and gives them back. Turns are in the
/// order of the claims. A claim that is larger than the whole budget waits until no other claim is
/// held.
///
/// For any number of threads, each with a claim of its own.
public final class MemoryBudget {

    /// The instance for this process.
    public static final MemoryBudget OF_HEAP =
            new MemoryBudget(HeapParts.LARGE_EVENTS, SharedHeap.OF_PROCESS);

    /// How long a claim may be held while others wait.
    private static final Duration FAIR_SHARE = Duration.ofSeconds(60);

    /// How long a claim waits if only clients and answers take its room.
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final long total;
    private final SharedHeap heap;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition granted = lock.newCondition();
    private final Deque<Claim> waiting = new ArrayDeque<>();
    private long used;

    /// @param total in bytes
    public MemoryBudget(long total) {
        this(total, new SharedHeap(Long.MAX_VALUE));
    }

    /// @param total in bytes
    /// @param heap also limits what is taken elsewhere
    MemoryBudget(long total, SharedHeap heap) {
        this.total = total;
        this.heap = heap;
    }

    /// Bytes that one thread holds or waits for.
    public final class Claim implements AutoCloseable {

        /// What it counts in this budget, and what it takes of the heap.
        private long bytes;

        private long taken;
        private volatile boolean isGranted;
        private long since;
        private long refusedSince;

        private Claim(long bytes) {
            this.bytes = Math.min(bytes, total);
            this.taken = bytes;
        }

        /// Waits for the claim's turn.
        ///
        /// @return whether the bytes may be taken; once true, it stays true
        /// @throws SourceException `HEAP_FULL` if the heap has had no room for them for a long
        ///   time, although no other claim is held
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
                // Leaving clients and released answers send no signal.
                grant();
                if (!isGranted) {
                    requireHope();
                }
                return isGranted;
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return isGranted;
            } finally {
                lock.unlock();
            }
        }

        /// Another holder may still give bytes back.
        private void noteRefusal(boolean isAlone) {
            if (!isAlone) {
                refusedSince = 0;
            } else if (refusedSince == 0) {
                refusedSince = System.nanoTime();
            }
        }

        private void requireHope() {
            if (refusedSince != 0 && System.nanoTime() - refusedSince > PATIENCE.toNanos()) {
                throw new SourceException(
                        FailureCode.HEAP_FULL,
                        "a row or event takes "
                                + (taken >> 20)
                                + " MiB, for which the heap has no room beside its clients; start"
                                + " the service with a larger -Xmx, or with fewer clients at a time");
            }
        }

        /// Enlarges a granted claim whose size was underestimated. It does not wait: two claims
        /// that wait for each other's bytes would wait forever.
        ///
        /// @param needed bytes in all
        /// @throws SourceException `UNSUPPORTED_EVENT` if the heap is too small, `ANSWER_REFUSED`
        ///   if other claims hold the needed bytes
        public void grow(long needed) {
            requirePossible(needed);
            lock.lock();
            try {
                long more = Math.max(0, Math.min(needed, total) - bytes);
                long further = needed - taken;
                if (further <= 0) {
                    return;
                }
                if (used + more > total || !heap.take(further)) {
                    throw new SourceException(
                            FailureCode.ANSWER_REFUSED,
                            "a row takes "
                                    + (needed >> 20)
                                    + " MiB, which other events and rows occupy now");
                }
                taken += further;
                bytes += more;
                used += more;
            } finally {
                lock.unlock();
            }
        }

        /// Whether others have waited longer than is fair while this claim was held.
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

        /// Gives the bytes back, or stops waiting; further calls do nothing.
        @Override
        public void close() {
            lock.lock();
            try {
                if (isGranted) {
                    isGranted = false;
                    used -= bytes;
                    heap.giveBack(taken);
                } else {
                    waiting.remove(this);
                }
                grant();
            } finally {
                lock.unlock();
            }
        }
    }

    /// Claims bytes; does not wait.
    ///
    /// @throws SourceException `UNSUPPORTED_EVENT` if the heap is too small for them in any case
    public Claim claim(long bytes) {
        requirePossible(bytes);
        Claim claim = new Claim(bytes);
        lock.lock();
        try {
            waiting.add(claim);
            grant();
            return claim;
        } finally {
            lock.unlock();
        }
    }

    private static void requirePossible(long bytes) {
        if (bytes > HeapParts.LARGEST_EVENT) {
            throw new SourceException(
                    FailureCode.UNSUPPORTED_EVENT,
                    "a row or event takes "
                            + (bytes >> 20)
                            + " MiB, which a heap of "
                            + (Runtime.getRuntime().maxMemory() >> 20)
                            + " MiB cannot hold; start the service with a larger -Xmx");
        }
    }

    private void grant() {
        boolean changed = false;
        for (Claim next = waiting.peek();
                next != null && used + next.bytes <= total;
                next = waiting.peek()) {
            if (!heap.take(next.taken)) {
                next.noteRefusal(used == 0);
                break;
            }
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
