package io.fustor.source.mysql.binlog;

import io.fustor.source.mysql.position.FeedPosition;
import io.fustor.source.mysql.schema.TableSchema;

/// For readers whose rows nobody reads.
record NoNames() implements ColumnNames {

    @Override
    public boolean reach(FeedPosition start, FeedPosition here) {
        return true;
    }

    @Override
    public TableSchema name(FeedPosition start, TableSchema map, boolean hasMetadata) {
        return map;
    }

    @Override
    public boolean wantsStatements() {
        return false;
    }

    @Override
    public void statement(LoggedStatement statement) {
        // Nobody asks later.
    }

    @Override
    public void passed(FeedPosition place) {
        // As above.
    }

    @Override
    public ColumnNames ofThePast() {
        return this;
    }

    @Override
    public void close() {
        // Nothing is open.
    }
}
