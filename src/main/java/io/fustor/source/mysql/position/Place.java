package io.fustor.source.mysql.position;

import org.jspecify.annotations.Nullable;

/// A place between two row changes of a server's binlog: after the first `rows` rows of the
/// transaction that starts at an offset of a file, or between two transactions if `rows` is 0.
///
/// A place refers to the start of its transaction. A reader can begin there, because the table maps
/// follow. Rows are counted over all tables. A place therefore does not depend on a subscriber's
/// selection, and it is the same on a replica, which may split rows events differently.
///
/// @param server a number made of the server's uuid (see [#serverNumber]); [#BY_GTIDS] if file and
///   offset belong to no server
/// @param fileNumber the number of the binlog file
/// @param offset where the transaction starts in the file, in bytes
/// @param evidence distinguishes the binlog from one of another server, and from one before or
///   after a reset
/// @param rows how many rows of the transaction are before this place
/// @param executed the GTIDs executed before the transaction, or null if the server has none
/// @param gtid the GTID of the transaction that `rows` counts in; null if there is none or `rows`
///   is 0
public record Place(
        long server,
        long fileNumber,
        long offset,
        Evidence evidence,
        long rows,
        @Nullable GtidSet executed,
        @Nullable Gtid gtid) {

    /// Replaces a server's number in a place that is identified by its GTIDs alone, on any server
    /// of the topology.
    public static final long BY_GTIDS = 0;

    public Place {
        if (fileNumber < 0 || offset < 0 || rows < 0) {
            throw new IllegalArgumentException(
                    "negative position: " + fileNumber + ":" + offset + "+" + rows);
        }
    }

    /// A place without evidence except the time at which its file was begun; 0 if that is unknown
    /// too.
    public Place(
            long server,
            long fileNumber,
            long offset,
            int fileCreated,
            long rows,
            @Nullable GtidSet executed,
            @Nullable Gtid gtid) {
        this(server, fileNumber, offset, Evidence.ofFile(fileCreated), rows, executed, gtid);
    }

    /// When the server began the file, in seconds since 1970; 0 if unknown.
    public int fileCreated() {
        return evidence.fileCreated();
    }

    /// The same place in a file whose creation time is known.
    public Place inFile(int created) {
        return with(Evidence.ofFile(created));
    }

    /// The same place with other evidence.
    public Place with(Evidence known) {
        return new Place(server, fileNumber, offset, known, rows, executed, gtid);
    }

    /// The same place with the GTIDs that are executed before its transaction.
    public Place with(@Nullable GtidSet before) {
        return new Place(server, fileNumber, offset, evidence, rows, before, gtid);
    }

    /// The same place for a reader that finds it by its GTIDs.
    public Place byGtids() {
        return new Place(BY_GTIDS, fileNumber, offset, Evidence.NONE, rows, executed, gtid);
    }

    /// The place that [#byGtids] was made from, without its evidence.
    public Place on(long number) {
        return server == number
                ? this
                : new Place(number, fileNumber, offset, evidence, rows, executed, gtid);
    }

    /// Sixty-four bits of a server's uuid, or of its substitute, which represent the server in a
    /// place.
    public static long serverNumber(String uuid) {
        long hash = 0xcbf29ce484222325L;
        for (int i = 0; i < uuid.length(); i++) {
            hash = (hash ^ Character.toLowerCase(uuid.charAt(i))) * 0x100000001b3L;
        }
        return hash;
    }

    /// The place after the first rows of the transaction that starts at this place.
    public Place afterRows(long count, @Nullable Gtid of) {
        return new Place(
                server, fileNumber, offset, evidence, count, executed, count == 0 ? null : of);
    }

    /// Whether this place is after the other. Both are places of one server.
    public boolean isAfter(Place other) {
        return compare(fileNumber, offset, rows, other) > 0;
    }

    /// Negative, zero or positive if the place with these parts is before, at or after the other
    /// place.
    public static int compare(long fileNumber, long offset, long rows, Place other) {
        if (fileNumber != other.fileNumber) {
            return Long.compare(fileNumber, other.fileNumber);
        }
        return offset != other.offset
                ? Long.compare(offset, other.offset)
                : Long.compare(rows, other.rows);
    }

    /// The GTIDs that a reader at this place no longer needs: those executed before its
    /// transaction.
    public GtidSet executedOrEmpty() {
        return executed == null ? GtidSet.EMPTY : executed;
    }
}
