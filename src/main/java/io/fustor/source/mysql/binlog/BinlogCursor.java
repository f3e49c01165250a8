package io.fustor.source.mysql.binlog;

import io.fustor.source.mysql.change.CommitEvent;
import io.fustor.source.mysql.change.RowCounts;
import io.fustor.source.mysql.change.Transaction;
import io.fustor.source.mysql.error.FailureCode;
import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.position.BinlogPosition;
import io.fustor.source.mysql.position.Evidence;
import io.fustor.source.mysql.position.Gtid;
import io.fustor.source.mysql.position.GtidSet;
import io.fustor.source.mysql.position.Place;
import io.fustor.source.mysql.schema.TableId;
import org.jspecify.annotations.Nullable;

/// The point that a reader has reached: file, offset, executed GTIDs and the open transaction. It
/// moves with each event and checks that no event is missing between two.
///
/// For the reader's thread.
final class BinlogCursor {

    private final long server;

    private final ExecutedGtids gtids;
    private final CurrentFile file;
    private long offset;
    private long eventStart;
    private final BytesBefore before;

    /// Null once it is proven that the place at which the reader begins belongs to this binlog.
    private @Nullable PlaceProof proof;

    /// The last one in the current file; null for MySQL.
    private @Nullable MariaDbGtidEvent mariaDb;

    private @Nullable Transaction transaction;

    /// The start of the transaction that was opened last.
    private Place start;

    private boolean inside;
    private RowCounts counts = RowCounts.NONE;

    private BinlogCursor(
            long server, String file, long offset, Evidence evidence, ExecutedGtids gtids) {
        this.server = server;
        this.before = new BytesBefore(evidence.isSettled());
        this.gtids = gtids;
        this.file = new CurrentFile(file, evidence.fileCreated());
        this.offset = offset;
        this.eventStart = offset;
        this.start = here();
    }

    static BinlogCursor at(BinlogStart start) {
        return switch (start) {
            case BinlogStart.AtPosition at -> at(at);
            case BinlogStart.AfterGtids after ->
                    byGtids(after.server(), ExecutedGtids.outside(after.executed()));
            case BinlogStart.RestOf rest ->
                    byGtids(
                            rest.server(),
                            ExecutedGtids.ofOne(
                                    rest.transaction(), rest.executed(), rest.place().executed()));
            case BinlogStart.RestAt rest ->
                    at(
                            rest.at(),
                            ExecutedGtids.ofOne(
                                    rest.transaction(), GtidSet.EMPTY, rest.place().executed()));
            case BinlogStart.SearchGtids _ ->
                    throw new IllegalArgumentException("not searched yet");
        };
    }

    private static BinlogCursor at(BinlogStart.AtPosition start) {
        return at(start, ExecutedGtids.from(start.position().executed()));
    }

    private static BinlogCursor at(BinlogStart.AtPosition start, ExecutedGtids gtids) {
        Place place = start.position();
        BinlogCursor cursor =
                new BinlogCursor(
                        place.server(), start.file(), start.dumpOffset(), place.evidence(), gtids);
        cursor.proof = start.dumpOffset() < place.offset() ? new PlaceProof(place) : null;
        return cursor;
    }

    private static BinlogCursor byGtids(long server, ExecutedGtids gtids) {
        return new BinlogCursor(server, "", BinlogPosition.FIRST_EVENT, Evidence.NONE, gtids);
    }

    /// The name of the current file.
    String file() {
        return file.name();
    }

    /// The offset after the event that was entered last.
    long offset() {
        return offset;
    }

    /// The offset at which the event that was entered last starts.
    long eventStart() {
        return eventStart;
    }

    /// Whether the head of a file has been read.
    boolean isDescribed() {
        return file.isDescribed();
    }

    /// Whether a MariaDB wrote the file.
    boolean isOfMariaDb() {
        return file.isOfMariaDb();
    }

    /// Whether events end in a checksum.
    boolean isChecksummed() {
        return file.isChecksummed();
    }

