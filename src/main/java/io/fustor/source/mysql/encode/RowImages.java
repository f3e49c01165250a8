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
    private final byte[][] beforeNames;
    private final byte[][] afterNames;
    private final int beforeNullBytes;
    private final int afterNullBytes;
    private final int to;

    private int at;

    RowImages(RowsEvent event, TablePlan plan) {
        this.event = event;
        this.plan = plan;
        this.bytes = event.images().bytes();
        this.update = event.operation() == Operation.UPDATE;
        this.beforePresent = present(event.images().beforePresent());
        this.afterPresent = update ? present(event.images().afterPresent()) : beforePresent;
        this.beforeNames = names(beforePresent);
        this.afterNames = update ? names(afterPresent) : beforeNames;
        this.beforeNullBytes = (count(beforePresent) + 7) / 8;
        this.afterNullBytes = (count(afterPresent) + 7) / 8;
        this.at = event.images().rowsFrom();
        this.to = event.images().rowsTo();
    }

    private boolean[] present(int bitmap) {
        boolean[] present = new boolean[event.table().columnCount()];
        for (int ordinal = 0; ordinal < present.length; ordinal++) {
            present[ordinal] = RowsEvent.bit(bytes, bitmap, ordinal);
        }
        return present;
    }

    private byte[][] names(boolean[] present) {
        return isAll(present) ? plan.opened() : plan.opened(ordinal -> present[ordinal]);
    }

    private static boolean isAll(boolean[] present) {
        return count(present) == present.length;
    }

    private static int count(boolean[] present) {
        int count = 0;
        for (boolean one : present) {
            count += one ? 1 : 0;
        }
        return count;
    }

    void skipRow() {
        at = event.skipRow(at);
    }

    void skipBefore() {
        at = event.skipImage(at, event.images().beforePresent());
    }

    void skipAfter() {
        at = event.skipImage(at, event.images().afterPresent());
    }

    /// The offset of the next image.
    int at() {
        return at;
    }

    /// Goes back to an image that was met before.
    void goBackTo(int image) {
        at = image;
    }

    /// @throws io.fustor.source.mysql.error.SourceException where the last image did not end where
    ///   the event does
    void checkEnd() {
        checkIsAt(to);
    }

    /// @throws io.fustor.source.mysql.error.SourceException where the last image ended elsewhere
    void checkIsAt(int end) {
        if (at != end) {
            throw event.corrupt();
        }
    }

    /// The names of the columns in the images that become `rows`.
    void writeFields(JsonBuffer out) {
        boolean[] present = afterPresent;
        if (isAll(present)) {
            out.write(plan.allFields());
        } else {
            plan.writeFields(out, ordinal -> present[ordinal]);
        }
    }

    /// Writes the image at the cursor: the before image, or the only one.
    void writeBefore(JsonBuffer out) {
        at = writeImage(beforePresent, beforeNames, beforeNullBytes, out);
    }

    void writeAfter(JsonBuffer out) {
        at = writeImage(afterPresent, afterNames, afterNullBytes, out);
    }

    @SuppressWarnings("ReferenceEquality") // the plan's own names have no brace
    private int writeImage(boolean[] present, byte[][] names, int nullBytes, JsonBuffer out) {
        @Nullable CellCodec[] codecs = plan.codecs();
        int image = at;
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
        if (names == plan.names()) {
            out.put('{');
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
