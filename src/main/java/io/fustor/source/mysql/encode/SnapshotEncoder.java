package io.fustor.source.mysql.encode;

import io.fustor.source.mysql.error.FailureCode;
import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.position.BinlogPosition;
import io.fustor.source.mysql.position.FeedToken;
import io.fustor.source.mysql.position.Place;
import io.fustor.source.mysql.position.SnapshotPlace;
import io.fustor.source.mysql.schema.Column;
import io.fustor.source.mysql.schema.TableId;
import io.fustor.source.mysql.schema.TableSchema;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Turns the rows of a snapshot into the bytes that go to a client: `insert` events of the format
/// `fustor` with many rows each, or `r` events of Debezium's with one, and before each the token of
/// the place after its last row.
///
/// Rows are the binary protocol's (the manual's 'Binary Protocol Resultset Row'): a zero byte, a
/// bitmap of NULLs that begins at its third bit, then the cells. For one thread.
public final class SnapshotEncoder {

    /// An event is closed when its rows take this much, however few they are.
    private static final int FULL = 256 * 1024;

    /// What a rare large row may leave after as room for the next.
    private static final int LARGEST_KEPT = 1024 * 1024;

    /// From which size on a row is large.
    private static final int LARGE = 1024 * 1024;

    private static final byte[] INSERT = ascii("\",\"event_type\":\"insert\",");
    private static final byte[] ROWS = ascii(",\"rows\":[");

    private final FrameForm form;
    private final FrameWriter frames;
    private final Place follow;
    private final Origin origin;
    private final @Nullable DebeziumEnvelope debezium;
    private final byte[] about;
    private final byte[] server;
    private final JsonBuffer rows = new JsonBuffer(64 * 1024);
    private final JsonBuffer recordKey = new JsonBuffer(64);

    private @Nullable SnapshotRows table;
    private int count;
    private boolean hasPassed;
    private SnapshotPlace place;
    private long delivered;
    private byte[] key = new byte[64];
    private int keyLength;

    /// What all events of a snapshot say of where they come from.
    ///
    /// @param file the name of the binlog file from which changes follow
    /// @param serverId of the server that is read
    /// @param micros when the rows were as they are, in microseconds since 1970
    public record Origin(String file, long serverId, long micros) {}

    /// How the rows of a table are laid out.
    ///
    /// @param columns the ordinals of the columns in the result rows
    /// @param keyCells which cells make a row's key, in its order
    /// @param cellCount how many cells a row has; those after the columns are eight bytes wide
    /// @param shape see [SnapshotPlace]
    @SuppressWarnings("ArrayRecordComponent") // never compared
    public record Layout(
            TableSchema schema, int[] columns, int[] keyCells, int cellCount, int shape) {}

