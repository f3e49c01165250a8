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

/// The changes behind a snapshot that its rows may hold already. They have to look like the rows:
/// one from before an `ALTER TABLE` would bring a newer row back to its older columns, and whether
/// it may be left out cannot be told from its columns alone.
///
/// For the subscription's thread.
final class OverlapZone {

    private final Map<TableId, TableDescription> tables;
    private Overlap overlap;

    private @Nullable TableSchema judged;

    /// @param tables as the snapshot read them; of a stream that was cut in the overlap, as they
    ///   are now
    OverlapZone(Overlap overlap, List<TableDescription> tables) {
        this.overlap = overlap;
        this.tables =
                tables.stream()
                        .collect(
                                Collectors.toMap(
                                        table -> table.schema().id(), Function.identity()));
    }

    /// The end of it; once a change could not be judged, [Overlap#BROKEN].
    Overlap overlap() {
        return overlap;
    }

    /// @throws SourceException `TABLE_CHANGED` where a change has other columns than the rows
    void check(BinlogEvent event) {
        if (!(event instanceof RowsEvent rows)
                || rows.table() == judged
                || !overlap.contains(rows.transaction().start())) {
            return;
        }
        TableSchema table = rows.table();
        TableDescription read = tables.get(table.id());
        if (read != null && table.isNamed() && !read.schema().looksLike(table)) {
            overlap = Overlap.BROKEN;
            throw new SourceException(
                    FailureCode.TABLE_CHANGED,
                    "the table "
                            + table.id()
                            + " was altered around the time of the snapshot, so that its rows and the changes"
                            + " behind them cannot be matched: take a new one");
        }
        judged = table;
    }
}
