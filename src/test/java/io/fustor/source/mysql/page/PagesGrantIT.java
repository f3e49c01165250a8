package io.fustor.source.mysql.page;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fustor.source.mysql.support.Answer;
import io.fustor.source.mysql.support.FeedClient;
import io.fustor.source.mysql.support.FeedRequest;
import io.fustor.source.mysql.support.LocalService;
import io.fustor.source.mysql.support.ServiceApi;
import io.fustor.source.mysql.support.TestMySql;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/// Pages of callers whose grants exclude rows, columns and values, and grants that end.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PagesGrantIT {

    private static final String ADMINISTRATOR = "a-secret-of-an-administrator";

    private final TestMySql mysql = TestMySql.shared();
    private LocalService service;
    private ServiceApi api;
    private PageClient pages;

    @BeforeAll
    void start() {
        service =
                LocalService.start(
                        Map.of(
                                "fustor.security.tokens", "root:admin:" + ADMINISTRATOR,
                                "server.address", "127.0.0.1",
                                "fustor.web.allowed-origins", "https://ui.example.org",
                                "fustor.pages.long-poll", "30s",
                                "fustor.mysql.tls", "disabled"));
        URI base = URI.create("http://127.0.0.1:" + service.port());
        api = new ServiceApi(base).as(ADMINISTRATOR);
        Map<String, Object> config =
                Map.of(
                        "uri", mysql.uri(),
                        "credential",
                                Map.of(
                                        "user", TestMySql.CAPTURE.user(),
                                        "passwd", TestMySql.CAPTURE.password()),
                        "masks",
                                Map.of(
                                        "pages_grant.t.email", "hmac",
                                        "pages_grant.rows_of.email", "hmac"));
        api.post("/api/configs/sources/pages", Map.of("config", config)).expect(201);
        pages = PageClient.of(base, "pages");
        mysql.execute(
                "DROP DATABASE IF EXISTS pages_grant",
                "CREATE DATABASE pages_grant",
                "CREATE TABLE pages_grant.t (id INT PRIMARY KEY, n INT, email VARCHAR(40),"
                        + " secret VARCHAR(40))",
                "CREATE TABLE pages_grant.hidden (id INT PRIMARY KEY, secret VARCHAR(40))");
    }

    @AfterAll
    void stop() {
        service.close();
    }

    private PageClient as(String secret) {
        return pages.header("Authorization", "Bearer " + secret);
    }

    @Test
    void pagesShowWhatTheGrantShows() {
        String reader =
                api.addReader(
                        "narrow",
                        Map.of(
                                "tables", List.of("pages_grant.t"),
                                "without", List.of("*.*.secret"),
                                "where", List.of("pages_grant.t: n < 3")));
        PageClient mine = as(reader);
        String start = mine.get("now").next();
        mysql.execute(
                "INSERT INTO pages_grant.hidden VALUES (1, 'canary')",
                "INSERT INTO pages_grant.t VALUES (1, 1, 'a@canary', 'canary'),"
                        + " (2, 5, 'b@canary', 'canary'), (3, 2, 'c@canary', 'canary')",
                "UPDATE pages_grant.t SET n = n + 1");
        List<PageClient.Fetched> read = mine.with("transactions", "true").readToTheEnd(start);
        String all = read.stream().map(PageClient.Fetched::body).reduce("", String::concat);
        assertThat(all).doesNotContain("canary").contains("\"left\":true");
        assertThat(all).contains("\"rows\":2}").contains("\"control\":\"commit\"");
        assertThat(mine.with("where", "pages_grant.t: id = 3").readToTheEnd(start))
                .flatExtracting(PageClient.Fetched::rows)
                .hasSize(2);
        assertThat(mine.with("where", "pages_grant.t: email = 'x'").get(start).answer().status())
                .isEqualTo(400);
        assertThat(as("an-unknown-secret-of-a-caller").get(start).answer().status()).isEqualTo(401);
    }

    /// Rows, ids and offsets; the source masks a part of the table's key for this caller.
    @Test
    void rowsOfASnapshotAreThoseOfTheGrant() {
        mysql.execute(
                "DROP TABLE IF EXISTS pages_grant.rows_of",
                "CREATE TABLE pages_grant.rows_of (email VARCHAR(40), n INT, secret VARCHAR(40),"
                        + " v TEXT, PRIMARY KEY (email, n))",
                "INSERT INTO pages_grant.rows_of WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL"
                        + " SELECT i + 1 FROM n WHERE i < 900) SELECT CONCAT('canary', i), i,"
                        + " 'canary', REPEAT(IF(i <= 600, 'v', 'w'), 2500) FROM n");
        Map<String, Object> grant =
                Map.of(
                        "tables", List.of("pages_grant.rows_of"),
                        "without", List.of("*.*.secret"),
                        "where", List.of("pages_grant.rows_of: n <= 600"),
                        "shared_cache", true);
        PageClient mine = as(api.addReader("rows", grant)).with("snapshot", "initial");
        List<PageClient.Fetched> read = mine.readToTheEnd("-1");

        assertThat(PageClient.rows(read)).hasSize(600);
        String all = read.stream().map(PageClient.Fetched::body).reduce("", String::concat);
        assertThat(all).doesNotContain("canary").doesNotContain("wwwwwwww");
        PageClient.Fetched first = read.getFirst();
        assertThat(first.answer().header("Cache-Control")).isEqualTo("no-store");
        assertThat(first.next()).matches("[0-9a-f]{32}\\.0[0-9a-f]{18}\\.[A-Za-z0-9_-]+");
        byte[] token = Base64.getUrlDecoder().decode(first.next().split("\\.")[2]);
        assertThat(new String(token, StandardCharsets.ISO_8859_1)).doesNotContain("canary");
        assertThat(PageClient.rows(mine.readToTheEnd(first.next())))
                .hasSize(600 - first.rows().size());

        // An unordered table: the key is not visible.
        Map<String, Object> keyless =
                Map.of(
                        "tables", List.of("pages_grant.rows_of"),
                        "without", List.of("*.*.email"));
        PageClient other = as(api.addReader("keyless", keyless)).with("snapshot", "initial");
        assertThat(other.get("-1").answer().expect(400).detail()).contains("pages_grant.rows_of");
        PageClient none =
                as(api.addReader("none", Map.of("snapshots", false)))
                        .with("tables", "pages_grant.rows_of")
                        .with("snapshot", "initial");
        for (String offset : List.of("-1", first.next())) {
            Answer refused = none.get(offset).answer().expect(403);
            assertThat(refused.json().path("code").asString()).isEqualTo("SNAPSHOT_FORBIDDEN");
        }
    }

    /// Through a proxy with its own users, each request has their `Authorization`, and the cookie
    /// says who calls.
    @Test
    void pageOfACallerThatOnlyItsCookieNamesIsNotPublic() {
        String reader = api.addReader("shared", Map.of("shared_cache", true));
        String session =
                api.post("/api/session", Map.of("token", reader)).expect(200).header("Set-Cookie");
        PageClient cookie =
                pages.with("tables", "pages_grant.hidden")
                        .header("Cookie", session.substring(0, session.indexOf(';')));
        String start = cookie.get("now").next();

        assertThat(cacheControl(as(reader).with("tables", "pages_grant.hidden"), start))
                .startsWith("public");
        assertThat(cacheControl(cookie, start)).isEqualTo("no-store");
        for (String of : List.of("Basic dXNlcjpwYXNzd29yZA==", "bearer", "")) {
            assertThat(cacheControl(cookie.header("Authorization", of), start))
                    .as(of)
                    .isEqualTo("no-store");
        }
    }

    private static String cacheControl(PageClient client, String offset) {
        return client.get(offset).answer().expect(200).header("Cache-Control");
    }

    /// What a cache keeps of a request from no other site lacks what a browser wants of its own.
    @Test
    void publicPageIsKeptForEachOrigin() {
        String reader = api.addReader("browsers", Map.of("shared_cache", true));
        Answer page = as(reader).send("GET", "now").expect(200);
        Answer ofSite =
                as(reader)
                        .header("Origin", "https://ui.example.org")
                        .send("GET", "now")
                        .expect(200);

        assertThat(ofSite.header("Access-Control-Allow-Origin"))
                .isEqualTo("https://ui.example.org");
        assertThat(page.header("Cache-Control")).startsWith("public");
        assertThat(page.headers().allValues("Vary"))
                .singleElement()
                .asString()
                .contains("Origin", "Authorization")
                .doesNotContain("Cookie");
    }

    @Test
    void endOfAGrantEndsTheWait() throws Exception {
        String reader = api.addReader("waiting", Map.of());
        PageClient mine = as(reader).with("tables", "pages_grant.hidden");
        String start = mine.get("now").next();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<PageClient.Fetched> waiting =
                    threads.submit(() -> mine.with("live", "long-poll").get(start));
            await().until(() -> waitingReaders() == 1);
            api.delete("/api/readers/waiting").expect(204);
            Instant removed = Instant.now();

            PageClient.Fetched answer = waiting.get(60, TimeUnit.SECONDS);
            assertThat(answer.answer().status()).isEqualTo(401);
            assertThat(answer.answer().json().path("code").asString()).isEqualTo("TOKEN_EXPIRED");
            assertThat(Duration.between(removed, Instant.now())).isLessThan(Duration.ofSeconds(5));
        }
    }

    @Test
    void endOfAGrantCutsAClientThatDoesNotTakeItsRow() {
        mysql.execute(
                "DROP TABLE IF EXISTS pages_grant.large",
                "CREATE TABLE pages_grant.large (id INT PRIMARY KEY, v LONGTEXT)",
                "INSERT INTO pages_grant.large VALUES (1, REPEAT('x', 30000000))");
        String reader = api.addReader("slow", Map.of());
        FeedRequest slow =
                FeedRequest.to(pages.stream())
                        .with("tables", "pages_grant.large")
                        .with("snapshot", "initial")
                        .header("Authorization", "Bearer " + reader)
                        .receiveBuffer(32_768);
        try (FeedClient client = slow.send()) {
            assertThat(client.status()).isEqualTo(200);
            assertThat(api.source("pages").path("snapshots").size()).isEqualTo(1);
            api.delete("/api/readers/slow").expect(204);

            await().atMost(Duration.ofSeconds(5))
                    .until(() -> api.source("pages").path("snapshots").isEmpty());
        }
    }

    private int waitingReaders() {
        return service.bean(PageRequests.class).count();
    }

    @Test
    void pagesCountAsStreams() throws Exception {
        String reader = api.addReader("few", Map.of("max_streams", 2));
        PageClient mine = as(reader).with("tables", "pages_grant.hidden");
        String start = mine.get("now").next();
        // A request is over a moment after its answer.
        await().until(() -> waitingReaders() == 0);
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<PageClient.Fetched>> waiting = new ArrayList<>();
            for (int i = 0; i < 2; i++) {
                waiting.add(threads.submit(() -> mine.with("live", "long-poll").get(start)));
            }
            await().until(() -> waitingReaders() >= 2);
            assertThat(mine.get(start).answer().status()).isEqualTo(429);
            api.delete("/api/readers/few").expect(204);
            for (Future<PageClient.Fetched> one : waiting) {
                assertThat(one.get(60, TimeUnit.SECONDS).answer().status()).isEqualTo(401);
            }
        }
    }
}
