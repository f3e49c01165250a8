package io.fustor.source.mysql.change;

import io.fustor.source.mysql.position.FeedPosition;

/// What a binlog reader yields, in the binlog's order. Immutable but for what is remembered about
/// it.
public sealed interface BinlogEvent permits RowsEvent, CommitEvent, TruncateEvent {

    /// The transaction that the event belongs to.
    Transaction transaction();

    /// The place right behind the event.
    FeedPosition after();

    /// When the statement ran, by the server's clock, in seconds since 1970.
    long timestamp();

    /// About how many bytes of heap the event holds.
    int weight();
}
