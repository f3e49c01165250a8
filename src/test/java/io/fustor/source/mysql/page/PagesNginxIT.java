package io.fustor.source.mysql.page;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fustor.source.mysql.support.LocalService;
import io.fustor.source.mysql.support.Nginx;
import io.fustor.source.mysql.support.ServiceApi;
import io.fustor.source.mysql.support.TestMySql;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/// The configuration of nginx for pages in `deploy/`, run by Debian's nginx.
@Tag("soak")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PagesNginxIT {

    private static final int CLIENTS = Integer.getInteger("pages.clients", 300);
    private static final int COMMITS = Integer.getInteger("pages.commits", 12);
    private static final String ADMINISTRATOR = "a-secret-of-an-administrator";

    /// How values of a row of each table begin. No place, id or name has that many letters alike.
    private static final String OF_A = "a".repeat(20);

    private static final String OF_B = "b".repeat(20);

    private final TestMySql mysql = TestMySql.shared();
    private LocalService service;
    private Nginx nginx;
    private ServiceApi api;

    @BeforeAll
    void start() {
        service =
                LocalService.start(
                        Map.of(
                                "fustor.security.tokens", "root:admin:" + ADMINISTRATOR,
                                "server.address", "127.0.0.1",
                                "fustor.pages.long-poll", "10s",
                                "fustor.mysql.tls", "disabled"));
        api = new ServiceApi(URI.create("http://127.0.0.1:" + service.port())).as(ADMINISTRATOR);
        api.addSource("pages", mysql);
        nginx = Nginx.start(this::site);
        mysql.execute(
                "DROP DATABASE IF EXISTS pages_nginx",
                "CREATE DATABASE pages_nginx",
                "CREATE TABLE pages_nginx.a (id INT PRIMARY KEY, v VARCHAR(4000))",
                "CREATE TABLE pages_nginx.b (id INT PRIMARY KEY, v VARCHAR(4000))");
    }

    @AfterAll
    void stop() {
        nginx.close();
        service.close();
    }

    /// The file as it is, but for what an installation changes in it.
    private String site(Path folder, int port) throws IOException {
        String text = Files.readString(Path.of("deploy/nginx-pages.conf"));
        text = replaced(text, "server 127.0.0.1:8080;", "server 127.0.0.1:" + service.port() + ";");
        text = replaced(text, "listen 127.0.0.1:8089;", "listen 127.0.0.1:" + port + ";");
        return replaced(text, "/var/cache/nginx/fustor-pages", folder.resolve("pages").toString());
    }

    private static String replaced(String text, String what, String by) {
        assertThat(text).containsOnlyOnce(what);
        return text.replace(what, by);
    }

    private PageClient through(String secret) {
        return PageClient.of(nginx.uri("/"), "pages").header("Authorization", "Bearer " + secret);
    }

    private String reader(String name, String table, boolean isShared) {
        return api.addReader(
                name, Map.of("tables", List.of("pages_nginx." + table), "shared_cache", isShared));
    }

    /// How many requests for pages the service has answered.
    private long requests() {
        return service
                .bean(MeterRegistry.class)
                .find("http.server.requests")
                .tag("uri", "/api/sources/{id}/stream")
                .timers()
                .stream()
                .mapToLong(Timer::count)
                .sum();
    }

    /// Once all are counted: a request is so after its answer, and the client may be quicker.
    private long settledRequests() {
        long[] last = {-1};
        await().pollInterval(Duration.ofMillis(300))
                .until(
                        () -> {
                            long now = requests();
                            boolean isSame = now == last[0];
                            last[0] = now;
                            return isSame;
                        });
        return last[0];
    }

    /// Each has rows and an offset of its own, although they ask for the same address.
    @Test
    void snapshotsAreNotShared() throws Exception {
        mysql.execute("REPLACE INTO pages_nginx.b VALUES (-1, 'a row')");
        PageClient client = through(reader("rows", "b", true)).with("snapshot", "initial");
        long before = requests();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<PageClient.Fetched>> reading = new ArrayList<>();
            for (int i = 0; i < 5; i++) {
                reading.add(threads.submit(() -> client.get("-1")));
            }
            for (Future<PageClient.Fetched> one : reading) {
                PageClient.Fetched page = one.get(30, TimeUnit.SECONDS);
                assertThat(page.rows()).isNotEmpty();
                assertThat(page.answer().header("Cache-Control")).isEqualTo("no-store");
            }
        }
        await().untilAsserted(() -> assertThat(requests() - before).isGreaterThanOrEqualTo(5));
        mysql.execute("DELETE FROM pages_nginx.b WHERE id = -1");
    }

    @Test
    void clientsThatWaitCostTheServiceOneRequest() throws Exception {
        PageClient client = through(reader("crowd", "a", true)).with("live", "long-poll");
        String start = through(reader("first", "a", true)).get("now").next();
        long before = settledRequests();
        Set<String> asked = ConcurrentHashMap.newKeySet();
        AtomicInteger received = new AtomicInteger();
        List<Integer> expected = IntStream.range(0, COMMITS).boxed().toList();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<List<Integer>>> reading = new ArrayList<>();
            for (int i = 0; i < CLIENTS; i++) {
                reading.add(threads.submit(() -> read(client, start, asked, received)));
            }
            for (int id : expected) {
                int all = id * CLIENTS;
                await().atMost(Duration.ofMinutes(2)).until(() -> received.get() >= all);
                mysql.execute("INSERT INTO pages_nginx.a VALUES (" + id + ", 'x')");
            }
            for (Future<List<Integer>> one : reading) {
                assertThat(one.get(2, TimeUnit.MINUTES)).isEqualTo(expected);
            }
        }
        long requests = settledRequests() - before;
        System.out.printf(
                "clients=%d commits=%d pages=%d requests=%d%n",
                CLIENTS, COMMITS, asked.size(), requests);
        assertThat(requests).isBetween((long) COMMITS, 2L * asked.size());
    }

    /// What is in a page that grows stays right, so that all get it but the one that asks for more.
    @Test
    void pageThatGrowsIsAskedForByOneClientAtATime() throws Exception {
        PageClient client = through(reader("growth", "b", true));
        String start = through(reader("before", "b", true)).get("now").next();
        mysql.execute("INSERT INTO pages_nginx.b VALUES (2000, 'x')");
        long before = settledRequests();
        Set<String> versions = ConcurrentHashMap.newKeySet();
        AtomicInteger rows = new AtomicInteger(2000);
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> reading = new ArrayList<>();
            for (int i = 0; i < 50; i++) {
                reading.add(
                        threads.submit(
                                () -> {
                                    while (versions.size() < 4) {
                                        versions.add(client.get(start).next());
                                    }
                                }));
            }
            await().atMost(Duration.ofMinutes(1))
                    .until(
                            () -> {
                                mysql.execute(
                                        "INSERT INTO pages_nginx.b VALUES (%d, 'x')"
                                                .formatted(rows.incrementAndGet()));
                                return versions.size() == 4;
                            });
            for (Future<?> one : reading) {
                one.get(30, TimeUnit.SECONDS);
            }
        }

        assertThat(settledRequests() - before).isBetween(4L, 10L);
    }

    private static List<Integer> read(
            PageClient client, String start, Set<String> asked, AtomicInteger received) {
        List<Integer> ids = new ArrayList<>();
        String offset = start;
        String cursor = "";
        while (ids.size() < COMMITS) {
            asked.add(offset);
            PageClient.Fetched page =
                    (cursor.isEmpty() ? client : client.with("cursor", cursor)).get(offset);
            page.changes().forEach(change -> ids.add(change.row(0).path("id").asInt()));
            received.addAndGet(page.changes().size());
            cursor = page.answer().header("Stream-Cursor");
            offset = page.next();
        }
        return ids;
    }

    /// An offset that every reader writes alike, since enough transactions were read before it.
    private String settled(String reader) {
        String now = through(reader).get("now").next();
        mysql.execute(
                IntStream.range(900, 930)
                        .mapToObj(
                                "INSERT INTO pages_nginx.a VALUES (%d, REPEAT('s', 2000))"
                                        ::formatted)
                        .toArray(String[]::new));
        return through(reader).readToTheEnd(now).getLast().next();
    }

    @Test
    void cacheNeverMixesTwoGrants() {
        String seesA = reader("sees-a", "a", true);
        String seesB = reader("sees-b", "b", true);
        String alone = reader("alone", "b", false);
        String start = settled(seesA);
        mysql.execute(
                "INSERT INTO pages_nginx.a WITH RECURSIVE n AS (SELECT 1000 AS i UNION ALL SELECT"
                        + " i + 1 FROM n WHERE i < 1199) SELECT i, REPEAT('a', 2000) FROM n",
                "INSERT INTO pages_nginx.b WITH RECURSIVE n AS (SELECT 1000 AS i UNION ALL SELECT"
                        + " i + 1 FROM n WHERE i < 1199) SELECT i, REPEAT('b', 2000) FROM n");
        long before = settledRequests();
        for (int i = 0; i < 5; i++) {
            PageClient.Fetched a = through(seesA).get(start);
            PageClient.Fetched b = through(seesB).get(start);
            assertThat(a.body()).contains(OF_A).doesNotContain(OF_B);
            assertThat(b.body()).contains(OF_B).doesNotContain(OF_A);
            assertThat(a.answer().header("Cache-Control"))
                    .startsWith("public")
                    .contains("immutable");
            // nginx compresses by itself, and says so in a line of its own.
            assertThat(a.answer().headers().allValues("Vary"))
                    .containsExactlyInAnyOrder("Accept-Encoding", "Authorization");
        }
        assertThat(settledRequests() - before).isEqualTo(2);
        for (int i = 0; i < 3; i++) {
            PageClient.Fetched own = through(alone).get(start);
            assertThat(own.body()).contains(OF_B).doesNotContain(OF_A);
            assertThat(own.answer().header("Cache-Control")).startsWith("private");
        }
        assertThat(settledRequests() - before).isEqualTo(5);
        assertThat(PageClient.of(nginx.uri("/"), "pages").get(start).answer().status())
                .isEqualTo(401);
        assertThat(through("an-unknown-secret").get(start).answer().status()).isEqualTo(401);
    }
}
