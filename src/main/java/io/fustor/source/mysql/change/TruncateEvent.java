package io.fustor.source.mysql.change;

import io.fustor.source.mysql.position.FeedPosition;
import io.fustor.source.mysql.schema.TableId;

/// `TRUNCATE TABLE`: the table is empty from here on, without a rows event for the rows that went.
///
/// @param after the place behind it
public record TruncateEvent(
        Transaction transaction, TableId table, FeedPosition after, long timestamp)
        implements BinlogEvent {

    @Override
    public int weight() {
        return 200;
    }
}
