package io.fustor.source.mysql.binlog;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdInputStream;
import io.fustor.source.mysql.change.BinlogEvent;
import io.fustor.source.mysql.change.Operation;
import io.fustor.source.mysql.change.RowsEvent;
import io.fustor.source.mysql.encode.EventEncoder;
import io.fustor.source.mysql.encode.Format;
import io.fustor.source.mysql.encode.FrameForm;
import io.fustor.source.mysql.encode.JsonBuffer;
import io.fustor.source.mysql.encode.Transport;
import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.position.Gtid;
import io.fustor.source.mysql.position.GtidSet;
import io.fustor.source.mysql.position.MySqlGtid;
import io.fustor.source.mysql.position.Place;
import io.fustor.source.mysql.schema.Selection;
import io.fustor.source.mysql.server.MySqlServer;
import io.fustor.source.mysql.support.Seeds;
import io.fustor.source.mysql.support.TestMySql;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;

/// Passes a real server's stream with added faults through the reader and the encoder. Whatever the
/// bytes, both end in time, with little memory and with a [SourceException]. As long as the
/// checksums are the server's, they yield only what is before the fault.
///
/// `-Dfuzz.mutations=…` says how many faults, `-Dfuzz.seed=…` which.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(value = 30, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
@Tag("fuzz")
class MutatedBinlogIT {

    /// Of all three kinds together, besides the events that go missing, again or astray. As a
    /// capture holds them; a fault may make an event say that it is large.
    private static final LargeEvents OF_WINDOW = new LargeEvents.Shared(4 << 20);

    private static final int MUTATIONS = Integer.getInteger("fuzz.mutations", 5_000);

    private static final long LONGEST_NANOS = 5_000_000_000L;
    private static final long MOST_BYTES = 96L << 20;

