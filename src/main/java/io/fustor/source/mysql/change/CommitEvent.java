package io.fustor.source.mysql.change;

import io.fustor.source.mysql.position.FeedPosition;

/// The end of a transaction, also of one that changed no rows.
///
/// @param rows how many rows it changed, in all tables
/// @param after the place behind it, at which the next transaction starts
public record CommitEvent(Transaction transaction, long rows, FeedPosition after, long timestamp)
        implements BinlogEvent {

    @Override
    public int weight() {
        return 200;
    }
}
