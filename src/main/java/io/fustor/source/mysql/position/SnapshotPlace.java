package io.fustor.source.mysql.position;

import java.util.Arrays;

/// How far a snapshot got: which table it reads, and behind which row of it the place is. Tables
/// are read in the order of their names, so that all before this one are done.
///
/// @param schema of the table that is being read; empty in front of the first table
/// @param table its name; empty in front of the first table
/// @param shape a checksum over the table's columns and key, by which an altered table is told
/// @param key the key of the last row, as cells of the binary protocol; empty in front of the
///   table's first row, and always where the table has no key
/// @param rows how many rows were delivered, of all tables
@SuppressWarnings("ArrayRecordComponent") // compared by its content, see equals
public record SnapshotPlace(String schema, String table, int shape, byte[] key, long rows) {

    /// In front of the first table.
    public static final SnapshotPlace START = new SnapshotPlace("", "", 0, new byte[0], 0);

    /// Whether a table was begun.
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