    /// Whether a transaction is open that a commit event ends.
    boolean isInside() {
        return inside;
    }

    /// How many rows of the open transaction were read.
    long rows() {
        return counts.total();
    }

    void addRows(TableId table, int count) {
        counts = counts.plus(table, count);
    }

    /// The place at which the open transaction starts; the current place if none is open.
    Place position() {
        return transaction == null ? here() : start;
    }

    /// Whether the only transaction to read was read.
    boolean isOver() {
        return gtids.isOver();
    }

    /// The start for a reader that reads the open transaction again.
    BinlogStart.AtPosition again() {
        Place start = position();
        return new BinlogStart.AtPosition(
                new Place(
                        server,
                        start.fileNumber(),
                        start.offset(),
                        start.evidence(),
                        0,
                        null,
                        null),
                file.name());
    }

    /// The place after the event that was entered last, also inside a transaction.
    Place here() {
        PlaceProof open = proof;
        long at = open == null ? offset : open.place().offset();
        Evidence evidence =
                open == null ? before.evidence(file.created()) : open.place().evidence();
        return new Place(server, file.number(), at, evidence, 0, gtids.executed(), null);
    }

    /// The place before that event.
    Place eventPlace() {
        Evidence evidence = before.evidenceBeforeLast(file.created());
        return new Place(server, file.number(), eventStart, evidence, 0, gtids.executed(), null);
    }

    /// Whether the place at which the reader begins belongs to this binlog.
    boolean isProven() {
        return proof == null;
    }

    /// Whether an event stands before the place at which the reader begins, and only proves it.
    boolean isProof(EventBytes event) {
        return proof != null && file.isHeadRead() && PlaceProof.concerns(event);
    }

    /// Enters an event that [#isProof].
    ///
    /// @throws SourceException `FOREIGN_SERVER` if it is not the event that stood there before
    void prove(EventBytes event) {
        PlaceProof open = proof;
        if (open == null) {
            throw new IllegalStateException("the place is proven already");
        }
        boolean isLast = open.add(event, offset, file.name());
        eventStart = offset;
        offset += event.size();
        before.enter(event, eventStart);
        if (event.type() == EventType.MARIADB_GTID) {
            gtids.follow(MariaDbGtidEvent.read(event).gtid());
        }
        if (isLast) {
            proof = null;
        }
    }

    /// A server that fails to read on before the place is proven has other events there.
    SourceException whileProving(SourceException e) {
        boolean isForeign =
                proof != null && file.isDescribed() && e.code() == FailureCode.SERVER_ERROR;
        return isForeign ? PlaceProof.foreign(file.name()) : e;
    }

    /// Moves past an event that stands in a file.
    ///
    /// A server that is asked by GTIDs leaves transactions out. Only then may events be missing,
    /// and only before a GTID event or at the end of a file. The numbers of GTIDs prove nothing,
    /// since gaps in them are legal (decision 0012).
    ///
    /// @throws SourceException `CORRUPT_EVENT` if the event does not follow the previous one
    void enter(EventBytes event) {
        int type = event.type();
        if (type == EventType.HEARTBEAT || type == EventType.HEARTBEAT_V2) {
            return;
        }
        file.requireHeadBefore(event);
        if (standsInNoFile(event)) {
            return;
        }
        if (type == EventType.MARIADB_GTID) {
            mariaDb = MariaDbGtidEvent.read(event);
            file.noteMariaDb();
        }
        file.requireAnnouncedChecksum(event);
        long end = offset + event.size();
        boolean follows = event.saysEnd(end) || file.leavesOutEndOf(event);
        if (!follows && (transaction != null || !mayFollowWhatIsLeftOut(type))) {
            throw new SourceException(
                    FailureCode.CORRUPT_EVENT,
                    "events are missing between "
                            + file.name()
                            + ":"
                            + offset
                            + " and the event that ends at "
                            + event.endPosition());
        }
        offset = follows ? end : event.endPosition();
        eventStart = offset - event.size();
        if (type == EventType.FORMAT_DESCRIPTION) {
            return; // describe() decides whether a file begins here
        }
        if (!follows) {
            before.forgetInFile();
        }
        before.enter(event, eventStart);
    }

