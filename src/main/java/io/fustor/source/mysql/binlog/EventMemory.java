package io.fustor.source.mysql.binlog;

import io.fustor.source.mysql.error.FailureCode;
import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.memory.HeapParts;
import io.fustor.source.mysql.memory.MemoryBudget;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// Claims memory for the large events of one stream.
///
/// For the reader's thread.
final class EventMemory {

    private static final Duration LONGEST_WAIT = Duration.ofSeconds(5);

    private final LargeEvents largeEvents;
    private final BinlogCursor cursor;

    EventMemory(LargeEvents largeEvents, BinlogCursor cursor) {
        this.largeEvents = largeEvents;
        this.cursor = cursor;
    }

    /// Claims the memory for an event, which may have to wait for it.
    ///
    /// @return null if the stream's owner claims no memory
    MemoryBudget.@Nullable Claim claim(long size) {
        return largeEvents instanceof LargeEvents.OneByOne(MemoryBudget budget, _)
                ? budget.claim(size)
                : null;
    }

    /// Claims the memory for an event that has to be read whole.
    ///
    /// @return null if the stream's owner claims no memory
    /// @throws SourceException `UNSUPPORTED_EVENT` if such an owner would need too much
    MemoryBudget.@Nullable Claim claimOrRefuse(long size) {
        MemoryBudget.Claim claim = claim(size);
        if (claim == null && size > HeapParts.LARGEST_STATEMENT) {
            throw cursor.failure(
                    FailureCode.UNSUPPORTED_EVENT,
                    "has "
                            + (size >> 20)
                            + " MiB, which the heap has no room for; start the service with a"
                            + " larger -Xmx");
        }
        return claim;
    }

    /// Claims the memory for an event that MariaDB compressed, and waits for it: the bytes that it
    /// is unpacked from cannot be read again.
    ///
    /// @param size in bytes, unpacked
    /// @return null if the stream's owner claims no memory
    /// @throws SourceException `UNSUPPORTED_EVENT` if such an owner would need too much;
    ///   `ANSWER_REFUSED` if other events need the memory for too long
    MemoryBudget.@Nullable Claim claimUnpacked(int size) {
        MemoryBudget.Claim claim = claim(size);
        if (claim == null) {
            if (size > HeapParts.LARGEST_STATEMENT) {
                throw cursor.failure(
                        FailureCode.UNSUPPORTED_EVENT,
                        "has "
                                + (size >> 20)
                                + " MiB once it is unpacked, which the heap has no room for; start"
                                + " the service with a larger -Xmx, or set log_bin_compress = OFF");
            }
            return null;
        }
        if (claim.await(LONGEST_WAIT)) {
            return claim;
        }
        claim.close();
        throw cursor.failure(
                FailureCode.ANSWER_REFUSED, "finds no room while other large events are read");
    }
}
