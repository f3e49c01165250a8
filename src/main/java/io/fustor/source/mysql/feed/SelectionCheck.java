package io.fustor.source.mysql.feed;

import io.fustor.source.mysql.capture.Capture;
import io.fustor.source.mysql.condition.Conditions;
import io.fustor.source.mysql.encode.FrameForm;
import io.fustor.source.mysql.error.RequestException;
import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.schema.ColumnPattern;
import io.fustor.source.mysql.schema.NameRule;
import io.fustor.source.mysql.schema.Scope;
import io.fustor.source.mysql.schema.Selection;
import io.fustor.source.mysql.schema.TableId;
import io.fustor.source.mysql.schema.TableSchema;
import io.fustor.source.mysql.server.TableDescription;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;

/// Refuses selections that are obvious mistakes: a table or a column that is named in full and does
/// not exist.
final class SelectionCheck {

    private SelectionCheck() {}

    /// Queries the server for each table that is named in full.
    ///
    /// @throws RequestException `INVALID` with the parameter and the name
    static void requireExisting(Selection selection, Capture capture) {
        for (Selection.TablePattern pattern : selection.tables()) {
            if (pattern.isName()) {
                columns(
                        new TableId(pattern.schema(), pattern.table()),
                        "tables",
                        selection.scope(),
                        capture);
            }
        }
        selection
                .columns()
                .forEach(
                        (table, wanted) ->
                                requireColumns(
                                        "fields", table, wanted, selection.scope(), capture));
        for (ColumnPattern pattern : selection.without()) {
            if (pattern.isName()) {
                Set<String> wanted = Set.of(pattern.column().text());
                requireColumns("without", pattern.tableId(), wanted, selection.scope(), capture);
            }
        }
    }

    private static void requireColumns(
            String parameter, TableId table, Set<String> wanted, Scope scope, Capture capture) {
        Set<String> known = columns(table, parameter, scope, capture);
        for (String column : wanted) {
            if (!known.contains(column)) {
                throw RequestException.invalid("feed.no-column", parameter, table, column);
            }
        }
    }

    /// Asks the server for the tables of the conditions, and whether the conditions fit them.
    ///
    /// @throws RequestException `INVALID_REQUEST` with the column, its type and what is possible
    /// @throws SourceException `CONDITION_UNFIT` where a condition of the grant does not fit
    static void requireFitting(FrameForm form, Capture capture) {
        Conditions conditions = form.conditions();
        if (conditions.isEmpty()) {
            return;
        }
        Selection selection = form.selection();
        List<TableSchema> tables =
                capture.server().describe(selection).readable().stream()
                        .map(TableDescription::schema)
                        .filter(selection::includes)
                        .toList();
        for (TableSchema table : tables) {
            conditions.requireVisible(table, selection.scope());
            form.masks().requireUnmasked(conditions, table.id());
            conditions.requireFitting(table, selection.scope());
        }
        for (Conditions.TableCondition condition : conditions.of()) {
            boolean isKnown =
                    tables.stream().anyMatch(table -> condition.table().matches(table.id()));
            if (!isKnown && condition.table().isName() && !condition.isGranted()) {
                throw RequestException.invalid(
                        "condition.no-table",
                        condition.table().schema() + "." + condition.table().table());
            }
        }
    }

    /// The visible columns. In the place of a table that is not visible, the server is asked for
    /// one that does not exist: so the answer takes as long, and tells nothing of a lock.
    private static Set<String> columns(
            TableId table, String parameter, Scope scope, Capture capture) {
        String name = scope.includes(table) ? table.table() : UUID.randomUUID().toString();
        Set<String> all = capture.server().columns(table.schema(), name);
        Set<String> columns =
                all.stream()
                        .filter(column -> scope.includes(table, column))
                        .map(NameRule::column)
                        .collect(Collectors.toSet());
        if (columns.isEmpty() || !scope.lacking(table, all).isEmpty()) {
            throw RequestException.invalid("feed.no-table", parameter, table);
        }
        return columns;
    }
}
