package io.fustor.source.mysql.binlog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fustor.source.mysql.change.BinlogEvent;
import io.fustor.source.mysql.change.Operation;
import io.fustor.source.mysql.change.RowsEvent;
import io.fustor.source.mysql.error.FailureCode;
import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.memory.MemoryBudget;
import io.fustor.source.mysql.server.MySqlServer;
import io.fustor.source.mysql.support.TestMySql;
import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.InputStream;
import java.net.SocketTimeoutException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/// What a real server sent of large rows, read by readers that hold them and by readers that do
/// not, off a wire on which bytes come in odd pieces and with pauses.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class LargeEventsIT {

    private static final long MOST = 5L << 18;

    private final long seed = System.nanoTime();
    private final Random random = new Random(seed);
    private final RecordedStream recorded = recorded();
    private final MySqlServer server = new MySqlServer(recorded.access());
    private final List<BinlogEvent> whole = new ArrayList<>();

    private static RecordedStream recorded() {
        try (TestMySql mysql =
                TestMySql.start(
                        "--max-allowed-packet=256M",
                        "--binlog-row-event-max-size=64M",
                        "--binlog-rows-query-log-events=ON")) {
            return RecordedStream.of(mysql, statements());
        }
    }

    private static List<String> statements() {
        List<String> all =
                new ArrayList<>(
                        List.of(
                                "CREATE DATABASE m",
                                "USE m",
                                "SET cte_max_recursion_depth = 100000",
                                "CREATE TABLE t (id INT PRIMARY KEY, a BIT(9), v LONGBLOB, n INT, w VARCHAR(400))",
                                "CREATE TABLE many (id INT PRIMARY KEY, w VARCHAR(200), x CHAR(9), y INT NULL)"));
        for (String compression : List.of("OFF", "ON")) {
            all.add("SET binlog_transaction_compression = " + compression);
            all.addAll(List.of("BEGIN", "INSERT INTO t VALUES (1, 5, 'small', NULL, 'w')"));
            all.add("INSERT INTO t SELECT 2, 5, REPEAT('v', 2000000), 1, NULL");
            all.add("INSERT INTO t SELECT 3, NULL, REPEAT(RANDOM_BYTES(1000), 17000), 1, 'w'");
            all.add("UPDATE t SET v = CONCAT(v, 'x') WHERE id = 3");
            all.add("DELETE FROM t WHERE id < 3");
            all.add("COMMIT");
            all.add(
                    """
                    INSERT INTO many WITH RECURSIVE n (i) AS
                        (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 15000)
                    SELECT i, REPEAT('w', i MOD 190), 'x', NULLIF(i MOD 3, 0) FROM n""");
            all.add("UPDATE many SET y = y + 1");
            all.addAll(List.of("DELETE FROM many", "DELETE FROM t"));
        }
        return all;
    }

    @BeforeAll
    void readWhole() {
        System.out.println("seed " + seed);
        whole.addAll(read(LargeEvents.all(true), stream()));
        assertThat(whole).allMatch(event -> !(event instanceof RowsEvent rows) || rows.isHeld());
        assertThat(whole).filteredOn(event -> event.weight() > MOST).hasSizeGreaterThan(10);
    }

    @AfterAll
    void forget() {
        server.close();
    }

    @Test
    void aReaderOfManyHoldsNoLargeOnesAndKnowsWhereTheyStand() {
        List<BinlogEvent> events = read(new LargeEvents.Shared(MOST), stream());

        assertStandAsTheWhole(events);
        for (int i = 0; i < events.size(); i++) {
            boolean isSmall = whole.get(i).weight() < MOST;
            assertThat(isHeld(events.get(i))).isEqualTo(isSmall);
            assertThat(events.get(i).weight()).isLessThan((int) MOST + 1000);
        }
    }

    @Test
    void aReaderThatWantsNoneHoldsNone() {
        List<BinlogEvent> events =
                read(new LargeEvents.OneByOne(new MemoryBudget(1), (_, _) -> false), stream());

        assertStandAsTheWhole(events);
        assertStandAsTheWhole(read(new LargeEvents.HeadsOnly(), stream()));
    }

    @Test
    void aReaderThatWantsAnOperationHoldsThatOneAtATime() {
        MemoryBudget budget = new MemoryBudget(1 << 20);

        List<BinlogEvent> events =
                read(
                        new LargeEvents.OneByOne(
                                budget, (operation, _) -> operation == Operation.UPDATE),
                        stream());

        assertStandAsTheWhole(events);
        assertThat(events)
                .filteredOn(
                        event ->
                                event instanceof RowsEvent rows
                                        && rows.operation() == Operation.UPDATE)
                .allMatch(LargeEventsIT::isHeld);
        assertThat(budget.used()).isZero();
    }

    @Test
    void aReaderWaitsForTheMemoryThatAnotherHolds() {
        MemoryBudget budget = new MemoryBudget(1 << 20);
        var largeEvents = new LargeEvents.OneByOne(budget, (_, _) -> true);
        try (MemoryBudget.Claim held = budget.claim(1);
                BinlogReader reader = reader(largeEvents, new ByteArrayInputStream(stream()))) {
            BinlogEvent event = reader.next();
            while (event != null) {
                event = reader.next();
            }
            held.close();
            event = reader.next();

            assertThat(event).isInstanceOf(RowsEvent.class);
            assertThat(event.weight()).isGreaterThan(2_000_000);
        }
        assertThat(budget.used()).isZero();
    }

    @Test
    void aLargeEventThatDoesNotMatchItsChecksumIsAStopForEveryReader() {
        List<Integer> large = new ArrayList<>();
        for (int i = 0; i < recorded.events().size(); i++) {
            if (recorded.events().get(i).length > MOST) {
                large.add(i);
            }
        }
        Collections.shuffle(large, random);
        for (int i : large.subList(0, 3)) {
            List<byte[]> events = new ArrayList<>(recorded.events().subList(0, i + 1));
            byte[] wrong = events.get(i).clone();
            // Within a value: nothing but the checksum tells.
            wrong[wrong.length / 2] ^= 1;
            events.set(i, wrong);
            assertStops(new LargeEvents.Shared(MOST), events);
            assertStops(new LargeEvents.HeadsOnly(), events);
            assertStops(LargeEvents.all(false), events);
        }
    }

    private void assertStops(LargeEvents largeEvents, List<byte[]> events) {
        InputStream wire = new ByteArrayInputStream(RecordedStream.packets(events));
        assertThatThrownBy(() -> drain(reader(largeEvents, wire), new ArrayList<>()))
                .isInstanceOfSatisfying(
                        SourceException.class,
                        e -> assertThat(e.code()).isEqualTo(FailureCode.CORRUPT_EVENT));
    }

    private static boolean isHeld(BinlogEvent event) {
        return !(event instanceof RowsEvent rows) || rows.isHeld();
    }

    private void assertStandAsTheWhole(List<BinlogEvent> events) {
        assertThat(events).hasSameSizeAs(whole);
        for (int i = 0; i < events.size(); i++) {
            BinlogEvent event = events.get(i);
            BinlogEvent expected = whole.get(i);
            assertThat(event.after()).isEqualTo(expected.after());
            assertThat(event.transaction()).isEqualTo(expected.transaction());
            if (expected instanceof RowsEvent of && event instanceof RowsEvent rows) {
                assertThat(rows.firstRow()).isEqualTo(of.firstRow());
                assertThat(rows.rowCount()).isEqualTo(of.rowCount());
                assertThat(rows.table().id()).isEqualTo(of.table().id());
                assertThat(rows.origin()).isEqualTo(of.origin());
            }
        }
    }

    private byte[] stream() {
        return RecordedStream.packets(recorded.events());
    }

    private List<BinlogEvent> read(LargeEvents largeEvents, byte[] stream) {
        List<BinlogEvent> events = new ArrayList<>();
        try (BinlogReader reader = reader(largeEvents, new HaltingStream(stream))) {
            assertThatThrownBy(() -> drain(reader, events)).hasCauseInstanceOf(EOFException.class);
        }
        return events;
    }

    private BinlogReader reader(LargeEvents largeEvents, InputStream wire) {
        return BinlogReader.of(
                server,
                new EventStream(
                        server,
                        ReplicationConnection.replaying(recorded.access(), wire),
                        BinlogCursor.at(recorded.start()),
                        new TableMaps(),
                        largeEvents),
                null,
                null);
    }

    private static void drain(BinlogReader reader, List<BinlogEvent> into) {
        while (true) {
            BinlogEvent event = reader.next();
            if (event != null) {
                into.add(event);
            }
        }
    }

    /// Bytes come in pieces of any length, and now and then not in time.
    private final class HaltingStream extends InputStream {

        private final byte[] bytes;
        private int at;

        HaltingStream(byte[] bytes) {
            this.bytes = bytes;
        }

        @Override
        public int read(byte[] into, int offset, int most) throws SocketTimeoutException {
            if (random.nextInt(4) == 0) {
                throw new SocketTimeoutException("not in time");
            }
            if (at == bytes.length) {
                return -1;
            }
            int piece = random.nextBoolean() ? 1 + random.nextInt(20) : random.nextInt(300_000) + 1;
            int count = Math.min(Math.min(most, piece), bytes.length - at);
            System.arraycopy(bytes, at, into, offset, count);
            at += count;
            return count;
        }

        @Override
        public int read() {
            return bytes[at++] & 0xFF;
        }
    }
}
