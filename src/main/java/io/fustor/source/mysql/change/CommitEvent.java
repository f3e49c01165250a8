package io.fustor.source.mysql.change;

import io.fustor.source.mysql.position.Place;
import io.fustor.source.mysql.schema.TableId;

/// The end of a transaction, even of one that changed no rows.
///
/// @param counts how many rows it changed, by table
/// @param after the place after it, where the next transaction starts
public record CommitEvent(Transaction transaction, RowCounts counts, Place after, long timestamp)
        implements BinlogEvent {

    /// Stands for the tables of visible rows.
    private static final TableId SOME = new TableId("", "");

    /// How many rows the transaction changed, in all tables.
    public long rows() {
        return counts.total();
    }

    /// The same transaction for callers that see some of its rows only.
    public CommitEvent withRows(long visible) {
        return new CommitEvent(transaction, RowCounts.of(SOME, visible), after, timestamp);
    }

    @Override
    public int weight() {
        return 200 + counts.weight();
    }
}
