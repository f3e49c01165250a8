package io.fustor.source.mysql.feed;

import io.fustor.source.mysql.encode.JsonBuffer;
import java.util.concurrent.ArrayBlockingQueue;

/// The buffers in which output is gathered, lent to whoever has something to write and only until
/// it is written: a thousand subscribers who wait for the next change hold none. For any thread.
final class Pieces {

    /// A piece large enough that a system call costs little beside it.
    static final int SIZE = 64 * 1024;

    /// More are not kept; those who are writing at the same time are few.
    private static final int MOST_KEPT = 64;

    /// What a rare large row may leave behind as room for the next.
    private static final int LARGEST_KEPT = 2 * SIZE;

    private final ArrayBlockingQueue<JsonBuffer> kept = new ArrayBlockingQueue<>(MOST_KEPT);

    /// An empty buffer.
    JsonBuffer take() {
        JsonBuffer buffer = kept.poll();
        return buffer == null ? new JsonBuffer(SIZE) : buffer;
    }

    /// Takes a buffer back that its borrower does not use any more.
    void giveBack(JsonBuffer buffer) {
        if (buffer.array().length <= LARGEST_KEPT) {
            buffer.reset();
            kept.offer(buffer);
        }
    }
}
