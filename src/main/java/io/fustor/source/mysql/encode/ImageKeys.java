package io.fustor.source.mysql.encode;

import io.fustor.source.mysql.change.RowsEvent;
import io.fustor.source.mysql.error.FailureCode;
import io.fustor.source.mysql.error.SourceException;
import java.util.Arrays;

/// The keys in the row images of one rows event.
final class ImageKeys {

    private final RowsEvent event;
    private final int[] key;
    private final byte[] bytes;
    private final RowImages.Layout before;
    private final RowImages.Layout after;

    /// @param key the ordinals of the primary key's columns
    /// @param before of before images, or of the only ones
    ImageKeys(RowsEvent event, int[] key, RowImages.Layout before, RowImages.Layout after) {
        this.event = event;
        this.key = key;
        this.bytes = event.images().bytes();
        this.before = before;
        this.after = after;
    }

    /// Writes the key that a row had, or has.
    ///
    /// @param row where the row's first image starts
    void writeBefore(RecordPlan to, int row, JsonBuffer out) {
        write(to, row, before, row, out);
    }

    /// Writes the key that a row has got.
    ///
    /// @param image where the row's last image starts
    /// @param row where its first one starts
    void writeAfter(RecordPlan to, int image, int row, JsonBuffer out) {
        write(to, image, after, row, out);
    }

    private void write(RecordPlan to, int image, RowImages.Layout layout, int row, JsonBuffer out) {
        int[] written = to.key();
        if (written.length == 0) {
            return;
        }
        to.beginKey();
        for (int part = 0; part < written.length; part++) {
            int ordinal = written[part];
            if (layout.present()[ordinal]) {
                to.keyColumn(part, bytes, cellOf(ordinal, image, layout));
            } else if (before.present()[ordinal]) {
                // It did not change.
                to.keyColumn(part, bytes, cellOf(ordinal, row, before));
            } else {
                throw new SourceException(
                        FailureCode.ROW_IMAGE_INCOMPLETE,
                        "a row image of " + event.table().id() + " lacks a column of the key");
            }
        }
        to.endKey(out);
    }

    /// Where the after image of the update starts whose before image does here.
    int afterImage(int image) {
        return event.skipImage(image, event.images().beforePresent());
    }

    /// Whether an update gives the row another key: whether the bytes of a key column that both
    /// images have differ.
    ///
    /// @param image where the before image starts
    boolean change(int image) {
        return key.length > 0 && change(image, afterImage(image));
    }

    /// The same where it is known already where the after image starts.
    boolean change(int image, int next) {
        for (int ordinal : key) {
            if (before.present()[ordinal]
                    && after.present()[ordinal]
                    && differs(ordinal, image, next)) {
                return true;
            }
        }
        return false;
    }

    private boolean differs(int ordinal, int image, int next) {
        int left = cellOf(ordinal, image, before);
        int right = cellOf(ordinal, next, after);
        return !Arrays.equals(
                bytes,
                left,
                event.skipCell(left, ordinal),
                bytes,
                right,
                event.skipCell(right, ordinal));
    }

    /// Where a key column's cell starts; key columns are never NULL.
    private int cellOf(int wanted, int image, RowImages.Layout layout) {
        int nullBit = 0;
        int cell = image + layout.nullBytes();
        for (int ordinal = 0; ordinal < wanted; ordinal++) {
            if (layout.present()[ordinal] && !RowsEvent.bit(bytes, image, nullBit++)) {
                cell = event.skipCell(cell, ordinal);
            }
        }
        return cell;
    }
}
