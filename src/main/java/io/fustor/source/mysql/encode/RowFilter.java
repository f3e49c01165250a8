package io.fustor.source.mysql.encode;

import io.fustor.source.mysql.condition.BoundCondition;
import io.fustor.source.mysql.condition.Condition;
import io.fustor.source.mysql.condition.KeyTest;
import io.fustor.source.mysql.condition.RowValues;
import io.fustor.source.mysql.condition.ValueForm;
import io.fustor.source.mysql.error.FailureCode;
import io.fustor.source.mysql.error.RequestException;
import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.schema.Column;
import io.fustor.source.mysql.schema.TableSchema;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Judges the rows of one table by a condition, straight from their bytes: those who have a row say
/// where the needed cells start in it, and only the values that the answer depends on are read.
/// Takes no memory once warm. For one thread.
final class RowFilter implements RowValues {

    private static final int NULL = -1;

    private final TableSchema table;
    private final BoundCondition condition;
    private final int[] cells;
    private final int[] path;
    private final int[] labelWidths;
    private final ComparedNumbers.@Nullable NumberReader[] numbers;
    private final ComparedNumbers.@Nullable RealReader[] reals;
    private final ComparedBytes.@Nullable BytesReader[] texts;
    private final ComparedBytes.@Nullable BytesReader[] stored;
    private final LoadedBytes loaded = new LoadedBytes();

    private byte[] row = new byte[0];

    /// @param isResult whether rows are those of a result; else they are row images
    /// @throws SourceException `CONDITION_UNFIT` where the table has no such columns,
    ///   `UNSUPPORTED_TYPE` where a needed column cannot be read
    RowFilter(TableSchema table, Condition condition, boolean isResult) {
        this.table = table;
        this.condition = bind(table, condition);
        int count = this.condition.ordinals().length;
        this.cells = new int[count];
        this.path = path(table, ordinals());
        this.labelWidths = new int[count];
        this.numbers = new ComparedNumbers.NumberReader[count];
        this.reals = new ComparedNumbers.RealReader[count];
        this.texts = new ComparedBytes.BytesReader[count];
        this.stored = new ComparedBytes.BytesReader[count];
        for (int slot = 0; slot < count; slot++) {
            choose(slot, table.columns().get(ordinals()[slot]), isResult);
        }
    }

    private static BoundCondition bind(TableSchema table, Condition condition) {
        try {
            return BoundCondition.of(condition, table);
        } catch (RequestException e) {
            throw unfit(table, e);
        }
    }

    static SourceException unfit(TableSchema table, RequestException why) {
        return new SourceException(
                FailureCode.CONDITION_UNFIT,
                "the condition does not fit " + table.id() + " any more: " + why.getMessage(),
                why);
    }

    /// How to get from the first cell of an image that has all columns and no NULL to those that
    /// are needed: by turns the number of bytes to skip, and the number of bytes that hold the
    /// length of the next value, which is 0 at a needed cell.
    private static int[] path(TableSchema table, int[] ordinals) {
        int[] path = new int[2 * (table.columnCount() + ordinals.length)];
        int end = 0;
        int slot = 0;
        for (int ordinal = 0; slot < ordinals.length; ordinal++) {
            if (ordinal == ordinals[slot]) {
                end += 2;
                slot++;
            }
            int width = table.cellWidth(ordinal);
            if (width >= 0) {
                path[end] += width;
            } else {
                path[end + 1] = -width;
                end += 2;
            }
        }
        return Arrays.copyOf(path, end);
    }

    private void choose(int slot, Column column, boolean isResult) {
        switch (ValueForm.of(column)) {
            case NUMBER ->
                    numbers[slot] =
                            isResult
                                    ? ComparedNumbers.ofResult(column)
                                    : ComparedNumbers.ofImage(column);
            case REAL -> reals[slot] = ComparedNumbers.reals(column);
            case BYTES -> chooseBytes(slot, column, isResult);
            case NONE -> {
                // Only asked whether it is NULL.
            }
        }
    }

