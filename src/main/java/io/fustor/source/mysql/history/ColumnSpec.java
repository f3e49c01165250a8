package io.fustor.source.mysql.history;

/// A column as a statement defines it.
///
/// @param key whether the definition itself makes it the primary key
record ColumnSpec(
        String name, TypeSpec type, boolean key, boolean invisible, boolean autoIncrement) {

    /// Where a column goes: to the front, behind another, or to the end.
    sealed interface Place {

        record First() implements Place {}

        record After(String column) implements Place {}

        /// Where it is, or at the end if it is new.
        record Unchanged() implements Place {}
    }
}
