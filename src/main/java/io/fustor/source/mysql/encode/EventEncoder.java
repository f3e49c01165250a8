package io.fustor.source.mysql.encode;

import io.fustor.source.mysql.change.BinlogEvent;
import io.fustor.source.mysql.change.CommitEvent;
import io.fustor.source.mysql.change.Operation;
import io.fustor.source.mysql.change.RowsEvent;
import io.fustor.source.mysql.change.Transaction;
import io.fustor.source.mysql.change.TruncateEvent;
import io.fustor.source.mysql.error.FailureCode;
import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.position.FeedToken;
import io.fustor.source.mysql.position.Overlap;
import io.fustor.source.mysql.position.Place;
import io.fustor.source.mysql.schema.Scope;
import io.fustor.source.mysql.schema.TableId;
import io.fustor.source.mysql.schema.TableSchema;
import java.util.Arrays;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.Set;
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

    /// Plans are decided anew where a stream has had more table maps than this.
    private static final int MOST_PLANS = 1_000;

    private final FrameForm form;
    private final FrameWriter frames;
    private final TransactionFrames transactions;
    private final @Nullable DebeziumChanges debezium;
    private final IdentityHashMap<TableSchema, PlanOrNone> plans = new IdentityHashMap<>();
    private final IdentityHashMap<TableSchema, Boolean> included = new IdentityHashMap<>();
    private final Set<TableId> shown = new HashSet<>();
    private final ChangeMetadata metadata = new ChangeMetadata();
    private final UnchangedCells unchanged = new UnchangedCells();
    private final WholeChanges whole;
    private final MatchedChanges matched;

    private @Nullable TableSchema lastAsked;
    private boolean lastIncluded;
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
        this.transactions = new TransactionFrames(frames);
        this.debezium = form.format() == Format.DEBEZIUM ? new DebeziumChanges(form, frames) : null;
        this.whole = new WholeChanges(form, frames, metadata);
        this.matched = new MatchedChanges(form, frames, metadata);
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
                    selects(rows.operation(), rows.table()) && plan(rows.table()) != null;
            case CommitEvent _ -> form.commits();
            case TruncateEvent truncate -> form.selection().includes(truncate.table());
        };
    }

    /// Whether an operation on a table is selected; of what [#wants] wants, all is. Under a
    /// condition an update may be any operation.
    public boolean selects(Operation operation, TableSchema table) {
        boolean isWanted =
                form.operations().contains(operation)
                        || (operation == Operation.UPDATE && !form.conditions().isEmpty());
        return isWanted && includes(table);
    }

    /// @throws SourceException `CONDITION_UNFIT` where the client has had rows of the table, which
    ///   has lost a column since that a condition of the grant needs: the client would not learn
    ///   that its rows are no longer true
    private boolean includes(TableSchema table) {
        if (table != lastAsked) {
            Boolean known = included.get(table);
            if (known == null) {
                known = form.selection().includes(table);
                if (!known && shown.contains(table.id())) {
                    requireNeeded(table);
                }
                if (included.size() == MOST_PLANS) {
                    included.clear();
                }
                included.put(table, known);
            }
            lastAsked = table;
            lastIncluded = known;
        }
        return lastIncluded;
    }

    private void requireNeeded(TableSchema table) {
        Set<String> lacking = form.selection().scope().lacking(table);
        if (!lacking.isEmpty()) {
            throw new SourceException(
                    FailureCode.CONDITION_UNFIT,
                    "the table "
                            + table.id()
                            + " was altered and lacks what a condition of the grant needs: "
                            + String.join(", ", lacking));
        }
    }

    /// The client has or gets rows of a table.
    public void show(TableId table) {
        if (!form.selection().scope().needs().isEmpty()) {
            shown.add(table);
        }
    }

    /// Whether rows of a wanted event may meet the condition, by the hashes of the values that one
    /// column has in them; one subscriber makes them, and those with a condition of the same shape
    /// look their own values up.
    ///
    /// @param hashes what [#hashes] made of the same event for the same column
    public boolean mayMatch(RowsEvent event, long[] hashes) {
        RowFilter filter = filter(event);
        return filter == null || filter.key().isAmong(hashes);
    }

    /// The ordinal of the column of [#mayMatch]; -1 where the condition asks for none.
    public int keyColumn(RowsEvent event) {
        RowFilter filter = filter(event);
        return filter == null || !filter.key().isKnown()
                ? -1
                : filter.ordinals()[filter.key().slot()];
    }

    private @Nullable RowFilter filter(RowsEvent event) {
        TablePlan plan = plan(event.table());
        return plan == null ? null : plan.filter();
    }

    /// The hashes of the values of [#keyColumn] in all rows of an event, ascending.
    ///
    /// @throws SourceException `ROW_IMAGE_INCOMPLETE` where the rows lack a column that the
    ///   condition needs, `CORRUPT_EVENT`
    public long[] hashes(RowsEvent event) {
        TablePlan plan = plan(event.table());
        RowFilter filter = plan == null ? null : plan.filter();
        if (plan == null || filter == null) {
            return new long[0];
        }
        try {
            long[] hashes = new long[2 * event.rowCount()];
            int slot = filter.key().slot();
            int count = new RowImages(event, plan, unchanged).addHashes(slot, filter, hashes);
            Arrays.sort(hashes, 0, count);
            return Arrays.copyOf(hashes, count);
        } catch (IndexOutOfBoundsException e) {
            throw corrupt(event, e);
        }
    }

    /// Whether commits count the rows that meet conditions, so that the rows of a transaction have
    /// to be counted from its start.
    public boolean countsRows() {
        return form.commits() && !form.conditions().isEmpty();
    }

    /// How many rows of an event are delivered.
    ///
    /// @throws SourceException as [#encode]
    public int count(RowsEvent event) {
        if (!wants(event)) {
            return 0;
        }
        TablePlan plan = plan(event.table());
        if (plan == null || plan.filter() == null) {
            return event.rowCount();
        }
        try {
            return matched.countAll(new RowImages(event, plan, unchanged), event);
        } catch (IndexOutOfBoundsException e) {
            throw corrupt(event, e);
        }
    }

    /// Whether the event's frames should not be in memory as a whole: [#encodeInPieces] is for it.
    public boolean isLarge(BinlogEvent event) {
        return event instanceof RowsEvent rows && isLarge(rows);
    }

    private static boolean isLarge(RowsEvent event) {
        return event.images().rowsTo() - event.images().rowsFrom() >= LARGE;
    }

    /// Writes a large event's frames as [#encode] does, but lets go of what is in the buffer, and
    /// of what comes after it, whenever it makes a piece. The event is encoded twice: first into a
    /// buffer that is discarded, so that a client gets nothing of a row that cannot be turned into
    /// right JSON.
    ///
    /// @param outlet gets the pieces; the last one stays in the buffer
    /// @return how many rows were written
    /// @throws SourceException where a row cannot be turned into right JSON; nothing was written
    ///   then
    public int encodeInPieces(
            BinlogEvent event, int skip, JsonBuffer out, JsonBuffer.Outlet outlet) {
        JsonBuffer discarded = new JsonBuffer();
        discarded.overflowTo((_, _, _) -> {});
        encode(event, skip, discarded);
        out.overflowTo(outlet);
        try {
            return encode(event, skip, out);
        } finally {
            out.overflowTo(null);
        }
    }

    /// Writes an event's frames after what is in the buffer, or nothing where the form does not
    /// want it.
    ///
    /// @param skip how many of a rows event's rows the client has had
    /// @return how many rows were written
    /// @throws SourceException where a row cannot be turned into right JSON; the buffer is as
    ///   before then
    public int encode(BinlogEvent event, int skip, JsonBuffer out) {
        if (!wants(event)) {
            return 0;
        }
        int start = out.size();
        try {
            switch (event) {
                case RowsEvent rows -> {
                    return encodeRows(rows, skip, out);
                }
                case CommitEvent commit ->
                        transactions.commit(
                                commit, token(commit.after()), visibleRows(commit), out);
                case TruncateEvent truncate -> encodeTruncate(truncate, out);
            }
            return 0;
        } catch (IndexOutOfBoundsException e) {
            out.truncate(Math.min(start, out.size()));
            throw corrupt(event, e);
        } catch (Throwable e) {
            out.truncate(Math.min(start, out.size()));
            throw e;
        }
    }

    private static SourceException corrupt(BinlogEvent event, IndexOutOfBoundsException e) {
        return new SourceException(
                FailureCode.CORRUPT_EVENT,
                "a row of " + event.transaction().id() + " does not read as its table map says",
                e);
    }

    /// The plan of a table, or null where none of its columns is wanted.
    private @Nullable TablePlan plan(TableSchema table) {
        if (table != lastTable) {
            PlanOrNone known = plans.get(table);
            if (known == null) {
                boolean wanted = includes(table);
                known = new PlanOrNone(wanted ? TablePlan.of(table, form) : null);
                if (wanted) {
                    show(table.id());
                }
                if (plans.size() == MOST_PLANS) {
                    plans.clear();
                }
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
                            form.source(), of.start(), of.gtid(), overlapAfter(of.start()));
            token = known;
            inOverlap = overlap != null && overlap.contains(of.start());
            metadata.enter(of);
        }
        return known;
    }

    /// What a token has to hold of the overlap for those who resume at a place.
    private @Nullable Overlap overlapAfter(Place place) {
        return overlap == null || overlap.isOverAt(place) ? null : overlap;
    }

    /// The token of a place among the changes.
    private String token(Place place) {
        return new FeedToken(form.source(), place, null, overlapAfter(place)).toString();
    }

    private int encodeRows(RowsEvent event, int skip, JsonBuffer out) {
        TablePlan plan = plan(event.table());
        if (plan == null) {
            return 0;
        }
        FeedToken.Prefix prefix = token(event.transaction());
        RowImages images = new RowImages(event, plan, unchanged);
        for (int row = 0; row < skip; row++) {
            images.skipRow();
        }
        int written;
        if (debezium == null) {
            var source = new MatchedChanges.Source(event, plan, prefix, inOverlap);
            written =
                    plan.filter() == null
                            ? whole.encode(images, source, skip, isLarge(event), out)
                            : matched.encode(images, source, skip, isLarge(event), out);
        } else if (plan.filter() == null) {
            debezium.encode(event, images, prefix, skip, out);
            written = event.rowCount() - skip;
        } else {
            written = debezium.encodeMatched(event, images, prefix, skip, out);
        }
        images.checkEnd();
        return written;
    }

    private long visibleRows(CommitEvent commit) {
        Scope scope = form.selection().scope();
        return countsRows() || scope.isEverything()
                ? commit.rows()
                : commit.counts().of(scope::includes);
    }

    private void encodeTruncate(TruncateEvent truncate, JsonBuffer out) {
        String token = token(truncate.after());
        RecordForm records = form.records();
        if (debezium != null && records != null) {
            debezium.truncated(truncate, records, token, out);
        } else {
            transactions.truncate(truncate, token, out);
        }
    }

    /// Writes a heartbeat: it moves the client's last event id to the token and wakes no one.
    public void heartbeat(String token, JsonBuffer out) {
        frames.heartbeat(out, token);
    }

    /// Writes a named event without data, for NDJSON.
    public void bareControl(String name, String token, JsonBuffer out) {
        frames.bareControl(out, name, token);
    }

    /// Writes a named event.
    ///
    /// @param token what the client's last event id becomes, or null to leave it
    public void control(String name, @Nullable String token, byte[] json, JsonBuffer out) {
        frames.control(out, name, token, json);
    }
}
