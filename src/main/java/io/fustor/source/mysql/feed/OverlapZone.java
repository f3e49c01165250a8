package io.fustor.source.mysql.feed;

import io.fustor.source.mysql.change.BinlogEvent;
import io.fustor.source.mysql.change.RowsEvent;
import io.fustor.source.mysql.error.FailureCode;
import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.position.Overlap;
import io.fustor.source.mysql.schema.TableId;
import io.fustor.source.mysql.schema.TableSchema;
import io.fustor.source.mysql.server.TableDescription;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// The changes behind a snapshot that its rows may hold already. One with other columns than the
/// rows have was made before the table was altered, and so before the rows were read: it is in them
/// for certain, and would bring a newer row back to its older columns.
///
/// For the subscription's thread.
final class OverlapZone {

    private final Map<TableId, TableDescription> tables;
    private final boolean areAsRead;
    private Overlap overlap;

    private @Nullable TableSchema judged;
    private boolean looksLikeRows;

    private OverlapZone(Overlap overlap, List<TableDescription> tables, boolean areAsRead) {
        this.overlap = overlap;
        this.areAsRead = areAsRead;
        this.tables =
                tables.stream()
                        .collect(
                                Collectors.toMap(
                                        table -> table.schema().id(), Function.identity()));
    }

    /// @param tables as the snapshot read them
    static OverlapZone behindSnapshot(Overlap overlap, List<TableDescription> tables) {
        return new OverlapZone(overlap, tables, true);
    }

    /// Of a stream that was cut in the overlap: how the tables looked to the snapshot is not known
    /// any more.
    ///
    /// @param tables as they are now
    static OverlapZone resumed(Overlap overlap, List<TableDescription> tables) {
        return new OverlapZone(overlap, tables, false);
    }

    /// The end of it; once a change could not be judged, [Overlap#BROKEN].
    Overlap overlap() {
        return overlap;
    }

    /// Whether an event is to be delivered.
    ///
    /// @throws SourceException `TABLE_CHANGED` where that cannot be told
    boolean wants(BinlogEvent event) {
        if (!(event instanceof RowsEvent rows) || !overlap.contains(rows.transaction().start())) {
            return true;
        }
        if (rows.table() != judged) {
            looksLikeRows = looksLikeRows(rows.table());
            judged = rows.table();
        }
        return looksLikeRows;
    }

    private boolean looksLikeRows(TableSchema table) {
        TableDescription read = tables.get(table.id());
        if (read == null || !table.isNamed() || read.schema().looksLike(table)) {
            return true;
        }
        if (areAsRead && read.isTransactional()) {
            return false;
        }
        overlap = Overlap.BROKEN;
        throw new SourceException(
                FailureCode.TABLE_CHANGED,
                "the table "
                        + table.id()
                        + " was altered around the time of the snapshot, so that its rows and the changes"
                        + " behind them cannot be matched: take a new one");
    }
}
