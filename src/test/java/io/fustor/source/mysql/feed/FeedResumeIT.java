package io.fustor.source.mysql.feed;

import static org.assertj.core.api.Assertions.assertThat;

import io.fustor.source.mysql.support.ConsumerCopy;
import io.fustor.source.mysql.support.FeedClient;
import io.fustor.source.mysql.support.FeedRequest;
import io.fustor.source.mysql.support.FeedRow;
import io.fustor.source.mysql.support.RunningService;
import io.fustor.source.mysql.support.Seeds;
import io.fustor.source.mysql.support.ServerRelease;
import io.fustor.source.mysql.support.ServiceApi;
import io.fustor.source.mysql.support.Sql;
import io.fustor.source.mysql.support.TestMySql;
import io.fustor.source.mysql.support.Traffic;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.web.server.LocalServerPort;

/// A client that was cut off and resumes receives exactly what an uninterrupted client receives.
@RunningService
@Tag("soak")
@Tag("servers")
class FeedResumeIT {

    private static final int CUTS = 200;
    private static final int[] BATCHES = {1, 2, 7, 100, 500, 10_000};
    private static final int ROWS = 5_000;

    /// For a client that reads one event, so that the service does not write all of them.
    private static final int LITTLE = 4_096;

    /// After which rows of a transaction a client resumes: each that is the last of a table or an
    /// operation, and every so many others. `-Dlong=soak` takes each.
    private static final int STEP = Integer.getInteger("resume.step", 37);

    /// The same, where each has a connection to the server of its own.
    private static final int STEP_ALONE = Integer.getInteger("resume.step-alone", 149);

    @LocalServerPort private int port;

    private ServiceApi api;

    @BeforeAll
    void connect() {
        api = new ServiceApi(URI.create("http://127.0.0.1:" + port));
    }

    @Test
    void receivesTheSameRowsHoweverOftenItIsCutOff() throws Exception {
        receivesTheSameRows(TestMySql.shared(), "resume", 50_000, CUTS);
    }

    /// As it is when only these are set: the binlog and its format.
    @Test
    void receivesTheSameRowsOfAMariaDbInItsDefaultConfiguration() throws Exception {
        try (TestMySql mariaDb =
                TestMySql.start(ServerRelease.MARIADB_11_8, "--binlog-row-metadata=NO_LOG")) {
            receivesTheSameRows(mariaDb, "resume-mariadb", 10_000, CUTS / 5);
        }
    }

    private void receivesTheSameRows(TestMySql mysql, String source, int count, int cuts)
            throws Exception {
        long seed = Seeds.of("traffic.seed", FeedResumeIT.class);
        System.out.println("FeedResumeIT: seed " + seed);
        api.addSource(source, mysql);
        Traffic traffic = new Traffic(mysql, "resume_cuts", seed);
        FeedRequest feed = api.feed(source).with("tables", "resume_cuts.*");
        FeedRequest orders = feed.with("tables", "resume_cuts.orders");
        String start = api.tokenOfNow(source);

        try (ExecutorService readers = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<List<FeedRow>> uncut =
                    readers.submit(() -> Traffic.readToTheEnd(feed.after(start)));
            Future<List<FeedRow>> cut =
                    readers.submit(() -> readWithCuts(feed, null, cuts, start, count, seed));
            Future<List<FeedRow>> cutOrders =
                    readers.submit(
                            () ->
                                    readWithCuts(
                                            orders,
                                            "orders",
                                            cuts,
                                            start,
                                            count * 6 / 25,
                                            seed + 1));
            traffic.run(4, count, 2_000);
            traffic.end();

            List<FeedRow> expected = uncut.get(60, TimeUnit.SECONDS);
            assertThat(expected.size()).isEqualTo((int) traffic.committedRows());
            FeedRow.assertSameSequence(expected, cut.get(60, TimeUnit.SECONDS));
            FeedRow.assertSameSequence(
                    expected.stream().filter(row -> row.table().endsWith(".orders")).toList(),
                    cutOrders.get(60, TimeUnit.SECONDS));
            ConsumerCopy copy = new ConsumerCopy();
            copy.apply(expected);
            copy.assertSameAs(mysql, "resume_cuts");
            api.delete("/api/configs/sources/" + source).expect(204);
        }
    }

