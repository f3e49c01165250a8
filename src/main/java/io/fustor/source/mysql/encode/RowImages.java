package io.fustor.source.mysql.encode;

import io.fustor.source.mysql.change.Operation;
import io.fustor.source.mysql.change.RowsEvent;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// A cursor over the row images of one rows event, which writes each as a JSON object. Decides once
/// an event what the column bitmaps say.
final class RowImages {

    private static final byte[] NULL = "null".getBytes(StandardCharsets.US_ASCII);

    private final RowsEvent event;
    private final TablePlan plan;
    private final byte[] bytes;
    private final Layout before;
    private final Layout after;
    private final int to;
    private final @Nullable RowFilter filter;
    private final UnchangedCells unchanged;
    private final ImageKeys keys;

    private int at;

    /// What a column bitmap says of the images that it belongs to.
    ///
    /// @param present by ordinal: whether the images have the column
    /// @param names by ordinal, as [TablePlan#opened]
    /// @param nullBytes length of the bitmap of NULLs at the start of each image
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Layout(boolean[] present, byte[][] names, int nullBytes) {

        static Layout of(boolean[] present, byte[][] names) {
            int count = 0;
            for (boolean one : present) {
                count += one ? 1 : 0;
            }
            return new Layout(present, names, (count + 7) / 8);
        }
    }

    /// @param unchanged only this cursor uses it, as long as it is in use
    RowImages(RowsEvent event, TablePlan plan, UnchangedCells unchanged) {
        this.event = event;
        this.plan = plan;
        this.unchanged = unchanged;
        this.bytes = event.images().bytes();
        this.before = layout(event.images().beforePresent());
        this.after =
                event.operation() == Operation.UPDATE
                        ? layout(event.images().afterPresent())
                        : before;
        this.keys = new ImageKeys(event, plan.key(), before, after);
        this.at = event.images().rowsFrom();
        this.to = event.images().rowsTo();
        this.filter = plan.filter();
        if (filter != null) {
            filter.enter(bytes);
            filter.requirePresent(before.present);
            filter.requirePresent(after.present);
        }
    }

    private Layout layout(int bitmap) {
        if (event.hasAll(bitmap)) {
            return plan.whole();
        }
        boolean[] present = new boolean[event.table().columnCount()];
        for (int ordinal = 0; ordinal < present.length; ordinal++) {
            present[ordinal] = RowsEvent.bit(bytes, bitmap, ordinal);
        }
        return Layout.of(present, plan.opened(ordinal -> present[ordinal]));
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
        writeFields(after, out);
    }

    /// The names of the columns in before images.
    void writeFieldsBefore(JsonBuffer out) {
        writeFields(before, out);
    }

    private void writeFields(Layout layout, JsonBuffer out) {
        if (isWhole(layout)) {
            out.write(plan.allFields());
        } else {
            plan.writeFields(out, ordinal -> layout.present[ordinal]);
        }
    }

    /// Whether the before image at the cursor, or the only one, meets the condition.
    boolean beforeMatches() {
        return matches(before);
    }

    /// Whether the after image at the cursor meets the condition.
    boolean afterMatches() {
        return matches(after);
    }

    private boolean matches(Layout layout) {
        RowFilter by = filter;
        if (by == null) {
            return true;
        }
        locate(layout, by);
        return by.matches();
    }

    /// Adds the hashes of one slot's values in all images from the cursor on.
    ///
    /// @return how many there are
    int addHashes(int slot, RowFilter by, long[] hashes) {
        int count = 0;
        boolean isUpdate = event.operation() == Operation.UPDATE;
        while (at < to) {
            count = addHash(before, slot, by, hashes, count);
            skipBefore();
            if (isUpdate) {
                count = addHash(after, slot, by, hashes, count);
                skipAfter();
            }
        }
        return count;
    }

    private int addHash(Layout layout, int slot, RowFilter by, long[] hashes, int count) {
        locate(layout, by);
        if (by.isNull(slot)) {
            return count;
        }
        hashes[count] = by.hash(slot);
        return count + 1;
    }