    private static final com.sun.management.ThreadMXBean THREADS =
            (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();

    private final long seed = Seeds.of("fuzz.seed", MutatedBinlogIT.class);
    private final Random random = new Random(seed);

    private final RecordedStream recorded = recorded();
    private final MySqlServer server = new MySqlServer(recorded.access());
    private final List<String> whole = new ArrayList<>();

    private static RecordedStream recorded() {
        try (TestMySql mysql = TestMySql.start()) {
            return RecordedStream.of(mysql, statements());
        }
    }

    @BeforeAll
    void readWhole() {
        System.out.println("seed " + seed);
        assertThat(read(recorded.start(), RecordedStream.packets(recorded.events()), whole))
                .hasCauseInstanceOf(EOFException.class);
        assertThat(whole).hasSizeGreaterThan(30);
        assertThat(recorded.events().stream().map(RecordedStream::type))
                .contains(
                        EventType.TRANSACTION_PAYLOAD,
                        EventType.GTID,
                        EventType.ROWS_QUERY,
                        EventType.UPDATE_ROWS,
                        EventType.DELETE_ROWS,
                        EventType.PREVIOUS_GTIDS);
    }

    @AfterAll
    void forget() {
        server.close();
    }

    private static List<String> statements() {
        List<String> all =
                new ArrayList<>(
                        List.of(
                                "CREATE DATABASE m CHARACTER SET utf8mb4",
                                "USE m",
                                "SET sql_mode = '', binlog_rows_query_log_events = ON",
                                // Four bytes of a checksum would read as a row of it.
                                "CREATE TABLE small (a TINYINT, b SMALLINT)",
                                "INSERT INTO small VALUES (1, 2), (3, 4)",
                                """
                                CREATE TABLE wide (id BIGINT UNSIGNED PRIMARY KEY AUTO_INCREMENT,
                                  a DECIMAL(30,10), b FLOAT, c DOUBLE, d DATE, e TIME(3),
                                  f DATETIME(6), g TIMESTAMP(2) NULL, h YEAR, i BIT(33),
                                  j CHAR(20), k VARCHAR(300) CHARACTER SET gbk,
                                  l MEDIUMTEXT CHARACTER SET utf16, m BINARY(16), n BLOB,
                                  o ENUM('a','é','c,d'), p SET('x','y','z'), q JSON,
                                  r GEOMETRY, s CHAR(200) CHARACTER SET utf8mb4)"""));
        String row =
                """
                INSERT INTO wide VALUES (NULL, -12.5, 1.1, 1e300, '2024-02-29', '-1:02:03.4',
                  '2024-02-29 01:02:03.456789', '2024-02-29 01:02:03.45', 2024, 5, 'text', '中文',
                  '😀', x'01', REPEAT('b', 300), 2, 5, '{"a":[1,2.5,"x",{"b":null}],"c":true}',
                  POINT(1, 2), 'é')""";
        all.add(row);
        all.add(row.replace("VALUES (NULL,", "SELECT NULL,").replace("'é')", "'é' FROM small"));
        all.add("UPDATE wide SET q = JSON_SET(q, '$.a[0]', CAST(1.5 AS DECIMAL(5,2))), k = NULL");
        all.add("FLUSH BINARY LOGS");
        all.addAll(List.of("BEGIN", "DELETE FROM wide WHERE id = 1", row, "COMMIT"));
        all.add("TRUNCATE TABLE small");
        all.add("SET binlog_transaction_compression = ON");
        for (int i = 0; i < 4; i++) {
            all.addAll(List.of("BEGIN", row, "UPDATE wide SET a = a + 1", row, "COMMIT"));
        }
        all.addAll(
                List.of(
                        "SET binlog_transaction_compression = OFF",
                        "FLUSH BINARY LOGS",
                        "INSERT INTO small VALUES (5, 6), (NULL, NULL)",
                        "DROP TABLE wide"));
        return all;
    }

    /// Reads a stream to its end, which it must come to by an exception of ours.
    private SourceException read(BinlogStart start, byte[] stream, List<String> into) {
        ReplicationConnection connection =
                ReplicationConnection.replaying(
                        recorded.access(), new ByteArrayInputStream(stream));
        BinlogReader reader =
                BinlogReader.of(
                        server,
                        new EventStream(
                                server,
                                connection,
                                BinlogCursor.at(start),
                                new TableMaps(),
                                random.nextBoolean() ? OF_WINDOW : new LargeEvents.HeadsOnly()),
                        null,
                        null);
        EventEncoder encoder =
                new EventEncoder(
                        new FrameForm(
                                1,
                                "mutated",
                                Format.FUSTOR,
                                Transport.NDJSON,
                                Selection.EVERYTHING,
                                EnumSet.allOf(Operation.class),
                                10_000,
                                false,
                                true));
        JsonBuffer out = new JsonBuffer();
        try {
            while (true) {
                BinlogEvent event = reader.next();
                boolean isHeld = !(event instanceof RowsEvent rows) || rows.isHeld();
                if (event != null && isHeld) {
                    out.reset();
                    encoder.encode(event, 0, out);
                    into.add(new String(out.array(), 0, out.size(), UTF_8));
                }
            }
        } catch (SourceException e) {
            return e;
        }
    }

    @Test
    void serverWithoutChecksumsIsRead() {
        try (TestMySql mysql = TestMySql.start("--binlog-checksum=NONE")) {
            RecordedStream bare = RecordedStream.of(mysql, statements());
            List<String> read = new ArrayList<>();

            assertThat(read(bare.start(), RecordedStream.packets(bare.events()), read))
                    .hasCauseInstanceOf(EOFException.class);
            assertThat(read).hasSameSizeAs(whole);
        }
    }

    /// The last four bytes of each event would be read as rows.
    @Test
    void headThatDeniesItsChecksumsIsRefused() {
        for (boolean isSealed : new boolean[] {false, true}) {
            List<byte[]> events = new ArrayList<>(recorded.events());
            for (int i = 0; i < events.size(); i++) {
                if (RecordedStream.type(events.get(i)) == EventType.FORMAT_DESCRIPTION) {
                    byte[] head = events.get(i).clone();
                    head[head.length - 5] = 0;
                    if (isSealed) {
                        RecordedStream.seal(head);
                    }
                    events.set(i, head);
                }
            }
            List<String> read = new ArrayList<>();

            assertThat(read(recorded.start(), RecordedStream.packets(events), read))
                    .hasMessageContaining("its file is said to have none");
            assertThat(read).isEmpty();
        }
    }

    /// The request has no checksum: it may have been changed on its way to the server.
    @Test
    void streamThatBeginsElsewhereThanAskedIsRefused() {
        Place place = recorded.start().position();
        Place elsewhere =
                new Place(
                        place.server(),
                        place.fileNumber(),
                        place.offset() + 1,
                        place.fileCreated(),
                        0,
                        place.executed(),
                        null);
        String file = recorded.start().file();
        for (BinlogStart.AtPosition asked :
                List.of(
                        new BinlogStart.AtPosition(elsewhere, file),
                        new BinlogStart.AtPosition(place, "binlog.000077"))) {
            List<String> read = new ArrayList<>();

            assertThat(read(asked, RecordedStream.packets(recorded.events()), read))
                    .hasMessageContaining("was asked to at");
            assertThat(read).isEmpty();
        }
    }

    @Test
    void faultsOnTheWireYieldNothingAfterThem() {
        for (int i = 0; i < MUTATIONS / 5 * 2; i++) {
            byte[] stream = RecordedStream.packets(recorded.events());
            check("bytes " + i, damaged(stream), true);
        }
    }

    @Test
    void missingRepeatedAndSwappedEventsYieldNothingAfterThem() {
        int count = recorded.events().size();
        for (int i = 0; i < count; i++) {
            List<byte[]> missing = new ArrayList<>(recorded.events());
            missing.remove(i);
            check("without event " + i, RecordedStream.packets(missing), true);
            List<byte[]> swapped = new ArrayList<>(recorded.events());
            swapped.set(i, recorded.events().get((i + 1) % count));
            swapped.set((i + 1) % count, recorded.events().get(i));
            check("event " + i + " after the next", RecordedStream.packets(swapped), true);
            for (int k = i + 1; k <= count; k++) {
                List<byte[]> repeated = new ArrayList<>(recorded.events());
                repeated.add(k, recorded.events().get(i));
                String name = "event " + i + " again before " + k;
                check(name, RecordedStream.packets(repeated), true);
            }
        }
    }

    @Test
    void missingTransactionsYieldNothingAfterThem() {
        for (int gtid : gtids()) {
            check("without transaction at " + gtid, withoutTransaction(gtid), true);
        }
    }

    /// A server that is asked by GTIDs omits the reader's transactions, but nothing after the files
    /// that contain them.
    @Test
    void transactionsAreLeftOutOnlyInFilesThatHoldSomeOfTheAskers() {
        List<Integer> gtids = gtids();
        GtidSet had = GtidSet.EMPTY.plus(gtid(recorded.events().get(gtids.get(2))));
        BinlogStart start = new BinlogStart.AfterGtids(recorded.start().server(), had);
        List<String> read = new ArrayList<>();
        assertThat(read(start, withoutTransaction(gtids.get(2)), read))
                .hasCauseInstanceOf(EOFException.class);
        assertThat(read).isNotEmpty().hasSizeLessThan(whole.size());

        List<String> stopped = new ArrayList<>();
        assertThat(read(start, withoutTransaction(gtids.get(gtids.size() - 2)), stopped))
                .hasMessageContaining("events are missing between");
        assertThat(stopped).isNotEmpty().hasSizeLessThan(whole.size() - 1);
    }

    /// Where the events of transactions start.
    private List<Integer> gtids() {
        List<byte[]> events = recorded.events();
        List<Integer> gtids = new ArrayList<>();
        for (int i = 0; i < events.size(); i++) {
            if (RecordedStream.type(events.get(i)) == EventType.GTID) {
                gtids.add(i);
            }
        }
        return gtids;
    }

    private static Gtid gtid(byte[] event) {
        ByteBuffer body = ByteBuffer.wrap(event, EventBytes.HEADER + 1, 24);
        UUID origin = new UUID(body.getLong(), body.getLong());
        return new MySqlGtid(origin, "", body.order(ByteOrder.LITTLE_ENDIAN).getLong());
    }

    /// The stream without the events from a GTID to the next, or to the end of its file.
    private byte[] withoutTransaction(int gtid) {
        List<byte[]> events = new ArrayList<>(recorded.events());
        do {
            events.remove(gtid);
        } while (gtid < events.size() && isInside(RecordedStream.type(events.get(gtid))));
        return RecordedStream.packets(events);
    }

    private static boolean isInside(int type) {
        return type != EventType.GTID && type != EventType.ROTATE;
    }

    @Test
    void eventsWithFaultsAndRightChecksumsEndInAClearStop() {
        for (int i = 0; i < MUTATIONS / 5 * 2; i++) {
            List<byte[]> events = new ArrayList<>(recorded.events());
            int at = random.nextInt(events.size());
            byte[] event = events.get(at).clone();
            damageBody(event, EventBytes.HEADER, event.length - 4);
            if (random.nextInt(20) == 0) {
                event[4] = (byte) random.nextInt(50);
            }
            RecordedStream.seal(event);
            events.set(at, event);
            check("sealed event " + i, RecordedStream.packets(events), false);
        }
    }

    @Test
    void compressedEventsWithFaultsEndInAClearStop() throws IOException {
        List<Integer> payloads = new ArrayList<>();
        for (int i = 0; i < recorded.events().size(); i++) {
            if (RecordedStream.type(recorded.events().get(i)) == EventType.TRANSACTION_PAYLOAD) {
                payloads.add(i);
            }
        }
        for (int i = 0; i < MUTATIONS / 5; i++) {
            int at = payloads.get(random.nextInt(payloads.size()));
            byte[] inner = unpacked(recorded.events().get(at));
            damageBody(inner, 0, inner.length);
            List<byte[]> events = new ArrayList<>(recorded.events());
            events.set(at, repacked(recorded.events().get(at), inner));
            check("payload " + i, RecordedStream.packets(events), false);
        }
    }

    private static byte[] unpacked(byte[] event) throws IOException {
        EventBytes window = new EventBytes();
        window.set(event, 0, event.length, true);
        while (window.packed() != 0) {
            window.skip(window.packedLength());
        }
        byte[] packed = window.copy(window.remaining());
        try (var in = new ZstdInputStream(new ByteArrayInputStream(packed))) {
            return in.readAllBytes();
        }
    }

    /// The event with another payload: only its sizes and the field that names ZSTD are written.
    private static byte[] repacked(byte[] event, byte[] inner) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(event, 0, EventBytes.HEADER);
        out.writeBytes(new byte[] {2, 1, 0, 0});
        out.writeBytes(Zstd.compress(inner));
        out.writeBytes(new byte[4]);
        byte[] made = out.toByteArray();
        int end = RecordedStream.number(event, 13) - event.length + made.length;
        RecordedStream.number(made, 9, made.length);
        RecordedStream.number(made, 13, end);
        RecordedStream.seal(made);
        return made;
    }

