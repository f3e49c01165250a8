package io.fustor.source.mysql.position;

import java.util.Arrays;

/// The progress of a snapshot: the table that it reads, and the last row that it delivered. Tables
/// are read in the order of their names, so that all tables before this one are done.
///
/// @param schema the schema of the current table; empty before the first table
/// @param table the name of the current table; empty before the first table
/// @param shape a checksum over the table's columns and key, which reveals an altered table
/// @param key the key of the last row, as cells of the binary protocol; empty before the table's
///   first row, and always if the table has no key
/// @param rows how many rows were delivered, of all tables
@SuppressWarnings("ArrayRecordComponent") // compared by its content, see equals
public record SnapshotPlace(String schema, String table, int shape, byte[] key, long rows) {

    /// Before the first table.
    public static final SnapshotPlace START = new SnapshotPlace("", "", 0, new byte[0], 0);

    /// Whether the snapshot has begun a table.
    public boolean isInTable() {
        return !table.isEmpty();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof SnapshotPlace that
                && schema.equals(that.schema)
                && table.equals(that.table)
                && shape == that.shape
                && Arrays.equals(key, that.key)
                && rows == that.rows;
    }

    @Override
    public int hashCode() {
        return 31 * Arrays.hashCode(key) + Long.hashCode(rows);
    }
}
