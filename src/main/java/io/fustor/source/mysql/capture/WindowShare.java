package io.fustor.source.mysql.capture;

import java.util.concurrent.atomic.AtomicInteger;

/// How much each live window may hold: what it is set to, but all of them together no more than a
/// part of the heap, in equal shares. For any thread.
final class WindowShare {

    /// The one for this process: a fifth of its heap.
    static final WindowShare OF_HEAP = new WindowShare(Runtime.getRuntime().maxMemory() / 5);

    private final long total;
    private final AtomicInteger windows = new AtomicInteger();

    /// @param total in bytes
    WindowShare(long total) {
        this.total = total;
    }

    /// There is a window more.
    void opened() {
        windows.incrementAndGet();
    }

    /// There is a window less.
    void closed() {
        windows.decrementAndGet();
    }

    /// @param wanted in bytes
    long of(long wanted) {
        return Math.min(wanted, total / Math.max(1, windows.get()));
    }
}
