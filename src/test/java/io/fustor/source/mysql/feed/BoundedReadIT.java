package io.fustor.source.mysql.feed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fustor.source.mysql.position.FeedToken;
import io.fustor.source.mysql.position.Place;
import io.fustor.source.mysql.support.ConsumerCopy;
import io.fustor.source.mysql.support.FeedClient;
import io.fustor.source.mysql.support.FeedRequest;
import io.fustor.source.mysql.support.FeedRow;
import io.fustor.source.mysql.support.Frame;
import io.fustor.source.mysql.support.RunningService;
import io.fustor.source.mysql.support.ServerRelease;
import io.fustor.source.mysql.support.ServiceApi;
import io.fustor.source.mysql.support.Sql;
import io.fustor.source.mysql.support.TestMySql;
import io.fustor.source.mysql.support.Traffic;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.boot.test.web.server.LocalServerPort;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// Streams with `until` deliver everything up to a place, and end there.
@RunningService
@Tag("soak")
class BoundedReadIT {

    /// Which of the pairs of a cut and an end are read. `-Dlong=soak` takes each.
    private static final int STEP = Integer.getInteger("bounded.step", 4);

    private static final AtomicInteger SCHEMAS = new AtomicInteger();

    @LocalServerPort private int port;

    private final Map<Kind, TestMySql> servers = new EnumMap<>(Kind.class);
    private ServiceApi api;

    /// The kinds of servers, by what their binlogs tell of transactions.
    enum Kind {
        MYSQL,
        MYSQL_WITHOUT_GTIDS,
        MARIADB;

        TestMySql start() {
            return switch (this) {
                case MYSQL -> TestMySql.start();
                case MYSQL_WITHOUT_GTIDS ->
                        TestMySql.start("--gtid-mode=OFF", "--enforce-gtid-consistency=OFF");
                case MARIADB -> TestMySql.start(ServerRelease.MARIADB_11_8);
            };
        }

