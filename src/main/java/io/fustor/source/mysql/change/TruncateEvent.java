package io.fustor.source.mysql.change;

import io.fustor.source.mysql.position.FeedPosition;
import io.fustor.source.mysql.schema.TableId;

/// `TRUNCATE TABLE`: the table is empty from here on, without a rows event for the rows that went.
/// In places it counts as the one row of its transaction.
public record TruncateEvent(Transaction transaction, TableId table, long timestamp)
        implements BinlogEvent {

    @Override
    public FeedPosition after() {
        return transaction.start().afterRows(1, transaction.gtid());
    }

    @Override
    public int weight() {
        return 200;
    }
}
