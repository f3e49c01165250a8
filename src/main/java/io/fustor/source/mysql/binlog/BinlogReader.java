package io.fustor.source.mysql.binlog;

import io.fustor.source.mysql.change.BinlogEvent;
import io.fustor.source.mysql.change.CommitEvent;
import io.fustor.source.mysql.change.Operation;
import io.fustor.source.mysql.change.RowsEvent;
import io.fustor.source.mysql.change.TruncateEvent;
import io.fustor.source.mysql.error.FailureCode;
import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.position.BinlogPosition;
import io.fustor.source.mysql.position.FeedPosition;
import io.fustor.source.mysql.schema.TableId;
import io.fustor.source.mysql.schema.TableSchema;
import io.fustor.source.mysql.server.MySqlServer;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicBoolean;
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

    private final MySqlServer server;
    private final ReplicationConnection connection;
    private final boolean keepBytes;
    private final EventBytes event = new EventBytes();
    private final TableMaps tables = new TableMaps();
    private final BinlogCursor cursor;

    private @Nullable TransactionPayload payload;
    private @Nullable BinlogEvent pending;
    private final AtomicBoolean isOver = new AtomicBoolean();

    /// Reads from a connection that was asked for the binlog from the cursor's place on.
    BinlogReader(
            MySqlServer server,
            ReplicationConnection connection,
            BinlogCursor cursor,
            boolean keepBytes) {
        this.server = server;
        this.connection = connection;
        this.cursor = cursor;
        this.keepBytes = keepBytes;
    }

    /// Connects and asks for the binlog.
    ///
    /// @param keepBytes whether rows events stay valid for good; otherwise one is valid until the
    ///   next call of [#next], which saves a copy
    /// @throws SourceException by what went wrong
    public static BinlogReader open(MySqlServer server, BinlogStart start, boolean keepBytes) {
        ReplicationConnection connection = ReplicationConnection.open(server.access());
        try {
            if (FeedPosition.serverNumber(connection.serverUuid()) != start.server()) {
                throw new SourceException(
                        FailureCode.CONNECTION_LOST,
                        server.access().address()
                                + " led to another server just now, "
                                + connection.serverUuid());
            }
            switch (start) {
                case BinlogStart.AtPosition at ->
                        connection.dump(new BinlogPosition(at.file(), at.position().offset()));
                case BinlogStart.AfterGtids after -> connection.dump(after.executed());
            }
            return new BinlogReader(server, connection, BinlogCursor.at(start), keepBytes);
        } catch (RuntimeException e) {
            connection.close();
            throw e;
        }
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
        while (advance()) {
            BinlogEvent result = read();
            if (result != null) {
                return result;
            }
        }
        return null;
    }

    /// The place behind everything yielded, always between two transactions: inside one, its start.
    public FeedPosition position() {
        return cursor.position();
    }

    /// When the file that the reader began in was begun, in seconds since 1970. Reads the file's
    /// head if that is not done yet.
    public long fileCreated() {
        while (!cursor.isDescribed()) {
            if (advance()) {
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
        return pending != null || payload != null || connection.hasBuffered();
    }

    private boolean advance() {
        TransactionPayload inner = payload;
        if (inner != null) {
            if (inner.next(event, keepBytes)) {
                return true;
            }
            payload = null;
        }
        try {
            if (!connection.next(event, cursor.isChecksummed())) {
                return false;
            }
        } catch (SourceException e) {
            isOver.set(true);
            throw e;
        }
        cursor.enter(event);
        return true;
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
                return rows(Operation.INSERT);
            }
            case EventType.UPDATE_ROWS, EventType.UPDATE_ROWS_V1 -> {
                return rows(Operation.UPDATE);
            }
            case EventType.DELETE_ROWS, EventType.DELETE_ROWS_V1 -> {
                return rows(Operation.DELETE);
            }
            case EventType.TABLE_MAP -> tables.add(event);
            case EventType.GTID,
                    EventType.ANONYMOUS_GTID,
                    EventType.GTID_TAGGED,
                    EventType.MARIADB_GTID ->
                    cursor.begin(event, payload != null);
            case EventType.QUERY -> {
                return query();
            }
            case EventType.XID -> {
                return commit();
            }
            case EventType.TRANSACTION_PAYLOAD -> payload = new TransactionPayload(event);
            default -> readOther();
        }
        return null;
    }

    private void readOther() {
        switch (event.type()) {
            case EventType.ROTATE -> {
                cursor.rotate(event);
                tables.forgetNumbers();
            }
            case EventType.FORMAT_DESCRIPTION -> cursor.describe(event);
            case EventType.PREVIOUS_GTIDS -> cursor.previousGtids(event);
            case EventType.HEARTBEAT,
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
                // They change no rows: the statement that a variable belongs to is judged by
                // itself.
            }
            case EventType.XA_PREPARE ->
                    throw failure(
                            FailureCode.XA_TRANSACTION,
                            "prepares an XA transaction, which this version does not follow");
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

    private RowsEvent rows(Operation operation) {
        boolean hasExtra = event.type() >= EventType.WRITE_ROWS;
        long number = event.number(6);
        TableSchema table = tables.get(number);
        if (table == null) {
            throw failure(FailureCode.CORRUPT_EVENT, "changes a table that no table map names");
        }
        event.skip(2);
        if (hasExtra) {
            event.skip((int) event.number(2) - 2);
        }
        if (event.packed() != table.columnCount()) {
            throw failure(
                    FailureCode.CORRUPT_EVENT,
                    "has other columns than the table map of " + table.id());
        }
        RowsEvent rows =
                new RowsEvent(
                        cursor.transaction(event),
                        operation,
                        table,
                        images(operation, table),
                        cursor.rows(),
                        new RowsEvent.Origin(cursor.offset(), event.timestamp(), event.serverId()));
        cursor.addRows(rows.rowCount());
        return rows;
    }

    private RowsEvent.Images images(Operation operation, TableSchema table) {
        byte[] bytes = event.array();
        int from = event.cursor();
        int to = event.end();
        boolean owned = payload != null || connection.ownsEvent();
        if (keepBytes && !owned) {
            bytes = Arrays.copyOfRange(bytes, from, to);
            to -= from;
            from = 0;
        }
        int bitmap = (table.columnCount() + 7) / 8;
        int after = operation == Operation.UPDATE ? from + bitmap : from;
        if (after + bitmap > to) {
            throw failure(FailureCode.CORRUPT_EVENT, "ends in its column bitmaps");
        }
        return new RowsEvent.Images(bytes, from, after, after + bitmap, to);
    }

    private @Nullable BinlogEvent query() {
        Statement statement = Statement.read(event);
        return switch (statement.kind()) {
            case BEGIN -> {
                cursor.beginStatement(event);
                yield null;
            }
            case COMMIT -> commit();
            case ROLLBACK -> rollback();
            case INSIDE -> null;
            case XA ->
                    throw failure(
                            FailureCode.XA_TRANSACTION,
                            "starts an XA transaction, which this version does not follow");
            case CHANGES_ROWS ->
                    throw failure(
                            FailureCode.STATEMENT_FORMAT,
                            "is a statement that changes rows without rows events: a session had binlog_format = STATEMENT or"
                                    + " MIXED");
            case TRUNCATE -> truncate(statement.table());
            case OTHER -> cursor.isInside() ? null : commit();
        };
    }

    /// Only a transaction that changed tables without transactions is written with its rollback.
    private BinlogEvent rollback() {
        if (cursor.rows() > 0) {
            throw failure(
                    FailureCode.UNSUPPORTED_EVENT,
                    "rolls rows back that the binlog holds: the transaction mixes tables with and without transactions");
        }
        return commit();
    }

    /// A truncation is a transaction of its own: its commit follows on the next call.
    private BinlogEvent truncate(TableId table) {
        CommitEvent commit = cursor.commit(event);
        TruncateEvent truncate = new TruncateEvent(commit.transaction(), table, event.timestamp());
        pending = commit;
        return truncate;
    }

    private BinlogEvent commit() {
        return cursor.commit(event);
    }

    private SourceException failure(FailureCode code, String what) {
        return new SourceException(
                code,
                "the event that ends at " + cursor.file() + ":" + cursor.offset() + " " + what);
    }

    /// Ends the stream, at the server too: left alone, it would notice that nobody reads only when
    /// it writes next, and keep one of its connections for the stream until then. Does not wait.
    @Override
    public void close() {
        connection.close();
        if (!isOver.getAndSet(true)) {
            Thread.startVirtualThread(
                    () -> server.endConnection(connection.serverUuid(), connection.threadId()));
        }
    }
}
