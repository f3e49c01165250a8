package io.fustor.source.mysql.encode;

import io.fustor.source.mysql.change.BinlogEvent;
import io.fustor.source.mysql.change.CommitEvent;
import io.fustor.source.mysql.change.Operation;
import io.fustor.source.mysql.change.RowsEvent;
import io.fustor.source.mysql.change.Transaction;
import io.fustor.source.mysql.change.TruncateEvent;
import io.fustor.source.mysql.error.FailureCode;
import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.position.FeedPosition;
import io.fustor.source.mysql.position.FeedToken;
import io.fustor.source.mysql.position.Overlap;
import io.fustor.source.mysql.schema.TableSchema;
import java.nio.charset.StandardCharsets;
import java.util.IdentityHashMap;
import org.jspecify.annotations.Nullable;

/// Turns binlog events into the exact bytes that go to a client, in either format of the feed's
/// contract, as SSE events or NDJSON lines. Rows in the format `fustor` are written here, those in
/// Debezium's by [DebeziumChanges]; all else is the same in both.
///
/// For one thread at a time: it keeps plans, buffers and the current transaction's token between
/// events.
public final class EventEncoder {

    /// From which size of its row images on a rows event is large. Servers end an event at 8 KiB by
    /// default, so that one as large as this holds a single row.
    private static final int LARGE = 1024 * 1024;

    /// What a rare large row may leave behind as room for the next.
    private static final int LARGEST_KEPT = 1024 * 1024;

    private static final byte[] EVENT_TYPE = ascii("\",\"event_type\":\"");
    private static final byte[] COMMA_QUOTE = ascii("\",");
    private static final byte[] ROWS = ascii(",\"rows\":[");
    private static final byte[] BEFORE_ROWS = ascii("],\"before_rows\":[");

    private final FrameForm form;
    private final FrameWriter frames;
    private final @Nullable DebeziumChanges debezium;
    private final IdentityHashMap<TableSchema, PlanOrNone> plans = new IdentityHashMap<>();
    private final JsonBuffer before = new JsonBuffer(1024);
    private final ChangeMetadata metadata = new ChangeMetadata();

    private @Nullable TableSchema lastTable;
    private @Nullable TablePlan lastPlan;
    private @Nullable Transaction transaction;
    private FeedToken.@Nullable Prefix token;
    private @Nullable Overlap overlap;
    private boolean inOverlap;

    private record PlanOrNone(@Nullable TablePlan plan) {}