    private void chooseBytes(int slot, Column column, boolean isResult) {
        texts[slot] = isResult ? ComparedBytes.ofResult(column) : ComparedBytes.ofImage(column);
        stored[slot] =
                isResult || condition.readsCharacters(slot)
                        ? texts[slot]
                        : ComparedBytes.storedInImage(column);
        labelWidths[slot] =
                switch (column.type()) {
                    case ENUM, SET -> isResult ? 0 : column.cellWidth();
                    default -> 0;
                };
    }

    /// The ordinals of the needed columns, ascending; their index here is their slot.
    int[] ordinals() {
        return condition.ordinals();
    }

    KeyTest key() {
        return condition.key();
    }

    /// @throws SourceException `ROW_IMAGE_INCOMPLETE` where row images lack a needed column
    void requirePresent(boolean[] present) {
        for (int ordinal : ordinals()) {
            if (!present[ordinal]) {
                throw new SourceException(
                        FailureCode.ROW_IMAGE_INCOMPLETE,
                        "a row image of "
                                + table.id()
                                + " lacks the column `"
                                + table.columns().get(ordinal).name()
                                + "` that the condition needs: set binlog_row_image = FULL on the"
                                + " server");
            }
        }
    }

    /// The row that is asked about next.
    void enter(byte[] bytes) {
        row = bytes;
    }

    /// Finds the needed cells of an image in the row that has all columns and no NULL.
    ///
    /// @param first where its first cell starts
    void atWhole(int first) {
        int cell = first;
        int slot = 0;
        for (int i = 0; ; i += 2) {
            cell += path[i];
            int prefix = path[i + 1];
            if (prefix > 0) {
                cell += prefix + CellBytes.length(row, cell, prefix);
                continue;
            }
            cells[slot++] = cell;
            if (slot == cells.length) {
                return;
            }
        }
    }

    /// Where the cell of a slot starts in the row.
    void at(int slot, int cell) {
        cells[slot] = cell;
    }

    /// The cell of a slot is NULL.
    void isNullAt(int slot) {
        cells[slot] = NULL;
    }

    /// Whether the row that was entered meets the condition.
    boolean matches() {
        return condition.matches(this);
    }

    /// The hash of a value that is not NULL, by which [KeyTest] looks it up: of what the feed
    /// delivers, whatever the condition of the one who makes it needs.
    long hash(int slot) {
        if (numbers[slot] != null) {
            return number(slot);
        }
        load(texts[slot], slot);
        return KeyTest.hash(bytes(), from(), to());
    }

    @Override
    public boolean isNull(int slot) {
        return cells[slot] == NULL;
    }

    @Override
    public long number(int slot) {
        ComparedNumbers.NumberReader reader = numbers[slot];
        if (reader == null) {
            throw wrongForm();
        }
        return reader.read(row, cells[slot]);
    }

    @Override
    public double real(int slot) {
        ComparedNumbers.RealReader reader = reals[slot];
        if (reader == null) {
            throw wrongForm();
        }
        return reader.read(row, cells[slot]);
    }

    @Override
    public long label(int slot) {
        int width = labelWidths[slot];
        return width == 0 ? -1 : CellBytes.littleEndian(row, cells[slot], width);
    }

    @Override
    public void load(int slot) {
        load(stored[slot], slot);
    }

    private void load(ComparedBytes.@Nullable BytesReader reader, int slot) {
        if (reader == null) {
            throw wrongForm();
        }
        reader.read(row, cells[slot], loaded);
    }

    private static IllegalStateException wrongForm() {
        return new IllegalStateException("a condition asks for a value in another form");
    }

    @Override
    public byte[] bytes() {
        return loaded.array();
    }

    @Override
    public int from() {
        return loaded.from();
    }

    @Override
    public int to() {
        return loaded.to();
    }
}
