package io.fustor.source.mysql.change;

import io.fustor.source.mysql.position.Place;

/// An event that a binlog reader yields, in the binlog's order. Immutable except for cached values.
public sealed interface BinlogEvent permits RowsEvent, CommitEvent, TruncateEvent {

    /// The transaction that the event belongs to.
    Transaction transaction();

    /// The place right after the event.
    Place after();

    /// When the statement ran, by the server's clock, in seconds since 1970.
    long timestamp();

    /// When its transaction was first committed, in microseconds since 1970; when the statement ran
    /// if the binlog lacks that.
    default long timeMicros() {
        long committed = transaction().committedMicros();
        return committed != 0 ? committed : timestamp() * 1_000_000;
    }

    /// About how many bytes of heap the event holds.
    int weight();
}