    /// @param follow the place from which changes follow
    /// @param start how far the snapshot is
    public SnapshotEncoder(FrameForm form, Place follow, SnapshotPlace start, Origin origin) {
        this.form = form;
        this.frames = new FrameWriter(form.transport());
        this.follow = follow;
        this.place = start;
        this.delivered = start.rows();
        this.origin = origin;
        this.debezium = form.format() == Format.DEBEZIUM ? new DebeziumEnvelope(form) : null;
        this.about = about(follow, origin);
        this.server = server(follow, origin);
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private static byte[] about(Place follow, Origin origin) {
        JsonBuffer out = new JsonBuffer(256);
        out.ascii("],\"index\":");
        out.number(BinlogPosition.index(follow.fileNumber(), follow.offset()));
        out.ascii(",\"timestamp\":");
        out.number(origin.micros() / 1_000_000);
        out.put('.');
        out.digits(origin.micros() % 1_000_000, 6);
        out.ascii(",\"message_source\":\"snapshot\",\"metadata\":{");
        return Arrays.copyOf(out.array(), out.size());
    }

    private static byte[] server(Place follow, Origin origin) {
        JsonBuffer out = new JsonBuffer(256);
        out.ascii(",\"gtid\":null,\"file\":");
        out.string(origin.file());
        out.ascii(",\"position\":");
        out.number(follow.offset());
        out.ascii(",\"server_id\":");
        out.number(origin.serverId());
        out.ascii(",\"transaction\":null}}");
        return Arrays.copyOf(out.array(), out.size());
    }

    /// Why the rows of a table cannot be encoded under a form, as a sentence; null where they can.
    ///
    /// @param columns the ordinals of the columns in the result rows
    public static @Nullable String unreadable(TableSchema table, int[] columns, FrameForm form) {
        TablePlan.CodecChoice wanted = TablePlan.ofResult(form);
        for (int ordinal : columns) {
            Column column = table.columns().get(ordinal);
            try {
                if (form.selection().includes(table.id(), column.name())) {
                    wanted.of(column, form.bigNumbersAsStrings());
                } else {
                    CellCodecs.ofResult(column, false);
                }
            } catch (SourceException e) {
                return form.selection().scope().includes(table.id(), column.name())
                        ? e.getMessage()
                        : "a column that the grant's condition needs cannot be read";
            }
        }
        return null;
    }

    /// Begins a table; no row is pending.
    ///
    /// @throws SourceException `UNSUPPORTED_TYPE` where a wanted column cannot be read
    public void begin(Layout layout) {
        table = new SnapshotRows(layout, form);
        keyLength = 0;
        hasPassed = false;
        beginEnvelopes(layout.schema().id());
        place =
                new SnapshotPlace(
                        layout.schema().id().schema(),
                        layout.schema().id().table(),
                        layout.shape(),
                        layout.schema().id().table().equals(place.table())
                                        && layout.schema().id().schema().equals(place.schema())
                                ? place.key()
                                : new byte[0],
                        delivered);
    }

    private void beginEnvelopes(TableId table) {
        if (debezium != null) {
            debezium.begin(
                    table.schema(),
                    table.table(),
                    new DebeziumEnvelope.Origin(
                            true,
                            origin.micros(),
                            origin.serverId(),
                            null,
                            origin.file(),
                            follow.offset()));
        }
    }

    /// Passes over a row that does not meet the condition.
    ///
    /// @param row holds it
    /// @param from where it starts
    /// @return whether it did; the row is to be added otherwise
    /// @throws SourceException `CORRUPT_EVENT` where it does not read as its table says
    public boolean passes(byte[] row, int from, int to) {
        SnapshotRows of = table();
        RowFilter filter = of.plan.filter();
        if (filter == null) {
            return false;
        }
        try {
            of.locate(filter, row, from);
            if (of.starts[of.layout.cellCount()] != to) {
                throw new SourceException(FailureCode.CORRUPT_EVENT, corrupt());
            }
            if (filter.matches()) {
                return false;
            }
        } catch (IndexOutOfBoundsException e) {
            throw new SourceException(FailureCode.CORRUPT_EVENT, corrupt(), e);
        }
        keepKey(of, row);
        hasPassed = true;
        return true;
    }

    /// Adds a row that was not passed over.
    ///
    /// @param row holds it
    /// @param from where it starts
    /// @throws SourceException `CORRUPT_EVENT` where it does not read as its table says; nothing is
    ///   added then
    public void add(byte[] row, int from, int to) {
        int start = rows.size();
        try {
            if (count > 0) {
                rows.put(',');
            }
            writeRow(table(), row, from, to, rows);
        } catch (Throwable e) {
            rows.truncate(start);
            throw e;
        }
        count++;
    }

    /// Whether a row should not be in memory a second time: [#encodeInPieces] is for it.
    public static boolean isLarge(int from, int to) {
        return to - from >= LARGE;
    }

    /// Encodes a large row into a buffer that is discarded, so that a client gets nothing of a row
    /// that does not read as its table says. No row waits.
    ///
    /// @return the place after the row
    /// @throws SourceException as [#add(byte[], int, int)]
    public SnapshotPlace check(byte[] row, int from, int to) {
        JsonBuffer discarded = new JsonBuffer();
        discarded.overflowTo((_, _, _) -> {});
        writeRow(table(), row, from, to, discarded);
        return after(delivered + 1);
    }

    /// Writes the whole event of a large row that was checked last, with no other row in it, and
    /// lets go of what is in the buffer, and of what comes after it, whenever it makes a piece.
    ///
    /// @param outlet gets the pieces; the last one stays in the buffer
    public void encodeInPieces(
            byte[] row, int from, int to, JsonBuffer out, JsonBuffer.Outlet outlet) {
        count = 1;
        out.overflowTo(outlet);
        try {
            start(out);
            writeRow(table(), row, from, to, out);
            end(out);
        } finally {
            out.overflowTo(null);
        }
    }

    private SnapshotRows table() {
        SnapshotRows begun = table;
        if (begun == null) {
            throw new IllegalStateException("no table was begun");
        }
        return begun;
    }

    private String corrupt() {
        return "a result row of " + table().layout.schema().id() + " does not read as its columns";
    }

    private void writeRow(SnapshotRows of, byte[] row, int from, int to, JsonBuffer out) {
        try {
            if (!of.write(row, from, to, out)) {
                throw new SourceException(FailureCode.CORRUPT_EVENT, corrupt());
            }
        } catch (IndexOutOfBoundsException e) {
            throw new SourceException(FailureCode.CORRUPT_EVENT, corrupt(), e);
        }
        keepKey(of, row);
        if (form.records() != null) {
            recordKey.reset();
            of.writeKey(row, recordKey);
        }
    }

    private void keepKey(SnapshotRows of, byte[] row) {
        keyLength = 0;
        for (int cell : of.layout.keyCells()) {
            int length = of.starts[cell + 1] - of.starts[cell];
            if (keyLength + length > key.length) {
                key = Arrays.copyOf(key, Math.max(2 * key.length, keyLength + length));
            }
            System.arraycopy(row, of.starts[cell], key, keyLength, length);
            keyLength += length;
        }
    }

    /// How many rows wait to be written.
    public int pending() {
        return count;
    }

    /// Whether the rows that wait make an event.
    public boolean isFull() {
        return count >= form.batch() || rows.size() >= FULL;
    }

    /// The place after the last row that was written, and after those after it that were passed
    /// over where none waits; or at the start of the table that was begun.
    public SnapshotPlace place() {
        if (hasPassed && count == 0) {
            moveOn();
        }
        return place;
    }

    private void moveOn() {
        place = after(delivered);
        hasPassed = false;
    }

    private SnapshotPlace after(long count) {
        return new SnapshotPlace(
                place.schema(), place.table(), place.shape(), Arrays.copyOf(key, keyLength), count);
    }

    /// Starts the event of the rows that wait, up to the rows themselves, and moves the place after
    /// them. [#rows] and [#end] make it whole.
    public void start(JsonBuffer out) {
        SnapshotRows of = table();
        delivered += count;
        moveOn();
        String token = new FeedToken(form.source(), follow, form.sealed(place), null).toString();
        RecordPlan records = of.plan.records();
        if (debezium != null && records != null) {
            frames.startRecord(out, RecordKind.READ, token);
            out.write(records.topic());
            out.append(recordKey);
            out.ascii("\t\t");
            out.write(records.valueOpen());
            out.put('{');
            out.write(DebeziumEnvelope.NULL_BEFORE);
            return;
        }
        if (debezium != null) {
            frames.startEnvelope(out, token);
            out.write(DebeziumEnvelope.NULL_BEFORE);
            return;
        }
        frames.startChange(out, token);
        out.write(INSERT);
        out.write(of.plan.head());
        out.write(of.plan.allFields());
        out.write(ROWS);
    }

    /// The rows that wait, without the brackets around them.
    public JsonBuffer rows() {
        return rows;
    }

    /// Ends the event; its rows wait no more.
    public void end(JsonBuffer out) {
        if (debezium != null) {
            debezium.processedNow();
            debezium.end(0, 'r', out);
            RecordPlan records = table().plan.records();
            if (records != null) {
                out.write(records.close());
            }
        } else {
            out.write(about);
            out.write(table().plan.keyMetadata());
            out.write(server);
        }
        frames.end(out);
        rows.reset(LARGEST_KEPT);
        count = 0;
    }
}
