package io.fustor.source.mysql.feed;

import io.fustor.source.mysql.encode.JsonBuffer;
import java.util.concurrent.ArrayBlockingQueue;

/// The buffers in which output is collected. A thread borrows one only until its output is written,
/// so a thousand subscribers that wait for the next change hold none. For any thread.
final class BufferPool {

    /// Large enough that the cost of a system call is small in comparison.
    static final int SIZE = 64 * 1024;

    /// The maximum number of kept buffers; few threads write at the same time.
    private static final int MOST_KEPT = 64;

    /// The maximum size of a kept buffer after a rare large row.
    private static final int LARGEST_KEPT = 2 * SIZE;

    private final ArrayBlockingQueue<JsonBuffer> kept = new ArrayBlockingQueue<>(MOST_KEPT);

    /// An empty buffer.
    JsonBuffer take() {
        JsonBuffer buffer = kept.poll();
        return buffer == null ? new JsonBuffer(SIZE) : buffer;
    }

    /// Returns a buffer that its borrower no longer uses.
    void giveBack(JsonBuffer buffer) {
        if (buffer.array().length <= LARGEST_KEPT) {
            buffer.reset();
            kept.offer(buffer);
        }
    }
}
