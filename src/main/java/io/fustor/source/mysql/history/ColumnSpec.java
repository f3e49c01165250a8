package io.fustor.source.mysql.history;

import org.jspecify.annotations.Nullable;

/// A column as a statement defines it.
///
/// @param nullability what the statement says about null, or null where it says nothing
/// @param key what key the definition itself asks for, or null
record ColumnSpec(
        String name, TypeSpec type, @Nullable Nullability nullability, KeySpec.@Nullable Kind key) {

    enum Nullability {
        NULL,
        NOT_NULL
    }

    /// Where a column goes: to the front, behind another, or to the end.
    sealed interface Place {

        record First() implements Place {}

        record After(String column) implements Place {}

        /// Where it is, or at the end if it is new.
        record Unchanged() implements Place {}
    }
}
