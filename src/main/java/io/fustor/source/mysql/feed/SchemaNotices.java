package io.fustor.source.mysql.feed;

import io.fustor.source.mysql.change.BinlogEvent;
import io.fustor.source.mysql.change.RowsEvent;
import io.fustor.source.mysql.encode.Masks;
import io.fustor.source.mysql.schema.Column;
import io.fustor.source.mysql.schema.Scope;
import io.fustor.source.mysql.schema.TableId;
import io.fustor.source.mysql.schema.TableSchema;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Notifies a client of changed tables: a `schema_changed` event before the first rows whose table
/// map differs from that of earlier rows in the same stream.
final class SchemaNotices {

    private final SubscriptionEvents events;
    private final Scope scope;
    private final Masks masks;
    private final Map<TableId, TableSchema> seen = new HashMap<>();
    private @Nullable TableSchema last;

    /// @param scope which columns the client may see; it is told of no other
    /// @param masks which columns it gets as strings
    SchemaNotices(SubscriptionEvents events, Scope scope, Masks masks) {
        this.events = events;
        this.scope = scope;
        this.masks = masks;
    }

    /// Whether a notice is due before an event.
    boolean areDue(BinlogEvent event) {
        return event instanceof RowsEvent rows
                && rows.table() != last
                && isNews(seen.get(rows.table().id()), rows.table());
    }

    /// Whether a notice is due before rows of a table.
    boolean areDue(TableSchema table) {
        return isNews(seen.get(table.id()), table);
    }

    /// The client got rows of a table of which no notice was due.
    void passed(TableSchema table) {
        seen.put(table.id(), table);
        last = table;
    }

    private boolean isNews(@Nullable TableSchema before, TableSchema table) {
        return before != null
                && table.isNamed()
                && !before.looksLike(table)
                && (scope.isEverything() || !visible(before).equals(visible(table)));
    }

    private List<Column> visible(TableSchema table) {
        return table.columns().stream()
                .filter(column -> scope.includes(table.id(), column.name()))
                .toList();
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

    private Map<String, Object> describe(TableSchema table) {
        return Map.of(
                "event_schema",
                table.id().schema(),
                "table",
                table.id().table(),
                "columns",
                visible(table).stream().map(column -> describe(table.id(), column)).toList());
    }

    private Map<String, Object> describe(TableId table, Column column) {
        if (masks.of(table, column.name()) != null) {
            return Map.of("name", column.name(), "type", "string", "unsigned", false);
        }
        return Map.of(
                "name",
                column.name(),
                "type",
                column.type().name().toLowerCase(Locale.ROOT),
                "unsigned",
                column.unsigned());
    }
}
