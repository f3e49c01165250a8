package io.fustor.source.mysql.encode;

import io.fustor.source.mysql.error.FailureCode;
import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.position.BinlogPosition;
import io.fustor.source.mysql.position.FeedPosition;
import io.fustor.source.mysql.position.FeedToken;
import io.fustor.source.mysql.position.SnapshotPlace;
import io.fustor.source.mysql.schema.TableId;
import io.fustor.source.mysql.schema.TableSchema;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Turns the rows of a snapshot into the bytes that go to a client: `insert` events of the format
/// `fustor` with many rows each, or `r` events of Debezium's with one, and in front of each the
/// token of the place behind its last row.
///
/// Rows are the binary protocol's (the manual's 'Binary Protocol Resultset Row'): a zero byte, a
/// bitmap of NULLs that begins at its third bit, then the cells. For one thread.
public final class SnapshotEncoder {

    /// An event is closed when its rows take this much, however few they are.
    private static final int FULL = 256 * 1024;

    /// What a rare large row may leave behind as room for the next.
    private static final int LARGEST_KEPT = 1024 * 1024;

    /// From which size on a row is large.
    private static final int LARGE = 1024 * 1024;

    private static final byte[] INSERT = ascii("\",\"event_type\":\"insert\",");
    private static final byte[] ROWS = ascii(",\"rows\":[");
    private static final byte[] NULL = ascii("null");
    private static final int NULL_BIT = 2;

    private final FrameForm form;
    private final FrameWriter frames;
    private final FeedPosition follow;
    private final Origin origin;
    private final @Nullable DebeziumEnvelope debezium;
    private final byte[] about;
    private final byte[] server;
    private final JsonBuffer rows = new JsonBuffer(64 * 1024);
    private final JsonBuffer unwanted = new JsonBuffer();

    private @Nullable Rows table;
    private int count;
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
    /// @param cellCount how many cells a row has; those behind the columns are eight bytes wide
    /// @param shape see [SnapshotPlace]
    @SuppressWarnings("ArrayRecordComponent") // never compared
    public record Layout(
            TableSchema schema, int[] columns, int[] keyCells, int cellCount, int shape) {}

    /// A layout with what is decided once: a codec and a name for each cell.
    private static final class Rows {
        private final Layout layout;
        private final TablePlan plan;
        private final CellCodec[] codecs;
        private final boolean[] written;
        private final byte[][] names;
        private final int[] starts;

        private Rows(Layout layout, FrameForm form) {
            this.layout = layout;
            this.plan = TablePlan.ofResult(layout.schema(), form);
            this.codecs = new CellCodec[layout.cellCount()];
            this.written = new boolean[layout.cellCount()];
            this.names = new byte[layout.cellCount()][];
            this.starts = new int[layout.cellCount() + 1];
            Arrays.fill(codecs, NumberCodecs.bigint(true, false));
            for (int cell = 0; cell < layout.columns().length; cell++) {
                int ordinal = layout.columns()[cell];
                CellCodec wanted = plan.codecs()[ordinal];
                written[cell] = wanted != null;
                names[cell] = plan.names()[ordinal];
                codecs[cell] =
                        wanted != null
                                ? wanted
                                : CellCodecs.ofResult(
                                        layout.schema().columns().get(ordinal), false);
            }
            open();
        }

        /// Puts the brace of the row's object in front of the first name that is written.
        private void open() {
            for (int cell = 0; cell < written.length; cell++) {
                if (written[cell]) {
                    names[cell] = names[cell].clone();
                    names[cell][0] = '{';
                    return;
                }
            }
        }
    }

