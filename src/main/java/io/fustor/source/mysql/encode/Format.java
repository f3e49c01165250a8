package io.fustor.source.mysql.encode;

/// What the JSON of a change looks like.
public enum Format {
    /// The event model of Fustor: many rows an event.
    FUSTOR,
    /// The envelope of Debezium's MySQL connector: one row an event.
    DEBEZIUM
}
