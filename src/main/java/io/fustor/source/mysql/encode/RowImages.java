package io.fustor.source.mysql.encode;

import io.fustor.source.mysql.change.Operation;
import io.fustor.source.mysql.change.RowsEvent;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// A cursor over the row images of one rows event, which writes each as a JSON object. Decides once
/// an event what the column bitmaps say.
final class RowImages {

    private static final byte[] NULL = "null".getBytes(StandardCharsets.US_ASCII);

    private final RowsEvent event;
    private final TablePlan plan;
    private final byte[] bytes;
    private final boolean update;
    private final boolean[] beforePresent;
    private final boolean[] afterPresent;
    private final int beforeNullBytes;
    private final int afterNullBytes;
    private final int to;

    private int at;
    private int rowStart;

    /// Whether a row without bytes is still to come.
    private boolean emptyRowComes;

    RowImages(RowsEvent event, TablePlan plan) {
        this.event = event;
        this.plan = plan;
        this.bytes = event.images().bytes();
        this.update = event.operation() == Operation.UPDATE;
        this.beforePresent = present(event.images().beforePresent());
        this.afterPresent = update ? present(event.images().afterPresent()) : beforePresent;
        this.beforeNullBytes = (count(beforePresent) + 7) / 8;
        this.afterNullBytes = (count(afterPresent) + 7) / 8;
        this.at = event.images().rowsFrom();
        this.to = event.images().rowsTo();
        this.emptyRowComes = event.isEmptyRow();
    }

    private boolean[] present(int bitmap) {
        boolean[] present = new boolean[event.table().columnCount()];
        for (int ordinal = 0; ordinal < present.length; ordinal++) {
            present[ordinal] = RowsEvent.bit(bytes, bitmap, ordinal);
        }
        return present;
    }

    private static int count(boolean[] present) {
        int count = 0;
        for (boolean one : present) {
            count += one ? 1 : 0;
        }
        return count;
    }

    boolean hasNext() {
        return at < to || emptyRowComes;
    }

    void skipRow() {
        at = event.skipRow(at);
        emptyRowComes = false;
    }

    /// Ends the walk over all rows, and leaves their number with the event.
    ///
    /// @throws io.fustor.source.mysql.error.SourceException where the last image did not end where
    ///   the event does, or there was none
    void end(int rows) {
        if (at != to || rows == 0) {
            throw event.corrupt();
        }
        event.counted(rows);
    }

    /// The names of the columns in the images that become `rows`.
    void writeFields(JsonBuffer out) {
        boolean[] present = afterPresent;
        if (count(present) == present.length) {
            out.write(plan.allFields());
        } else {
            plan.writeFields(out, ordinal -> present[ordinal]);
        }
    }

    /// Writes the image at the cursor: the before image, or the only one.
    void writeBefore(JsonBuffer out) {
        rowStart = at;
        at = writeImage(at, beforePresent, beforeNullBytes, out);
        if (!update) {
            requireBytes();
        }
    }

    void writeAfter(JsonBuffer out) {
        at = writeImage(at, afterPresent, afterNullBytes, out);
        requireBytes();
    }

    /// Rows without bytes would have no end.
    private void requireBytes() {
        if (at == rowStart && at < to) {
            throw event.corrupt();
        }
    }

    private int writeImage(int image, boolean[] present, int nullBytes, JsonBuffer out) {
        @Nullable CellCodec[] codecs = plan.codecs();
        byte[][] names = plan.names();
        emptyRowComes = false;
        int start = out.size();
        int nullBit = 0;
        int cell = image + nullBytes;
        for (int ordinal = 0; ordinal < present.length; ordinal++) {
            if (!present[ordinal]) {
                continue;
            }
            boolean isNull = RowsEvent.bit(bytes, image, nullBit++);
            CellCodec codec = codecs[ordinal];
            if (codec != null) {
                out.write(names[ordinal]);
                if (isNull) {
                    out.write(NULL);
                } else {
                    cell = codec.write(bytes, cell, out);
                }
            } else if (!isNull) {
                cell = skipCell(cell, ordinal);
            }
        }
        if (out.size() == start) {
            out.put('{');
        } else {
            // The first name begins with a comma, where the brace belongs.
            out.array()[start] = '{';
        }
        out.put('}');
        return cell;
    }

    private int skipCell(int cell, int ordinal) {
        return cell + cellLength(cell, event.table().cellWidth(ordinal));
    }

    private int cellLength(int cell, int width) {
        if (width >= 0) {
            return width;
        }
        int length = 0;
        for (int i = 0; i < -width; i++) {
            length |= (bytes[cell + i] & 0xFF) << (8 * i);
        }
        return length - width;
    }

    /// Whether the update at the cursor gives the row another key: whether the bytes of a key
    /// column that both images have differ.
    boolean keyChanges() {
        int[] key = plan.key();
        if (key.length == 0) {
            return false;
        }
        int after = event.skipImage(at, event.images().beforePresent());
        for (int ordinal : key) {
            if (beforePresent[ordinal] && afterPresent[ordinal] && differs(ordinal, after)) {
                return true;
            }
        }
        return false;
    }

    private boolean differs(int ordinal, int after) {
        int left = cellOf(ordinal, at, beforePresent, beforeNullBytes);
        int right = cellOf(ordinal, after, afterPresent, afterNullBytes);
        int width = event.table().cellWidth(ordinal);
        return !Arrays.equals(
                bytes,
                left,
                left + cellLength(left, width),
                bytes,
                right,
                right + cellLength(right, width));
    }

    /// Where a key column's cell starts; key columns are never NULL.
    private int cellOf(int wanted, int image, boolean[] present, int nullBytes) {
        int nullBit = 0;
        int cell = image + nullBytes;
        for (int ordinal = 0; ordinal < wanted; ordinal++) {
            if (present[ordinal] && !RowsEvent.bit(bytes, image, nullBit++)) {
                cell = skipCell(cell, ordinal);
            }
        }
        return cell;
    }
}
