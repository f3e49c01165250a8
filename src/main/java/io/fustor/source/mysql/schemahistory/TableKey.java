package io.fustor.source.mysql.schemahistory;

import java.util.Comparator;
import java.util.List;

/// An index of a table, as far as it identifies rows in a table without a primary key.
///
/// @param name empty in a statement that leaves it to the server
record TableKey(String name, boolean unique, List<Part> parts) {

    /// The server's name of a primary key.
    static final String PRIMARY = "PRIMARY";

    /// @param column empty for an expression
    /// @param whole whether it covers the whole column rather than a prefix
    record Part(String column, boolean whole) {}

    TableKey {
        parts = List.copyOf(parts);
    }

    static TableKey primary(List<Part> parts) {
        return new TableKey(PRIMARY, true, parts);
    }

    /// The key that a column's own `UNIQUE` or `PRIMARY KEY` creates.
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

    /// Names each unnamed key as the server does: by the first column, with a number if that name
    /// is taken. Source: `make_unique_key_name`.
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

    /// The order in which the server keeps a table's keys, as far as it matters. The order of equal
    /// keys stays. Source: the server's `sort_keys`.
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
