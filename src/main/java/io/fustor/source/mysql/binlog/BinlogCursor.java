package io.fustor.source.mysql.binlog;

import com.github.shyiko.mysql.binlog.event.GtidTaggedEventData;
import com.github.shyiko.mysql.binlog.event.MySqlGtid;
import com.github.shyiko.mysql.binlog.event.deserialization.GtidTaggedEventDataDeserializer;
import com.github.shyiko.mysql.binlog.io.ByteArrayInputStream;
import io.fustor.source.mysql.change.CommitEvent;
import io.fustor.source.mysql.change.Transaction;
import io.fustor.source.mysql.error.FailureCode;
import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.position.BinlogPosition;
import io.fustor.source.mysql.position.FeedPosition;
import io.fustor.source.mysql.position.Gtid;
import io.fustor.source.mysql.position.GtidSet;
import java.io.IOException;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// Where a reader stands: file, offset, executed GTIDs and the transaction that is being read. It
/// moves with each event and checks that none is missing between two.
final class BinlogCursor {

    private static final int NO_CHECKSUM = 0;
    private static final int CRC_32 = 1;
    private static final long COMMIT_TIME_BITS = (1L << 55) - 1;

    /// Of the flags in MariaDB's GTID event: FL_STANDALONE, FL_PREPARED_XA, FL_COMPLETED_XA.
    private static final int MARIADB_STANDALONE = 1;

    private static final int MARIADB_PREPARED_XA = 64;
    private static final int MARIADB_COMPLETED_XA = 128;

    private final long server;

    /// The transactions that the server leaves out, wherever they stand; empty where it was asked
    /// for all from a place on.
    private GtidSet leftOut;

    private String file;
    private long fileNumber;
    private long offset;
    private long eventStart;
    private int fileCreated;
    private boolean described;
    private boolean checksummed;

    /// Whether the head of the file that is being read has been read.
    private boolean headed;

    /// Whether the event that comes next is the first one said to have no checksum.
    private boolean uncheckedBegins;

    private @Nullable GtidSet executed;

    private @Nullable Transaction transaction;
    private boolean inside;
    private long rows;

    private BinlogCursor(
            long server, String file, long offset, int fileCreated, @Nullable GtidSet executed) {
        this.server = server;
        this.leftOut = GtidSet.EMPTY;
        this.file = file;
        this.fileNumber = file.isEmpty() ? 0 : BinlogPosition.fileNumber(file);
        this.offset = offset;
        this.eventStart = offset;
        this.fileCreated = fileCreated;
        this.executed = executed;
    }

    static BinlogCursor at(BinlogStart start) {
        return switch (start) {
            case BinlogStart.AtPosition at ->
                    new BinlogCursor(
                            at.position().server(),
                            at.file(),
                            at.position().offset(),
                            at.position().fileCreated(),
                            at.position().executed());
            case BinlogStart.AfterGtids after -> after(after);
        };
    }

    private static BinlogCursor after(BinlogStart.AfterGtids start) {
        BinlogCursor cursor =
                new BinlogCursor(
                        start.server(), "", BinlogPosition.FIRST_EVENT, 0, start.executed());
        cursor.leftOut = start.executed();
        return cursor;
    }

    String file() {
        return file;
    }

    /// Behind the event that was entered last.
    long offset() {
        return offset;
    }

    /// Where the event that was entered last starts.
    long eventStart() {
        return eventStart;
    }

    /// Whether the head of the file has been read.
    boolean isDescribed() {
        return described;
    }

    boolean isChecksummed() {
        return checksummed;
    }

    /// Whether a transaction is open that a commit event ends.
    boolean isInside() {
        return inside;
    }

    /// How many rows of the open transaction were read.
    long rows() {
        return rows;
    }

    void addRows(int count) {
        rows += count;
    }

    /// Where the open transaction starts, or the current place where none is open.
    FeedPosition position() {
        Transaction open = transaction;
        return open == null ? here() : open.start();
    }

    /// Where a reader begins to read the open transaction once more.
    BinlogStart.AtPosition again() {
        FeedPosition start = position();
        return new BinlogStart.AtPosition(
                new FeedPosition(
                        server, start.fileNumber(), start.offset(), fileCreated, 0, null, null),
                file);
    }

    /// The place behind the event that was entered last, also in the middle of a transaction.
    FeedPosition here() {
        return new FeedPosition(server, fileNumber, offset, fileCreated, 0, executed, null);
    }

