package io.fustor.source.mysql.feed;

import io.fustor.source.mysql.change.BinlogEvent;
import io.fustor.source.mysql.change.RowsEvent;
import io.fustor.source.mysql.schema.Column;
import io.fustor.source.mysql.schema.TableId;
import io.fustor.source.mysql.schema.TableSchema;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Tells a client that a table looks otherwise from here on: a `schema_changed` event in front of
/// the first rows whose table map differs from that of the rows before them in the same stream.
final class SchemaNotices {

    private final SubscriptionEvents events;
    private final Map<TableId, TableSchema> seen = new HashMap<>();
    private @Nullable TableSchema last;

    SchemaNotices(SubscriptionEvents events) {
        this.events = events;
    }

    /// Whether the client has to be told something in front of an event.
    boolean areDue(BinlogEvent event) {
        return event instanceof RowsEvent rows
                && rows.table() != last
                && isNews(seen.get(rows.table().id()), rows.table());
    }

    private static boolean isNews(@Nullable TableSchema before, TableSchema table) {
        return before != null && table.isNamed() && !before.looksLike(table);
    }

    void beforeRows(BinlogEvent event) {
        if (event instanceof RowsEvent rows && rows.table() != last) {
            TableSchema table = rows.table();
            if (isNews(seen.put(table.id(), table), table)) {
                events.control("schema_changed", null, describe(table));
            }
            last = table;
        }
    }

    private static Map<String, Object> describe(TableSchema table) {
        List<Map<String, Object>> columns =
                table.columns().stream().map(SchemaNotices::describe).toList();
        return Map.of(
                "event_schema",
                table.id().schema(),
                "table",
                table.id().table(),
                "columns",
                columns);
    }

    private static Map<String, Object> describe(Column column) {
        return Map.of(
                "name",
                column.name(),
                "type",
                column.type().name().toLowerCase(Locale.ROOT),
                "unsigned",
                column.unsigned());
    }
}
