package io.fustor.source.mysql.encode;

/// How an update moved a row across the bounds of a condition.
enum Crossing {
    NONE,
    /// Only the after image meets it: the row is new to those who hold the rows that do.
    ENTERED,
    /// Only the before image meets it: the row is gone for them.
    LEFT
}
