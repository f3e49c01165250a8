package io.fustor.source.mysql.binlog;

import io.fustor.source.mysql.error.FailureCode;
import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.position.BinlogPosition;

/// The binlog file that is being read: its name, and what its head says about its events.
///
/// For the reader's thread.
final class CurrentFile {

    /// The length of the server's version in the head of a file.
    private static final int VERSION_LENGTH = 50;

    private static final int NO_CHECKSUM = 0;
    private static final int CRC_32 = 1;

    /// The server's `FN_REFLEN`.
    private static final int LONGEST_NAME = 512;

    private String name;
    private long number;
    private int created;

    private boolean described;
    private boolean headRead;
    private boolean checksummed;
    private boolean ofMariaDb;

    /// Whether the next event is the first one after a head that announces no checksums.
    private boolean uncheckedBegins;

    /// @param name empty if the server was asked by GTIDs, so that it decides
    /// @param created when the server created the file, in seconds since 1970; 0 if unknown
    CurrentFile(String name, int created) {
        this.name = name;
        this.number = name.isEmpty() ? 0 : BinlogPosition.fileNumber(name);
        this.created = created;
    }

    String name() {
        return name;
    }

    long number() {
        return number;
    }

    /// When the server created the file, in seconds since 1970; 0 if unknown.
    int created() {
        return created;
    }

    /// Whether the head of any file has been read.
    boolean isDescribed() {
        return described;
    }

    /// Whether the head of this file has been read.
    boolean isHeadRead() {
        return headRead;
    }

    /// Whether events end in a checksum.
    boolean isChecksummed() {
        return checksummed;
    }

    /// Whether a MariaDB wrote the file.
    boolean isOfMariaDb() {
        return ofMariaDb;
    }

    /// Whether an event stands in the file although its header names no end position.
    ///
    /// MariaDB 11.4 and later do not say where events inside a transaction end
    /// (`binlog_legacy_event_pos=OFF`). Their sizes add up to the end position of the transaction's
    /// last event. A reader of statements may begin inside a transaction.
    boolean leavesOutEndOf(EventBytes event) {
        return ofMariaDb
                && event.endPosition() == 0
                && switch (event.type()) {
                    case EventType.FORMAT_DESCRIPTION,
                            EventType.ROTATE,
                            EventType.MARIADB_GTID_LIST,
                            EventType.MARIADB_START_ENCRYPTION ->
                            false;
                    default -> true;
                };
    }

    /// Checks that the file's head came before an event.
    ///
    /// @throws SourceException `CORRUPT_EVENT`
    void requireHeadBefore(EventBytes event) {
        if (!headRead
                && event.type() != EventType.ROTATE
                && event.type() != EventType.FORMAT_DESCRIPTION) {
            throw event.corrupt("the head of its file did not come before it");
        }
    }

    /// Checks that the first event after a head without checksums has none.
    ///
    /// @throws SourceException `CORRUPT_EVENT`
    void requireAnnouncedChecksum(EventBytes event) {
        if (uncheckedBegins && event.type() != EventType.FORMAT_DESCRIPTION) {
            uncheckedBegins = false;
            if (event.cutChecksumIfAny()) {
                throw event.corrupt("it has a checksum, and its file is said to have none");
            }
        }
    }

    /// Reads a rotate event, which stands at the end of a file. The server also makes one at the
    /// start of each file that it sends.
    ///
    /// @param offset where the reader stands
    /// @return the offset at which the next file continues; -1 if this file does
    /// @throws SourceException `CORRUPT_EVENT`
    long rotate(EventBytes event, long offset) {
        if (!described) {
            event.cutChecksumIfAny();
        }
        long position = event.number(8);
        if (event.remaining() > LONGEST_NAME) {
            throw event.corrupt("a file name has " + event.remaining() + " bytes");
        }
        String next = event.text(event.remaining());
        requireAsked(event, next, position, offset);
        if (next.equals(name)) {
            if (!event.isArtificial()) {
                throw event.corrupt("it leads from " + name + " to itself");
            }
            return -1;
        }
        long nextNumber = BinlogPosition.fileNumber(next);
        if (described && nextNumber < number) {
            throw event.corrupt("it leads back from " + name + " to " + next);
        }
        number = nextNumber;
        headRead = false;
        name = next;
        created = 0;
        return position;
    }

    /// The request has no checksum on its way to the server. A changed bit in it would make the
    /// server begin elsewhere, so that changes would be missing.
    private void requireAsked(EventBytes event, String next, long position, long offset) {
        if (described || name.isEmpty() || !event.isArtificial()) {
            return;
        }
        // A request has four bytes for the offset.
        boolean isThere = ((position ^ offset) & EventBytes.HEADER_POSITION) == 0;
        if (!isThere || !next.equals(name)) {
            throw event.corrupt(
                    "the server begins at "
                            + next
                            + ":"
                            + position
                            + ", and was asked to at "
                            + name
                            + ":"
                            + offset);
        }
    }

    /// Reads the head of the file. The server also sends it to a reader that begins in the middle.
    ///
    /// @throws SourceException `FOREIGN_SERVER` if it is another file than the reader asked for;
    ///   `CORRUPT_EVENT`
    void describe(EventBytes event) {
        int now = (int) event.timestamp();
        if (created != 0 && created != now) {
            throw new SourceException(
                    FailureCode.FOREIGN_SERVER,
                    "the server's "
                            + name
                            + " is another file than the one that the position was taken from: the"
                            + " binlog was reset, or the server restored or replaced");
        }
        created = now;
        // The last five bytes are the checksum's algorithm and the event's own checksum.
        int algorithm = event.array()[event.end() - 5];
        if (algorithm != NO_CHECKSUM && (algorithm != CRC_32 || !event.endsInChecksum())) {
            throw event.corrupt("the checksum of its file's head does not match its bytes");
        }
        checksummed = algorithm == CRC_32;
        event.skip(2);
        ofMariaDb = event.text(VERSION_LENGTH).contains("MariaDB");
        uncheckedBegins = !checksummed;
        described = true;
        headRead = true;
    }

    /// The file contains an event that only a MariaDB writes.
    void noteMariaDb() {
        ofMariaDb = true;
    }
}
