package io.fustor.source.mysql.encode;

import io.fustor.source.mysql.change.Operation;
import io.fustor.source.mysql.change.RowsEvent;

/// Writes all rows of an event in the format `fustor`, in changes of as many rows as a batch has.
///
/// For the encoder's thread.
final class WholeChanges {

    /// What a rare large row may leave as room for the next.
    private static final int LARGEST_KEPT = 1024 * 1024;

    private static final byte[] EVENT_TYPE = CellBytes.ascii("\",\"event_type\":\"");
    private static final byte[] COMMA_QUOTE = CellBytes.ascii("\",");
    private static final byte[] ROWS = CellBytes.ascii(",\"rows\":[");
    private static final byte[] BEFORE_ROWS = CellBytes.ascii("],\"before_rows\":[");

    private static final byte[] NOTHING = {};

    private final FrameForm form;
    private final FrameWriter frames;
    private final ChangeMetadata metadata;

    /// Allocated by the first update: each live subscriber has one.
    private final JsonBuffer before = new JsonBuffer(0);

    WholeChanges(FrameForm form, FrameWriter frames, ChangeMetadata metadata) {
        this.form = form;
        this.frames = frames;
        this.metadata = metadata;
    }

    /// Writes the changes of the rows from the cursor on.
    ///
    /// @param skip how many rows stand before the cursor
    /// @return how many rows were written
    int encode(
            RowImages images,
            MatchedChanges.Source from,
            int skip,
            boolean isLarge,
            JsonBuffer out) {
        RowsEvent event = from.event();
        boolean isUpdate = event.operation() == Operation.UPDATE;
        int total = event.rowCount();
        for (int row = skip; row < total; ) {
            int count = Math.min(form.batch(), total - row);
            frames.startChange(out, from.prefix(), event.firstRow() + row + count);
            out.write(EVENT_TYPE);
            out.ascii(event.operation().text());
            out.write(COMMA_QUOTE);
            out.write(from.plan().head());
            images.writeFields(out);
            out.write(ROWS);
            boolean keyChanged = false;
            if (!isUpdate) {
                writeRows(images, count, out);
            } else if (isLarge) {
                keyChanged = writeLargeUpdates(images, count, out);
            } else {
                keyChanged = writeUpdates(images, count, out);
            }
            metadata.write(
                    event,
                    from.plan(),
                    event.firstRow() + row,
                    keyChanged,
                    Crossing.NONE,
                    from.inOverlap(),
                    out);
            frames.end(out);
            row += count;
        }
        return total - skip;
    }

    private static void writeRows(RowImages images, int count, JsonBuffer out) {
        for (int i = 0; i < count; i++) {
            if (i > 0) {
                out.put(',');
            }
            images.writeBefore(out);
        }
    }

    /// Writes after images, and then before images; true where a row's key changed.
    private boolean writeUpdates(RowImages images, int count, JsonBuffer out) {
        boolean keyChanged = false;
        before.reset(LARGEST_KEPT);
        for (int i = 0; i < count; i++) {
            if (i > 0) {
                out.put(',');
                before.put(',');
            }
            keyChanged |= images.writeUpdate(before, NOTHING, out);
        }
        out.write(BEFORE_ROWS);
        out.append(before);
        return keyChanged;
    }

    /// As [#writeUpdates], but walks over the images twice so that none of them is set aside.
    private static boolean writeLargeUpdates(RowImages images, int count, JsonBuffer out) {
        boolean keyChanged = false;
        int start = images.at();
        for (int i = 0; i < count; i++) {
            if (i > 0) {
                out.put(',');
            }
            keyChanged |= images.keyChanges();
            images.skipBefore();
            images.writeAfter(out);
        }
        out.write(BEFORE_ROWS);
        int end = images.at();
        images.goBackTo(start);
        for (int i = 0; i < count; i++) {
            if (i > 0) {
                out.put(',');
            }
            images.writeBefore(out);
            images.skipAfter();
        }
        images.checkIsAt(end);
        return keyChanged;
    }
}
