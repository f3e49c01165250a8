package io.fustor.source.mysql.values;

import io.fustor.source.mysql.support.ChangeEvent;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Tables as a feed's changes leave them, when each is applied to what the ones before it left: by
/// the exact text of whole rows, so that a before image has to be an after image of earlier.
final class ReplayedTables {

    private final Map<String, Map<String, Integer>> counts = new HashMap<>();

    void take(ChangeEvent change) {
        Map<String, Integer> table = counts.computeIfAbsent(change.table(), _ -> new HashMap<>());
        for (int i = 0; i < change.rows().size(); i++) {
            String row = change.rows().get(i);
            switch (change.operation()) {
                case "insert" -> table.merge(row, 1, Integer::sum);
                case "update" -> {
                    remove(change, table, change.beforeRows().get(i));
                    table.merge(row, 1, Integer::sum);
                }
                default -> remove(change, table, row);
            }
        }
    }

    private static void remove(ChangeEvent change, Map<String, Integer> table, String row) {
        if (table.merge(row, -1, (a, b) -> a + b == 0 ? null : a + b) instanceof Integer left
                && left < 0) {
            throw new AssertionError(
                    "%s of a row of %s that no change before it left: %s"
                            .formatted(change.operation(), change.table(), row));
        }
    }

    /// The rows of a table, `schema.table`, in the order of their text.
    List<String> rows(String table) {
        List<String> rows = new ArrayList<>();
        counts.getOrDefault(table, Map.of())
                .forEach((row, count) -> Collections.nCopies(count, row).forEach(rows::add));
        rows.sort(null);
        return rows;
    }
}
