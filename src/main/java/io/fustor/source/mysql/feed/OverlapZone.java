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

/// The changes behind a snapshot that its rows may hold already. They have to look like the rows: a
/// change from before an `ALTER TABLE` would bring a newer row back to its older columns.
final class OverlapZone {

    private final Overlap overlap;
    private final Map<TableId, TableSchema> tables;
    private @Nullable TableSchema checked;

    /// @param tables as the snapshot read them
    OverlapZone(Overlap overlap, List<TableDescription> tables) {
        this.overlap = overlap;
        this.tables =
                tables.stream()
                        .map(TableDescription::schema)
                        .collect(Collectors.toMap(TableSchema::id, Function.identity()));
    }

    Overlap overlap() {
        return overlap;
    }

    /// @throws SourceException `TABLE_CHANGED` where a change that may be in the rows has other
    ///   columns than they have
    void check(BinlogEvent event) {
        if (!(event instanceof RowsEvent rows) || rows.table() == checked) {
            return;
        }
        TableSchema read = tables.get(rows.table().id());
        boolean differs = read != null && rows.table().isNamed() && !read.looksLike(rows.table());
        if (differs && overlap.contains(rows.transaction().start())) {
            throw new SourceException(
                    FailureCode.TABLE_CHANGED,
                    "the table "
                            + rows.table().id()
                            + " was altered while the snapshot was taken: take a new one");
        }
        checked = rows.table();
    }
}
