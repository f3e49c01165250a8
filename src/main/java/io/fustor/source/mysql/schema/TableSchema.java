package io.fustor.source.mysql.schema;

import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// A table as of one position: its columns in table order and its primary key. Two row images with
/// the same instance have the same columns, so that whatever is decided per table is decided once
/// an instance.
public final class TableSchema {

    private final TableId id;
    private final List<Column> columns;
    private final int[] primaryKey;
    private final int[] cellWidths;
    private final int[] strides;
    private final @Nullable String problem;

    /// @param primaryKey ordinals of the primary key's columns in the key's order; empty where
    ///   there is none
    public TableSchema(TableId id, List<Column> columns, int[] primaryKey) {
        this(id, columns, primaryKey, null);
    }

    private TableSchema(
            TableId id, List<Column> columns, int[] primaryKey, @Nullable String problem) {
        this.id = id;
        this.problem = problem;
        this.columns = List.copyOf(columns);
        this.primaryKey = primaryKey.clone();
        this.cellWidths = columns.stream().mapToInt(Column::cellWidth).toArray();
        this.strides = strides(cellWidths);
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

    /// The same columns, whose names are not known for a reason.
    ///
    /// @param problem a sentence for a person
    public TableSchema unnamed(String problem) {
        return new TableSchema(id, columns, primaryKey, problem);
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

    /// Why the columns' names are not known; null where they are, or where nobody asked.
    public @Nullable String problem() {
        return problem;
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

    /// How the cells of a row image are passed over that has all columns and no NULL: bytes to
    /// skip, then how many bytes hold the length of the value that comes next, and so on by turns;
    /// the last such number is 0. The array is the schema's own: read it only.
    public int[] strides() {
        return strides;
    }

    /// Whether the other schema has the same table, columns and key: the reader keeps the older
    /// instance then.
    public boolean looksLike(TableSchema other) {
        return id.equals(other.id)
                && columns.equals(other.columns)
                && Arrays.equals(primaryKey, other.primaryKey)
                && Objects.equals(problem, other.problem);
    }

    @Override
    public String toString() {
        return id + columns.stream().map(Column::name).toList().toString();
    }
}
