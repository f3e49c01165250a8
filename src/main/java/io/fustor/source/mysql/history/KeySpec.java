package io.fustor.source.mysql.history;

import java.util.List;

/// A key of a table. Unique keys matter because a server takes the first one without nulls for the
/// primary key where there is none, and the others because of their names.
///
/// @param name empty in a statement that leaves it to the server
record KeySpec(String name, Kind kind, List<Part> parts) {

    static final String PRIMARY = "PRIMARY";

    enum Kind {
        PRIMARY,
        UNIQUE,
        OTHER
    }

    /// @param column empty for an expression
    /// @param whole whether the key has the whole column and not a prefix of it
    record Part(String column, boolean whole) {}

    KeySpec {
        parts = List.copyOf(parts);
    }

    KeySpec named(String other) {
        return new KeySpec(other, kind, parts);
    }
}
