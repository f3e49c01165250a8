package io.fustor.source.mysql.binlog;

import io.fustor.source.mysql.change.BinlogEvent;
import io.fustor.source.mysql.change.CommitEvent;
import io.fustor.source.mysql.change.Operation;
import io.fustor.source.mysql.change.RowsEvent;
import io.fustor.source.mysql.change.TruncateEvent;
import io.fustor.source.mysql.error.FailureCode;
import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.position.FeedPosition;
import io.fustor.source.mysql.schema.TableId;
import io.fustor.source.mysql.server.MySqlServer;
import org.jspecify.annotations.Nullable;

/// Follows a server's binlog and yields rows events, commits and truncations in its order, each
/// with its place. The capture's reader thread and each subscription that catches up have one of
/// their own.
///
/// It never passes over what may hold rows: an event of an unknown type, a statement that changes
/// rows without rows events, bytes that do not add up are a [SourceException], and nothing is read
/// after one.
///
/// For one thread, except [#close].
public final class BinlogReader implements AutoCloseable {

    private final EventStream stream;
    private final EventBytes event;
    private final BinlogCursor cursor;
    private final XaTransactions xa;

    private @Nullable BinlogEvent pending;

    /// Whether the table map that was read last still waits for its columns' names.
    private boolean naming;

    private BinlogReader(EventStream stream, XaTransactions xa) {
        this.stream = stream;
        this.event = stream.event();
        this.cursor = stream.cursor();
        this.xa = xa;
    }

    /// @param preparedReaders opens readers of what was prepared; null where that is itself read
    /// @param readAs what the rows of an XA transaction are read as, by a reader that begins where
    ///   it was prepared; null for all others
    static BinlogReader of(
            MySqlServer server,
            EventStream stream,
            XaCommit.@Nullable Opening preparedReaders,
            XaCommit.@Nullable Commit readAs) {
        return new BinlogReader(
                stream, new XaTransactions(server, stream, preparedReaders, readAs));
    }

    /// Connects and asks for the binlog.
    ///
    /// @param largeEvents which of them are held, and how long rows events stay valid
    /// @param names of columns where a table map has none; closed with the reader
    /// @throws SourceException by what went wrong
    public static BinlogReader open(
            MySqlServer server, BinlogStart start, LargeEvents largeEvents, ColumnNames names) {
        TableMaps tables = new TableMaps(names);
        XaCommit.Opening preparedReaders =
                (place, commit) ->
                        of(
                                server,
                                EventStream.open(
                                        server, place, tables.ofAnotherStream(), largeEvents),
                                null,
                                commit);
        EventStream stream = EventStream.open(server, start, tables, largeEvents);
        return of(server, stream, preparedReaders, null);
    }

    /// The same for one whose rows nobody reads.
    public static BinlogReader open(
            MySqlServer server, BinlogStart start, LargeEvents largeEvents) {
        return open(server, start, largeEvents, ColumnNames.NONE);
    }

    /// The same for one that holds all events.
    ///
    /// @param forGood whether rows events stay valid for good; otherwise one is valid until the
    ///   next call of [#next], which saves a copy
    public static BinlogReader open(MySqlServer server, BinlogStart start, boolean forGood) {
        return open(server, start, LargeEvents.all(forGood));
    }

    /// The next event, or null where none came within about a second. Blocks on the socket.
    ///
    /// @throws SourceException where the stream broke or holds what cannot be turned into right
    ///   rows
    public @Nullable BinlogEvent next() {
        BinlogEvent second = pending;
        if (second != null) {
            pending = null;
            return second;
        }
        while (true) {
            XaCommit committing = xa.committing();
            if (committing != null) {
                return rowsOf(committing);
            }
            if (!naming && !stream.next()) {
                stream.passed();
                return null;
            }
            BinlogEvent result = read();
            if (result != null || naming) {
                return result;
            }
        }
    }

