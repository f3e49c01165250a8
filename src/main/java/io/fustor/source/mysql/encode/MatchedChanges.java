package io.fustor.source.mysql.encode;

import io.fustor.source.mysql.change.Operation;
import io.fustor.source.mysql.change.RowsEvent;
import io.fustor.source.mysql.position.FeedToken;

/// Writes the rows of an event that meet a condition, in the format `fustor`: those that follow
/// each other and became the same are one change, whatever rows stand between them. Each row is
/// judged once, and written where it lies.
///
/// For the encoder's thread.
final class MatchedChanges {

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
    private final JudgedRow judged;

    /// Allocated by the first update: each live subscriber has one.
    private final JsonBuffer before = new JsonBuffer(0);

    // The change that is being written.
    private int count;
    private int start;
    private int firstRow;
    private int lastRow;
    private boolean keyChanged;
    private Operation operation = Operation.INSERT;
    private Crossing crossing = Crossing.NONE;

    MatchedChanges(FrameForm form, FrameWriter frames, ChangeMetadata metadata) {
        this.form = form;
        this.judged = new JudgedRow(form.operations());
        this.frames = frames;
        this.metadata = metadata;
    }

    /// An event and what all its changes say.
    record Source(RowsEvent event, TablePlan plan, FeedToken.Prefix prefix, boolean inOverlap) {}

    /// How many rows of an event meet the condition and are wanted.
    int countAll(RowImages images, RowsEvent event) {
        int all = 0;
        int total = event.rowCount();
        for (int row = 0; row < total; row++) {
            judged.judge(images, event.operation());
            all += judged.isWanted() ? 1 : 0;
            JudgedRow.skipRest(images, event.operation());
        }
        return all;
    }

    /// Writes the changes of the rows from the cursor on.
    ///
    /// @param skip how many rows stand before the cursor
    /// @param isLarge whether the frames may leave the buffer before they are whole: each has one
    ///   row then, so that its token is known from the start
    /// @return how many rows were written
    int encode(RowImages images, Source from, int skip, boolean isLarge, JsonBuffer out) {
        Operation of = from.event.operation();
        int total = from.event.rowCount();
        int most = isLarge ? 1 : form.batch();
        int written = 0;
        count = 0;
        for (int row = skip; row < total; row++) {
            int image = images.at();
            judged.judge(images, of);
            if (!judged.isWanted()) {
                JudgedRow.skipRest(images, of);
                continue;
            }
            if (count == most || (count > 0 && !isLikeOthers())) {
                end(from, out);
            }
            if (count == 0) {
                begin(images, from, row, out);
            }
            writeRow(images, image, isLarge, out);
            lastRow = row;
            written++;
        }
        if (count > 0) {
            end(from, out);
        }
        return written;
    }

    private boolean isLikeOthers() {
        return judged.became() == operation && judged.crossing() == crossing;
    }

    private void begin(RowImages images, Source from, int row, JsonBuffer out) {
        Operation became = judged.became();
        operation = became == null ? from.event.operation() : became;
        crossing = judged.crossing();
        firstRow = row;
        keyChanged = false;
        before.reset(LARGEST_KEPT);
        start = out.size();
        frames.startChange(out, from.prefix, from.event.firstRow() + row + 1);
        out.write(EVENT_TYPE);
        out.ascii(operation.text());
        out.write(COMMA_QUOTE);
        out.write(from.plan.head());
        if (operation == Operation.DELETE) {
            images.writeFieldsBefore(out);
        } else {
            images.writeFields(out);
        }
        out.write(ROWS);
    }

    /// Writes a row, and moves the cursor to its end.
    ///
    /// @param image where the row starts; the cursor is where judging left it
    private void writeRow(RowImages images, int image, boolean isLarge, JsonBuffer out) {
        if (count++ > 0) {
            out.put(',');
        }
        switch (operation) {
            case INSERT -> images.writeAfter(out);
            case DELETE -> {
                images.goBackTo(image);
                images.writeBefore(out);
                if (crossing == Crossing.LEFT) {
                    images.skipAfter();
                }
            }
            case UPDATE -> writeUpdate(images, image, isLarge, out);
        }
    }

    private void writeUpdate(RowImages images, int image, boolean isLarge, JsonBuffer out) {
        int after = images.at();
        images.goBackTo(image);
        if (!isLarge) {
            if (count > 1) {
                before.put(',');
            }
            keyChanged |= images.writeUpdate(before, NOTHING, out);
            return;
        }
        keyChanged |= images.keyChanges(after);
        images.goBackTo(after);
        images.writeAfter(out);
        int end = images.at();
        out.write(BEFORE_ROWS);
        images.goBackTo(image);
        images.writeBefore(out);
        images.goBackTo(end);
    }

    private void end(Source from, JsonBuffer out) {
        if (before.size() > 0) {
            out.write(BEFORE_ROWS);
            out.append(before);
        }
        RowsEvent event = from.event;
        metadata.write(
                event,
                from.plan,
                event.firstRow() + firstRow,
                keyChanged,
                crossing,
                from.inOverlap,
                out);
        frames.end(out);
        if (count > 1) {
            frames.changeToken(out, start, from.prefix, event.firstRow() + lastRow + 1);
        }
        count = 0;
    }
}