    public EventEncoder(FrameForm form) {
        this.form = form;
        this.frames = new FrameWriter(form.transport());
        this.debezium = form.format() == Format.DEBEZIUM ? new DebeziumChanges(form, frames) : null;
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    public FrameForm form() {
        return form;
    }

    /// Marks the changes that may be in a snapshot's rows too, from the next transaction on.
    ///
    /// @param end up to where they are; null for no marks
    public void markOverlap(@Nullable Overlap end) {
        overlap = end;
        transaction = null;
    }

    /// Whether any bytes come of an event.
    public boolean wants(BinlogEvent event) {
        return switch (event) {
            case RowsEvent rows ->
                    form.operations().contains(rows.operation()) && plan(rows.table()) != null;
            case CommitEvent _ -> form.commits();
            case TruncateEvent truncate -> form.selection().includes(truncate.table());
        };
    }

    /// Whether an operation on a table is selected; of what [#wants] wants, all is.
    public boolean selects(Operation operation, TableSchema table) {
        return form.operations().contains(operation) && form.selection().includes(table.id());
    }

    /// Whether the event's frames should not be in memory as a whole: [#encodeInPieces] is for it.
    public boolean isLarge(BinlogEvent event) {
        return event instanceof RowsEvent rows && isLarge(rows);
    }

    private static boolean isLarge(RowsEvent event) {
        return event.images().rowsTo() - event.images().rowsFrom() >= LARGE;
    }

    /// Writes a large event's frames as [#encode] does, but lets go of what is in the buffer, and
    /// of what comes behind it, whenever it makes a piece. The event is encoded twice: first for
    /// nobody, so that a client gets nothing of a row that cannot be turned into right JSON.
    ///
    /// @param outlet gets the pieces; the last one stays in the buffer
    /// @throws SourceException where a row cannot be turned into right JSON; nothing was written
    ///   then
    public void encodeInPieces(
            BinlogEvent event, int skip, JsonBuffer out, JsonBuffer.Outlet outlet) {
        JsonBuffer nobody = new JsonBuffer();
        nobody.overflowTo((_, _, _) -> {});
        encode(event, skip, nobody);
        out.overflowTo(outlet);
        try {
            encode(event, skip, out);
        } finally {
            out.overflowTo(null);
        }
    }

    /// Writes an event's frames behind what is in the buffer, or nothing where the form does not
    /// want it.
    ///
    /// @param skip how many of a rows event's rows the client has had
    /// @throws SourceException where a row cannot be turned into right JSON; the buffer is as
    ///   before then
    public void encode(BinlogEvent event, int skip, JsonBuffer out) {
        if (!wants(event)) {
            return;
        }
        int start = out.size();
        try {
            switch (event) {
                case RowsEvent rows -> encodeRows(rows, skip, out);
                case CommitEvent commit -> encodeCommit(commit, out);
                case TruncateEvent truncate -> encodeTruncate(truncate, out);
            }
        } catch (IndexOutOfBoundsException e) {
            out.truncate(Math.min(start, out.size()));
            throw new SourceException(
                    FailureCode.CORRUPT_EVENT,
                    "a row of " + event.transaction().id() + " does not read as its table map says",
                    e);
        } catch (RuntimeException e) {
            out.truncate(Math.min(start, out.size()));
            throw e;
        }
    }

    /// The plan of a table, or null where none of its columns is wanted.
    private @Nullable TablePlan plan(TableSchema table) {
        if (table != lastTable) {
            PlanOrNone known = plans.get(table);
            if (known == null) {
                boolean wanted = form.selection().includes(table.id());
                known = new PlanOrNone(wanted ? TablePlan.of(table, form) : null);
                plans.put(table, known);
            }
            lastTable = table;
            lastPlan = known.plan();
        }
        return lastPlan;
    }

    @SuppressWarnings("ReferenceEquality") // a transaction's events share one instance
    private FeedToken.Prefix token(Transaction of) {
        FeedToken.Prefix known = token;
        if (of != transaction || known == null) {
            transaction = of;
            known =
                    FeedToken.prefix(
                            form.source(), of.start(), of.gtid(), overlapBehind(of.start()));
            token = known;
            inOverlap = overlap != null && overlap.contains(of.start());
            metadata.enter(of);
        }
        return known;
    }

    /// What a token has to hold of the overlap for those who resume at a place.
    private @Nullable Overlap overlapBehind(FeedPosition place) {
        return overlap == null || overlap.isOverAt(place) ? null : overlap;
    }

    /// The token of a place among the changes.
    private String token(FeedPosition place) {
        return new FeedToken(form.source(), place, null, overlapBehind(place)).toString();
    }

    private void encodeRows(RowsEvent event, int skip, JsonBuffer out) {
        TablePlan plan = plan(event.table());
        if (plan == null) {
            return;
        }
        FeedToken.Prefix prefix = token(event.transaction());
        if (debezium != null) {
            debezium.encode(event, plan, prefix, skip, out);
            return;
        }
        RowImages images = new RowImages(event, plan);
        for (int row = 0; row < skip; row++) {
            images.skipRow();
        }
        boolean isUpdate = event.operation() == Operation.UPDATE;
        int total = event.rowCount();
        for (int row = skip; row < total; ) {
            int count = Math.min(form.batch(), total - row);
            frames.startChange(out, prefix, event.firstRow() + row + count);
            out.write(EVENT_TYPE);
            out.ascii(event.operation().text());
            out.write(COMMA_QUOTE);
            out.write(plan.head());
            images.writeFields(out);
            out.write(ROWS);
            boolean keyChanged = false;
            if (!isUpdate) {
                writeRows(images, count, out);
            } else if (isLarge(event)) {
                keyChanged = writeLargeUpdates(images, count, out);
            } else {
                keyChanged = writeUpdates(images, count, out);
            }
            metadata.write(event, plan, event.firstRow() + row, keyChanged, inOverlap, out);
            frames.end(out);
            row += count;
        }
        images.checkEnd();
    }

    private static void writeRows(RowImages images, int count, JsonBuffer out) {
        for (int i = 0; i < count; i++) {
            if (i > 0) {
                out.put(',');
            }
            images.writeBefore(out);
        }
    }

    /// Writes after images, and before images behind them; true where a row's key changed.
    private boolean writeUpdates(RowImages images, int count, JsonBuffer out) {
        boolean keyChanged = false;
        before.reset(LARGEST_KEPT);
        for (int i = 0; i < count; i++) {
            if (i > 0) {
                out.put(',');
                before.put(',');
            }
            keyChanged |= images.keyChanges();
            images.writeBefore(before);
            images.writeAfter(out);
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

    private void encodeCommit(CommitEvent commit, JsonBuffer out) {
        String token = token(commit.after());
        frames.startControl(out, "commit", token);
        out.ascii("\"transaction\":{\"id\":");
        out.string(commit.transaction().id());
        out.ascii(",\"rows\":");
        out.number(commit.rows());
        out.put('}');
        ChangeMetadata.gtidAndFile(commit.transaction(), out);
        out.number(commit.after().offset());
        ChangeMetadata.timestamp(commit, out);
        out.put('}');
        frames.end(out);
    }

    private void encodeTruncate(TruncateEvent truncate, JsonBuffer out) {
        String token = token(truncate.after());
        frames.startControl(out, "truncate", token);
        out.ascii("\"event_schema\":");
        out.string(truncate.table().schema());
        out.ascii(",\"table\":");
        out.string(truncate.table().table());
        ChangeMetadata.id(truncate.transaction(), out);
        out.put('}');
        ChangeMetadata.timestamp(truncate, out);
        out.put('}');
        frames.end(out);
    }

    /// Writes a heartbeat: it moves the client's last event id and wakes nobody.
    ///
    /// @param token the place that the client is at
    public void heartbeat(String token, JsonBuffer out) {
        frames.heartbeat(out, token);
    }

    /// Writes a named event.
    ///
    /// @param token what the client's last event id becomes, or null to leave it
    /// @param json a JSON object
    public void control(String name, @Nullable String token, byte[] json, JsonBuffer out) {
        frames.control(out, name, token, json);
    }
}