    /// The place in front of that event.
    FeedPosition eventPlace() {
        return new FeedPosition(server, fileNumber, eventStart, fileCreated, 0, executed, null);
    }

    /// Moves behind an event that stands in a file.
    ///
    /// A server that is asked by GTIDs leaves transactions out: only then may events be missing,
    /// and only in front of a GTID or at a file's end. The numbers of GTIDs prove nothing, for gaps
    /// in them are in order (decision 0012).
    ///
    /// @throws SourceException `CORRUPT_EVENT` where the event does not follow the one before
    void enter(EventBytes event) {
        int type = event.type();
        if (type == EventType.HEARTBEAT || type == EventType.HEARTBEAT_V2) {
            return;
        }
        if (!headed && type != EventType.ROTATE && type != EventType.FORMAT_DESCRIPTION) {
            throw event.corrupt("the head of its file did not come before it");
        }
        if (event.isArtificial()) {
            return;
        }
        if (uncheckedBegins && type != EventType.FORMAT_DESCRIPTION) {
            uncheckedBegins = false;
            if (event.cutChecksumIfAny()) {
                throw event.corrupt("it has a checksum, and its file is said to have none");
            }
        }
        long end = offset + event.size();
        boolean follows = (end & 0xFFFF_FFFFL) == event.endPosition();
        if (!follows && (transaction != null || !mayFollowWhatIsLeftOut(type))) {
            throw new SourceException(
                    FailureCode.CORRUPT_EVENT,
                    "events are missing between "
                            + file
                            + ":"
                            + offset
                            + " and the event that ends at "
                            + event.endPosition());
        }
        offset = follows ? end : event.endPosition();
        eventStart = offset - event.size();
    }

    private boolean mayFollowWhatIsLeftOut(int type) {
        return switch (type) {
            case EventType.QUERY, EventType.XID, EventType.TRANSACTION_PAYLOAD -> false;
            case EventType.GTID,
                    EventType.ANONYMOUS_GTID,
                    EventType.GTID_TAGGED,
                    EventType.ROTATE,
                    EventType.STOP ->
                    !leftOut.isEmpty();
            default -> true;
        };
    }

    /// Both at the end of a file and, made by the server, at the start of each file that it sends.
    void rotate(EventBytes event) {
        if (!described) {
            event.cutChecksumIfAny();
        }
        long position = event.number(8);
        String next = event.text(event.remaining());
        requireAsked(event, next, position);
        if (next.equals(file)) {
            if (!event.isArtificial()) {
                throw event.corrupt("it leads from " + file + " to itself");
            }
            return;
        }
        long number = BinlogPosition.fileNumber(next);
        if (described && number < fileNumber) {
            throw event.corrupt("it leads back from " + file + " to " + next);
        }
        fileNumber = number;
        headed = false;
        file = next;
        offset = position;
        fileCreated = 0;
    }

    /// What was asked for goes over the wire without a checksum: a changed bit in it would make the
    /// server begin elsewhere, and pass over changes.
    private void requireAsked(EventBytes event, String next, long position) {
        if (described || file.isEmpty() || !event.isArtificial()) {
            return;
        }
        // A request has four bytes for the offset.
        boolean isThere = ((position ^ offset) & 0xFFFF_FFFFL) == 0;
        if (!isThere || !next.equals(file)) {
            throw event.corrupt(
                    "the server begins at "
                            + next
                            + ":"
                            + position
                            + ", and was asked to at "
                            + file
                            + ":"
                            + offset);
        }
    }

    /// The head of a file: what its events look like. It is sent also to those who begin in the
    /// middle.
    void describe(EventBytes event) {
        int created = (int) event.timestamp();
        if (transaction != null) {
            throw new SourceException(
                    FailureCode.CORRUPT_EVENT,
                    "the binlog file before " + file + " ends in the middle of a transaction");
        }
        if (fileCreated != 0 && fileCreated != created) {
            throw new SourceException(
                    FailureCode.FOREIGN_SERVER,
                    "the server's "
                            + file
                            + " is another file than the one that the position was taken from: the"
                            + " binlog was reset, or the server restored or replaced");
        }
        fileCreated = created;
        // The last five bytes are the checksum's algorithm and the event's own checksum.
        int algorithm = event.array()[event.end() - 5];
        if (algorithm != NO_CHECKSUM && (algorithm != CRC_32 || !event.endsInChecksum())) {
            throw event.corrupt("the checksum of its file's head does not match its bytes");
        }
        checksummed = algorithm == CRC_32;
        uncheckedBegins = !checksummed;
        described = true;
        headed = true;
    }

