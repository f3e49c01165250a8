package io.fustor.source.mysql.encode;

import io.fustor.source.mysql.error.FailureCode;
import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.schema.Column;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// The result rows of one table of a snapshot, with what is decided once: a codec and a name for
/// each cell. For one thread.
final class SnapshotRows {

    private static final byte[] NULL = "null".getBytes(StandardCharsets.US_ASCII);
    private static final int NULL_BIT = 2;

    final SnapshotEncoder.Layout layout;
    final TablePlan plan;
    private final CellCodec[] codecs;
    private final boolean[] written;
    private final byte[][] names;

    /// Where each cell of the row that was looked at last starts, and where the row ends.
    final int[] starts;

    private final JsonBuffer unwanted = new JsonBuffer();

    /// How wide each cell is; 0 where its length stands before it.
    private final int[] widths;

    /// Which cell is in each slot of the filter.
    private final int[] slots;

    SnapshotRows(SnapshotEncoder.Layout layout, FrameForm form) {
        this.layout = layout;
        this.plan = TablePlan.ofResult(layout.schema(), form);
        this.codecs = new CellCodec[layout.cellCount()];
        this.written = new boolean[layout.cellCount()];
        this.names = new byte[layout.cellCount()][];
        this.starts = new int[layout.cellCount() + 1];
        this.widths = new int[layout.cellCount()];
        Arrays.fill(widths, Long.BYTES);
        Arrays.fill(codecs, NumberCodecs.bigint(true, false));
        for (int cell = 0; cell < layout.columns().length; cell++) {
            int ordinal = layout.columns()[cell];
            CellCodec wanted = plan.codecs()[ordinal];
            written[cell] = wanted != null;
            names[cell] = plan.names()[ordinal];
            widths[cell] = width(layout.schema().columns().get(ordinal));
            codecs[cell] =
                    wanted != null
                            ? wanted
                            : CellCodecs.ofResult(layout.schema().columns().get(ordinal), false);
        }
        RowFilter filter = plan.filter();
        this.slots =
                filter == null
                        ? new int[0]
                        : Arrays.stream(filter.ordinals())
                                .map(ordinal -> Arrays.binarySearch(layout.columns(), ordinal))
                                .toArray();
        open();
    }

    private static int width(Column column) {
        return switch (column.type()) {
            case TINYINT -> 1;
            case SMALLINT, YEAR -> 2;
            case MEDIUMINT, INT, FLOAT -> 4;
            case BIGINT, DOUBLE -> 8;
            default -> 0;
        };
    }

    /// Puts the brace of the row's object before the first name that is written.
    private void open() {
        for (int cell = 0; cell < written.length; cell++) {
            if (written[cell]) {
                names[cell] = names[cell].clone();
                names[cell][0] = '{';
                return;
            }
        }
    }

    /// Finds where each cell starts, and tells the filter.
    void locate(RowFilter filter, byte[] row, int from) {
        int cells = layout.cellCount();
        int nulls = from + 1;
        int at = nulls + (cells + NULL_BIT + 7) / 8;
        for (int cell = 0; cell < cells; cell++) {
            starts[cell] = at;
            if (isNull(row, nulls, cell)) {
                continue;
            }
            if (widths[cell] > 0) {
                at += widths[cell];
            } else {
                int width = CellBytes.packedWidth(row, at);
                at += width + CellBytes.packedLength(row, at, width);
            }
        }
        starts[cells] = at;
        filter.enter(row);
        for (int slot = 0; slot < slots.length; slot++) {
            int cell = slots[slot];
            if (isNull(row, nulls, cell)) {
                filter.isNullAt(slot);
            } else {
                filter.at(slot, starts[cell]);
            }
        }
    }

    private static boolean isNull(byte[] row, int nulls, int cell) {
        int bit = cell + NULL_BIT;
        return (row[nulls + (bit >> 3)] & (1 << (bit & 7))) != 0;
    }

    /// Writes the key of the row that [#write] wrote last.
    ///
    /// @throws SourceException `TABLE_UNREADABLE` where a key's column is not read
    void writeKey(byte[] row, JsonBuffer out) {
        RecordPlan to = plan.records();
        if (to == null || to.key().length == 0) {
            return;
        }
        to.beginKey();
        for (int part = 0; part < to.key().length; part++) {
            int cell = Arrays.binarySearch(layout.columns(), to.key()[part]);
            if (cell < 0) {
                throw new SourceException(
                        FailureCode.TABLE_UNREADABLE,
                        "the selected columns of "
                                + layout.schema().id()
                                + " lack one of the primary key, which records need");
            }
            to.keyColumn(part, row, starts[cell]);
        }
        to.endKey(out);
    }

    /// Writes a row as a JSON object.
    ///
    /// @return whether it ends where it is said to
    boolean write(byte[] row, int from, int to, JsonBuffer out) {
        int cells = layout.cellCount();
        int nulls = from + 1;
        int at = nulls + (cells + NULL_BIT + 7) / 8;
        boolean isOpen = false;
        for (int cell = 0; cell < cells; cell++) {
            boolean isNull = isNull(row, nulls, cell);
            starts[cell] = at;
            JsonBuffer taker = unwanted;
            if (written[cell]) {
                taker = out;
                taker.write(names[cell]);
                isOpen = true;
            } else {
                taker.reset();
            }
            if (isNull) {
                taker.write(NULL);
            } else {
                at = codecs[cell].write(row, at, taker);
            }
        }
        starts[cells] = at;
        if (!isOpen) {
            out.put('{');
        }
        out.put('}');
        return at == to;
    }
}
