package io.fustor.source.mysql.binlog;

import io.fustor.source.mysql.change.Operation;
import io.fustor.source.mysql.change.RowsEvent;
import io.fustor.source.mysql.change.Transaction;
import io.fustor.source.mysql.connection.PacketInput;
import io.fustor.source.mysql.error.FailureCode;
import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.memory.MemoryBudget;
import io.fustor.source.mysql.position.Place;
import io.fustor.source.mysql.schema.TableSchema;
import io.fustor.source.mysql.server.MySqlServer;
import io.fustor.source.mysql.server.SessionMark;
import java.io.IOException;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/// Reads the events of a server's binlog one by one, and unpacks compressed transactions and
/// events. It follows where files begin; the events' meaning is its owner's concern.
///
/// For one thread, except [#close].
final class EventStream implements AutoCloseable {

    private final MySqlServer server;
    private final ReplicationConnection connection;
    private final BinlogCursor cursor;
    private final TableMaps tables;
    private final LargeEvents largeEvents;
    private final EventBytes event = new EventBytes();
    private final RowsEventReader rowsReader;
    private final EventMemory memory;
    private final AtomicBoolean isOver = new AtomicBoolean();

    private final PayloadUnpacker unpacker = new PayloadUnpacker();
    private volatile @Nullable PayloadEvents payload;

    /// The event of more than 1 MiB that is being read or was read last.
    private @Nullable LargeEvent large;

    private boolean isLargeRead;

    /// The memory for a large event that was unpacked from a compressed one of MariaDB.
    private MemoryBudget.@Nullable Claim unpacked;

    /// Whether the event that was read last is an unpacked copy.
    private boolean isUnpacked;

