package io.fustor.source.mysql.binlog;

import io.fustor.source.mysql.memory.MemoryBudget;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;

/// Reads an event of more than 1 MiB: into an array of its own once there is room, or past the
/// reader while its rows are counted and its checksum is verified. For one thread.
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

    /// The beginning of a large event.
    ///
    /// @param head its first bytes
    /// @param size of the whole event
    /// @param checksummed whether a checksum ends it
    /// @param rest the bytes after the first ones
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Beginning(byte[] head, int size, boolean checksummed, ByteSource rest) {}

    /// An event that is read into memory.
    ///
    /// @param claim for its bytes, or null if no claim is needed
    static LargeEvent held(Beginning beginning, MemoryBudget.@Nullable Claim claim) {
        return new LargeEvent(beginning, true, claim, null);
    }

    /// An event that is skipped.
    ///
    /// @param bodyFrom the offset of the rows in its first bytes
    /// @param rows counts them; null if it has none or the count is not needed
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

    /// Continues to read; waits about a second for room or for the server.
    ///
    /// @return whether the event is complete, or skipped completely
    boolean readOn() throws IOException {
        return held ? readInto() : readPast();
    }

    private boolean readInto() throws IOException {
        if (claim != null && !claim.await(TICK)) {
            return false;
        }
        if (read == 0) {
            // Without a claim, the size that the event declares is not trusted.
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
            throw new IOException("the event is shorter than its declared size");
        }
        return false;
    }

    /// Points the window at the event, or at the kept part of a skipped one.
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
            throw event.corrupt("its row images do not match its table map");
        }
    }

    boolean isHeld() {
        return held;
    }

    /// How many rows were skipped.
    int passedRows() {
        return rows == null ? 0 : rows.count();
    }

    /// Whether others have waited longer than is fair for the memory that the event takes.
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
