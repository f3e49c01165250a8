package io.fustor.source.mysql.source;

import io.fustor.source.mysql.schema.NameRule;
import io.fustor.source.mysql.schema.Scope;
import io.fustor.source.mysql.schema.TableId;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/// Which of the columns that a scope needs are among some cached fields. Names are compared by
/// either rule: cached fields do not say which rule their server has.
final class NeededColumns {

    private final Scope exact;
    private final Scope inLowerCase;
    private final Map<TableId, Set<String>> found = new HashMap<>();
    private final Map<TableId, Set<String>> foundInLowerCase = new HashMap<>();

    NeededColumns(Scope scope) {
        this.exact = scope;
        this.inLowerCase = scope.under(NameRule.LOWER_CASE);
    }

    /// Notes a field.
    void add(TableId table, String column) {
        add(exact, table, column, found);
        add(inLowerCase, NameRule.LOWER_CASE.stored(table), column, foundInLowerCase);
    }

    private static void add(
            Scope scope, TableId table, String column, Map<TableId, Set<String>> found) {
        if (scope.lacking(table, Set.of()).contains(NameRule.column(column))) {
            found.computeIfAbsent(table, _ -> new HashSet<>()).add(column);
        }
    }

    /// Whether a table has all columns that it needs.
    boolean areIn(TableId table) {
        TableId stored = NameRule.LOWER_CASE.stored(table);
        return exact.lacking(table, found.getOrDefault(table, Set.of())).isEmpty()
                && inLowerCase
                        .lacking(stored, foundInLowerCase.getOrDefault(stored, Set.of()))
                        .isEmpty();
    }
}
