package io.fustor.source.mysql.change;

import io.fustor.source.mysql.position.Place;
import io.fustor.source.mysql.schema.TableId;

/// `TRUNCATE TABLE`: the table is empty from here on, and no rows event has the removed rows. In
/// places it counts as the one row of its transaction.
public record TruncateEvent(Transaction transaction, TableId table, long timestamp)
        implements BinlogEvent {

    @Override
    public Place after() {
        return transaction.start().afterRows(1, transaction.gtid());
    }

    @Override
    public int weight() {
        return 200;
    }
}