    private byte[] damaged(byte[] stream) {
        int at = random.nextInt(stream.length);
        int length = 1 + random.nextInt(Math.min(100, stream.length - at));
        switch (random.nextInt(6)) {
            case 0 -> stream[at] ^= (byte) (1 << random.nextInt(8));
            case 1 -> damageBody(stream, 0, stream.length);
            case 2 -> {
                return Arrays.copyOf(stream, at);
            }
            case 3 -> {
                int packet = packetAt(stream, at);
                stream[packet + random.nextInt(3)] = (byte) random.nextInt();
            }
            case 4 ->
                    System.arraycopy(stream, at + length, stream, at, stream.length - at - length);
            default ->
                    System.arraycopy(stream, at, stream, at + length, stream.length - at - length);
        }
        return stream;
    }

    /// Where the packet starts that holds a byte.
    private static int packetAt(byte[] stream, int at) {
        int packet = 0;
        while (true) {
            int length = RecordedStream.number(stream, packet) & 0xFF_FFFF;
            if (packet + 4 + length > at) {
                return packet;
            }
            packet += 4 + length;
        }
    }

    /// One to four bytes become others, among them those that lengths and offsets begin with.
    private void damageBody(byte[] bytes, int from, int to) {
        byte[] odd = {0, 1, 0x7F, (byte) 0x80, (byte) 0xFB, (byte) 0xFC, (byte) 0xFE, (byte) 0xFF};
        for (int i = random.nextInt(4); i >= 0; i--) {
            int at = from + random.nextInt(Math.max(1, to - from));
            bytes[at] =
                    switch (random.nextInt(3)) {
                        case 0 -> odd[random.nextInt(odd.length)];
                        case 1 -> (byte) (bytes[at] ^ (1 << random.nextInt(8)));
                        default -> (byte) random.nextInt();
                    };
        }
    }

    private void check(String name, byte[] stream, boolean isChecksummed) {
        List<String> read = new ArrayList<>();
        long allocated = THREADS.getCurrentThreadAllocatedBytes();
        long start = THREADS.getCurrentThreadCpuTime();
        try {
            read(recorded.start(), stream, read);
        } catch (RuntimeException | Error e) {
            throw new AssertionError(name + " of seed " + seed + " crashed the reader", e);
        }
        assertThat(THREADS.getCurrentThreadCpuTime() - start)
                .as("nanoseconds of the processor for %s of seed %s", name, seed)
                .isLessThan(LONGEST_NANOS);
        assertThat(THREADS.getCurrentThreadAllocatedBytes() - allocated)
                .as("bytes for %s of seed %s", name, seed)
                .isLessThan(MOST_BYTES);
        if (isChecksummed) {
            assertThat(read.size()).as(name).isLessThanOrEqualTo(whole.size());
            assertThat(read)
                    .as("%s of seed %s", name, seed)
                    .isEqualTo(whole.subList(0, read.size()));
        }
    }
}
