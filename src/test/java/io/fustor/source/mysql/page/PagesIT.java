package io.fustor.source.mysql.page;

import static org.assertj.core.api.Assertions.assertThat;

import io.fustor.source.mysql.support.Answer;
import io.fustor.source.mysql.support.ChangeEvent;
import io.fustor.source.mysql.support.FeedClient;
import io.fustor.source.mysql.support.FeedRequest;
import io.fustor.source.mysql.support.LocalService;
import io.fustor.source.mysql.support.ServiceApi;
import io.fustor.source.mysql.support.TestMySql;
import io.fustor.source.mysql.support.Traffic;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What docs/feed.md promises about pages, with two instances on one state database.
@Tag("soak")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PagesIT {

    private static final int CHANGES = Integer.getInteger("pages.changes", 5_000);

    /// Between two event ids at which the stream is cut.
    private static final int STEP = Integer.getInteger("pages.step", 41);

    private final TestMySql mysql = TestMySql.shared();
    private LocalService one;
    private LocalService other;
    private ServiceApi api;

    @BeforeAll
    void start() {
        one = service();
        other = service();
        api = new ServiceApi(uri(one));
        api.addSource("pages", mysql);
    }

    private static LocalService service() {
        return LocalService.start(
                Map.of(
                        "spring.datasource.url", "jdbc:h2:mem:pages-it;DB_CLOSE_DELAY=-1",
                        "fustor.security.encryption-key",
                                "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
                        "fustor.feed.heartbeat", "500ms",
                        "fustor.pages.long-poll", "2s",
                        "fustor.mysql.tls", "disabled"));
    }

    @AfterAll
    void stop() {
        one.close();
        other.close();
    }

    private static URI uri(LocalService service) {
        return URI.create("http://127.0.0.1:" + service.port());
    }

    private PageClient pages(String schema) {
        return PageClient.of(uri(one), "pages").with("tables", schema + ".*");
    }

    private FeedRequest feed(String schema) {
        return api.feed("pages").with("tables", schema + ".*");
    }

    /// A schema with a table `t` in it.
    private String create(String schema) {
        mysql.execute(
                "DROP DATABASE IF EXISTS " + schema,
                "CREATE DATABASE " + schema,
                "CREATE TABLE " + schema + ".t (id INT PRIMARY KEY, v VARCHAR(4000))");
        return schema;
    }

    private String now(String schema) {
        return pages(schema).get("now").next();
    }

    @ParameterizedTest
    @ValueSource(strings = {"fustor", "debezium"})
    void pagesAreTheFeedAndStayAsTheyAre(String format) {
        String schema = "pages_" + format;
        Traffic traffic = new Traffic(mysql, schema, 7);
        PageClient pages = pages(schema).with("format", format).with("transactions", "true");
        String start = now(schema);
        List<String> expected = new ArrayList<>();
        List<PageClient.Fetched> first;
        try (FeedClient live = feed(schema).after(start).open()) {
            live.hello();
            traffic.run(2, CHANGES, 300);
            traffic.end();
            Traffic.readToTheEnd(live, new ArrayList<>());
            // From the live window, which the subscriber keeps.
            first = pages.readToTheEnd(start);
        }
        try (FeedClient ndjson =
                feed(schema)
                        .with("format", format)
                        .with("transactions", "true")
                        .ndjson()
                        .after(start)
                        .open()) {
            int count = first.stream().mapToInt(page -> elements(page).size()).sum();
            while (expected.size() < count) {
                ndjson.frameOrEnd()
                        .filter(frame -> frame.data() != null)
                        .ifPresent(
                                frame -> {
                                    if (!frame.isControl("schema_changed")) {
                                        expected.add(comparable(frame.data()));
                                    }
                                });
            }
        }

        List<String> found = new ArrayList<>();
        first.forEach(page -> elements(page).forEach(line -> found.add(comparable(line))));
        assertThat(found).isEqualTo(expected);
        assertThat(first.stream().filter(PageClient.Fetched::isLasting).count()).isPositive();
        assertSame(first, pages);
        assertSame(first, pages.at(uri(other)));
        traffic.run(1, 200, 50);
        assertSame(first, pages);
        other.close();
        other = service();
        assertSame(first, pages.at(uri(other)));
        assertSorted(first);
    }

    private static void assertSame(List<PageClient.Fetched> pages, PageClient client) {
        for (PageClient.Fetched page : pages) {
            if (page.isLasting()) {
                PageClient.Fetched again = client.get(page.offset());
                assertThat(again.identity()).isEqualTo(page.identity());
                assertThat(again.isLasting()).isTrue();
            }
        }
    }

    private static void assertSorted(List<PageClient.Fetched> pages) {
        assertThat(pages.stream().map(PageClient.Fetched::next).toList()).isSorted();
    }

    private static List<String> elements(PageClient.Fetched page) {
        return page.body()
                .lines()
                .filter(line -> line.startsWith("{"))
                .map(line -> line.endsWith(",") ? line.substring(0, line.length() - 1) : line)
                .toList();
    }

    /// Without the time at which the service encoded a row, and without the token, which holds the
    /// evidence that its reader had.
    private static String comparable(String element) {
        return element.replaceAll(
                        "\"op\":\"(.)\",\"ts_ms\":\\d+,\"ts_us\":\\d+,\"ts_ns\":\\d+}$",
                        "\"op\":\"$1\"}")
                .replaceAll("\"event_id\":\"[^\"]+\"", "");
    }

    @ParameterizedTest
    @ValueSource(strings = {"fustor", "debezium"})
    void everyEventIdIsAnOffset(String format) {
        String schema = create("pages_cut_" + format);
        PageClient pages = pages(schema).with("format", format).with("batch", "3");
        String start = now(schema);
        mysql.execute(
                "INSERT INTO "
                        + schema
                        + ".t WITH RECURSIVE n AS (SELECT 1 AS i UNION ALL SELECT i + 1"
                        + " FROM n WHERE i < 200) SELECT i, REPEAT('x', 1000) FROM n",
                "UPDATE " + schema + ".t SET id = id + 10000",
                "DELETE FROM " + schema + ".t WHERE id > 10150");
        List<String> all = new ArrayList<>();
        List<String> ids = new ArrayList<>();
        for (PageClient.Fetched page : pages.readToTheEnd(start)) {
            for (String element : elements(page)) {
                all.add(element);
                ids.add(ChangeEvent.JSON.readTree(element).path("event_id").asString());
            }
        }
        List<String> rowsOfAll = rowsOf(all);
        for (int i = 0; i < ids.size(); i += STEP) {
            List<String> rest = new ArrayList<>();
            pages.readToTheEnd(ids.get(i)).forEach(page -> rest.addAll(elements(page)));
            List<String> rows = rowsOf(rest);
            int had = rowsOf(all.subList(0, i + 1)).size();
            boolean isDeleteOfKey =
                    i + 1 < all.size()
                            && all.get(i).contains("\"op\":\"d\"")
                            && all.get(i + 1).contains("\"op\":\"c\"");
            assertThat(rows)
                    .isEqualTo(rowsOfAll.subList(isDeleteOfKey ? had - 1 : had, rowsOfAll.size()));
        }
    }

    private static List<String> rowsOf(List<String> elements) {
        List<String> rows = new ArrayList<>();
        for (String element : elements) {
            if (element.contains("\"op\":")) {
                rows.add(comparable(element));
            } else {
                ChangeEvent.parse(element)
                        .flatten()
                        .forEach(row -> rows.add(row.operation() + row.row() + row.before()));
            }
        }
        return rows;
    }

    @Test
    void answersAsTheProtocolSays() {
        String schema = create("pages_protocol");
        PageClient pages = pages(schema);
        String start = now(schema);
        PageClient.Fetched nothing = pages.get(start);
        assertThat(nothing.body()).isEqualTo("[]\n");
        assertThat(nothing.isUpToDate()).isTrue();
        assertThat(nothing.isLasting()).isFalse();
        assertThat(nothing.answer().header("Cache-Control")).isEqualTo("no-store");

        mysql.execute("INSERT INTO " + schema + ".t VALUES (1, 'a')");
        PageClient.Fetched page = pages.get(start);
        assertThat(page.rows()).hasSize(1);
        assertThat(page.answer().header("Content-Type")).isEqualTo("application/json");
        assertThat(page.next()).isGreaterThan(start);
        Answer known =
                pages.header("If-None-Match", page.answer().header("ETag")).send("GET", start);
        assertThat(known.status()).isEqualTo(304);
        assertThat(known.body()).isEmpty();
        assertThat(known.header("ETag")).isEqualTo(page.answer().header("ETag"));

        Answer coded = pages.header("Accept-Encoding", "gzip").send("GET", start);
        assertThat(coded.header("Content-Encoding")).isEqualTo("gzip");
        assertThat(coded.header("Vary")).isEqualTo("Accept-Encoding, Authorization, Cookie");
        assertThat(page.answer().header("Vary")).isEqualTo("Authorization, Cookie");
        assertThat(coded.header("ETag")).isNotEqualTo(page.answer().header("ETag"));
        assertThat(
                        pages.header("Accept-Encoding", "gzip")
                                .header("If-None-Match", coded.header("ETag"))
                                .send("GET", start)
                                .status())
                .isEqualTo(304);

        Answer head = pages.send("HEAD", start);
        assertThat(head.status()).isEqualTo(200);
        assertThat(head.header("Stream-Next-Offset")).isGreaterThan(start);
        assertThat(pages.send("POST", start).status()).isEqualTo(405);
        assertThat(pages.send("PUT", start).status()).isEqualTo(405);
        assertThat(pages.send("DELETE", start).status()).isEqualTo(405);
        assertThat(pages.get("nonsense").answer().status()).isEqualTo(400);
        assertThat(pages.get("ffff" + start.substring(4)).answer().status()).isEqualTo(400);
        assertThat(pages.with("live", "push").get(start).answer().status()).isEqualTo(400);
        assertThat(pages.with("snapshot", "only").get("-1").answer().status()).isEqualTo(400);
        assertThat(PageClient.of(uri(one), "none").get("-1").answer().status()).isEqualTo(404);
        assertThat(pages.get("-1").next()).isLessThanOrEqualTo(page.next());
        FeedRequest resumed = feed(schema).after(start);
        try (FeedClient client = resumed.open()) {
            assertThat(client.rows(1)).hasSize(1);
        }
    }

    @Test
    void streamsPages() throws Exception {
        String schema = create("pages_sse");
        PageClient live = pages(schema).with("live", "sse");
        String start = now(schema);
        mysql.execute("INSERT INTO " + schema + ".t VALUES (1, 'a'), (2, 'b')");
        StringBuilder data = new StringBuilder();
        try (java.util.stream.Stream<String> lines = live.lines(start)) {
            var iterator = lines.iterator();
            assertThat(iterator.next()).isEqualTo("event: data");
            String line = iterator.next();
            while (!line.isEmpty()) {
                data.append(line.substring("data: ".length())).append('\n');
                line = iterator.next();
            }
            assertThat(iterator.next()).isEqualTo("event: control");
            String control = iterator.next().substring("data: ".length());
            assertThat(ChangeEvent.JSON.readTree(data.toString()).path(0).path("rows").size())
                    .isEqualTo(2);
            assertThat(ChangeEvent.JSON.readTree(control).path("upToDate").asBoolean()).isTrue();
            assertThat(ChangeEvent.JSON.readTree(control).path("streamCursor").asString())
                    .matches("[0-9]+");
            String next = ChangeEvent.JSON.readTree(control).path("streamNextOffset").asString();
            assertThat(next).isGreaterThan(start);
            mysql.execute("INSERT INTO " + schema + ".t VALUES (3, 'c')");
            while (!iterator.next().equals("event: data")) {
                // Events of control come before it.
            }
            iterator.next();
            assertThat(iterator.next()).contains("\"id\":3");
        }
    }

    @Test
    void waitsForTheFirstChange() throws Exception {
        String schema = create("pages_wait");
        PageClient live = pages(schema).with("live", "long-poll");
        String start = now(schema);
        PageClient.Fetched nothing = live.get(start);
        nothing.answer().expect(204);
        assertThat(nothing.isUpToDate()).isTrue();
        assertThat(nothing.next()).isGreaterThanOrEqualTo(start);
        String cursor = nothing.answer().header("Stream-Cursor");
        assertThat(cursor).matches("[0-9]+");
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            String offset = nothing.next();
            for (int i = 1; i <= 20; i++) {
                String from = offset;
                Future<PageClient.Fetched> waiting =
                        threads.submit(() -> live.with("cursor", cursor).get(from));
                mysql.execute("INSERT INTO " + schema + ".t VALUES (" + i + ", 'x')");
                PageClient.Fetched page = waiting.get(60, TimeUnit.SECONDS);
                while (page.answer().status() == 204) {
                    page = live.get(page.next());
                }
                assertThat(page.rows()).hasSize(1);
                assertThat(Long.parseLong(page.answer().header("Stream-Cursor")))
                        .isGreaterThan(Long.parseLong(cursor));
                offset = page.next();
            }
        }
    }
}
