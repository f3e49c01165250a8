package io.fustor.source.mysql.binlog;

import io.fustor.source.mysql.position.Place;
import io.fustor.source.mysql.schema.TableSchema;
import org.jspecify.annotations.Nullable;

/// For readers whose rows are not used.
record NoNames() implements ColumnNames {

    @Override
    public boolean reach(Place start, Place here) {
        return true;
    }

    @Override
    public TableSchema name(Place start, TableSchema map, boolean hasMetadata) {
        return map;
    }

    @Override
    public @Nullable TableSchema explain(Place start, TableSchema map) {
        return null;
    }

    @Override
    public boolean wantsStatements() {
        return false;
    }

    @Override
    public void statement(SchemaStatement statement) {
        // Nothing is requested later.
    }

    @Override
    public void passed(Place place) {
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
