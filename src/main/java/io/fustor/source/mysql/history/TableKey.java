package io.fustor.source.mysql.history;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/// An index of a table, for what tells its rows apart where there is no primary key.
///
/// @param name empty in a statement that leaves it to the server
record TableKey(String name, boolean unique, List<Part> parts) {

    /// What the server calls a primary key.
    static final String PRIMARY = "PRIMARY";

    /// @param column empty for an expression
    /// @param whole whether it is more than the beginning of the column
    record Part(String column, boolean whole) {}

    TableKey {
        parts = List.copyOf(parts);
    }

    static TableKey primary(List<Part> parts) {
        return new TableKey(PRIMARY, true, parts);
    }

    /// What a column's own `UNIQUE` or `PRIMARY KEY` makes.
    static TableKey of(String name, String column) {
        return new TableKey(name, true, List.of(new Part(column, true)));
    }

    boolean isPrimary() {
        return name.equalsIgnoreCase(PRIMARY);
    }

    boolean isNamed(String other) {
        return name.equalsIgnoreCase(other);
    }

    TableKey named(String other) {
        return new TableKey(other, unique, parts);
    }

    /// The key after columns were renamed.
    ///
    /// @param newNames by old names in lower case; empty for a column that is gone
    TableKey withColumns(Map<String, String> newNames) {
        List<Part> kept = new ArrayList<>();
        for (Part part : parts) {
            String column =
                    newNames.getOrDefault(TableDefinition.lower(part.column()), part.column());
            if (!column.isEmpty() || part.column().isEmpty()) {
                kept.add(new Part(column, part.whole()));
            }
        }
        return new TableKey(name, unique, kept);
    }

    /// Gives a name to each that has none, as the server does: the first column's, with a number if
    /// that is taken. Source: `make_unique_key_name`.
    static void addTo(List<TableKey> keys, TableKey added) {
        String name = added.name();
        if (name.isEmpty()) {
            String first = added.parts().getFirst().column();
            String base = first.isEmpty() ? "functional_index" : first;
            name = base;
            for (int i = 2; isTaken(name, keys); i++) {
                name = base + "_" + i;
            }
        }
        keys.add(added.named(name));
    }

    private static boolean isTaken(String name, List<TableKey> keys) {
        return name.equalsIgnoreCase(PRIMARY) || keys.stream().anyMatch(key -> key.isNamed(name));
    }

    /// The order in which the server keeps a table's keys, as far as it matters; among equals it
    /// leaves them as they are. Source: the server's `sort_keys`.
    static Comparator<TableKey> order(TableDefinition table) {
        return Comparator.comparingInt(
                key -> {
                    if (key.isPrimary()) {
                        return 0;
                    }
                    if (!key.unique()) {
                        return 4;
                    }
                    if (table.mayBeNull(key)) {
                        return 3;
                    }
                    return key.isWhole() ? 1 : 2;
                });
    }

    boolean isWhole() {
        return parts.stream().allMatch(Part::whole);
    }
}
