package io.fustor.source.mysql.memory;

import java.util.concurrent.atomic.AtomicLong;

/// The heap that clients, large events and answers take together. Each of the three has a limit of
/// its own; this limit applies if one of them needs more than its part, such as a single large row.
/// Nothing waits here. For any number of threads.
public final class SharedHeap {

    /// The instance for this process.
    public static final SharedHeap OF_PROCESS = new SharedHeap(HeapParts.SHARED);

    private final long total;
    private final AtomicLong used = new AtomicLong();

    /// @param total in bytes
    SharedHeap(long total) {
        this.total = total;
    }

    /// Takes bytes if there is room for them.
    ///
    /// @return whether there was room
    public boolean take(long bytes) {
        if (used.addAndGet(bytes) <= total) {
            return true;
        }
        used.addAndGet(-bytes);
        return false;
    }

    public void giveBack(long bytes) {
        used.addAndGet(-bytes);
    }
}
