package io.fustor.source.mysql.capture;

import io.fustor.source.mysql.binlog.LargeEvents;
import io.fustor.source.mysql.connection.PacketInput;
import io.fustor.source.mysql.memory.HeapParts;
import java.util.concurrent.atomic.AtomicInteger;

/// The size limit of each live window: its configured size, but all windows together use at most a
/// part of the heap, in equal shares. For any thread.
final class WindowShare {

    /// The instance for this process.
    static final WindowShare OF_HEAP = new WindowShare(HeapParts.WINDOWS);

    /// The number of largest events that fit into a window.
    private static final int LEAST_EVENTS = 16;

    private final long total;
    private final AtomicInteger windows = new AtomicInteger();

    /// @param total in bytes
    WindowShare(long total) {
        this.total = total;
    }

    /// A window was opened.
    void opened() {
        windows.incrementAndGet();
    }

    /// A window was closed.
    void closed() {
        windows.decrementAndGet();
    }

    /// The size of a window, in bytes.
    ///
    /// @param wanted its configured size, in bytes
    long of(long wanted) {
        return Math.min(wanted, total / Math.max(1, windows.get()));
    }

    /// The events that go into a window: a larger one would push most others out of it.
    ///
    /// @param wanted the window's configured size, in bytes
    LargeEvents largeEvents(long wanted) {
        return new LargeEvents.Shared(
                Math.max(PacketInput.LARGEST_WHOLE, of(wanted) / LEAST_EVENTS));
    }
}