    private boolean standsInNoFile(EventBytes event) {
        boolean isAtWrap = ((offset + event.size()) & EventBytes.HEADER_POSITION) == 0;
        return event.isMarkedArtificial()
                || (event.endPosition() == 0 && !file.leavesOutEndOf(event) && !isAtWrap);
    }

    /// Whether the statement that was entered last has no effect at its position.
    boolean isWithoutEffect() {
        MariaDbGtidEvent last = mariaDb;
        return last != null && last.isWithoutEffect();
    }

    private boolean mayFollowWhatIsLeftOut(int type) {
        return switch (type) {
            case EventType.QUERY, EventType.XID, EventType.TRANSACTION_PAYLOAD -> false;
            case EventType.GTID,
                    EventType.ANONYMOUS_GTID,
                    EventType.GTID_TAGGED,
                    EventType.ROTATE,
                    EventType.STOP ->
                    gtids.areIncomplete();
            default -> true;
        };
    }

    /// Enters a rotate event.
    void rotate(EventBytes event) {
        long start = file.rotate(event, offset);
        if (start >= 0) {
            offset = start;
            mariaDb = null;
            before.forget();
        }
    }

    /// Enters the head of a file.
    void describe(EventBytes event) {
        if (transaction != null) {
            throw new SourceException(
                    FailureCode.CORRUPT_EVENT,
                    "the binlog file before "
                            + file.name()
                            + " ends in the middle of a transaction");
        }
        if (!file.isHeadRead()) {
            before.forget();
        }
        file.describe(event);
    }

    /// Enters the GTIDs of the earlier files.
    void previousGtids(EventBytes event) {
        gtids.addPreviousGtids(event, file.name());
    }

    /// Enters the GTIDs of the earlier files of a MariaDB.
    void gtidList(EventBytes event) {
        gtids.addGtidList(event);
    }

    /// A GTID event opens a transaction.
    void begin(EventBytes event, boolean inPayload) {
        if (inPayload || transaction != null) {
            throw event.corrupt("a transaction starts inside another");
        }
        switch (event.type()) {
            case EventType.GTID, EventType.ANONYMOUS_GTID, EventType.GTID_TAGGED -> {
                MySqlGtidEvent begun = MySqlGtidEvent.read(event);
                open(begun.gtid(), begun.committedMicros());
            }
            default -> {
                MariaDbGtidEvent begun = MariaDbGtidEvent.read(event);
                if (begun.isXa()) {
                    throw failure(
                            FailureCode.XA_TRANSACTION,
                            "belongs to an XA transaction of MariaDB, which this service does not"
                                    + " follow");
                }
                gtids.follow(begun.gtid());
                open(begun.gtid(), 0);
                inside = !begun.isStandalone();
            }
        }
    }

    /// A failure that names the event that was entered last.
    SourceException failure(FailureCode code, String what) {
        return new SourceException(
                code, "the event that ends at " + file.name() + ":" + offset + " " + what);
    }

    private void open(@Nullable Gtid gtid, long commitMicros) {
        start = eventPlace();
        transaction =
                new Transaction(
                        gtids.isOfOne() ? start.byGtids() : start, file.name(), gtid, commitMicros);
        counts = RowCounts.NONE;
        inside = false;
    }

    /// `BEGIN`: rows follow. A server without GTID events opens the transaction with it.
    void beginStatement(EventBytes event) {
        if (transaction == null) {
            open(null, 0);
        }
        if (counts.total() > 0) {
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

    /// Forgets the open transaction: its end does not matter.
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
        gtids.add(ended.gtid());
        transaction = null;
        inside = false;
        Place after = gtids.isOfOne() ? here().byGtids() : here();
        return new CommitEvent(ended, counts, after, event.timestamp());
    }
}