    /// Tells the filter where the cells start that it needs of the image at the cursor.
    private void locate(Layout layout, RowFilter by) {
        int[] ordinals = by.ordinals();
        int last = ordinals.length - 1;
        if (isWhole(layout) && event.hasNoNulls(at)) {
            by.atWhole(at + layout.nullBytes);
            return;
        }
        int nullBit = 0;
        int cell = at + layout.nullBytes;
        int slot = 0;
        for (int ordinal = 0; slot <= last; ordinal++) {
            if (!layout.present[ordinal]) {
                continue;
            }
            boolean isNull = RowsEvent.bit(bytes, at, nullBit++);
            if (ordinal == ordinals[slot]) {
                if (isNull) {
                    by.isNullAt(slot);
                } else {
                    by.at(slot, cell);
                }
                slot++;
            }
            if (!isNull) {
                cell = skipCell(cell, ordinal);
            }
        }
    }

    /// Writes the image at the cursor: the before image, or the only one.
    void writeBefore(JsonBuffer out) {
        at = writeImage(before, out);
    }

    void writeAfter(JsonBuffer out) {
        at = writeImage(after, out);
    }

    /// Writes both images of the update at the cursor, each into its buffer or both into the same.
    ///
    /// @param between what comes after the before image, in the other one's buffer
    /// @return whether the update gives the row another key
    boolean writeUpdate(JsonBuffer beforeOut, byte[] between, JsonBuffer out) {
        int image = at;
        if (!hasSameColumns() || !beforeOut.keepsAll()) {
            writeBefore(beforeOut);
            return writeAfter(image, between, out);
        }
        at = unchanged.writeBefore(event, plan, image, beforeOut);
        close(before, beforeOut);
        if (!hasSameNulls(image, at)) {
            return writeAfter(image, between, out);
        }
        out.write(between);
        at = unchanged.writeAfter(event, plan, at, beforeOut, out);
        close(after, out);
        return unchanged.keyChanged();
    }

    private boolean writeAfter(int image, byte[] between, JsonBuffer out) {
        boolean keyChanged = keys.change(image, at);
        out.write(between);
        writeAfter(out);
        return keyChanged;
    }

    private boolean hasSameColumns() {
        return isWhole(before) && isWhole(after);
    }

    private boolean hasSameNulls(int image, int other) {
        int length = before.nullBytes;
        return Arrays.equals(bytes, image, image + length, bytes, other, other + length);
    }

    @SuppressWarnings("ReferenceEquality") // the plan has one layout of all columns
    private boolean isWhole(Layout layout) {
        return layout == plan.whole();
    }

    private int writeImage(Layout layout, JsonBuffer out) {
        int cell =
                isWhole(layout) && event.hasNoNulls(at)
                        ? writeCells(at + layout.nullBytes, layout.names, out)
                        : writeCellsOrNulls(layout, out);
        close(layout, out);
        return cell;
    }

    @SuppressWarnings("ReferenceEquality") // the plan's own names have no brace
    private void close(Layout layout, JsonBuffer out) {
        if (layout.names == plan.names()) {
            out.put('{');
        }
        out.put('}');
    }

    /// As most images are: with all columns, and none of them NULL.
    private int writeCells(int first, byte[][] names, JsonBuffer out) {
        @Nullable CellCodec[] codecs = plan.codecs();
        int cell = first;
        for (int ordinal = 0; ordinal < codecs.length; ordinal++) {
            CellCodec codec = codecs[ordinal];
            if (codec != null) {
                out.write(names[ordinal]);
                cell = codec.write(bytes, cell, out);
            } else {
                cell = skipCell(cell, ordinal);
            }
        }
        return cell;
    }

    private int writeCellsOrNulls(Layout layout, JsonBuffer out) {
        @Nullable CellCodec[] codecs = plan.codecs();
        int image = at;
        int nullBit = 0;
        int cell = image + layout.nullBytes;
        for (int ordinal = 0; ordinal < codecs.length; ordinal++) {
            if (!layout.present[ordinal]) {
                continue;
            }
            boolean isNull = RowsEvent.bit(bytes, image, nullBit++);
            CellCodec codec = codecs[ordinal];
            if (codec != null) {
                out.write(layout.names[ordinal]);
                if (isNull) {
                    out.write(NULL);
                } else {
                    cell = codec.write(bytes, cell, out);
                }
            } else if (!isNull) {
                cell = skipCell(cell, ordinal);
            }
        }
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

    /// The keys in the images.
    ImageKeys keys() {
        return keys;
    }

    /// Whether the update at the cursor gives the row another key.
    boolean keyChanges() {
        return keys.change(at);
    }

    /// The same where it is known already where the after image starts.
    boolean keyChanges(int next) {
        return keys.change(at, next);
    }

    /// How the rows become records.
    RecordPlan records() {
        return Objects.requireNonNull(plan.records());
    }
}