    /// The rows of the XA transaction whose commit was read last, and then the commit.
    private @Nullable BinlogEvent rowsOf(XaCommit committing) {
        RowsEvent rows = committing.next();
        if (rows != null) {
            cursor.addRows(rows.rowCount());
            return rows;
        }
        if (!committing.isOver()) {
            return null;
        }
        xa.committed(committing);
        return commit();
    }

    /// The place behind everything yielded, always between two transactions: inside one, its start.
    public FeedPosition position() {
        return cursor.position();
    }

    /// When the file that the reader began in was begun, in seconds since 1970. Reads the file's
    /// head if that is not done yet.
    public long fileCreated() {
        while (!cursor.isDescribed()) {
            if (stream.next()) {
                pending = read();
            }
        }
        return cursor.position().fileCreated() & 0xFFFF_FFFFL;
    }

    /// The name of the binlog file that is being read.
    public String file() {
        return cursor.file();
    }

    /// Whether more of the stream is here already, so that it pays to go on before telling others.
    public boolean hasBuffered() {
        XaCommit committing = xa.committing();
        boolean here = committing == null ? stream.hasBuffered() : committing.hasBuffered();
        return pending != null || here;
    }

    /// Leaves the rows event that was yielded last valid until [#reuse], not just until the next
    /// one is asked for.
    ///
    /// @return false where that cannot be: it is large, or was read by another connection
    public boolean keep() {
        return !isReadingPrepared() && stream.keep();
    }

    /// What was kept is not needed any more.
    public void reuse() {
        stream.reuse();
    }

    /// Whether others have waited for longer than is fair for the memory of the event that was read
    /// last.
    public boolean isOverdue() {
        XaCommit committing = xa.committing();
        return stream.isOverdue() || (committing != null && committing.isOverdue());
    }

    /// Whether rows of an XA transaction are looked for or read, by another connection.
    public boolean isReadingPrepared() {
        return xa.committing() != null;
    }