    /// Cuts the connection after a random number of rows, also of none, and resumes; spreads the
    /// cuts over the rows that are expected.
    ///
    /// @param expected no more than there are, or rows run out before cuts do
    private static List<FeedRow> readWithCuts(
            FeedRequest feed,
            @Nullable String table,
            int cuts,
            String start,
            int expected,
            long seed) {
        Random random = new Random(seed);
        List<FeedRow> rows = new ArrayList<>();
        String token = start;
        for (int cutsLeft = cuts; ; cutsLeft--) {
            int mean = Math.max(1, expected - rows.size()) / (Math.max(0, cutsLeft) + 20);
            int wanted = cutsLeft > 0 ? rows.size() + random.nextInt(1 + mean) : Integer.MAX_VALUE;
            int batch = BATCHES[random.nextInt(BATCHES.length)];
            try (FeedClient client = feed.with("batch", batch).after(token).open()) {
                client.hello();
                while (rows.size() < wanted) {
                    rows.addAll(client.change().flatten());
                    if (Traffic.isEnd(rows.getLast(), table)) {
                        assertThat(cutsLeft).as("cuts left at the end").isLessThanOrEqualTo(0);
                        return rows;
                    }
                }
                token = client.token();
                client.cut();
            }
        }
    }

    /// Every token from the live window, since a subscriber was live before; and some by a
    /// connection of the subscriber's own, with a user without a live subscriber.
    @ParameterizedTest
    @ValueSource(
            strings = {
                "--binlog-row-event-max-size=1024",
                "--binlog-row-event-max-size=1048576 --gtid-mode=OFF_PERMISSIVE",
                "--binlog-transaction-compression=ON"
            })
    void resumesAfterEachRowOfATransaction(String options) throws Exception {
        try (TestMySql mysql = TestMySql.start(options.split(" "))) {
            String live = "live-" + mysql.port();
            String catchUp = "catch-up-" + mysql.port();
            api.addSource(live, mysql.uri(), TestMySql.CAPTURE);
            api.addSource(catchUp, mysql.uri(), TestMySql.ROOT);
            String start = api.tokenOfNow(catchUp);
            try (FeedClient client = api.feed(live).with("batch", 1).open()) {
                client.hello();
                commitFiveThousandRows(mysql, "cte_max_recursion_depth");
                checkTokens(api.feed(live), readEachRow(client), STEP);
            }
            assertThat(Sql.column(mysql, "SHOW BINLOG EVENTS IN 'binlog.000001'", 3))
                    .satisfies(
                            types ->
                                    assertThat(types.contains("Transaction_payload"))
                                            .isEqualTo(options.contains("compression")));
            FeedRequest feed = api.feed(catchUp);
            try (FeedClient client = feed.with("batch", 1).after(start).open()) {
                checkTokens(feed, readEachRow(client), STEP_ALONE);
            }
            api.delete("/api/configs/sources/" + live).expect(204);
            api.delete("/api/configs/sources/" + catchUp).expect(204);
        }
    }

    /// Since 11.4 its events do not say where they stand, except for the last of a transaction.
    @ParameterizedTest
    @MethodSource("releasesOfMariaDb")
    void resumesAfterRowsOfATransactionOfMariaDb(ServerRelease release) throws Exception {
        try (TestMySql mariaDb = TestMySql.start(release)) {
            String source = "mariadb-" + mariaDb.port();
            api.addSource(source, mariaDb);
            String start = api.tokenOfNow(source);
            try (FeedClient client = api.feed(source).with("batch", 1).open()) {
                client.hello();
                commitFiveThousandRows(mariaDb, "max_recursive_iterations");
                checkTokens(api.feed(source), readEachRow(client), STEP_ALONE);
            }
            try (FeedClient client = api.feed(source).with("batch", 1).after(start).open()) {
                checkTokens(api.feed(source), readEachRow(client), 211);
            }
            api.delete("/api/configs/sources/" + source).expect(204);
        }
    }

