package io.fustor.source.mysql.feed;

import io.fustor.source.mysql.encode.JsonBuffer;
import io.fustor.source.mysql.memory.ClientMemory;
import java.util.concurrent.ArrayBlockingQueue;

/// The buffers in which output is collected. A thread borrows one only until its output is written,
/// so a thousand subscribers that wait for the next change hold none. For any thread.
final class BufferPool {

    /// Large enough that the cost of a system call is small in comparison.
    static final int SIZE = 64 * 1024;

    /// The size of the buffer of an output that the heap has no room for. Each stream has room for
    /// one.
    static final int SMALL = 4 * 1024;

    /// The maximum number of kept buffers; few threads write at the same time.
    private static final int MOST_KEPT = 64;

    /// The maximum size of a kept buffer after a rare large row.
    private static final int LARGEST_KEPT = 2 * SIZE;

    private final ArrayBlockingQueue<JsonBuffer> kept = new ArrayBlockingQueue<>(MOST_KEPT);
    private final ClientMemory memory;

    BufferPool() {
        this(ClientMemory.OF_HEAP);
    }

    /// @param memory that outputs take
    BufferPool(ClientMemory memory) {
        this.memory = memory;
    }

    /// Whether the heap has room for a buffer of an output. Its client may take it slowly, and many
    /// may do so at the same time. [#giveBackRoom] returns the room.
    boolean takeRoom() {
        return memory.take(ClientMemory.Use.OUTPUT);
    }

    void giveBackRoom() {
        memory.giveBack(ClientMemory.Use.OUTPUT);
    }

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