    private @Nullable BinlogEvent read() {
        try {
            return readEvent();
        } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
            throw new SourceException(
                    FailureCode.CORRUPT_EVENT,
                    failure(FailureCode.CORRUPT_EVENT, "cannot be read").getMessage(),
                    e);
        }
    }

    private @Nullable BinlogEvent readEvent() {
        switch (event.type()) {
            case EventType.WRITE_ROWS, EventType.WRITE_ROWS_V1 -> {
                return xa.rows(Operation.INSERT);
            }
            case EventType.UPDATE_ROWS, EventType.UPDATE_ROWS_V1 -> {
                return xa.rows(Operation.UPDATE);
            }
            case EventType.DELETE_ROWS, EventType.DELETE_ROWS_V1 -> {
                return xa.rows(Operation.DELETE);
            }
            case EventType.TABLE_MAP -> naming = !stream.addTable();
            case EventType.GTID,
                    EventType.ANONYMOUS_GTID,
                    EventType.GTID_TAGGED,
                    EventType.MARIADB_GTID ->
                    cursor.begin(event, stream.isInPayload());
            case EventType.QUERY -> {
                return query();
            }
            case EventType.XID -> {
                return commit();
            }
            case EventType.XA_PREPARE -> {
                return xa.end();
            }
            default -> readOther();
        }
        return null;
    }

    private void readOther() {
        switch (event.type()) {
            case EventType.PREVIOUS_GTIDS -> cursor.previousGtids(event);
            case EventType.ROTATE,
                    EventType.FORMAT_DESCRIPTION,
                    EventType.TRANSACTION_PAYLOAD,
                    EventType.HEARTBEAT,
                    EventType.HEARTBEAT_V2,
                    EventType.STOP,
                    EventType.IGNORABLE,
                    EventType.ROWS_QUERY,
                    EventType.INTVAR,
                    EventType.RAND,
                    EventType.USER_VAR,
                    EventType.TRANSACTION_CONTEXT,
                    EventType.VIEW_CHANGE,
                    EventType.MARIADB_ANNOTATE_ROWS,
                    EventType.MARIADB_BINLOG_CHECKPOINT,
                    EventType.MARIADB_GTID_LIST,
                    EventType.MARIADB_START_ENCRYPTION -> {
                // They change no rows, or the stream took them in: the statement that a variable
                // belongs to is judged by itself.
            }
            case EventType.PARTIAL_UPDATE_ROWS ->
                    throw failure(
                            FailureCode.PARTIAL_JSON,
                            "holds partial JSON updates; set binlog_row_value_options = '' on the server and in its sessions");
            case EventType.INCIDENT ->
                    throw failure(
                            FailureCode.INCIDENT,
                            "says that the server lost events; take a new snapshot from a position behind it");
            default -> refuseUnknown();
        }
    }

    private void refuseUnknown() {
        if (!event.isIgnorable()) {
            throw failure(
                    FailureCode.UNSUPPORTED_EVENT,
                    "is of the type " + event.type() + ", which this service does not know");
        }
    }

    private @Nullable BinlogEvent query() {
        Statement statement = Statement.read(event);
        return switch (statement.kind()) {
            case BEGIN -> {
                cursor.beginStatement(event);
                yield null;
            }
            case BEGIN_WITH_TABLE -> {
                cursor.beginStatement(event);
                stream.define(cursor.position());
                yield null;
            }
            case COMMIT -> commit();
            case ROLLBACK -> rollback();
            case ROLLBACK_TO_SAVEPOINT -> rollbackToSavepoint();
            case INSIDE -> null;
            case XA_START -> {
                xa.start(statement.xid());
                yield null;
            }
            case XA_END -> null;
            case XA_COMMIT -> {
                xa.commit(statement.xid());
                yield null;
            }
            case XA_ROLLBACK -> {
                xa.rollback(statement.xid());
                yield commit();
            }
            case UNKNOWN_XA ->
                    throw failure(
                            FailureCode.XA_TRANSACTION,
                            "is a statement on an XA transaction that this service does not know");
            case CHANGES_ROWS ->
                    throw failure(
                            FailureCode.STATEMENT_FORMAT,
                            "is a statement that changes rows without rows events: a session had binlog_format = STATEMENT or"
                                    + " MIXED");
            case TRUNCATE -> truncate(statement.table());
            case OTHER -> other();
        };
    }

    private @Nullable BinlogEvent other() {
        if (cursor.isInside()) {
            stream.define(cursor.position());
            return null;
        }
        BinlogEvent commit = commit();
        stream.define(commit.transaction().start());
        return commit;
    }

    /// Only a transaction that changed tables without transactions is written with its rollback.
    private BinlogEvent rollback() {
        if (cursor.rows() > 0 || xa.isPreparing()) {
            throw failure(
                    FailureCode.UNSUPPORTED_EVENT,
                    "rolls rows back that the binlog holds: the transaction mixes tables with and without transactions");
        }
        return commit();
    }

    /// What was changed behind the savepoint stays in the binlog only where the statement does.
    private @Nullable BinlogEvent rollbackToSavepoint() {
        if (cursor.rows() > 0 || xa.isPreparing()) {
            throw failure(
                    FailureCode.UNSUPPORTED_EVENT,
                    "rolls rows back to a savepoint that the binlog holds: the transaction mixes tables with and without transactions");
        }
        return null;
    }

    /// A truncation is a transaction of its own: its commit follows on the next call.
    private BinlogEvent truncate(TableId table) {
        CommitEvent commit = cursor.commit(event);
        TruncateEvent truncate = new TruncateEvent(commit.transaction(), table, event.timestamp());
        pending = commit;
        return truncate;
    }

    private BinlogEvent commit() {
        if (xa.isInside()) {
            throw failure(
                    FailureCode.CORRUPT_EVENT, "commits a transaction while an XA one is open");
        }
        return cursor.commit(event);
    }

    private SourceException failure(FailureCode code, String what) {
        return stream.failure(code, what);
    }

    /// Ends the stream, at the server too. Does not wait.
    @Override
    public void close() {
        stream.close();
        xa.close();
    }
}