    /// Reads from a connection over which the server sends the binlog from the cursor's place on.
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
        this.rowsReader = new RowsEventReader(event, cursor, tables, largeEvents);
        this.memory = new EventMemory(largeEvents, cursor);
    }

    /// Connects and asks for the binlog.
    ///
    /// @throws SourceException if the server cannot be reached or does not send the binlog
    static EventStream open(
            MySqlServer server, BinlogStart asked, TableMaps tables, LargeEvents largeEvents) {
        BinlogStart start = GtidSearch.found(server, asked);
        ReplicationConnection connection = ReplicationConnection.open(server.access());
        try {
            connection.requireServer(server, start.server());
            switch (start) {
                case BinlogStart.AtPosition at -> connection.dump(at.dumpPosition());
                case BinlogStart.RestAt rest -> connection.dump(rest.at().dumpPosition());
                case BinlogStart.AfterGtids after -> connection.dump(after.executed());
                case BinlogStart.RestOf rest -> connection.dump(rest.executed());
                case BinlogStart.SearchGtids _ ->
                        throw new IllegalArgumentException("not searched yet");
            }
            return new EventStream(server, connection, BinlogCursor.at(start), tables, largeEvents);
        } catch (Throwable e) {
            connection.close();
            throw e;
        }
    }

    /// The mark that shows whether another connection leads to the stream's server.
    SessionMark mark() {
        return connection.mark();
    }

    /// The point that the stream has reached, after the event that was read last.
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

    /// Skips the rest of a compressed transaction.
    void skipPayload() {
        PayloadEvents inner = payload;
        if (inner != null) {
            payload = null;
            inner.close();
        }
    }

    /// Whether other readers have waited too long for the memory of the event that was read last.
    boolean isOverdue() {
        return large != null && large.isOverdue();
    }

    /// Whether more of the stream has arrived.
    boolean hasBuffered() {
        return payload != null || connection.hasBuffered();
    }

    /// Keeps the bytes of the rows event that was read last unchanged until [#reuse].
    ///
    /// @return false if that is impossible, since the event is large
    boolean keep() {
        if (large != null || unpacked != null) {
            return false;
        }
        PayloadEvents inner = payload;
        if (inner != null) {
            inner.keep();
        } else {
            connection.keep();
        }
        return true;
    }

    /// The caller no longer needs the events that it kept.
    void reuse() {
        connection.reuse();
    }

    /// Moves to the next event; false if none arrives within about a second. Blocks on the socket,
    /// and for a large event until there is memory for it.
    boolean next() {
        LargeEvent open = large;
        if (open != null && isLargeRead) {
            letGo(open);
            open = null;
        }
        letGoUnpacked();
        if (open == null) {
            if (!nextOrBeginning()) {
                return false;
            }
            open = large;
        }
        return open == null || readOn(open);
    }

    private void letGoUnpacked() {
        MemoryBudget.Claim claim = unpacked;
        if (claim != null) {
            unpacked = null;
            event.release();
            claim.close();
        }
    }

    private void letGo(LargeEvent read) {
        large = null;
        isLargeRead = false;
        event.release();
        read.close();
    }

    /// Moves to the next event, or to the beginning of a large one.
    private boolean nextOrBeginning() {
        PayloadEvents inner = payload;
        if (inner != null) {
            switch (inner.next(event, largeEvents.isForGood())) {
                case EVENT -> {
                    requireOrdinary();
                    return true;
                }
                case LARGE_EVENT -> {
                    requireOrdinary();
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
            do {
                if (!connection.next(event, cursor.isChecksummed()) || isLastProof()) {
                    return false;
                }
            } while (cursor.isProof(event));
        } catch (SourceException e) {
            isOver.set(true);
            throw cursor.whileProving(e);
        }
        if (!connection.isBegun() || event.type() == EventType.TRANSACTION_PAYLOAD) {
            takeInSafely();
        } else {
            large = begin(cursor.isChecksummed(), connection::readOn);
        }
        return true;
    }

    /// Enters an event that only proves the place at which the stream was opened. After the last of
    /// them the stream returns, since the next event may arrive much later.
    private boolean isLastProof() {
        if (!cursor.isProof(event)) {
            return false;
        }
        cursor.prove(event);
        return cursor.isProven();
    }

    /// Events that concern the stream itself stand outside compressed transactions only.
    private void requireOrdinary() {
        boolean isNested =
                switch (event.type()) {
                    case EventType.TRANSACTION_PAYLOAD,
                            EventType.ROTATE,
                            EventType.FORMAT_DESCRIPTION ->
                            true;
                    default -> MariaDbCompression.isIn(event);
                };
        if (isNested) {
            throw failure(
                    FailureCode.CORRUPT_EVENT,
                    "is a compressed transaction that has an event of the type "
                            + event.type()
                            + " in it");
        }
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

    /// Decides by type and table whether an event whose beginning has arrived is read into memory
    /// or skipped.
    private LargeEvent begin(boolean checksummed, ByteSource rest) {
        byte[] head = Arrays.copyOfRange(event.array(), event.start(), event.end());
        event.begin(head, 0, head.length);
        var beginning = new LargeEvent.Beginning(head, (int) event.size(), checksummed, rest);
        Operation operation = EventType.operation(event.type());
        if (operation == null) {
            return isHeldWhole()
                    ? LargeEvent.held(beginning, memory.claimOrRefuse(event.size()))
                    : LargeEvent.passed(beginning, 0, null);
        }
        TableSchema table = tables.get(event.number(6));
        if (table == null) {
            return LargeEvent.passed(beginning, 0, null);
        }
        if (largeEvents.holds(event.size(), operation, table)) {
            return LargeEvent.held(beginning, memory.claim(event.size()));
        }
        return rowsReader.passed(beginning, head, operation, table);
    }

    /// The beginning of all other events is sufficient.
    private boolean isHeldWhole() {
        return switch (event.type()) {
            case EventType.QUERY, EventType.TABLE_MAP, EventType.PREVIOUS_GTIDS -> true;
            default -> MariaDbCompression.isIn(event);
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

    /// Reads what concerns the stream itself.
    private void takeIn() {
        cursor.enter(event);
        isUnpacked = MariaDbCompression.isIn(event);
        if (isUnpacked) {
            unpack();
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
                                    ? unpacker.begin(
                                            event, cursor.isChecksummed(), connection::readOn)
                                    : unpacker.open(event);
            default -> {
                // The stream's owner reads it.
            }
        }
    }

    private void unpack() {
        int length = MariaDbCompression.unpackedLength(event);
        unpacked = length > PacketInput.LARGEST_WHOLE ? memory.claimUnpacked(length) : null;
        MariaDbCompression.unpack(event);
    }

    /// Adds the table map that was read last.
    ///
    /// @return false if that takes more time: call it again before the next event
    boolean addTable() {
        return tables.add(event, cursor);
    }

    /// The statement that was read last may define tables.
    ///
    /// @param start of its transaction
    void define(Place start) {
        tables.define(event, start, cursor.here());
    }

    /// Notes the stream's place, which is between two transactions.
    void passed() {
        tables.names().passed(cursor.position());
    }

    /// The rows event that was read last.
    ///
    /// @param origin of a transaction whose rows count as if they stood elsewhere; null for the
    ///   event's own
    RowsEvent rows(
            Operation operation, Transaction transaction, RowsEvent.@Nullable Origin origin) {
        LargeEvent passed = large;
        if (passed != null && !passed.isHeld()) {
            return rowsReader.readPassed(operation, transaction, origin, passed);
        }
        boolean isOwned = payload != null || isUnpacked || passed != null;
        RowsEvent rows = rowsReader.read(operation, transaction, origin, isOwned);
        return isUnpacked ? rowsReader.heldIfFit(rows) : rows;
    }

    /// A failure that names the event that was read last.
    SourceException failure(FailureCode code, String what) {
        return cursor.failure(code, what);
    }

    /// Closes the stream, at the server too: without that, the server would keep the connection
    /// until its next write fails. Does not wait.
    @Override
    public void close() {
        tables.names().close();
        if (isOver.getAndSet(true)) {
            connection.close();
        } else {
            connection.closeAtServer(server);
        }
        skipPayload();
        unpacker.close();
        LargeEvent open = large;
        if (open != null) {
            open.close();
        }
    }
}
