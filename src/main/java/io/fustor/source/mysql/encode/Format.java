package io.fustor.source.mysql.encode;

/// The JSON format of a change.
public enum Format {
    /// Fustor's event model: many rows in an event.
    FUSTOR,
    /// The envelope of Debezium's MySQL connector: one row in an event.
    DEBEZIUM
}
