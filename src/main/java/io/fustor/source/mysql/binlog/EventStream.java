package io.fustor.source.mysql.binlog;

import io.fustor.source.mysql.change.Operation;
import io.fustor.source.mysql.change.RowsEvent;
import io.fustor.source.mysql.change.Transaction;
import io.fustor.source.mysql.error.FailureCode;
import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.position.BinlogPosition;
import io.fustor.source.mysql.position.FeedPosition;
import io.fustor.source.mysql.schema.TableSchema;
import io.fustor.source.mysql.server.MySqlServer;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/// The events of a server's binlog one by one, each with its place, those of compressed
/// transactions and compressed events unpacked. It takes in where files begin; what the events mean
/// is for its owner to say.
///
/// For one thread, except [#close].
final class EventStream implements AutoCloseable {

    private final MySqlServer server;
    private final ReplicationConnection connection;
    private final BinlogCursor cursor;
    private final TableMaps tables;
    private final boolean keepBytes;
    private final EventBytes event = new EventBytes();
    private final AtomicBoolean isOver = new AtomicBoolean();

    private @Nullable TransactionPayload payload;

    /// Whether the event that was read last is a copy that belongs to nobody else.
    private boolean isUnpacked;

    /// Reads from a connection that was asked for the binlog from the cursor's place on.
    EventStream(
            MySqlServer server,
            ReplicationConnection connection,
            BinlogCursor cursor,
            TableMaps tables,
            boolean keepBytes) {
        this.server = server;
        this.connection = connection;
        this.cursor = cursor;
        this.tables = tables;
        this.keepBytes = keepBytes;
    }

    /// Connects and asks for the binlog.
    ///
    /// @param keepBytes whether rows events stay valid for good; otherwise one is valid until the
    ///   next call of [#next], which saves a copy
    /// @throws SourceException by what went wrong
    static EventStream open(
            MySqlServer server, BinlogStart start, TableMaps tables, boolean keepBytes) {
        ReplicationConnection connection = ReplicationConnection.open(server.access());
        try {
            if (FeedPosition.serverNumber(connection.serverUuid()) != start.server()) {
                // Where the address moved, the connection for questions may still lead to the old
                // server, for as long as that lives.
                server.distrust();
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
            return new EventStream(server, connection, BinlogCursor.at(start), tables, keepBytes);
        } catch (RuntimeException e) {
            connection.close();
            throw e;
        }
    }

    /// Where the stream stands, behind the event that was read last.
    BinlogCursor cursor() {
        return cursor;
    }

    /// The event that was read last, with the cursor at its body.
    EventBytes event() {
        return event;
    }

    /// Whether the event stands inside a compressed transaction.
    boolean isInPayload() {
        return payload != null;
    }

    /// Passes over what is left of a compressed transaction.
    void skipPayload() {
        payload = null;
    }

    /// Whether more is here already.
    boolean hasBuffered() {
        return payload != null || connection.hasBuffered();
    }

    /// Moves to the next event; false where none came within about a second. Blocks on the socket.
    boolean next() {
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
        try {
            takeIn();
        } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
            throw new SourceException(
                    FailureCode.CORRUPT_EVENT,
                    failure(FailureCode.CORRUPT_EVENT, "cannot be read").getMessage(),
                    e);
        }
        return true;
    }

    /// What the stream itself has to know of an event.
    private void takeIn() {
        cursor.enter(event);
        isUnpacked = MariaDbCompression.isIn(event);
        if (isUnpacked) {
            MariaDbCompression.unpack(event);
        }
        switch (event.type()) {
            case EventType.ROTATE -> {
                cursor.rotate(event);
                tables.forgetNumbers();
            }
            case EventType.FORMAT_DESCRIPTION -> cursor.describe(event);
            case EventType.TRANSACTION_PAYLOAD -> payload = new TransactionPayload(event);
            default -> {
                // The owner judges it.
            }
        }
    }

    /// Takes the table map in that was read last.
    void addTable() {
        tables.add(event);
    }

    /// The rows event that was read last.
    ///
    /// @param origin of a transaction whose rows count as if they stood elsewhere; null for the
    ///   event's own
    RowsEvent rows(
            Operation operation, Transaction transaction, RowsEvent.@Nullable Origin origin) {
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
                        transaction,
                        operation,
                        table,
                        images(operation, table),
                        cursor.rows(),
                        origin != null
                                ? origin
                                : new RowsEvent.Origin(
                                        cursor.eventStart(),
                                        cursor.offset(),
                                        event.timestamp(),
                                        event.serverId()));
        cursor.addRows(rows.rowCount());
        return rows;
    }

    private RowsEvent.Images images(Operation operation, TableSchema table) {
        byte[] bytes = event.array();
        int from = event.cursor();
        int to = event.end();
        boolean owned = payload != null || isUnpacked || connection.ownsEvent();
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

    /// A failure that names the event that was read last.
    SourceException failure(FailureCode code, String what) {
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
