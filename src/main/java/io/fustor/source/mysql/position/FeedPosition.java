package io.fustor.source.mysql.position;

import org.jspecify.annotations.Nullable;

/// A place between two row changes of a server's binlog: behind the first `rows` rows of the
/// transaction that starts at an offset of a file, or between two transactions where `rows` is 0.
///
/// A place is counted from its transaction's start, for there a reader can begin: the table maps
/// come again. Rows are counted over all tables, so that a place does not depend on what a
/// subscriber selected, and says the same on a replica, which may cut rows events at other rows.
///
/// @param server a number made of the server's uuid (see [#serverNumber])
/// @param fileNumber the number of the binlog file
/// @param offset where the transaction starts in the file, in bytes
/// @param fileCreated when the server began the file, in seconds since 1970, by which a file is
///   told from one of the same name that was there before or after a reset; 0 where it is not known
/// @param rows how many rows of the transaction are behind this place
/// @param executed the GTIDs executed before the transaction, or null where the server has none
/// @param gtid the GTID of the transaction that `rows` counts in; null where there is none or
///   `rows` is 0
public record FeedPosition(
        long server,
        long fileNumber,
        long offset,
        int fileCreated,
        long rows,
        @Nullable GtidSet executed,
        @Nullable Gtid gtid) {

    public FeedPosition {
        if (fileNumber < 0 || offset < 0 || rows < 0) {
            throw new IllegalArgumentException(
                    "negative position: " + fileNumber + ":" + offset + "+" + rows);
        }
    }

    /// Sixty-four bits of a server's uuid (or of what a server has in its place) that stand for it
    /// in a place.
    public static long serverNumber(String uuid) {
        long hash = 0xcbf29ce484222325L;
        for (int i = 0; i < uuid.length(); i++) {
            hash = (hash ^ Character.toLowerCase(uuid.charAt(i))) * 0x100000001b3L;
        }
        return hash;
    }

    /// The place behind the first rows of the transaction that starts at this place.
    public FeedPosition afterRows(long count, @Nullable Gtid of) {
        return new FeedPosition(
                server, fileNumber, offset, fileCreated, count, executed, count == 0 ? null : of);
    }

    /// Whether this place is behind the other. Both are places of one server.
    public boolean isAfter(FeedPosition other) {
        return compare(fileNumber, offset, rows, other) > 0;
    }

    /// Negative, zero or positive as the place given by its parts is before, at or behind the
    /// other.
    public static int compare(long fileNumber, long offset, long rows, FeedPosition other) {
        if (fileNumber != other.fileNumber) {
            return Long.compare(fileNumber, other.fileNumber);
        }
        return offset != other.offset
                ? Long.compare(offset, other.offset)
                : Long.compare(rows, other.rows);
    }

    /// The GTIDs that a replica at this place needs no more: those executed before its transaction.
    public GtidSet executedOrEmpty() {
        return executed == null ? GtidSet.EMPTY : executed;
    }
}
