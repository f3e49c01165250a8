package io.fustor.source.mysql.memory;

import java.util.concurrent.atomic.AtomicLong;

/// A part of the heap for bytes that are useful but not necessary. Nothing waits here: without room
/// they are not kept. For any number of threads.
public final class HeapPart {

    /// The frames of catch-ups that are kept for other subscribers.
    public static final HeapPart STRETCHES =
            new HeapPart(HeapParts.STRETCHES, SharedHeap.OF_PROCESS);

    private final long total;
    private final SharedHeap heap;
    private final AtomicLong used = new AtomicLong();

    /// @param total in bytes
    HeapPart(long total, SharedHeap heap) {
        this.total = total;
        this.heap = heap;
    }

    /// A part beside all others, for tests.
    ///
    /// @param total in bytes
    public HeapPart(long total) {
        this(total, new SharedHeap(Long.MAX_VALUE));
    }

    /// Takes bytes if there is room for them.
    ///
    /// @return whether there was room
    public boolean take(long bytes) {
        if (used.addAndGet(bytes) <= total && heap.take(bytes)) {
            return true;
        }
        used.addAndGet(-bytes);
        return false;
    }

    public void giveBack(long bytes) {
        used.addAndGet(-bytes);
        heap.giveBack(bytes);
    }

    /// How many bytes are taken.
    public long used() {
        return used.get();
    }
}
