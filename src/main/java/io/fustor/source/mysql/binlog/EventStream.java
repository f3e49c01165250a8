package io.fustor.source.mysql.binlog;

import io.fustor.source.mysql.change.Operation;
import io.fustor.source.mysql.change.RowsEvent;
import io.fustor.source.mysql.change.Transaction;
import io.fustor.source.mysql.error.FailureCode;
import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.position.BinlogPosition;
import io.fustor.source.mysql.position.FeedPosition;
import io.fustor.source.mysql.schema.TableSchema;
import io.fustor.source.mysql.server.MemoryBudget;
import io.fustor.source.mysql.server.MySqlServer;
import io.fustor.source.mysql.server.PacketInput;
import java.io.IOException;
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
    private final LargeEvents largeEvents;
    private final EventBytes event = new EventBytes();
    private final AtomicBoolean isOver = new AtomicBoolean();

    private volatile @Nullable TransactionPayload payload;

    /// The event of more than 1 MiB that is being read, or was read last.
    private @Nullable LargeEvent large;

    private boolean isLargeRead;

    /// Whether the event that was read last is a copy that belongs to nobody else.
    private boolean isUnpacked;

    /// Reads from a connection that was asked for the binlog from the cursor's place on.
    EventStream(
            MySqlServer server,
            ReplicationConnection connection,
            BinlogCursor cursor,
            TableMaps tables,
            LargeEvents largeEvents) {
        this.server = server;
        this.connection = connection;
        this.cursor = cursor;
        this.tables = tables;
        this.largeEvents = largeEvents;
    }

    /// Connects and asks for the binlog.
    ///
    /// @throws SourceException by what went wrong
    static EventStream open(
            MySqlServer server, BinlogStart start, TableMaps tables, LargeEvents largeEvents) {
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
            return new EventStream(server, connection, BinlogCursor.at(start), tables, largeEvents);
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
        TransactionPayload inner = payload;
        if (inner != null) {
            payload = null;
            inner.close();
        }
    }

    /// Whether others have waited for longer than is fair for the memory of the event that was read
    /// last.
    boolean isOverdue() {
        return large != null && large.isOverdue();
    }

    /// Whether more is here already.
    boolean hasBuffered() {
        return payload != null || connection.hasBuffered();
    }

    /// Leaves the bytes of the rows event that was read last as they are until [#reuse].
    ///
    /// @return false where that cannot be, for it is large
    boolean keep() {
        if (large != null) {
            return false;
        }
        TransactionPayload inner = payload;
        if (inner != null) {
            inner.keep();
        } else {
            connection.keep();
        }
        return true;
    }

    /// What was kept is not needed any more.
    void reuse() {
        connection.reuse();
    }

    /// Moves to the next event; false where none came within about a second. Blocks on the socket,
    /// and for a large event until there is room for it.
    boolean next() {
        LargeEvent open = large;
        if (open != null && isLargeRead) {
            letGo(open);
            open = null;
        }
        if (open == null) {
            if (!nextOrBeginning()) {
                return false;
            }
            open = large;
        }
        return open == null || readOn(open);
    }

    private void letGo(LargeEvent read) {
        large = null;
        isLargeRead = false;
        event.release();
        read.close();
    }

    /// Moves to the next event, or to the beginning of one that is large.
    private boolean nextOrBeginning() {
        TransactionPayload inner = payload;
        if (inner != null) {
            switch (inner.next(event, largeEvents.isForGood())) {
                case EVENT -> {
                    return true;
                }
                case LARGE_EVENT -> {
                    large = begin(false, inner::readOn);
                    return true;
                }
                case NOTHING -> {
                    return false;
                }
                case END -> skipPayload();
            }
        }
        try {
            if (!connection.next(event, cursor.isChecksummed())) {
                return false;
            }
        } catch (SourceException e) {
            isOver.set(true);
            throw e;
        }
        if (!connection.isBegun() || event.type() == EventType.TRANSACTION_PAYLOAD) {
            takeInSafely();
        } else {
            large = begin(cursor.isChecksummed(), connection::readOn);
        }
        return true;
    }

    private boolean readOn(LargeEvent open) {
        try {
            if (!open.readOn()) {
                return false;
            }
        } catch (IOException e) {
            throw failure(FailureCode.CORRUPT_EVENT, "cannot be read: " + e.getMessage());
        }
        isLargeRead = true;
        open.finish(event);
        if (payload == null) {
            takeInSafely();
        }
        return true;
    }

    /// The event whose beginning is in the window is read into memory or past everybody, as its
    /// type and table say.
    private LargeEvent begin(boolean checksummed, ByteSource rest) {
        byte[] head = Arrays.copyOfRange(event.array(), event.start(), event.end());
        event.begin(head, 0, head.length);
        var beginning = new LargeEvent.Beginning(head, (int) event.size(), checksummed, rest);
        Operation operation = operation(event.type());
        if (operation == null) {
            return isOfNoUse()
                    ? LargeEvent.passed(beginning, 0, null)
                    : LargeEvent.held(beginning, claim());
        }
        TableSchema table = tables.get(event.number(6));
        if (table == null) {
            return LargeEvent.passed(beginning, 0, null);
        }
        if (largeEvents.holds(event.size(), operation, table)) {
            return LargeEvent.held(beginning, claim());
        }
        int before = enterImages(table);
        int bitmap = (table.columnCount() + 7) / 8;
        int after = operation == Operation.UPDATE ? before + bitmap : before;
        if (after + bitmap > head.length) {
            throw failure(FailureCode.CORRUPT_EVENT, "has column bitmaps without an end");
        }
        return LargeEvent.passed(
                beginning, after + bitmap, new PassedRows(table, operation, head, before, after));
    }

    private boolean isOfNoUse() {
        return switch (event.type()) {
            case EventType.ROWS_QUERY, EventType.IGNORABLE, EventType.MARIADB_ANNOTATE_ROWS -> true;
            default -> false;
        };
    }

    private MemoryBudget.@Nullable Claim claim() {
        return largeEvents instanceof LargeEvents.OneByOne(MemoryBudget budget, _)
                ? budget.claim(event.size())
                : null;
    }

    private static @Nullable Operation operation(int type) {
        return switch (type) {
            case EventType.WRITE_ROWS, EventType.WRITE_ROWS_V1 -> Operation.INSERT;
            case EventType.UPDATE_ROWS, EventType.UPDATE_ROWS_V1 -> Operation.UPDATE;
            case EventType.DELETE_ROWS, EventType.DELETE_ROWS_V1 -> Operation.DELETE;
            default -> null;
        };
    }

    private void takeInSafely() {
        try {
            takeIn();
        } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
            throw new SourceException(
                    FailureCode.CORRUPT_EVENT,
                    failure(FailureCode.CORRUPT_EVENT, "cannot be read").getMessage(),
                    e);
        }
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
            case EventType.FORMAT_DESCRIPTION -> {
                cursor.describe(event);
                passed();
            }
            case EventType.TRANSACTION_PAYLOAD ->
                    payload =
                            connection.isBegun()
                                    ? new TransactionPayload(
                                            event, cursor.isChecksummed(), connection::readOn)
                                    : new TransactionPayload(event);
            default -> {
                // The owner judges it.
            }
        }
    }

    /// Takes the table map in that was read last.
    ///
    /// @return false where it takes more time: call again before the next event
    boolean addTable() {
        return tables.add(event, cursor);
    }

    /// The statement that was read last may define tables.
    ///
    /// @param start of its transaction
    void define(FeedPosition start) {
        tables.define(event, start, cursor.here());
    }

    /// The stream stands between two transactions, and it pays to note it.
    void passed() {
        tables.names().passed(cursor.position());
    }

    /// The rows event that was read last.
    ///
    /// @param origin of a transaction whose rows count as if they stood elsewhere; null for the
    ///   event's own
    RowsEvent rows(
            Operation operation, Transaction transaction, RowsEvent.@Nullable Origin origin) {
        TableSchema table = tables.get(event.number(6));
        if (table == null) {
            throw failure(FailureCode.CORRUPT_EVENT, "changes a table that no table map names");
        }
        RowsEvent.Origin from =
                origin != null
                        ? origin
                        : new RowsEvent.Origin(
                                cursor.eventStart(),
                                cursor.offset(),
                                event.timestamp(),
                                event.serverId());
        LargeEvent passed = large;
        if (passed != null && !passed.isHeld()) {
            var which = new RowsEvent.Rows(cursor.rows(), passed.passedRows());
            cursor.addRows(which.count());
            return RowsEvent.notHeld(transaction, operation, table, which, from);
        }
        RowsEvent rows =
                new RowsEvent(
                        transaction,
                        operation,
                        table,
                        images(operation, table),
                        cursor.rows(),
                        from);
        cursor.addRows(rows.rowCount());
        return isUnpacked ? heldIfFit(rows) : rows;
    }

    /// How large an event is that MariaDB compressed shows when it is unpacked.
    private RowsEvent heldIfFit(RowsEvent rows) {
        if (rows.weight() <= PacketInput.LARGEST_WHOLE
                || largeEvents.holds(rows.weight(), rows.operation(), rows.table())) {
            return rows;
        }
        return RowsEvent.notHeld(
                rows.transaction(),
                rows.operation(),
                rows.table(),
                new RowsEvent.Rows(rows.firstRow(), rows.rowCount()),
                rows.origin());
    }

    /// Moves to the column bitmaps of a rows event, from behind the number of its table.
    private int enterImages(TableSchema table) {
        event.skip(2);
        if (event.type() >= EventType.WRITE_ROWS) {
            event.skip((int) event.number(2) - 2);
        }
        if (event.packed() != table.columnCount()) {
            throw failure(
                    FailureCode.CORRUPT_EVENT,
                    "has other columns than the table map of " + table.id());
        }
        return event.cursor();
    }

    private RowsEvent.Images images(Operation operation, TableSchema table) {
        byte[] bytes = event.array();
        int from = enterImages(table);
        int to = event.end();
        boolean owned = payload != null || isUnpacked || large != null;
        if (largeEvents.isForGood() && !owned) {
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
        tables.names().close();
        connection.close();
        skipPayload();
        LargeEvent open = large;
        if (open != null) {
            open.close();
        }
        if (!isOver.getAndSet(true)) {
            Thread.startVirtualThread(
                    () -> server.endConnection(connection.serverUuid(), connection.threadId()));
        }
    }
}