    /// @param follow the place from which changes follow
    /// @param start how far the snapshot is
    public SnapshotEncoder(
            FrameForm form, FeedPosition follow, SnapshotPlace start, Origin origin) {
        this.form = form;
        this.frames = new FrameWriter(form.transport());
        this.follow = follow;
        this.place = start;
        this.delivered = start.rows();
        this.origin = origin;
        this.debezium =
                form.format() == Format.DEBEZIUM ? new DebeziumEnvelope(form.sourceName()) : null;
        this.about = about(follow, origin);
        this.server = server(follow, origin);
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private static byte[] about(FeedPosition follow, Origin origin) {
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

    private static byte[] server(FeedPosition follow, Origin origin) {
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

    /// Begins a table; no row is pending.
    ///
    /// @throws SourceException `UNSUPPORTED_TYPE` where a wanted column cannot be read
    public void begin(Layout layout) {
        table = new Rows(layout, form);
        keyLength = 0;
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

    /// Adds a row.
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
        } catch (RuntimeException e) {
            rows.truncate(start);
            throw e;
        }
        count++;
    }

    /// Whether a row should not be in memory a second time: [#encodeInPieces] is for it.
    public static boolean isLarge(int from, int to) {
        return to - from >= LARGE;
    }

    /// Writes the whole event of a large row, with no other row in it, and lets go of what is in
    /// the buffer, and of what comes behind it, whenever it makes a piece. No row waits. The row is
    /// encoded twice: first for nobody, so that a client gets nothing of a row that does not read
    /// as its table says.
    ///
    /// @param outlet gets the pieces; the last one stays in the buffer
    /// @throws SourceException as [#add(byte[], int, int)]; nothing was written then
    public void encodeInPieces(
            byte[] row, int from, int to, JsonBuffer out, JsonBuffer.Outlet outlet) {
        JsonBuffer nobody = new JsonBuffer();
        nobody.overflowTo((_, _, _) -> {});
        writeRow(table(), row, from, to, nobody);
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

    private Rows table() {
        Rows begun = table;
        if (begun == null) {
            throw new IllegalStateException("no table was begun");
        }
        return begun;
    }

    private String corrupt() {
        return "a result row of " + table().layout.schema().id() + " does not read as its columns";
    }

    private void writeRow(Rows of, byte[] row, int from, int to, JsonBuffer out) {
        try {
            writeCells(of, row, from, to, out);
        } catch (IndexOutOfBoundsException e) {
            throw new SourceException(FailureCode.CORRUPT_EVENT, corrupt(), e);
        }
        keepKey(of, row);
    }

    private void writeCells(Rows of, byte[] row, int from, int to, JsonBuffer out) {
        int cells = of.layout.cellCount();
        int nulls = from + 1;
        int at = nulls + (cells + NULL_BIT + 7) / 8;
        boolean isOpen = false;
        for (int cell = 0; cell < cells; cell++) {
            int bit = cell + NULL_BIT;
            boolean isNull = (row[nulls + (bit >> 3)] & (1 << (bit & 7))) != 0;
            of.starts[cell] = at;
            JsonBuffer taker = unwanted;
            if (of.written[cell]) {
                taker = out;
                taker.write(of.names[cell]);
                isOpen = true;
            } else {
                taker.reset();
            }
            if (isNull) {
                taker.write(NULL);
            } else {
                at = of.codecs[cell].write(row, at, taker);
            }
        }
        of.starts[cells] = at;
        if (at != to) {
            throw new SourceException(FailureCode.CORRUPT_EVENT, corrupt());
        }
        if (!isOpen) {
            out.put('{');
        }
        out.put('}');
    }

    private void keepKey(Rows of, byte[] row) {
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

    /// The place behind the last row that was written, or at the start of the table that was begun.
    public SnapshotPlace place() {
        return place;
    }

    /// Starts the event of the rows that wait, up to the rows themselves, and moves the place
    /// behind them. [#rows] and [#end] make it whole.
    public void start(JsonBuffer out) {
        Rows of = table();
        delivered += count;
        place =
                new SnapshotPlace(
                        place.schema(),
                        place.table(),
                        place.shape(),
                        Arrays.copyOf(key, keyLength),
                        delivered);
        String token = new FeedToken(form.source(), follow, place, null).toString();
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
