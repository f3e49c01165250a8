package io.fustor.source.mysql.connection;

import io.fustor.source.mysql.error.FailureCode;
import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.memory.HeapParts;
import io.fustor.source.mysql.memory.SharedHeap;
import java.util.concurrent.atomic.AtomicLong;

/// The part of the heap for the answers of servers while they are in memory. One answer takes at
/// most three quarters of it, so that a hostile server leaves room for the others. Nothing waits
/// here: an answer without room is refused.
///
/// For any number of threads, each with a [Hold] of its own.
public final class AnswerMemory {

    /// The instance for this process.
    public static final AnswerMemory OF_HEAP =
            new AnswerMemory(HeapParts.ANSWERS, SharedHeap.OF_PROCESS);

    /// The first bytes of each hold are not counted: nearly all answers are smaller.
    private static final long FREE = 64 * 1024;

    private final long total;
    private final long most;
    private final SharedHeap heap;
    private final AtomicLong used = new AtomicLong();

    /// @param total in bytes
    /// @param heap also limits what is taken elsewhere
    public AnswerMemory(long total, SharedHeap heap) {
        this.total = total;
        this.heap = heap;
        this.most = total / 4 * 3;
    }

    /// The memory of one answer, or of what is made of it. For one thread at a time.
    public final class Hold implements AutoCloseable {

        private final String server;
        private long bytes;
        private long counted;

        private Hold(String server) {
            this.server = server;
        }

        /// Takes more bytes, before they are allocated.
        ///
        /// @throws SourceException `ANSWER_REFUSED` if there is no room for them
        public synchronized void add(long more) {
            long wanted = bytes + more;
            if (wanted > most) {
                throw refused("takes more than the " + (most >> 20) + " MiB");
            }
            long uncounted = Math.max(0, wanted - FREE) - counted;
            if (uncounted > 0) {
                if (used.addAndGet(uncounted) > total || !heap.take(uncounted)) {
                    used.addAndGet(-uncounted);
                    throw refused(
                            "finds no room, beside other answers and large rows, in the "
                                    + (total >> 20)
                                    + " MiB");
                }
                counted += uncounted;
            }
            bytes = wanted;
        }

        private SourceException refused(String why) {
            return new SourceException(
                    FailureCode.ANSWER_REFUSED,
                    "an answer of "
                            + server
                            + " "
                            + why
                            + " that a heap of "
                            + (Runtime.getRuntime().maxMemory() >> 20)
                            + " MiB has for it; start the service with a larger -Xmx where the"
                            + " server has that many tables");
        }

        /// Gives all bytes back; the hold can be reused.
        @Override
        public synchronized void close() {
            used.addAndGet(-counted);
            heap.giveBack(counted);
            counted = 0;
            bytes = 0;
        }
    }

    /// Opens an empty hold.
    ///
    /// @param access the server that answers
    public Hold open(ServerAccess access) {
        return new Hold(access.address().toString());
    }

    /// How many bytes are taken, without the uncounted ones.
    public long used() {
        return used.get();
    }
}
