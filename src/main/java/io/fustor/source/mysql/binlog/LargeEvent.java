package io.fustor.source.mysql.binlog;

import io.fustor.source.mysql.server.MemoryBudget;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;

/// An event of more than 1 MiB while it is read: into an array of its own, once there is room for
/// it, or past everybody, while its rows are counted and its checksum is verified. For one thread.
final class LargeEvent implements AutoCloseable {

    private static final Duration TICK = Duration.ofSeconds(1);
    private static final int PIECE = 64 * 1024;
    private static final int CHECKSUM = 4;
    private static final int FIRST_ROOM = 4 * 1024 * 1024;

    private final ByteSource source;
    private final byte[] head;
    private final int size;
    private final boolean checksummed;
    private final boolean held;
    private final MemoryBudget.@Nullable Claim claim;
    private final @Nullable PassedRows rows;

    private final CRC32 crc = new CRC32();
    private byte[] bytes = {};
    private int read;

    private LargeEvent(
            Beginning beginning,
            boolean held,
            MemoryBudget.@Nullable Claim claim,
            @Nullable PassedRows rows) {
        this.source = beginning.rest();
        this.head = beginning.head();
        this.size = beginning.size();
        this.checksummed = beginning.checksummed();
        this.held = held;
        this.claim = claim;
        this.rows = rows;
    }

    /// What is there of a large event.
    ///
    /// @param head its first bytes
    /// @param size of the whole event
    /// @param checksummed whether a checksum ends it
    /// @param rest behind its first bytes
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Beginning(byte[] head, int size, boolean checksummed, ByteSource rest) {}

    /// One that is read into memory.
    ///
    /// @param claim for its bytes, or null where nobody has to be asked
    static LargeEvent held(Beginning beginning, MemoryBudget.@Nullable Claim claim) {
        return new LargeEvent(beginning, true, claim, null);
    }

    /// One that is passed over.
    ///
    /// @param bodyFrom where in its first bytes the rows begin
    /// @param rows counts them; null where it has none, or nobody asks
    static LargeEvent passed(Beginning beginning, int bodyFrom, @Nullable PassedRows rows) {
        LargeEvent event = new LargeEvent(beginning, false, null, rows);
        event.bytes = new byte[PIECE];
        event.read = beginning.head().length;
        event.crc.update(beginning.head());
        if (rows != null) {
            rows.pass(beginning.head(), bodyFrom, beginning.head().length);
        }
        return event;
    }

    /// Reads on; waits for about a second, for room or for the server.
    ///
    /// @return whether the event is there, or behind us
    boolean readOn() throws IOException {
        return held ? readInto() : readPast();
    }

    private boolean readInto() throws IOException {
        if (claim != null && !claim.await(TICK)) {
            return false;
        }
        if (read == 0) {
            // Where nobody was asked for room, an event's word for its size is not enough.
            bytes = Arrays.copyOf(head, claim == null ? Math.min(size, FIRST_ROOM) : size);
            read = head.length;
        }
        while (read < size) {
            if (read == bytes.length) {
                bytes = Arrays.copyOf(bytes, (int) Math.min(size, 2L * read));
            }
            int count = source.read(bytes, read, bytes.length - read);
            if (count <= 0) {
                return nothing(count);
            }
            read += count;
        }
        return true;
    }

    private boolean readPast() throws IOException {
        int body = size - (checksummed ? CHECKSUM : 0);
        while (read < body) {
            int count = source.read(bytes, 0, Math.min(PIECE, body - read));
            if (count <= 0) {
                return nothing(count);
            }
            crc.update(bytes, 0, count);
            if (rows != null) {
                rows.pass(bytes, 0, count);
            }
            read += count;
        }
        while (read < size) {
            int count = source.read(bytes, read - body, size - read);
            if (count <= 0) {
                return nothing(count);
            }
            read += count;
        }
        return true;
    }

    private static boolean nothing(int count) throws IOException {
        if (count < 0) {
            throw new IOException("the event is shorter than it says");
        }
        return false;
    }

    /// Points the window at the event, or at what there is of one that was passed over.
    void finish(EventBytes event) {
        if (held) {
            event.set(bytes, 0, size, checksummed);
            return;
        }
        event.begin(head, 0, head.length);
        if (checksummed && !EventBytes.isChecksum((int) crc.getValue(), bytes)) {
            throw event.corrupt("its checksum does not match its bytes");
        }
        if (rows != null && !rows.isBetweenRows()) {
            throw event.corrupt("its row images do not read as its table map says");
        }
    }

    boolean isHeld() {
        return held;
    }

    /// How many rows went past.
    int passedRows() {
        return rows == null ? 0 : rows.count();
    }

    /// Whether others have waited for longer than is fair for the memory that the event takes.
    boolean isOverdue() {
        return claim != null && claim.isOverdue();
    }

    /// Gives the event's memory back.
    @Override
    public void close() {
        if (claim != null) {
            claim.close();
        }
    }
}
