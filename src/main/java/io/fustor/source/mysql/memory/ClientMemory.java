package io.fustor.source.mysql.memory;

import java.util.concurrent.atomic.AtomicLong;

/// The part of the heap that grows with the number of clients. Each subscriber, snapshot and
/// catch-up reserves its share here before it allocates memory. Nothing waits here: a client
/// without room is asked to come again, or a catch-up tries again later.
///
/// The sizes were measured; `docs/limits.md` has the figures and the command. For any number of
/// threads.
public final class ClientMemory {

    /// The instance for this process.
    public static final ClientMemory OF_HEAP =
            new ClientMemory(HeapParts.CLIENTS, SharedHeap.OF_PROCESS);

    private final long total;
    private final SharedHeap heap;
    private final AtomicLong used = new AtomicLong();

    /// The kinds of use and their sizes.
    public enum Use {
        /// A stream: its connection, the stack of its thread while it waits, and a small buffer for
        /// its output.
        SUBSCRIBER(28),
        /// In addition to its stream: a condition.
        CONDITION(16),
        /// In addition to its stream, while the web server holds its request: buffers of the
        /// connection, and the stack of a thread that waits deep in its calls.
        REQUEST(108),
        /// In addition to its stream, while output is collected and the client takes it: a buffer
        /// of the usual size. Without room, the stream writes in small pieces.
        OUTPUT(72),
        /// In addition to its stream: a connection to the server, a row of up to 1 MiB, the rows of
        /// an event.
        SNAPSHOT(3_328),
        /// In addition to its snapshot: the rows of a page, in a buffer that has doubled, and their
        /// way through the web server.
        SNAPSHOT_PAGE(9_216),
        /// In addition to its stream: a connection to the server, a batch of events of up to 1 MiB
        /// and its frames.
        CATCH_UP(4_096);

        private final long bytes;

        Use(long kibibytes) {
            this.bytes = kibibytes * 1024;
        }

        /// The size of one use.
        public long bytes() {
            return bytes;
        }

        /// Stays free, so that some admitted clients can always catch up.
        private long reserve(long total) {
            return switch (this) {
                case SUBSCRIBER, CONDITION, REQUEST, OUTPUT, SNAPSHOT, SNAPSHOT_PAGE ->
                        Math.max(total / 8, CATCH_UP.bytes);
                case CATCH_UP -> 0;
            };
        }
    }

    /// @param total in bytes
    ClientMemory(long total, SharedHeap heap) {
        this.total = total;
        this.heap = heap;
    }

    /// Reserves room if there is any; [#giveBack] returns it.
    ///
    /// @return whether there was room
    public boolean take(Use use) {
        if (used.addAndGet(use.bytes) <= total - use.reserve(total) && heap.take(use.bytes)) {
            return true;
        }
        used.addAndGet(-use.bytes);
        return false;
    }

    public void giveBack(Use use) {
        used.addAndGet(-use.bytes);
        heap.giveBack(use.bytes);
    }

    /// How many bytes are reserved.
    public long used() {
        return used.get();
    }

    /// How many bytes can be reserved.
    public long total() {
        return total;
    }
}
