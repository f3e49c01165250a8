package io.fustor.source.mysql.encode;

import io.fustor.source.mysql.change.RowsEvent;
import io.fustor.source.mysql.position.FeedToken;
import io.fustor.source.mysql.position.Gtid;

/// Writes the rows of rows events in Debezium's envelope, one frame a row. An update that changes
/// the row's key is two, as Debezium has it: the deletion of the old key and the creation of the
/// new one. The token of the first names the place in front of the update, since there is none
/// within it: whoever resumes there gets both again.
///
/// For the encoder's thread.
final class DebeziumChanges {

    private final FrameWriter frames;
    private final DebeziumEnvelope envelope;

    DebeziumChanges(FrameForm form, FrameWriter frames) {
        this.frames = frames;
        this.envelope = new DebeziumEnvelope(form.sourceName());
    }

    /// Writes the frames of all rows but the first `skip`.
    void encode(
            RowsEvent event, TablePlan plan, FeedToken.Prefix prefix, int skip, JsonBuffer out) {
        RowImages images = new RowImages(event, plan);
        for (int row = 0; row < skip; row++) {
            images.skipRow();
        }
        begin(event);
        int total = event.rowCount();
        for (int row = skip; row < total; row++) {
            long before = event.firstRow() + row;
            switch (event.operation()) {
                case INSERT -> created(images, row, prefix, before + 1, out);
                case UPDATE -> updated(images, row, prefix, before, out);
                case DELETE -> deleted(images, row, prefix, before + 1, out);
            }
        }
        images.checkEnd();
    }

    private void begin(RowsEvent event) {
        long committed = event.transaction().committedMicros();
        Gtid gtid = event.transaction().gtid();
        envelope.begin(
                event.table().id().schema(),
                event.table().id().table(),
                new DebeziumEnvelope.Origin(
                        false,
                        committed == 0 ? event.timestamp() * 1_000_000 : committed,
                        event.origin().serverId(),
                        gtid == null ? null : gtid.toString(),
                        event.transaction().file(),
                        event.origin().startOffset()));
    }

    private void created(
            RowImages images, int row, FeedToken.Prefix prefix, long token, JsonBuffer out) {
        frames.startEnvelope(out, prefix, token);
        out.write(DebeziumEnvelope.NULL_BEFORE);
        images.writeAfter(out);
        envelope.end(row, 'c', out);
        frames.end(out);
    }

    private void deleted(
            RowImages images, int row, FeedToken.Prefix prefix, long token, JsonBuffer out) {
        frames.startEnvelope(out, prefix, token);
        out.write(DebeziumEnvelope.BEFORE);
        images.writeBefore(out);
        out.write(DebeziumEnvelope.NULL_AFTER);
        envelope.end(row, 'd', out);
        frames.end(out);
    }

    /// @param before how many rows of the transaction come before the update
    private void updated(
            RowImages images, int row, FeedToken.Prefix prefix, long before, JsonBuffer out) {
        if (images.keyChanges()) {
            deleted(images, row, prefix, before, out);
            created(images, row, prefix, before + 1, out);
            return;
        }
        frames.startEnvelope(out, prefix, before + 1);
        out.write(DebeziumEnvelope.BEFORE);
        images.writeBefore(out);
        out.write(DebeziumEnvelope.AFTER);
        images.writeAfter(out);
        envelope.end(row, 'u', out);
        frames.end(out);
    }
}
