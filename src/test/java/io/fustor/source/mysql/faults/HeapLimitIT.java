package io.fustor.source.mysql.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fustor.source.mysql.support.FeedClient;
import io.fustor.source.mysql.support.FeedRequest;
import io.fustor.source.mysql.support.ServiceApi;
import io.fustor.source.mysql.support.ServiceProcess;
import io.fustor.source.mysql.support.SnapshotStream;
import io.fustor.source.mysql.support.TestMySql;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// More clients and larger rows than a heap has room for, in a process that ends where its heap is
/// exhausted: who has no room is asked to come again, and all others get every row.
///
/// `-Dheap.subscribers=…`, `-Dheap.snapshots=…`, `-Dheap.pages=…` and `-Dheap.xmx=…` choose what is
/// measured; `docs/limits.md` has the figures.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class HeapLimitIT {

    private static final int SUBSCRIBERS = 2_000;

    /// Connections that a heap of 128 MiB has room for beside those of streams.
    private static final int REQUESTS = 682;

    private static final int SNAPSHOTS = 10;
    private static final int LARGE_ROWS = 100;
    private static final int LARGE_ROW = 1_300_000;

    /// Come before those that are measured.
    private static final int FIRST_ONES = 50;

    private static final int MEASURED = Integer.getInteger("heap.subscribers", 400);
    private static final int MEASURED_SNAPSHOTS = Integer.getInteger("heap.snapshots", 5);
    private static final String MEASURED_HEAP = System.getProperty("heap.xmx", "512m");

    private static final int MEASURED_PAGES = Integer.getInteger("heap.pages", 10);
    private static final int SAMPLES = Integer.getInteger("heap.samples", 6);

    /// In an offset within a snapshot, another point follows.
    private static final int OFFSET_PREFIX = 32;

    private static final long KIBIBYTE = 1024;

    /// See `ClientMemory`.
    private static final long OF_A_SUBSCRIBER = 28 * KIBIBYTE;

    private static final long OF_A_CONDITION = 16 * KIBIBYTE;

    private static final long OF_A_PAGE_REQUEST = 152 * KIBIBYTE;

    private static final long OF_A_SNAPSHOT = 3328 * KIBIBYTE;

    private static final long OF_A_PAGE = 9216 * KIBIBYTE;

    /// What is loaded when the first of a kind comes.
    private static final long FIRST = 6 * 1024 * KIBIBYTE;

    /// What the service itself holds at one time and not at another, such as buffers for output
    /// that it keeps for the next one.
    private static final long OTHERS = 4 * 1024 * KIBIBYTE;

    @TempDir private Path dataDir;

    private TestMySql mysql;
    private int rows;
    private int services;

    @BeforeAll
    void makeTables() {
        mysql = TestMySql.start("--max-connections=500");
        mysql.execute(
                "CREATE DATABASE heap",
                "CREATE TABLE heap.small (id INT PRIMARY KEY)",
                "CREATE TABLE heap.large (id INT AUTO_INCREMENT PRIMARY KEY, v MEDIUMTEXT)",
                "CREATE TABLE heap.owned (id INT AUTO_INCREMENT PRIMARY KEY, owner INT, v INT)",
                "CREATE TABLE heap.wide (id INT AUTO_INCREMENT PRIMARY KEY, v MEDIUMTEXT)",
                // As large as rows are that claim no memory of their own.
                insert("heap.wide", 25, 900_000));
    }

    @AfterAll
    void stop() {
        mysql.close();
    }

    private static String insert(String table, int rows, int bytes) {
        return """
                INSERT INTO %s (v) WITH RECURSIVE n (i) AS
                    (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d)
                SELECT REPEAT('x', %d) FROM n"""
                .formatted(table, rows, bytes);
    }

    @Test
    void moreThanTheHeapHasRoomForIsRefusedByNameAndEndsNothing() {
        List<FeedClient> clients = new ArrayList<>();
        try (ServiceProcess service = start("128m", 10)) {
            ServiceApi api = new ServiceApi(service.uri(""));
            api.addSource("heap", mysql);
            FeedClient small = admitted(follow(api, "heap.small"), clients);
            FeedClient large = admitted(follow(api, "heap.large"), clients);
            int snapshots = admit(snapshot(api), SNAPSHOTS / 2, clients);
            int subscribers = admit(follow(api, "heap.small"), SUBSCRIBERS, clients);
            FeedClient last = clients.getLast();
            snapshots += admit(snapshot(api), SNAPSHOTS / 2, clients);
            System.out.printf(
                    "FIGURE -Xmx128m admits %d of %d snapshots and %d of %d subscribers%n",
                    snapshots, SNAPSHOTS, subscribers, SUBSCRIBERS);
            assertThat(snapshots).isBetween(SNAPSHOTS / 2, SNAPSHOTS);
            assertThat(subscribers).isBetween(400, SUBSCRIBERS - 1);

            mysql.execute(insert("heap.large", LARGE_ROWS, LARGE_ROW));
            for (int row = 0; row < LARGE_ROWS; row++) {
                assertThat(large.change().row(0).path("v").asString()).hasSize(LARGE_ROW);
            }
            assertGoesOn(service, small, last);

            clients.forEach(FeedClient::close);
            clients.clear();
            assertRoomComesBack(api, clients);
            assertThat(service.isAlive()).as(() -> service.log()).isTrue();
        } finally {
            clients.forEach(FeedClient::close);
        }
    }

    private static FeedRequest follow(ServiceApi api, String table) {
        return api.feed("heap").with("tables", table).patience(Duration.ofSeconds(60));
    }

    /// Its client reads nothing but the beginning.
    private static FeedRequest snapshot(ServiceApi api) {
        return follow(api, "heap.wide").with("snapshot", "only").receiveBuffer(4096);
    }

    private static FeedClient admitted(FeedRequest request, List<FeedClient> clients) {
        FeedClient client = request.open();
        clients.add(client);
        client.hello();
        return client;
    }

    /// How many of some requests are served; all others are refused as the documents say.
    private static int admit(FeedRequest request, int count, List<FeedClient> clients) {
        int admitted = 0;
        for (int i = 0; i < count; i++) {
            FeedClient client = request.send();
            if (client.status() == 200) {
                client.hello();
                clients.add(client);
                admitted++;
                continue;
            }
            try (client) {
                assertThat(client.status()).isEqualTo(503);
                assertThat(client.header("retry-after")).matches("\\d+");
                JsonNode problem = client.problem();
                assertThat(problem.path("code").asString()).isEqualTo("HEAP_FULL");
                assertThat(problem.path("detail").asString()).contains("-Xmx");
            }
        }
        return admitted;
    }

    private void assertGoesOn(ServiceProcess service, FeedClient... followers) {
        assertThat(service.isAlive()).as(() -> service.log()).isTrue();
        mysql.execute("INSERT INTO heap.small VALUES (" + ++rows + ")");
        for (FeedClient follower : followers) {
            assertThat(follower.change().rows()).containsExactly("{\"id\":" + rows + "}");
        }
    }

    private static void assertRoomComesBack(ServiceApi api, List<FeedClient> clients) {
        await("the leave of all clients")
                .atMost(Duration.ofSeconds(60))
                .until(() -> subscribers(api) == 0);
        int more = REQUESTS + 100;
        assertThat(admit(follow(api, "heap.small"), more, clients)).isEqualTo(more);
        SnapshotStream whole =
                SnapshotStream.toTheEnd(
                        api.feed("heap").with("tables", "heap.small").with("snapshot", "only"));
        assertThat(whole.control("end").path("reason").asString()).isEqualTo("snapshot completed");
    }

    private static int subscribers(ServiceApi api) {
        return api.source("heap").path("subscribers").size();
    }

    /// Else what is admitted by these numbers would not fit.
    @Test
    void eachTakesNoMoreThanItIsCountedFor() {
        List<FeedClient> clients = new ArrayList<>();
        try (ServiceProcess service = start(MEASURED_HEAP, MEASURED_SNAPSHOTS)) {
            ServiceApi api = new ServiceApi(service.uri(""));
            api.addSource("heap", mysql);
            admit(follow(api, "heap.small"), FIRST_ONES, clients);
            long idle = held(service);

            assertThat(admit(follow(api, "heap.small"), MEASURED, clients)).isEqualTo(MEASURED);
            long withSubscribers = held(service);
            assertThat(admit(snapshot(api), MEASURED_SNAPSHOTS, clients))
                    .isEqualTo(MEASURED_SNAPSHOTS);
            long withAll = held(service);

            System.out.printf(
                    "FIGURE live objects: %d subscribers %d KiB; %d more %d KiB; and %d"
                            + " snapshots %d KiB%n",
                    FIRST_ONES,
                    idle / KIBIBYTE,
                    MEASURED,
                    withSubscribers / KIBIBYTE,
                    MEASURED_SNAPSHOTS,
                    withAll / KIBIBYTE);
            assertThat(idle).isLessThan(52 * 1024 * KIBIBYTE);
            assertThat(withSubscribers - idle).isLessThan(MEASURED * OF_A_SUBSCRIBER + OTHERS);
            assertThat(withAll - withSubscribers)
                    .isLessThan(MEASURED_SNAPSHOTS * (OF_A_SUBSCRIBER + OF_A_SNAPSHOT) + FIRST);
        } finally {
            clients.forEach(FeedClient::close);
        }
    }

    /// Pages are read all the while, and garbage is collected at any moment of theirs.
    @Test
    void pagesOfSnapshotsTakeNoMoreThanTheyAreCountedFor() throws Exception {
        try (ServiceProcess service = start(MEASURED_HEAP, MEASURED_PAGES);
                HttpClient http = HttpClient.newHttpClient();
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            ServiceApi api = new ServiceApi(service.uri(""));
            api.addSource("heap", mysql);
            AtomicBoolean isOver = new AtomicBoolean();
            AtomicInteger pages = new AtomicInteger();
            readRows(service, http, new AtomicBoolean(true), pages);
            long idle = used(service);
            long most = 0;
            List<Future<?>> readers = new ArrayList<>();
            try {
                for (int i = 0; i < MEASURED_PAGES; i++) {
                    readers.add(threads.submit(() -> readRows(service, http, isOver, pages)));
                }
                for (int sample = 0; sample < SAMPLES || pages.get() < 2 * SAMPLES; sample++) {
                    most = Math.max(most, used(service));
                }
            } finally {
                isOver.set(true);
            }
            for (Future<?> reader : readers) {
                reader.get();
            }
            System.out.printf(
                    "FIGURE heap after collection: idle %d KiB; while %d pages of a snapshot at a"
                            + " time are read, at most %d KiB: %d KiB a page%n",
                    idle / KIBIBYTE,
                    MEASURED_PAGES,
                    most / KIBIBYTE,
                    (most - idle) / MEASURED_PAGES / KIBIBYTE);
            assertThat(most - idle)
                    .isLessThan(
                            MEASURED_PAGES * (OF_A_PAGE_REQUEST + OF_A_SNAPSHOT + OF_A_PAGE)
                                    + FIRST);
        }
    }

    /// Reads the rows of the table of wide rows, again and again until it is over.
    private static Void readRows(
            ServiceProcess service, HttpClient http, AtomicBoolean isOver, AtomicInteger pages)
            throws IOException, InterruptedException {
        do {
            String offset = "-1";
            do {
                String query = "offset=" + offset + "&tables=heap.wide&snapshot=initial";
                URI page = service.uri("/api/sources/heap/stream?" + query);
                HttpResponse<byte[]> answer =
                        http.send(HttpRequest.newBuilder(page).build(), BodyHandlers.ofByteArray());
                assertThat(answer.statusCode()).isEqualTo(200);
                offset = answer.headers().firstValue("Stream-Next-Offset").orElseThrow();
                pages.incrementAndGet();
            } while (offset.indexOf('.', OFFSET_PREFIX + 1) > 0);
        } while (!isOver.get());
        return null;
    }

    /// Each has had changes, among those of all others.
    @Test
    void eachWithAConditionTakesNoMoreThanItIsCountedFor() {
        List<FeedClient> clients = new ArrayList<>();
        try (ServiceProcess service = start(MEASURED_HEAP, MEASURED_SNAPSHOTS)) {
            ServiceApi api = new ServiceApi(service.uri(""));
            api.addSource("heap", mysql);
            for (int owner = 0; owner < FIRST_ONES; owner++) {
                admitted(owned(api, owner), clients);
            }
            changeAll();
            clients.forEach(HeapLimitIT::assertHasChange);
            long first = held(service);

            for (int owner = FIRST_ONES; owner < FIRST_ONES + MEASURED; owner++) {
                admitted(owned(api, owner), clients);
            }
            changeAll();
            clients.forEach(HeapLimitIT::assertHasChange);
            long all = held(service);

            System.out.printf(
                    "FIGURE live objects: %d subscribers with a condition %d KiB, %d more"
                            + " %d KiB%n",
                    FIRST_ONES, first / KIBIBYTE, MEASURED, all / KIBIBYTE);
            assertThat(all - first)
                    .isLessThan(MEASURED * (OF_A_SUBSCRIBER + OF_A_CONDITION) + OTHERS);
        } finally {
            clients.forEach(FeedClient::close);
        }
    }

    /// Each has read the binlog before, deep in its calls.
    @Test
    void eachThatHasCaughtUpTakesNoMoreThanItIsCountedFor() {
        List<FeedClient> clients = new ArrayList<>();
        try (ServiceProcess service = start(MEASURED_HEAP, MEASURED_SNAPSHOTS)) {
            ServiceApi api = new ServiceApi(service.uri(""));
            api.addSource("heap", mysql);
            String start = api.tokenOfNow("heap");
            changeAll();
            admit(since(api, start), FIRST_ONES, clients);
            assertIsUpToDate(clients);
            long first = held(service);

            admit(since(api, start), MEASURED, clients);
            assertIsUpToDate(clients);
            long all = held(service);

            System.out.printf(
                    "FIGURE live objects: %d subscribers that have caught up %d KiB, %d"
                            + " more %d KiB%n",
                    FIRST_ONES, first / KIBIBYTE, MEASURED, all / KIBIBYTE);
            assertThat(all - first).isLessThan(MEASURED * OF_A_SUBSCRIBER + OTHERS);
        } finally {
            clients.forEach(FeedClient::close);
        }
    }

    private static FeedRequest since(ServiceApi api, String start) {
        return follow(api, "heap.owned").with("from", start);
    }

    private void assertIsUpToDate(List<FeedClient> clients) {
        int last = ++rows;
        mysql.execute("INSERT INTO heap.owned (owner, v) VALUES (-1, " + last + ")");
        for (FeedClient client : clients) {
            while (client.change().row(0).path("v").asInt() != last) {
                // Rows from before.
            }
        }
    }

    private static FeedRequest owned(ServiceApi api, int owner) {
        return follow(api, "heap.owned").with("where", "heap.owned: owner = " + owner);
    }

    private void changeAll() {
        int owners = FIRST_ONES + MEASURED;
        mysql.execute(
                "SET cte_max_recursion_depth = 1000000",
                """
                INSERT INTO heap.owned (owner) WITH RECURSIVE n (i) AS
                    (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < %d)
                SELECT i FROM n"""
                        .formatted(owners));
    }

    private static void assertHasChange(FeedClient client) {
        assertThat(client.change().rows()).hasSize(1);
    }

    private ServiceProcess start(String heap, int snapshots) {
        return ServiceProcess.start(
                dataDir.resolve(heap + "-" + ++services),
                Map.of(
                        "fustor.mysql.tls", "disabled",
                        "fustor.feed.heartbeat", "1s",
                        "fustor.feed.max-snapshots", Integer.toString(snapshots)),
                "-Xmx" + heap,
                "-XX:+ExitOnOutOfMemoryError");
    }

    /// What is held while clients come to rest: the service still works for them.
    private static long held(ServiceProcess service) {
        long least = Long.MAX_VALUE;
        for (int sample = 0; sample < SAMPLES; sample++) {
            least = Math.min(least, service.liveObjects());
        }
        return least;
    }

    private static long used(ServiceProcess service) {
        service.collectGarbage();
        return service.usedHeap();
    }
}
