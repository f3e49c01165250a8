package io.fustor.source.mysql.binlog;

import io.fustor.source.mysql.change.Operation;
import io.fustor.source.mysql.change.RowsEvent;
import io.fustor.source.mysql.change.Transaction;
import io.fustor.source.mysql.connection.PacketInput;
import io.fustor.source.mysql.error.FailureCode;
import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.schema.TableSchema;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Makes a [RowsEvent] of the rows event that a stream read last. It finds the event's table and
/// the bounds of its row images, and decodes no value.
///
/// For the reader's thread.
final class RowsEventReader {

    private final EventBytes event;
    private final BinlogCursor cursor;
    private final TableMaps tables;
    private final LargeEvents largeEvents;

    RowsEventReader(
            EventBytes event, BinlogCursor cursor, TableMaps tables, LargeEvents largeEvents) {
        this.event = event;
        this.cursor = cursor;
        this.tables = tables;
        this.largeEvents = largeEvents;
    }

    /// Reads an event whose bytes are in memory.
    ///
    /// @param origin of a transaction whose rows count as if they stood elsewhere; null for the
    ///   event's own
    /// @param isOwned whether the stream never writes over the event's bytes
    RowsEvent read(
            Operation operation,
            Transaction transaction,
            RowsEvent.@Nullable Origin origin,
            boolean isOwned) {
        TableSchema table = table();
        RowsEvent rows =
                new RowsEvent(
                        transaction,
                        operation,
                        table,
                        images(operation, table, isOwned),
                        cursor.rows(),
                        origin != null ? origin : ownOrigin());
        cursor.addRows(table.id(), rows.rowCount());
        return rows;
    }

    /// Reads an event of which only the beginning is in memory.
    ///
    /// @param passed counted its rows
    RowsEvent readPassed(
            Operation operation,
            Transaction transaction,
            RowsEvent.@Nullable Origin origin,
            LargeEvent passed) {
        TableSchema table = table();
        var which = new RowsEvent.Rows(cursor.rows(), passed.passedRows());
        cursor.addRows(table.id(), which.count());
        return RowsEvent.notHeld(
                transaction, operation, table, which, origin != null ? origin : ownOrigin());
    }

    private TableSchema table() {
        TableSchema table = tables.get(event.number(6));
        if (table == null) {
            throw cursor.failure(
                    FailureCode.CORRUPT_EVENT, "changes a table that no table map names");
        }
        return table;
    }

    private RowsEvent.Origin ownOrigin() {
        return new RowsEvent.Origin(
                cursor.eventStart(), cursor.offset(), event.timestamp(), event.serverId());
    }

    /// Gives up the images of an event that is larger than the stream's owner holds. An event that
    /// MariaDB compressed shows its size only when it is unpacked.
    RowsEvent heldIfFit(RowsEvent rows) {
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

    /// Reads the column bitmaps of an event whose beginning is in memory, to pass over its rows.
    ///
    /// @param head the event's beginning; the event points at it, after the number of its table
    /// @throws SourceException `CORRUPT_EVENT` if the bitmaps do not end in it
    LargeEvent passed(
            LargeEvent.Beginning beginning, byte[] head, Operation operation, TableSchema table) {
        int before = enterImages(table);
        int bitmap = (table.columnCount() + 7) / 8;
        int after = operation == Operation.UPDATE ? before + bitmap : before;
        if (after + bitmap > head.length) {
            throw cursor.failure(FailureCode.CORRUPT_EVENT, "has column bitmaps without an end");
        }
        return LargeEvent.passed(
                beginning, after + bitmap, new PassedRows(table, operation, head, before, after));
    }

    private RowsEvent.Images images(Operation operation, TableSchema table, boolean isOwned) {
        byte[] bytes = event.array();
        int from = enterImages(table);
        int to = event.end();
        if (largeEvents.isForGood() && !isOwned) {
            bytes = Arrays.copyOfRange(bytes, from, to);
            to -= from;
            from = 0;
        }
        int bitmap = (table.columnCount() + 7) / 8;
        int after = operation == Operation.UPDATE ? from + bitmap : from;
        if (after + bitmap > to) {
            throw cursor.failure(FailureCode.CORRUPT_EVENT, "ends in its column bitmaps");
        }
        return new RowsEvent.Images(bytes, from, after, after + bitmap, to);
    }

    /// Moves from the end of the table's number to the column bitmaps.
    private int enterImages(TableSchema table) {
        event.skip(2);
        if (event.type() >= EventType.WRITE_ROWS) {
            event.skip((int) event.number(2) - 2);
        }
        if (event.packed() != table.columnCount()) {
            throw cursor.failure(
                    FailureCode.CORRUPT_EVENT,
                    "has other columns than the table map of " + table.id());
        }
        return event.cursor();
    }
}
