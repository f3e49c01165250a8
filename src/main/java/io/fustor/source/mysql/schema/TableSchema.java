package io.fustor.source.mysql.schema;

import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// A table as of one position: its columns in table order and its primary key. Two row images with
/// the same instance have the same columns. Whatever depends on the table is therefore decided once
/// per instance.
public final class TableSchema {

    private final TableId id;
    private final List<Column> columns;
    private final int[] primaryKey;
    private final int[] cellWidths;
    private final int[] strides;
    private final @Nullable String problem;
    private final boolean isSupported;
    private final long weight;

    /// @param primaryKey ordinals of the primary key's columns in the key's order; empty if there
    ///   is none
    public TableSchema(TableId id, List<Column> columns, int[] primaryKey) {
        this(id, columns, primaryKey, null, true);
    }

    private TableSchema(
            TableId id,
            List<Column> columns,
            int[] primaryKey,
            @Nullable String problem,
            boolean isSupported) {
        this.id = id;
        this.problem = problem;
        this.isSupported = isSupported;
        this.columns = List.copyOf(columns);
        this.primaryKey = primaryKey.clone();
        this.cellWidths = columns.stream().mapToInt(Column::cellWidth).toArray();
        this.strides = strides(cellWidths);
        this.weight = 256 + this.columns.stream().mapToLong(TableSchema::weight).sum();
    }

    private static long weight(Column column) {
        long labels = column.labels().stream().mapToLong(label -> 64L + 2L * label.length()).sum();
        return 128 + 2L * column.name().length() + labels;
    }

    private static int[] strides(int[] widths) {
        int[] strides = new int[2 * widths.length + 2];
        int at = 0;
        for (int width : widths) {
            if (width >= 0) {
                strides[at] += width;
            } else {
                strides[at + 1] = -width;
                at += 2;
            }
        }
        return Arrays.copyOf(strides, at + 2);
    }

    /// The same columns without names, for a given reason.
    ///
    /// @param problem a sentence for a person
    public TableSchema unnamed(String problem) {
        return new TableSchema(id, columns, primaryKey, problem, true);
    }

    /// The same table, marked as one whose rows cannot be read correctly.
    ///
    /// @param why a sentence for a person
    public TableSchema unsupported(String why) {
        return new TableSchema(id, columns, primaryKey, why, false);
    }

    /// Whether the service can read such a table's rows; if not, [#problem] gives the reason.
    public boolean isSupported() {
        return isSupported;
    }

    public TableId id() {
        return id;
    }

    public List<Column> columns() {
        return columns;
    }

    /// Whether the columns' names are known. If they are not, the table's rows cannot be delivered,
    /// but its row images can still be skipped.
    public boolean isNamed() {
        return columns.isEmpty() || !columns.getFirst().name().isEmpty();
    }

    /// Why the columns' names are unknown or the rows cannot be read; null if there is no problem,
    /// or if the names were never requested.
    public @Nullable String problem() {
        return problem;
    }

    /// About how many bytes of memory the schema takes.
    public long weight() {
        return weight;
    }

    public int columnCount() {
        return cellWidths.length;
    }

    public int[] primaryKey() {
        return primaryKey.clone();
    }

    /// The width of a column's cell in a row image, as [Column#cellWidth()] defines it.
    public int cellWidth(int ordinal) {
        return cellWidths[ordinal];
    }

    /// How to skip the cells of a row image that has all columns and no NULL. The array alternates
    /// between the number of bytes to skip and the number of bytes that hold the length of the next
    /// value; the last such number is 0. It belongs to the schema; do not change it.
    public int[] strides() {
        return strides;
    }

    /// Whether the other schema has the same table, columns and key; the reader then keeps the
    /// older instance.
    public boolean looksLike(TableSchema other) {
        return id.equals(other.id)
                && columns.equals(other.columns)
                && Arrays.equals(primaryKey, other.primaryKey)
                && isSupported == other.isSupported
                && Objects.equals(problem, other.problem);
    }

    @Override
    public String toString() {
        return id + columns.stream().map(Column::name).toList().toString();
    }
}
