package io.fustor.source.mysql.page;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fustor.source.mysql.support.Answer;
import io.fustor.source.mysql.support.ChangeEvent;
import io.fustor.source.mysql.support.Fault;
import io.fustor.source.mysql.support.FeedClient;
import io.fustor.source.mysql.support.FeedRequest;
import io.fustor.source.mysql.support.Frame;
import io.fustor.source.mysql.support.KeyedCopy;
import io.fustor.source.mysql.support.KeyedTraffic;
import io.fustor.source.mysql.support.LocalService;
import io.fustor.source.mysql.support.ServiceApi;
import io.fustor.source.mysql.support.SnapshotStream;
import io.fustor.source.mysql.support.TcpProxy;
import io.fustor.source.mysql.support.TestMySql;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/// What docs/feed.md promises about a snapshot in pages.
@Tag("soak")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SnapshotPagesIT {

    /// Of each table while writers write.
    private static final int ROWS = Integer.getInteger("snapshot-pages.rows", 4_000);

    private static final int CHANGES = Integer.getInteger("snapshot-pages.changes", 2_000);

    /// Between two ids at which the chain is cut.
    private static final int STEP = Integer.getInteger("snapshot-pages.step", 97);

    private static final int MIB = 1024 * 1024;

    private final TestMySql mysql = TestMySql.shared();
    private LocalService service;
    private ServiceApi api;
    private TcpProxy proxy;

    @BeforeAll
    void start() {
        service =
                LocalService.start(
                        Map.of(
                                "fustor.feed.heartbeat", "500ms",
                                "fustor.feed.max-snapshots", "1",
                                "fustor.pages.long-poll", "1s",
                                "fustor.mysql.tls", "disabled"));
        api = new ServiceApi(uri());
        api.addSource("pages", mysql);
        proxy = TcpProxy.to(mysql);
        api.addSource("far", proxy.uri(), TestMySql.CAPTURE);
    }

    @AfterAll
    void stop() {
        service.close();
        proxy.close();
    }

    private URI uri() {
        return URI.create("http://127.0.0.1:" + service.port());
    }

    private PageClient pages(String schema) {
        return PageClient.of(uri(), "pages")
                .with("tables", schema + ".*")
                .with("snapshot", "initial");
    }

    private FeedRequest feed(String schema) {
        return api.feed("pages").with("tables", schema + ".*");
    }

    /// A schema with tables of 1,200 rows of 2 kB in all, one of which is empty.
    private String create(String schema) {
        mysql.execute(
                "DROP DATABASE IF EXISTS " + schema,
                "CREATE DATABASE " + schema,
                "USE " + schema,
                "CREATE TABLE a (id INT PRIMARY KEY, v TEXT)",
                "CREATE TABLE b (id INT PRIMARY KEY, v TEXT)",
                "CREATE TABLE c (k VARCHAR(40), n INT, v TEXT, PRIMARY KEY (k, n))",
                "INSERT INTO a WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n"
                        + " WHERE i < 800) SELECT i, REPEAT('a', 2000) FROM n",
                "INSERT INTO c SELECT CONCAT('k', id % 7), id, v FROM a WHERE id <= 400");
        return schema;
    }

    private static List<String> elements(PageClient.Fetched page) {
        return page.body()
                .lines()
                .filter(line -> line.startsWith("{"))
                .map(line -> line.endsWith(",") ? line.substring(0, line.length() - 1) : line)
                .toList();
    }

    /// The rows of an element, as text.
    private static List<String> rows(String element) {
        if (element.contains("\"op\":")) {
            JsonNode json = ChangeEvent.JSON.readTree(element);
            return List.of(json.path("source").path("table").asString() + json.path("after"));
        }
        ChangeEvent event = ChangeEvent.parse(element);
        String table = event.json().path("table").asString();
        return event.rows().stream().map(row -> table + row).toList();
    }

    private static List<String> rows(List<PageClient.Fetched> pages) {
        List<String> rows = new ArrayList<>();
        pages.forEach(page -> elements(page).forEach(one -> rows.addAll(rows(one))));
        return rows;
    }

    private List<String> streamed(FeedRequest feed) {
        List<String> rows = new ArrayList<>();
        for (Frame frame : SnapshotStream.toTheEnd(feed).frames()) {
            if (frame.isChange()) {
                rows.addAll(rows(frame.data()));
            }
        }
        return rows;
    }

    private static void assertSorted(List<PageClient.Fetched> pages) {
        List<String> offsets = pages.stream().map(PageClient.Fetched::next).toList();
        for (int i = 1; i < offsets.size(); i++) {
            boolean isEnd = pages.get(i).isUpToDate() && elements(pages.get(i)).isEmpty();
            assertThat(offsets.get(i).compareTo(offsets.get(i - 1))).isGreaterThan(isEnd ? -1 : 0);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"fustor", "debezium"})
    void pagesHaveTheRowsOfTheStreamAndGoOnAtEveryId(String format) {
        String schema = create("rows_" + format);
        PageClient pages = pages(schema).with("format", format).with("batch", "40");
        FeedRequest feed = feed(schema).with("format", format).ndjson();
        List<String> expected = streamed(feed.with("snapshot", "only"));
        List<PageClient.Fetched> read = pages.readToTheEnd("-1");

        assertThat(rows(read)).isEqualTo(expected).hasSize(1_200);
        assertThat(rows(pages.readToTheEnd("now"))).isEqualTo(expected);
        assertSorted(read);
        for (PageClient.Fetched page : read.subList(0, read.size() - 1)) {
            assertThat(page.answer().header("Cache-Control")).isEqualTo("no-store");
            assertThat(page.answer().header("Stream-Up-To-Date")).isEmpty();
            assertThat(page.body().length()).isBetween(1, MIB + 128 * 1024);
        }
        assertThat(read.getFirst().body().length()).isGreaterThanOrEqualTo(MIB);
        int had = 0;
        int last = -STEP;
        for (PageClient.Fetched page : read) {
            for (String element : elements(page)) {
                had += rows(element).size();
                if (had - last < STEP) {
                    continue;
                }
                last = had;
                String id = ChangeEvent.JSON.readTree(element).path("event_id").asString();
                List<String> rest = expected.subList(had, expected.size());
                assertThat(rows(pages.readToTheEnd(id))).isEqualTo(rest);
            }
            assertResumedByTheStream(feed, page, expected.subList(had, expected.size()));
        }
    }

    /// An offset is accepted wherever an event id is.
    private void assertResumedByTheStream(
            FeedRequest feed, PageClient.Fetched page, List<String> rest) {
        assertThat(streamed(feed.with("snapshot", "only").after(page.next()))).isEqualTo(rest);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "long-poll"})
    void copyMadeOfPagesEqualsTheTablesAlthoughWritersWrite(String live) throws Exception {
        String schema = "written_" + live.length();
        KeyedTraffic traffic = new KeyedTraffic(mysql, schema, 11, ROWS);
        // Pages end in tables between those of the writers, and in theirs.
        for (String filler : List.of("d_filler", "n_filler")) {
            mysql.execute(
                    "USE " + schema,
                    "CREATE TABLE " + filler + " (id INT PRIMARY KEY, v TEXT)",
                    "INSERT INTO "
                            + filler
                            + " WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n"
                            + " WHERE i < 600) SELECT i, REPEAT('x', 2500) FROM n");
        }
        PageClient pages = live.isEmpty() ? pages(schema) : pages(schema).with("live", live);
        KeyedCopy copy = new KeyedCopy();
        AtomicBoolean hasChanges = new AtomicBoolean();
        AtomicBoolean isOver = new AtomicBoolean();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<?> writing =
                    threads.submit(
                            () -> {
                                traffic.run(
                                        4,
                                        40,
                                        () ->
                                                isOver.get()
                                                        || (hasChanges.get()
                                                                && traffic.committedRows()
                                                                        > CHANGES));
                                traffic.end();
                            });
            try {
                assertThat(readUntilTheEnd(pages, copy, hasChanges)).isGreaterThan(3);
            } finally {
                isOver.set(true);
            }
            writing.get(1, TimeUnit.MINUTES);
        }
        traffic.assertHeldBy(copy);
    }

    /// How many pages had rows.
    static int readUntilTheEnd(PageClient pages, KeyedCopy copy, AtomicBoolean hasChanges) {
        int ofRows = 0;
        String offset = "-1";
        while (true) {
            PageClient.Fetched page = pages.get(offset);
            assertThat(page.answer().status()).as(page.body()).isIn(200, 204);
            boolean isEnd = false;
            for (ChangeEvent event : page.changes()) {
                copy.apply(event);
                boolean isRow = isOfSnapshot(event);
                if (!isRow) {
                    hasChanges.set(true);
                }
                isEnd |= !isRow && KeyedTraffic.isEnd(event);
            }
            ofRows += hasChanges.get() ? 0 : 1;
            if (isEnd) {
                return ofRows;
            }
            assertThat(page.next()).isGreaterThanOrEqualTo(offset);
            offset = page.next();
        }
    }

    @Test
    void largeRowIsAPageOfItsOwn() {
        mysql.execute(
                "DROP DATABASE IF EXISTS large_rows",
                "CREATE DATABASE large_rows",
                "CREATE TABLE large_rows.t (id INT PRIMARY KEY, v LONGTEXT)",
                "INSERT INTO large_rows.t VALUES (1, 'a'), (2, REPEAT('b', 3000000)),"
                        + " (3, REPEAT('c', 1048576)), (4, 'd'), (5, REPEAT('e', 600000)),"
                        + " (6, REPEAT('f', 600000)), (7, REPEAT('g', 2000000))");
        for (String format : List.of("fustor", "debezium")) {
            PageClient pages = pages("large_rows").with("format", format);
            List<PageClient.Fetched> read = pages.readToTheEnd("-1");

            assertThat(rows(read))
                    .isEqualTo(
                            streamed(
                                    feed("large_rows")
                                            .with("format", format)
                                            .with("snapshot", "only")
                                            .ndjson()));
            assertThat(read.stream().map(page -> rows(List.of(page)).size()).toList())
                    .startsWith(1, 1, 1, 3, 1);
            assertSorted(read);
            assertThat(rows(pages.readToTheEnd(read.get(1).next())))
                    .isEqualTo(rows(read.subList(2, read.size())));
        }
        Answer coded = pages("large_rows").header("Accept-Encoding", "gzip").send("GET", "-1");
        assertThat(coded.expect(200).header("Content-Encoding")).isEqualTo("gzip");
    }

    /// A client that does not take its row has the only place for snapshots.
    @Test
    void pageIsSeenAndTakesAPlaceForSnapshots() {
        mysql.execute(
                "DROP DATABASE IF EXISTS slow_rows",
                "CREATE DATABASE slow_rows",
                "CREATE TABLE slow_rows.t (id INT PRIMARY KEY, v LONGTEXT)",
                "INSERT INTO slow_rows.t VALUES (1, REPEAT('x', 30000000))");
        FeedRequest slow =
                FeedRequest.to(uri().resolve("/api/sources/pages/stream"))
                        .with("tables", "slow_rows.*")
                        .with("snapshot", "initial")
                        .receiveBuffer(32_768);
        try (FeedClient client = slow.send()) {
            assertThat(client.status()).isEqualTo(200);
            JsonNode seen = api.source("pages").path("snapshots").path(0);
            assertThat(seen.path("tables").path(0).path("table").asString()).isEqualTo("t");
            Answer refused = pages("slow_rows").get("-1").answer();
            assertThat(refused.expect(503).json().path("code").asString())
                    .isEqualTo("SNAPSHOTS_FULL");
            assertThat(refused.header("Retry-After")).isNotEmpty();
        }
        await().until(() -> api.source("pages").path("snapshots").isEmpty());
        assertThat(rows(pages("slow_rows").readToTheEnd("-1"))).hasSize(1);
    }

    @Test
    void lostViewEndsAPageAtItsLastRow() {
        String schema = create("lost_rows");
        List<String> expected = streamed(feed(schema).with("snapshot", "only").ndjson());
        PageClient far =
                PageClient.of(uri(), "far")
                        .with("tables", schema + ".*")
                        .with("snapshot", "initial")
                        .with("batch", "10");
        proxy.breakAfter(600_000);
        try {
            List<PageClient.Fetched> read = far.readToTheEnd("-1");
            assertThat(rows(read)).isEqualTo(expected);
            assertThat(read.getFirst().body().length()).isLessThan(MIB);
            assertSorted(read);
        } finally {
            proxy.breakAfter(Long.MAX_VALUE);
        }
    }

    @Test
    void cancelledSnapshotEndsItsPage() throws Exception {
        String schema = create("cancelled_rows");
        PageClient far =
                PageClient.of(uri(), "far")
                        .with("tables", schema + ".*")
                        .with("snapshot", "initial");
        String start = far.get("-1").next();
        proxy.injectAll(new Fault.Throttle(Fault.Way.TO_CLIENT, 50_000));
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<PageClient.Fetched> reading = threads.submit(() -> far.get(start));
            await().until(() -> !api.source("far").path("snapshots").isEmpty());
            String id = api.source("far").path("snapshots").path(0).path("id").asString();
            api.delete("/api/sources/far/snapshots/" + id).expect(204);

            Answer answer = reading.get(10, TimeUnit.SECONDS).answer();
            assertThat(answer.expect(503).detail()).contains("cancelled");
        } finally {
            proxy.heal();
        }
        assertThat(rows(far.readToTheEnd(start)).getLast()).startsWith("c{\"k\":\"k6\"");
    }

    /// Half a minute's reading, in which no row is for the client.
    @Test
    @Tag("long")
    void pageEndsInTimeAlthoughNoRowMeetsTheCondition() {
        String schema = create("passed_rows");
        PageClient far =
                PageClient.of(uri(), "far")
                        .with("tables", schema + ".a")
                        .with("where", schema + ".a: v LIKE 'z%'")
                        .with("snapshot", "initial");
        proxy.injectAll(new Fault.Throttle(Fault.Way.TO_CLIENT, 60_000));
        try {
            List<PageClient.Fetched> read = far.readToTheEnd("-1");
            List<PageClient.Fetched> ofRows =
                    read.stream().filter(page -> page.next().indexOf('.', 33) > 0).toList();
            assertThat(ofRows).hasSizeGreaterThan(1);
            assertThat(ofRows.stream().map(PageClient.Fetched::next).toList())
                    .isSorted()
                    .doesNotHaveDuplicates();
            assertThat(rows(read)).isEmpty();
        } finally {
            proxy.heal();
        }
    }

    /// A change from before the ALTER would bring a newer row back to its older columns.
    @Test
    void changeFromBeforeAnAlterIsNotPutOnRowsFromAfterIt() {
        String schema = create("altered_rows");
        PageClient pages = pages(schema);
        String next = pages.get("-1").next();
        mysql.execute(
                "USE " + schema,
                "INSERT INTO a VALUES (10000, 'fits')",
                "UPDATE c SET v = 'old' WHERE n = 400",
                "ALTER TABLE c ADD COLUMN x INT DEFAULT 7");
        PageClient.Fetched page = pages.get(next);
        while (page.answer().status() == 200 && !page.isUpToDate()) {
            page = pages.get(page.next());
        }
        assertThat(page.answer().expect(410).json().path("code").asString())
                .isEqualTo("TABLE_CHANGED");
    }

    @Test
    void changesOfTheOverlapAreMarkedAndLaterOnesAreNot() {
        String schema = create("overlap_rows");
        PageClient pages = pages(schema);
        PageClient.Fetched page = pages.get("-1");
        mysql.execute(
                "USE " + schema,
                "INSERT INTO a VALUES (10000, 'in the overlap')",
                "INSERT INTO c VALUES ('k0', 10000, 'in the overlap')");
        List<PageClient.Fetched> rest = pages.readToTheEnd(page.next());
        PageClient.Fetched last = rest.getLast();
        mysql.execute("INSERT INTO " + schema + ".a VALUES (10001, 'later')");
        List<PageClient.Fetched> later = pages.readToTheEnd(last.next());

        assertThat(changes(rest)).hasSize(2).allSatisfy(one -> assertThat(isMarked(one)).isTrue());
        assertThat(changes(later)).hasSize(1).noneMatch(SnapshotPagesIT::isMarked);
        assertThat(last.answer().header("Cache-Control")).isEqualTo("no-store");
        assertThat(last.next()).isLessThan(later.getFirst().next());
        // Ids in the overlap go on too, in pages and in a stream.
        String first = changes(rest).getFirst().token();
        assertThat(changes(pages.readToTheEnd(first))).hasSize(2);
        try (FeedClient client = feed(schema).after(first).open()) {
            assertThat(isMarked(client.change())).isTrue();
            assertThat(isMarked(client.change())).isFalse();
        }
    }

    private static boolean isMarked(ChangeEvent event) {
        return event.metadata().path("overlap").asBoolean();
    }

    private static List<ChangeEvent> changes(List<PageClient.Fetched> pages) {
        return pages.stream()
                .flatMap(page -> page.changes().stream())
                .filter(one -> !isOfSnapshot(one))
                .toList();
    }

    private static boolean isOfSnapshot(ChangeEvent event) {
        return event.json().path("message_source").asString().equals("snapshot");
    }

    @Test
    void streamOfPagesGoesOverFromRowsToChanges() {
        String schema = create("streamed_rows");
        PageClient live = pages(schema).with("live", "sse");
        int rows = 0;
        String last = "";
        try (java.util.stream.Stream<String> lines = live.lines("-1")) {
            var iterator = lines.iterator();
            while (rows < 1_201) {
                String line = iterator.next();
                if (line.startsWith("data: {\"event_id\"")) {
                    String element = line.substring("data: ".length());
                    String bare =
                            element.endsWith(",")
                                    ? element.substring(0, element.length() - 1)
                                    : element;
                    rows += ChangeEvent.parse(bare).rows().size();
                } else if (line.startsWith("data: {\"streamNextOffset\"")) {
                    JsonNode control = ChangeEvent.JSON.readTree(line.substring("data: ".length()));
                    String next = control.path("streamNextOffset").asString();
                    assertThat(next).isGreaterThanOrEqualTo(last);
                    last = next;
                    if (control.path("upToDate").asBoolean() && rows == 1_200) {
                        mysql.execute("INSERT INTO " + schema + ".b VALUES (1, 'a change')");
                    }
                }
            }
        }
    }

    @Test
    void refusesWhatItCannotDeliverWhole() {
        String schema = create("refused_rows");
        mysql.execute("CREATE VIEW " + schema + ".v AS SELECT id FROM " + schema + ".a");
        assertThat(pages(schema).get("-1").answer().status()).isEqualTo(200);

        mysql.execute(
                "CREATE TABLE " + schema + ".keyless (n INT)",
                "CREATE TABLE " + schema + ".secret (id INT PRIMARY KEY)");
        Answer keyless = pages(schema).get("-1").answer().expect(400);
        assertThat(keyless.detail()).contains(schema + ".keyless").contains("/events");
        assertThat(pages(schema).with("ops", "delete").get("-1").answer().status()).isEqualTo(400);

        TestMySql.Login some = new TestMySql.Login("some_pages", "some-password-of-tests");
        mysql.execute(
                "DROP TABLE " + schema + ".keyless",
                "CREATE USER '%s'@'%%' IDENTIFIED BY '%s'".formatted(some.user(), some.password()),
                "GRANT REPLICATION SLAVE, REPLICATION CLIENT ON *.* TO 'some_pages'@'%'",
                "GRANT SELECT ON " + schema + ".a TO 'some_pages'@'%'",
                "GRANT INSERT ON " + schema + ".secret TO 'some_pages'@'%'");
        try {
            api.addSource("some", mysql.uri(), some);
            PageClient pages = PageClient.of(uri(), "some").with("snapshot", "initial");
            Answer hidden = pages.with("tables", schema + ".*").get("-1").answer().expect(409);
            assertThat(hidden.json().path("code").asString()).isEqualTo("PRIVILEGE_MISSING");
            assertThat(hidden.detail()).contains(schema + ".secret").contains("/events");
            assertThat(rows(pages.with("tables", schema + ".a").readToTheEnd("-1"))).hasSize(800);
        } finally {
            api.delete("/api/configs/sources/some").expect(204);
            mysql.execute("DROP USER 'some_pages'");
        }
    }
}
