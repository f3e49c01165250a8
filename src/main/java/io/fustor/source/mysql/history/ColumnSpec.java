package io.fustor.source.mysql.history;

import java.util.List;

/// A column as a statement defines it.
///
/// @param key whether the definition itself makes it the primary key, or another unique one
/// @param nullable whether it says nothing against NULL
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

    /// Adds what keys the definition makes.
    void addKeys(List<TableKey> keys) {
        switch (key) {
            case NONE -> {
                // Nothing to add.
            }
            case UNIQUE -> keys.add(TableKey.of("", name));
            case PRIMARY -> keys.add(TableKey.of(TableKey.PRIMARY, name));
        }
    }

    /// Where a column goes: to the front, behind another, or to the end.
    sealed interface Place {

        record First() implements Place {}

        record After(String column) implements Place {}

        /// Where it is, or at the end if it is new.
        record Unchanged() implements Place {}
    }
}
