package io.fustor.source.mysql.schema;

import java.util.Arrays;
import java.util.List;

/// A table as of one position: its columns in table order and its primary key. Two row images with
/// the same instance have the same columns, so that whatever is decided per table is decided once
/// an instance.
public final class TableSchema {

    private final TableId id;
    private final List<Column> columns;
    private final int[] primaryKey;
    private final int[] cellWidths;

    /// @param primaryKey ordinals of the primary key's columns in the key's order; empty where
    ///   there is none
    public TableSchema(TableId id, List<Column> columns, int[] primaryKey) {
        this.id = id;
        this.columns = List.copyOf(columns);
        this.primaryKey = primaryKey.clone();
        this.cellWidths = columns.stream().mapToInt(Column::cellWidth).toArray();
    }

    public TableId id() {
        return id;
    }

    public List<Column> columns() {
        return columns;
    }

    /// Whether the columns' names are known. Where they are not, nobody can read the table's rows,
    /// but its row images can still be passed over.
    public boolean isNamed() {
        return columns.isEmpty() || !columns.getFirst().name().isEmpty();
    }

    public int columnCount() {
        return cellWidths.length;
    }

    public int[] primaryKey() {
        return primaryKey.clone();
    }

    /// How wide a column's cell is in a row image, as [Column#cellWidth()] says it.
    public int cellWidth(int ordinal) {
        return cellWidths[ordinal];
    }

    /// Whether the other schema has the same table, columns and key: the reader keeps the older
    /// instance then.
    public boolean looksLike(TableSchema other) {
        return id.equals(other.id)
                && columns.equals(other.columns)
                && Arrays.equals(primaryKey, other.primaryKey);
    }

    @Override
    public String toString() {
        return id + columns.stream().map(Column::name).toList().toString();
    }
}
