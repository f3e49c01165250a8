package io.fustor.source.mysql.encode;

import io.fustor.source.mysql.change.RowsEvent;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Writes the two images of an update that have the same columns. Most cells are the same in both:
/// their text is made once, and copied from the before image into the after image. It remembers
/// where the cells and the texts of the before image are.
///
/// For the encoder's thread.
final class UnchangedCells {

    private static final byte[] NULL = "null".getBytes(StandardCharsets.US_ASCII);
    private static final int[] NONE = {};

    /// By ordinal: where the cell starts in the event; then where the image ends. A NULL has no
    /// bytes.
    private int[] cells = NONE;

    /// By ordinal: where name and value start in the buffer; then where they end.
    private int[] texts = NONE;

    private boolean keyChanged;

    /// Writes the cells of a before image, with their names.
    ///
    /// @param image offset of an image with all columns
    /// @return the offset after it
    int writeBefore(RowsEvent event, TablePlan plan, int image, JsonBuffer out) {
        @Nullable CellCodec[] codecs = plan.codecs();
        byte[][] names = plan.whole().names();
        byte[] bytes = event.images().bytes();
        boolean hasNulls = !event.hasNoNulls(image);
        if (cells.length <= codecs.length) {
            cells = new int[codecs.length + 1];
            texts = new int[codecs.length + 1];
        }
        int cell = image + plan.whole().nullBytes();
        for (int ordinal = 0; ordinal < codecs.length; ordinal++) {
            cells[ordinal] = cell;
            texts[ordinal] = out.size();
            CellCodec codec = codecs[ordinal];
            boolean isNull = hasNulls && RowsEvent.bit(bytes, image, ordinal);
            if (codec != null) {
                out.write(names[ordinal]);
                if (isNull) {
                    out.write(NULL);
                } else {
                    cell = codec.write(bytes, cell, out);
                }
            } else if (!isNull) {
                cell = event.skipCell(cell, ordinal);
            }
        }
        cells[codecs.length] = cell;
        texts[codecs.length] = out.size();
        return cell;
    }

    /// Writes the cells of the after image that follows the last before image.
    ///
    /// @param image offset of the image, which has a NULL where the before image has one
    /// @param before the buffer with the before image, as it was after [#writeBefore]
    /// @return the offset after the image
    int writeAfter(RowsEvent event, TablePlan plan, int image, JsonBuffer before, JsonBuffer out) {
        @Nullable CellCodec[] codecs = plan.codecs();
        byte[] bytes = event.images().bytes();
        int cell = image + plan.whole().nullBytes();
        int ordinal = 0;
        keyChanged = false;
        while (true) {
            int first = ordinal;
            int same = sameBytes(bytes, cells[first], cells[codecs.length], cell, event);
            while (ordinal < codecs.length && cells[ordinal + 1] - cells[first] <= same) {
                ordinal++;
            }
            out.write(before.array(), texts[first], texts[ordinal] - texts[first]);
            cell += cells[ordinal] - cells[first];
            if (ordinal == codecs.length) {
                return cell;
            }
            keyChanged |= isKey(plan, ordinal);
            CellCodec codec = codecs[ordinal];
            if (codec != null) {
                out.write(plan.whole().names()[ordinal]);
                cell = codec.write(bytes, cell, out);
            } else {
                cell = event.skipCell(cell, ordinal);
            }
            ordinal++;
        }
    }

    /// Whether a column of the key differed in the last after image.
    boolean keyChanged() {
        return keyChanged;
    }

    private static boolean isKey(TablePlan plan, int ordinal) {
        for (int key : plan.key()) {
            if (key == ordinal) {
                return true;
            }
        }
        return false;
    }

    /// How many bytes are the same from two offsets on.
    private static int sameBytes(byte[] bytes, int from, int to, int other, RowsEvent event) {
        int end = event.images().rowsTo();
        if (other > end) {
            throw event.corrupt();
        }
        int found = Arrays.mismatch(bytes, from, to, bytes, other, end);
        return found < 0 ? to - from : found;
    }
}
