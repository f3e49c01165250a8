package io.fustor.source.mysql.schemahistory;

import java.util.List;

/// A column as a statement defines it.
///
/// @param key whether the definition itself makes it the primary key, or another unique key
/// @param nullable whether the definition does not forbid NULL
record ColumnSpec(
        String name,
        TypeSpec type,
        Key key,
        boolean nullable,
        boolean invisible,
        boolean autoIncrement) {

    enum Key {
        NONE,
        UNIQUE,
        PRIMARY
    }

    /// Adds the keys that the definition creates.
    void addKeys(List<TableKey> keys) {
        switch (key) {
            case NONE -> {
                // Nothing to add.
            }
            case UNIQUE -> keys.add(TableKey.of("", name));
            case PRIMARY -> keys.add(TableKey.of(TableKey.PRIMARY, name));
        }
    }

    /// The requested position of a column: first, after another column, or last.
    sealed interface Place {

        record First() implements Place {}

        record After(String column) implements Place {}

        /// In its current position, or last if it is new.
        record Unchanged() implements Place {}
    }
}