        String source() {
            return "bounded-" + name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    /// All that a stream with an end delivered.
    private record Bounded(List<FeedRow> rows, List<Frame> frames, String lastToken) {}

    @BeforeAll
    void connect() {
        api = new ServiceApi(URI.create("http://127.0.0.1:" + port));
    }

    @AfterAll
    void stop() {
        servers.forEach((kind, _) -> api.delete("/api/configs/sources/" + kind.source()));
        servers.values().forEach(TestMySql::close);
    }

    private TestMySql server(Kind kind) {
        return servers.computeIfAbsent(
                kind,
                _ -> {
                    TestMySql started = kind.start();
                    api.addSource(kind.source(), started);
                    return started;
                });
    }

    /// A schema of one's own, with a selected table `t` and a table `other`.
    private String schema(Kind kind) {
        String schema = "bounded_" + SCHEMAS.incrementAndGet();
        server(kind)
                .execute(
                        "DROP DATABASE IF EXISTS " + schema,
                        "CREATE DATABASE " + schema,
                        "CREATE TABLE " + schema + ".t (id INT PRIMARY KEY, v INT)",
                        "CREATE TABLE " + schema + ".other (id INT PRIMARY KEY)");
        return schema;
    }

    private FeedRequest feed(Kind kind, String schema) {
        return api.feed(kind.source()).with("tables", schema + ".t");
    }

    private String now(Kind kind) {
        server(kind);
        return api.tokenOfNow(kind.source());
    }

    private static Bounded read(FeedRequest feed) {
        List<FeedRow> rows = new ArrayList<>();
        List<Frame> frames = new ArrayList<>();
        try (FeedClient client = feed.open()) {
            while (true) {
                Frame frame = client.frame();
                if (frame.isControl("end")) {
                    assertThat(frame.data()).contains("\"reason\":\"until\"");
                    assertThat(client.frameOrEnd()).isEmpty();
                    return new Bounded(rows, frames, String.valueOf(frame.id()));
                }
                assertThat(frame.event()).isNotEqualTo("error");
                if (frame.data() != null) {
                    frames.add(frame);
                    if (frame.isChange()) {
                        rows.addAll(frame.change().flatten());
                    }
                }
            }
        }
    }

    /// Transactions of several rows and tables, with other statements between them.
    private void writeHistory(Kind kind, String schema) {
        server(kind)
                .execute(
                        "USE " + schema,
                        "INSERT INTO t VALUES (1, 1), (2, 1), (3, 1)",
                        "BEGIN",
                        "INSERT INTO other VALUES (1), (2)",
                        "UPDATE t SET v = 2 WHERE id < 3",
                        "INSERT INTO other VALUES (3)",
                        "DELETE FROM t WHERE id = 1",
                        "INSERT INTO other VALUES (4)",
                        "COMMIT",
                        "CREATE TABLE between_them (id INT PRIMARY KEY)",
                        "INSERT INTO t VALUES (4, 4)",
                        "TRUNCATE TABLE t",
                        "FLUSH BINARY LOGS",
                        "INSERT INTO t VALUES (5, 5), (6, 6)");
    }

    @ParameterizedTest
    @EnumSource
    void endsAfterEachRowAlsoWhereItResumes(Kind kind) {
        String schema = schema(kind);
        String start = now(kind);
        FeedRequest feed = feed(kind, schema);
        writeHistory(kind, schema);
        List<FeedRow> all = read(feed.with("batch", 1).with("until", "now").after(start)).rows();
        assertThat(all).hasSize(9);
        server(kind).execute("INSERT INTO " + schema + ".t VALUES (7, 7)");

        checkEachEnd(feed, start, all);
        try (FeedClient live = feed.open()) {
            live.hello();
            checkEachEnd(feed, start, all);
        }
    }

    private static void checkEachEnd(FeedRequest feed, String start, List<FeedRow> all) {
        for (int end = 0; end < all.size(); end++) {
            String until = String.valueOf(all.get(end).token());
            for (int cut = -1; cut <= end; cut++) {
                if ((end + cut + 1) % STEP != 0 && cut >= 0) {
                    continue;
                }
                String from = cut < 0 ? start : String.valueOf(all.get(cut).token());
                Bounded part =
                        read(
                                feed.with("until", until)
                                        .with("batch", cut % 2 == 0 ? 1 : 500)
                                        .after(from));
                FeedRow.assertSameSequence(all.subList(cut + 1, end + 1), part.rows());
                assertThat(part.lastToken()).isEqualTo(until);
            }
        }
    }

    /// The subscriber is live when the events come, and the end is in the middle of one.
    @ParameterizedTest
    @EnumSource
    void liveSubscribersOfOneEventEndAtTheirOwnRows(Kind kind) throws Exception {
        String schema = schema(kind);
        String start = now(kind);
        FeedRequest feed = feed(kind, schema);
        writeHistory(kind, schema);
        List<FeedRow> all = read(feed.with("batch", 1).with("until", "now").after(start)).rows();
        try (FeedClient live = feed.after(start).open();
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            live.rows(all.size());
            List<Future<Bounded>> parts = new ArrayList<>();
            for (FeedRow row : all) {
                FeedRequest until = feed.with("until", String.valueOf(row.token()));
                parts.add(threads.submit(() -> read(until.after(start))));
            }
            for (int end = 0; end < all.size(); end++) {
                Bounded part = parts.get(end).get(60, TimeUnit.SECONDS);
                FeedRow.assertSameSequence(all.subList(0, end + 1), part.rows());
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void aPlaceThatIsPassedAlreadyEndsTheStreamAtOnce(Kind kind) {
        String schema = schema(kind);
        String start = now(kind);
        writeHistory(kind, schema);
        FeedRequest feed = feed(kind, schema);

        assertThat(read(feed.with("until", start)).frames()).isEmpty();
        assertThat(read(feed.with("until", "now")).frames()).isEmpty();
        assertThat(read(feed.with("until", "2001-01-01T00:00:00Z").after(start)).frames())
                .isEmpty();
        assertThat(
                        read(feed.with("until", "2001-01-01T00:00:00Z").with("from", "earliest"))
                                .frames())
                .isEmpty();
    }

    @Test
    void conditionsFormatsAndCommitsEndAtTheSamePlace() {
        Kind kind = Kind.MYSQL;
        String schema = schema(kind);
        String start = now(kind);
        FeedRequest feed = feed(kind, schema).after(start);
        writeHistory(kind, schema);
        String end = now(kind);
        server(kind).execute("INSERT INTO " + schema + ".t VALUES (7, 7)");
        String where = schema + ".t: ";

        assertThat(read(feed.with("until", end).with("where", where + "id = 99")).rows()).isEmpty();
        assertThat(read(feed.with("until", end).with("where", where + "id = 2")).rows())
                .extracting(FeedRow::operation)
                .containsExactly("insert", "update");
        assertThat(
                        read(feed.with("until", end).with("format", "debezium")).frames().stream()
                                .filter(Frame::isChange))
                .hasSize(9);
        assertThat(read(feed.with("until", end).ndjson()).rows()).hasSize(9);
        for (String condition : List.of("id > 0", "id = 4", "id = 99")) {
            List<Frame> whole =
                    read(feed.with("until", "now")
                                    .with("transactions", "true")
                                    .with("where", where + condition))
                            .frames();
            for (int i = 0; i < whole.size(); i++) {
                String until = whole.get(i).id();
                if (until != null) {
                    Bounded part =
                            read(
                                    feed.with("until", until)
                                            .with("transactions", "true")
                                            .with("where", where + condition));
                    assertThat(part.frames()).isEqualTo(whole.subList(0, i + 1));
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void gtidsEndTheStreamAfterTheLastTransactionOfTheSet(Kind kind) {
        String schema = schema(kind);
        String start = now(kind);
        FeedRequest feed = feed(kind, schema).after(start);
        if (kind == Kind.MYSQL_WITHOUT_GTIDS) {
            try (FeedClient client =
                    feed.with("until", "gtid:3e11fa47-71ca-11e1-9e33-c80aa9429562:1-5").send()) {
                assertThat(client.status()).isEqualTo(400);
                assertThat(client.problem().path("code").asString()).isEqualTo("POSITION_INVALID");
            }
            return;
        }
        String set =
                kind == Kind.MARIADB
                        ? "SELECT @@GLOBAL.gtid_binlog_pos"
                        : "SELECT @@GLOBAL.gtid_executed";
        List<String> sets = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            sets.add(Sql.value(server(kind), set));
            server(kind)
                    .execute(
                            "INSERT INTO %s.t VALUES (%d, 1), (%d, 2)"
                                    .formatted(schema, 2 * i, 2 * i + 1));
        }
        for (int i = 0; i < sets.size(); i++) {
            assertThat(read(feed.with("until", "gtid:" + sets.get(i))).rows()).hasSize(2 * i);
        }
        try (FeedClient live = feed(kind, schema).open()) {
            live.hello();
            for (int i = 0; i < sets.size(); i++) {
                assertThat(read(feed.with("until", "gtid:" + sets.get(i))).rows()).hasSize(2 * i);
            }
        }
    }

    /// Both read the binlog alike, so that no row is in both and none in neither.
    @ParameterizedTest
    @EnumSource
    void aTimePartsTheStreamWhereFromBegins(Kind kind) throws Exception {
        String schema = schema(kind);
        String start = now(kind);
        FeedRequest feed = feed(kind, schema);
        List<Instant> times = new ArrayList<>();
        Instant first = Instant.now().truncatedTo(ChronoUnit.SECONDS).minusSeconds(5);
        for (int i = 0; i < 6; i++) {
            server(kind)
                    .execute(
                            kind == Kind.MARIADB
                                    ? "SET timestamp = " + (first.getEpochSecond() + i / 2)
                                    : "DO 1",
                            "INSERT INTO %s.t VALUES (%d, 1), (%d, 2)"
                                    .formatted(schema, 2 * i, 2 * i + 1));
        }
        List<Frame> whole = read(feed.with("until", "now").after(start)).frames();
        assertThat(whole).hasSize(6);
        String end = String.valueOf(whole.getLast().id());
        for (Frame frame : whole) {
            long micros = frame.change().timestamp().movePointRight(6).longValueExact();
            Instant time = Instant.EPOCH.plus(micros, ChronoUnit.MICROS);
            times.addAll(List.of(time, time.plus(1, ChronoUnit.MICROS)));
        }
        times.add(first.minusSeconds(60));
        for (Instant time : times) {
            List<Frame> before = read(feed.with("until", time).after(start)).frames();
            List<Frame> after = read(feed.with("from", time).with("until", end)).frames();
            if (time.equals(times.getLast())) {
                assertThat(before).isEmpty();
                after = after.subList(after.size() - whole.size(), after.size());
            }
            List<Frame> both = new ArrayList<>(before);
            both.addAll(after);
            assertThat(changes(both)).as(time.toString()).isEqualTo(changes(whole));
        }
    }

    /// The changes without their ids. The id of a MariaDB's change also holds what its stream knew
    /// of the domain at its start.
    private static List<ObjectNode> changes(List<Frame> frames) {
        return frames.stream()
                .map(frame -> ((ObjectNode) frame.change().json()).without("event_id"))
                .toList();
    }

    @ParameterizedTest
    @EnumSource
    void aTimeToComeEndsAlsoAQuietStream(Kind kind) throws Exception {
        String schema = schema(kind);
        String start = now(kind);
        FeedRequest feed = feed(kind, schema).after(start);
        server(kind).execute("INSERT INTO " + schema + ".t VALUES (1, 1), (2, 2)");
        // After the rows, however long they took.
        Instant soon = Instant.now().plusMillis(1_500);

        assertThat(read(feed.with("until", soon)).rows()).hasSize(2);
        assertThat(Instant.now()).isAfterOrEqualTo(soon);
    }

    /// Of the writers' transactions, the stream has exactly those that a stream from that time on
    /// does not have.
    @Test
    void aTimeToComePartsTheStreamOfABusyServer() throws Exception {
        Kind kind = Kind.MYSQL;
        String schema = "bounded_busy";
        Traffic traffic = new Traffic(server(kind), schema, System.nanoTime());
        String start = now(kind);
        FeedRequest feed = api.feed(kind.source()).with("tables", schema + ".*");
        AtomicBoolean isOver = new AtomicBoolean();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<?> writing =
                    threads.submit(
                            () -> {
                                while (!isOver.get()) {
                                    traffic.run(2, 50, 10);
                                }
                            });
            await().until(() -> traffic.committedRows() > 0);
            Instant soon = Instant.now().plusMillis(1_000);
            List<Future<Bounded>> parts = new ArrayList<>();
            parts.add(threads.submit(() -> read(feed.with("until", soon).after(start))));
            parts.add(
                    threads.submit(
                            () -> read(feed.with("until", soon).with("batch", 1).after(start))));
            List<Bounded> read = new ArrayList<>();
            for (Future<Bounded> part : parts) {
                read.add(part.get(60, TimeUnit.SECONDS));
            }
            isOver.set(true);
            writing.get(60, TimeUnit.SECONDS);

            List<FeedRow> whole = read(feed.with("until", "now").after(start)).rows();
            List<FeedRow> after = read(feed.with("from", soon).with("until", "now")).rows();
            assertThat(after).isNotEmpty();
            for (Bounded part : read) {
                assertThat(part.rows()).isNotEmpty();
                List<FeedRow> both = new ArrayList<>(part.rows());
                both.addAll(after);
                FeedRow.assertSameSequence(whole, both);
            }
        }
    }

    /// `now` has everything that was committed before the request.
    @ParameterizedTest
    @EnumSource
    void nowHasEverythingThatWasCommittedAmongWriters(Kind kind) throws Exception {
        String schema = "bounded_now";
        Traffic traffic = new Traffic(server(kind), schema, System.nanoTime());
        String start = now(kind);
        FeedRequest feed = api.feed(kind.source()).with("tables", schema + ".*").after(start);
        List<List<FeedRow>> parts = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<?> writing = threads.submit(() -> traffic.run(4, 3_000, 20));
            do {
                long committed = traffic.committedRows();
                List<FeedRow> rows = read(feed.with("until", "now")).rows();
                assertThat(rows.size()).isGreaterThanOrEqualTo((int) committed);
                parts.add(rows);
            } while (!writing.isDone());
            writing.get(60, TimeUnit.SECONDS);
        }
        List<FeedRow> whole = read(feed.with("until", "now")).rows();
        assertThat(whole.size()).isEqualTo((int) traffic.committedRows());
        for (List<FeedRow> part : parts) {
            FeedRow.assertSameSequence(whole.subList(0, part.size()), part);
        }
    }

    /// The catch-up encodes shares of a batch in parallel.
    @Test
    void endsExactlyInALargeCatchUp() {
        Kind kind = Kind.MYSQL;
        String schema = schema(kind);
        String start = now(kind);
        int rows = 12_000;
        for (int i = 0; i < 3; i++) {
            server(kind)
                    .execute(
                            "SET SESSION cte_max_recursion_depth = 100000",
                            """
                            INSERT INTO %s.t WITH RECURSIVE n (i) AS
                                (SELECT %d UNION ALL SELECT i + 1 FROM n WHERE i + 1 < %d)
                            SELECT i, i FROM n"""
                                    .formatted(schema, i * rows, (i + 1) * rows));
        }
        FeedRequest feed = feed(kind, schema);
        List<FeedRow> all = read(feed.with("batch", 1).with("until", "now").after(start)).rows();
        assertThat(all).hasSize(3 * rows);
        for (int end : List.of(0, 1, 4_999, rows - 1, rows, 2 * rows + 17, 3 * rows - 2)) {
            Bounded part =
                    read(feed.with("until", String.valueOf(all.get(end).token())).after(start));
            FeedRow.assertSameSequence(all.subList(0, end + 1), part.rows());
        }
    }

    @Test
    void aSnapshotAndTheChangesUpToNowAreACopy() throws Exception {
        Kind kind = Kind.MYSQL;
        String schema = "bounded_copy";
        Traffic traffic = new Traffic(server(kind), schema, System.nanoTime());
        traffic.run(2, 2_000, 50);
        FeedRequest feed =
                api.feed(kind.source())
                        .with("tables", schema + ".*")
                        .with("snapshot", "initial")
                        .with("until", "now");
        Bounded copied = read(feed);
        ConsumerCopy copy = new ConsumerCopy();
        copy.apply(copied.rows());
        copy.assertSameAs(server(kind), schema);
        assertThat(copied.frames()).extracting(Frame::event).contains("snapshot_completed");

        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<?> writing = threads.submit(() -> traffic.run(2, 2_000, 50));
            Bounded among = read(feed);
            writing.get(60, TimeUnit.SECONDS);
            ConsumerCopy later = new ConsumerCopy();
            later.apply(among.rows());
            later.apply(
                    read(api.feed(kind.source())
                                    .with("tables", schema + ".*")
                                    .with("until", "now")
                                    .after(among.lastToken()))
                            .rows());
            later.assertSameAs(server(kind), schema);
        }
    }

    @Test
    void refusesWhatIsNoEnd() {
        Kind kind = Kind.MYSQL;
        server(kind);
        FeedRequest feed = api.feed(kind.source());
        String foreign =
                FeedToken.of(kind.source(), new Place(4711, 1, 500, 1, 0, null, null)).toString();
        Map.of(
                        "earliest",
                        "POSITION_INVALID",
                        "12345",
                        "POSITION_INVALID",
                        "2026-01-31",
                        "POSITION_INVALID",
                        "2026-01-31T25:00:00Z",
                        "INVALID_REQUEST",
                        "gtid:nonsense",
                        "INVALID_REQUEST",
                        "gtid:0-1-100",
                        "POSITION_INVALID",
                        foreign,
                        "FOREIGN_SERVER")
                .forEach((until, code) -> assertRefused(feed.with("until", until), code));
        assertRefused(feed.with("until", "now").with("snapshot", "only"), "INVALID_REQUEST");
        assertRefused(feed.with("until", ""), "INVALID_REQUEST");
    }

    private static void assertRefused(FeedRequest feed, String code) {
        try (FeedClient client = feed.send()) {
            assertThat(client.status()).isEqualTo(400);
            JsonNode problem = client.problem();
            assertThat(problem.path("code").asString()).as(problem.toString()).isEqualTo(code);
            assertThat(problem.path("detail").asString()).isNotEmpty();
        }
    }

    @Test
    void heartbeatsOfNdjsonHaveIdsWhereTheyAreAskedFor() {
        Kind kind = Kind.MYSQL;
        String schema = schema(kind);
        FeedRequest feed = feed(kind, schema).ndjson().with("heartbeats", "ids");
        try (FeedClient client = feed.open()) {
            Frame first = client.frame();
            assertThat(first.data())
                    .isEqualTo("{\"control\":\"heartbeat\",\"event_id\":\"" + first.id() + "\"}");
            server(kind).execute("INSERT INTO " + schema + ".other VALUES (1)");
            Frame moved = next(client, first.id());
            server(kind).execute("INSERT INTO " + schema + ".t VALUES (1, 1)");
            assertThat(client.change().flatten()).hasSize(1);
            assertThat(
                            read(feed(kind, schema)
                                            .with("until", String.valueOf(moved.id()))
                                            .after(first.id()))
                                    .rows())
                    .isEmpty();
        }
        try (FeedClient client = feed(kind, schema).with("heartbeats", "ids").open()) {
            assertThat(client.hello()).isNotEmpty();
        }
        assertRefused(feed.with("heartbeats", "often"), "INVALID_REQUEST");
    }

    private static Frame next(FeedClient client, @Nullable String id) {
        Optional<Frame> frame = client.frameWithin(Duration.ofSeconds(30));
        while (frame.isPresent() && String.valueOf(id).equals(frame.get().id())) {
            frame = client.frameWithin(Duration.ofSeconds(30));
        }
        assertThat(frame).hasValueSatisfying(it -> assertThat(it.event()).isEqualTo("heartbeat"));
        return frame.orElseThrow();
    }
}
