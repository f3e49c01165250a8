package io.fustor.source.mysql.encode;

import io.fustor.source.mysql.change.RowsEvent;
import io.fustor.source.mysql.change.TruncateEvent;
import io.fustor.source.mysql.position.FeedToken;
import io.fustor.source.mysql.position.Gtid;
import io.fustor.source.mysql.schema.TableId;
import io.fustor.source.mysql.schema.TableSchema;
import java.util.List;

/// Writes the rows of rows events in Debezium's envelope, one frame a row. An update that changes
/// the row's key is two, as Debezium has it: the deletion of the old key and the creation of the
/// new one. The token of the first names the place before the update, since there is none within
/// it: a client that resumes there gets both again.
///
/// For the encoder's thread.
final class DebeziumChanges {

    private final FrameForm form;
    private final FrameWriter frames;
    private final DebeziumEnvelope envelope;
    private final JudgedRow judged;

    DebeziumChanges(FrameForm form, FrameWriter frames) {
        this.form = form;
        this.frames = frames;
        this.judged = new JudgedRow(form.operations());
        this.envelope = new DebeziumEnvelope(form);
    }

    /// Writes the frames of the rows from the cursor on that meet a condition.
    ///
    /// @param skip how many rows stand before the cursor
    /// @return how many rows were written
    int encodeMatched(
            RowsEvent event, RowImages images, FeedToken.Prefix prefix, int skip, JsonBuffer out) {
        int total = event.rowCount();
        int written = 0;
        for (int row = skip; row < total; row++) {
            int image = images.at();
            judged.judge(images, event.operation());
            if (!judged.isWanted()) {
                JudgedRow.skipRest(images, event.operation());
                continue;
            }
            if (written++ == 0) {
                begin(event);
            }
            writeJudged(images, image, row, prefix, event.firstRow() + row, out);
        }
        return written;
    }

    /// @param image where the row starts; the cursor is where judging left it
    /// @param before how many rows of the transaction come before the row
    private void writeJudged(
            RowImages images,
            int image,
            int row,
            FeedToken.Prefix prefix,
            long before,
            JsonBuffer out) {
        switch (judged.became()) {
            case INSERT -> created(images, row, image, prefix, before + 1, out);
            case UPDATE -> {
                images.goBackTo(image);
                updated(images, row, prefix, before, out);
            }
            case DELETE -> {
                images.goBackTo(image);
                deleted(images, row, prefix, before + 1, out);
                if (judged.crossing() == Crossing.LEFT) {
                    images.skipAfter();
                }
            }
            case null -> throw new IllegalStateException("a row that is not wanted");
        }
    }

    /// Writes the frames of all rows from the cursor on.
    ///
    /// @param skip how many rows stand before the cursor
    void encode(
            RowsEvent event, RowImages images, FeedToken.Prefix prefix, int skip, JsonBuffer out) {
        begin(event);
        int total = event.rowCount();
        for (int row = skip; row < total; row++) {
            long before = event.firstRow() + row;
            switch (event.operation()) {
                case INSERT -> created(images, row, images.at(), prefix, before + 1, out);
                case UPDATE -> updated(images, row, prefix, before, out);
                case DELETE -> deleted(images, row, prefix, before + 1, out);
            }
        }
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

    /// @param start where the row's first image starts
    private void created(
            RowImages images,
            int row,
            int start,
            FeedToken.Prefix prefix,
            long token,
            JsonBuffer out) {
        start(RecordKind.CREATE, images, start, prefix, token, out);
        out.write(DebeziumEnvelope.NULL_BEFORE);
        images.writeAfter(out);
        end(images, row, 'c', out);
    }

    private void deleted(
            RowImages images, int row, FeedToken.Prefix prefix, long token, JsonBuffer out) {
        start(RecordKind.DELETE, images, images.at(), prefix, token, out);
        writeDeleted(images, row, out);
    }

    private void writeDeleted(RowImages images, int row, JsonBuffer out) {
        out.write(DebeziumEnvelope.BEFORE);
        images.writeBefore(out);
        out.write(DebeziumEnvelope.NULL_AFTER);
        end(images, row, 'd', out);
    }

    /// @param before how many rows of the transaction come before the update
    private void updated(
            RowImages images, int row, FeedToken.Prefix prefix, long before, JsonBuffer out) {
        int start = images.at();
        if (images.keyChanges()) {
            start(RecordKind.MOVED_FROM, images, start, prefix, before, out);
            writeDeleted(images, row, out);
            start(RecordKind.MOVED_TO, images, start, prefix, before + 1, out);
            out.write(DebeziumEnvelope.NULL_BEFORE);
            images.writeAfter(out);
            end(images, row, 'c', out);
            return;
        }
        start(RecordKind.UPDATE, images, start, prefix, before + 1, out);
        out.write(DebeziumEnvelope.BEFORE);
        images.writeUpdate(out, DebeziumEnvelope.AFTER, out);
        end(images, row, 'u', out);
    }

    /// Starts the frame of a row, up to the brace of its envelope.
    ///
    /// @param row where the row's first image starts
    private void start(
            RecordKind kind,
            RowImages images,
            int row,
            FeedToken.Prefix prefix,
            long rows,
            JsonBuffer out) {
        if (!frames.isRecord()) {
            frames.startEnvelope(out, prefix, rows);
            return;
        }
        RecordPlan plan = images.records();
        ImageKeys keys = images.keys();
        frames.startRecord(out, kind, prefix, rows);
        out.write(plan.topic());
        switch (kind) {
            case CREATE -> keys.writeAfter(plan, images.at(), row, out);
            case MOVED_TO -> {
                keys.writeAfter(plan, images.at(), row, out);
                out.put('\t');
                keys.writeBefore(plan, row, out);
            }
            case MOVED_FROM -> {
                keys.writeBefore(plan, row, out);
                out.put('\t');
                keys.writeAfter(plan, keys.afterImage(row), row, out);
            }
            case UPDATE, DELETE, READ, TRUNCATE -> keys.writeBefore(plan, row, out);
        }
        out.ascii(kind == RecordKind.MOVED_FROM || kind == RecordKind.MOVED_TO ? "\t" : "\t\t");
        out.write(plan.valueOpen());
        out.put('{');
    }

    private void end(RowImages images, int row, char operation, JsonBuffer out) {
        envelope.end(row, operation, out);
        if (frames.isRecord()) {
            out.write(images.records().close());
        }
        frames.end(out);
    }

    /// Writes the record of a truncation.
    ///
    /// @param token of the place after it
    void truncated(TruncateEvent event, RecordForm records, String token, JsonBuffer out) {
        TableId table = event.table();
        RecordPlan plan =
                new RecordPlan(
                        new TableSchema(table, List.of(), new int[0]),
                        form,
                        records,
                        new int[0],
                        _ -> {
                            throw new IllegalStateException("a truncation has no key");
                        });
        Gtid gtid = event.transaction().gtid();
        envelope.begin(
                table.schema(),
                table.table(),
                new DebeziumEnvelope.Origin(
                        false,
                        event.timeMicros(),
                        0,
                        gtid == null ? null : gtid.toString(),
                        event.transaction().file(),
                        event.transaction().start().offset()));
        frames.startRecord(out, RecordKind.TRUNCATE, token);
        out.write(plan.topic());
        out.ascii("\t\t");
        out.write(plan.valueOpen());
        out.put('{');
        out.write(DebeziumEnvelope.NULL_BEFORE);
        out.ascii("null");
        envelope.end(0, 't', out);
        out.write(plan.close());
        frames.end(out);
    }
}