    /// Which GTIDs the files before this one hold; it matters to those who began at a file's start
    /// without a set.
    void previousGtids(EventBytes event) {
        GtidSet previous = GtidSets.read(event);
        if (leftOut.isSubsetOf(previous)) {
            leftOut = GtidSet.EMPTY; // they all stand in earlier files
        }
        executed = executed == null ? previous : executed.plus(previous);
    }

    /// A GTID event opens a transaction.
    void begin(EventBytes event, boolean inPayload) {
        if (inPayload || transaction != null) {
            throw event.corrupt("a transaction starts inside another");
        }
        switch (event.type()) {
            case EventType.GTID -> open(gtid(event), commitMicros(event));
            case EventType.ANONYMOUS_GTID -> {
                event.skip(25);
                open(null, commitMicros(event));
            }
            case EventType.GTID_TAGGED -> openTagged(event);
            default -> {
                open(null, 0);
                event.skip(12);
                int flags = event.unsignedByte();
                requireNoXa(flags);
                inside = (flags & MARIADB_STANDALONE) == 0;
            }
        }
    }

    /// MariaDB writes both halves of an XA transaction in a form of its own.
    private void requireNoXa(int flags) {
        if ((flags & (MARIADB_PREPARED_XA | MARIADB_COMPLETED_XA)) != 0) {
            throw new SourceException(
                    FailureCode.XA_TRANSACTION,
                    "the event that ends at "
                            + file
                            + ":"
                            + offset
                            + " belongs to an XA transaction of MariaDB, which this service does not follow");
        }
    }

    private static Gtid gtid(EventBytes event) {
        event.skip(1);
        UUID origin = new UUID(event.bigEndian(), event.bigEndian());
        return new Gtid(origin, "", event.number(8));
    }

    /// Behind the GTID: logical timestamps, and since MySQL 8.0.1 the commit's time in seven bytes,
    /// whose top bit says that the time at the original server follows.
    private static long commitMicros(EventBytes event) {
        if (event.remaining() < 1 + 16 + 7 || event.unsignedByte() != 2) {
            return 0;
        }
        event.skip(16);
        long immediate = event.number(7);
        boolean hasOriginal = (immediate & ~COMMIT_TIME_BITS) != 0;
        return hasOriginal && event.remaining() >= 7
                ? event.number(7)
                : immediate & COMMIT_TIME_BITS;
    }

    private void openTagged(EventBytes event) {
        try {
            GtidTaggedEventData data =
                    new GtidTaggedEventDataDeserializer()
                            .deserialize(new ByteArrayInputStream(event.copy(event.remaining())));
            MySqlGtid tagged = data.getMySqlGtid();
            String tag = Objects.requireNonNullElse(tagged.getTag(), "");
            open(
                    new Gtid(tagged.getServerId(), tag, tagged.getTransactionId()),
                    data.getOriginalCommitTimestamp());
        } catch (IOException e) {
            throw new SourceException(
                    FailureCode.CORRUPT_EVENT,
                    "the GTID event that ends at " + file + ":" + offset + " cannot be read",
                    e);
        }
    }

    private void open(@Nullable Gtid gtid, long commitMicros) {
        transaction = new Transaction(eventPlace(), file, gtid, commitMicros);
        rows = 0;
        inside = false;
    }

    /// `BEGIN`: rows follow. Servers that write no GTID events open the transaction with it.
    void beginStatement(EventBytes event) {
        if (transaction == null) {
            open(null, 0);
        }
        if (rows > 0) {
            throw event.corrupt("a transaction starts inside another");
        }
        inside = true;
    }

    /// The open transaction, for an event in it.
    Transaction transaction(EventBytes event) {
        Transaction open = transaction;
        if (open == null) {
            throw event.corrupt("rows stand outside of a transaction");
        }
        return open;
    }

    /// Forgets the open transaction, whose end is of no interest.
    void drop() {
        transaction = null;
        inside = false;
    }

    /// Ends the open transaction, or one that consists of this event alone.
    CommitEvent commit(EventBytes event) {
        if (transaction == null) {
            open(null, 0);
        }
        Transaction ended = transaction(event);
        Gtid gtid = ended.gtid();
        if (gtid != null) {
            executed = (executed == null ? GtidSet.EMPTY : executed).plus(gtid);
        }
        transaction = null;
        inside = false;
        return new CommitEvent(ended, rows, here(), event.timestamp());
    }
}