    static List<ServerRelease> releasesOfMariaDb() {
        return Boolean.getBoolean("servers.all")
                ? List.of(
                        ServerRelease.MARIADB_10_5,
                        ServerRelease.MARIADB_10_11,
                        ServerRelease.MARIADB_11_4,
                        ServerRelease.MARIADB_11_8)
                : List.of(ServerRelease.MARIADB_11_8);
    }

    private static List<FeedRow> readEachRow(FeedClient client) {
        List<FeedRow> rows = client.rows(ROWS + 1);
        List<FeedRow> transaction = rows.subList(0, ROWS);
        assertThat(rows.stream().map(FeedRow::token).distinct().count()).isEqualTo(ROWS + 1);
        assertThat(transaction.stream().map(FeedRow::transaction).distinct()).hasSize(1);
        assertThat(transaction.stream().map(FeedRow::number).toList())
                .isEqualTo(LongStream.range(0, ROWS).boxed().toList());
        return rows;
    }

    /// One transaction over three tables: statements of many rows, of which one writes a second
    /// table by a trigger, and one row of a later transaction after it.
    private static void commitFiveThousandRows(TestMySql mysql, String depth) {
        mysql.execute(
                "CREATE DATABASE rows5k",
                "CREATE TABLE rows5k.a (id INT PRIMARY KEY, v VARCHAR(40))",
                "CREATE TABLE rows5k.b (id INT PRIMARY KEY, v VARCHAR(40))",
                "CREATE TABLE rows5k.audit (n INT AUTO_INCREMENT PRIMARY KEY, id INT)",
                """
                CREATE TRIGGER rows5k.audited AFTER DELETE ON rows5k.b
                FOR EACH ROW INSERT INTO rows5k.audit (id) VALUES (OLD.id)""",
                "SET SESSION " + depth + " = 10000",
                "BEGIN",
                insert("a", 1, 1_500),
                insert("b", 1, 700),
                "UPDATE rows5k.a SET v = CONCAT(v, '!') WHERE id <= 900",
                insert("a", 2_001, 300),
                "UPDATE rows5k.b SET id = id + 10000 WHERE id <= 300",
                "DELETE FROM rows5k.b WHERE id <= 600", // 300 rows, and 300 of audit
                insert("b", 3_001, 1),
                insert("a", 3_001, 1),
                insert("b", 3_002, 398),
                "DELETE FROM rows5k.a WHERE id <= 300",
                "COMMIT",
                "INSERT INTO rows5k.a VALUES (9999, 'later')");
    }

    private static String insert(String table, int from, int count) {
        return """
        INSERT INTO rows5k.%s WITH RECURSIVE n (i) AS
            (SELECT %d UNION ALL SELECT i + 1 FROM n WHERE i + 1 < %d)
        SELECT i, CONCAT('value ', i) FROM n"""
                .formatted(table, from, from + count);
    }

    /// Half of the connections read one row, half an event of many.
    private static void checkTokens(FeedRequest feed, List<FeedRow> rows, int step)
            throws Exception {
        try (ExecutorService readers = Executors.newFixedThreadPool(8)) {
            List<Future<?>> checks = new ArrayList<>();
            for (int i = 0; i < ROWS; i++) {
                if (i % step != 0 && isAlike(rows.get(i), rows.get(i + 1))) {
                    continue;
                }
                int next = i + 1;
                FeedRequest resumed =
                        feed.with("batch", i % 2 == 0 ? 1 : 500)
                                .receiveBuffer(LITTLE)
                                .after(rows.get(i).token());
                checks.add(readers.submit(() -> checkNext(resumed, rows.subList(next, ROWS + 1))));
            }
            for (Future<?> check : checks) {
                check.get(60, TimeUnit.SECONDS);
            }
        }
    }

    private static boolean isAlike(FeedRow row, FeedRow next) {
        return row.table().equals(next.table()) && row.operation().equals(next.operation());
    }

    private static void checkNext(FeedRequest resumed, List<FeedRow> expected) {
        try (FeedClient client = resumed.open()) {
            List<FeedRow> received = client.change().flatten();
            int count = Math.min(received.size(), expected.size());
            FeedRow.assertSameSequence(expected.subList(0, count), received);
            client.cut();
        }
    }
}
