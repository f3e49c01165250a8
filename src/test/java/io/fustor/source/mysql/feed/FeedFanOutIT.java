package io.fustor.source.mysql.feed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fustor.source.mysql.support.FeedClient;
import io.fustor.source.mysql.support.FeedRequest;
import io.fustor.source.mysql.support.Frame;
import io.fustor.source.mysql.support.ServiceApi;
import io.fustor.source.mysql.support.ServiceProcess;
import io.fustor.source.mysql.support.Sql;
import io.fustor.source.mysql.support.TestMySql;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/// Many subscribers of one source, in a service with a small heap.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class FeedFanOutIT {

    private static final int SUBSCRIBERS = 300;
    private static final int LEFT_AT_THE_END = 10;
    private static final long MEGABYTE = 1024 * 1024;

    @TempDir private static Path dataDir;

    private TestMySql mysql;
    private ServiceProcess service;
    private ServiceApi api;
    private final List<FeedClient> open = new ArrayList<>();

    @BeforeAll
    void start() {
        mysql = TestMySql.start();
        service =
                ServiceProcess.start(
                        dataDir,
                        Map.of(
                                "fustor.feed.heartbeat", "1s",
                                "fustor.feed.window", "16MB",
                                "fustor.feed.max-subscribers", Integer.toString(SUBSCRIBERS),
                                "management.endpoints.web.exposure.include", "health,metrics"),
                        "-Xmx256m",
                        "-XX:+ExitOnOutOfMemoryError");
        api = new ServiceApi(service.uri("/"));
        api.addSource("one", mysql);
        api.addSource("two", mysql);
        mysql.execute(
                "CREATE DATABASE fan",
                "CREATE TABLE fan.t (id INT AUTO_INCREMENT PRIMARY KEY, v TEXT)");
    }

    @AfterEach
    void leave() {
        open.forEach(FeedClient::close);
        open.clear();
        await("every subscriber's leave")
                .atMost(Duration.ofSeconds(60))
                .until(() -> countOf("one") == 0);
    }

    @AfterAll
    void stop() {
        service.close();
        mysql.close();
    }

    private int countOf(String source) {
        return api.source(source).path("subscribers").size();
    }

    @Test
    void manyReadersShareOneConnectionAndASlowOneDelaysNoOther() throws Exception {
        FeedRequest feed = api.feed("one").with("tables", "fan.*");
        for (int i = 1; i < SUBSCRIBERS; i++) {
            open.add(feed.open());
        }
        for (FeedClient client : open) {
            client.hello();
        }
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
                FeedClient slow = feed.receiveBuffer(1024).bytesPerSecond(1_000).open()) {
            slow.hello();
            refusesOneMore(feed);
            threads.execute(() -> readOn(slow));
            long start = System.nanoTime();
            insert(400, 5_000);
            readAll(threads, open, 400, Duration.ofSeconds(90));
            System.out.println(
                    "FeedFanOutIT: 2 MB to " + open.size() + " readers in " + millisSince(start));
            awaitBinlogReaders(1);
            assertThat(countOf("one")).isEqualTo(SUBSCRIBERS);

            List<FeedClient> few = List.copyOf(open.subList(0, LEFT_AT_THE_END));
            List<FeedClient> leaving = open.subList(LEFT_AT_THE_END, open.size());
            leaving.forEach(FeedClient::cut);
            leaving.clear();
            long before = usedHeap();
            long least = Long.MAX_VALUE;
            for (int round = 0; round < 8; round++) {
                insert(1_000, 10_000);
                readAll(threads, few, 1_000, Duration.ofSeconds(90));
                least = Math.min(least, usedHeap());
            }
            System.out.println(
                    "FeedFanOutIT: heap in use %d MB after 2 MB, %d MB after 82 MB"
                            .formatted(before / MEGABYTE, least / MEGABYTE));
            assertThat(least).isLessThan(200 * MEGABYTE);
            assertThat(countOf("one")).as("the slow one among them").isGreaterThan(LEFT_AT_THE_END);
        }
    }

    private static void refusesOneMore(FeedRequest feed) {
        try (FeedClient refused = feed.send()) {
            assertThat(refused.status()).isEqualTo(503);
            assertThat(refused.header("retry-after")).matches("[1-9][0-9]*");
            assertThat(refused.problem().path("detail").asString()).contains("300");
        }
    }

    /// Reads until the connection is cut under it.
    private static void readOn(FeedClient client) {
        try {
            while (client.frameWithin(Duration.ofMinutes(1)).isPresent()) {
                // Only the reading counts.
            }
        } catch (RuntimeException _) {
            // Cut, as the test wants it.
        }
    }

    private void insert(int rows, int bytes) {
        mysql.execute(
                """
                INSERT INTO fan.t (v) WITH RECURSIVE n (i) AS
                    (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d)
                SELECT REPEAT('x', %d) FROM n"""
                        .formatted(rows, bytes));
    }

    private static void readAll(
            ExecutorService threads, List<FeedClient> clients, int rows, Duration longest)
            throws Exception {
        CountDownLatch done = new CountDownLatch(clients.size());
        List<Future<?>> readers = new ArrayList<>();
        for (FeedClient client : clients) {
            readers.add(
                    threads.submit(
                            () -> {
                                int seen = 0;
                                while (seen < rows) {
                                    Frame frame = client.frame();
                                    seen += frame.isChange() ? countRows(frame.data()) : 0;
                                }
                                done.countDown();
                                return seen;
                            }));
        }
        assertThat(done.await(longest.toMillis(), TimeUnit.MILLISECONDS))
                .as(
                        "%d of %d readers have not got it all in %s",
                        done.getCount(), clients.size(), longest)
                .isTrue();
        for (Future<?> reader : readers) {
            assertThat(reader.get()).isEqualTo(rows);
        }
    }

    /// Counts without parsing: every row of the table has its own `v`.
    private static int countRows(String data) {
        int count = 0;
        for (int at = data.indexOf("\"v\":"); at >= 0; at = data.indexOf("\"v\":", at + 4)) {
            count++;
        }
        return count;
    }

    /// Garbage that was not collected yet is in use too.
    private long usedHeap() {
        return measure("jvm.memory.used", "?tag=area:heap");
    }

    private long measure(String meter, String tag) {
        return api.get("/actuator/metrics/" + meter + tag)
                .expect(200)
                .json()
                .path("measurements")
                .path(0)
                .path("value")
                .asLong();
    }

    private static String millisSince(long start) {
        return Duration.ofNanos(System.nanoTime() - start).toMillis() + " ms";
    }

    /// The blocks of live events are compressed once for all, but for those that were made while
    /// some were at different places.
    @Test
    void manyReadersShareCompressedBlocks() throws Exception {
        FeedRequest feed =
                api.feed("one").with("tables", "fan.*").header("Accept-Encoding", "gzip");
        for (int i = 0; i < SUBSCRIBERS; i++) {
            open.add(feed.open());
        }
        for (FeedClient client : open) {
            client.hello();
        }
        long before = measure("fustor.feed.blocks", "");
        long start = System.nanoTime();
        int batches = 50;
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < batches; i++) {
                insert(20, 1_000);
                readAll(threads, open, 20, Duration.ofSeconds(90));
            }
        }
        Duration took = Duration.ofNanos(System.nanoTime() - start);
        long heartbeats = open.stream().mapToLong(FeedClient::heartbeats).sum();
        long blocks = measure("fustor.feed.blocks", "") - before;
        System.out.println(
                "FeedFanOutIT: %d blocks for %d batches and %d readers in %d ms, %d heartbeats"
                        .formatted(blocks, batches, open.size(), took.toMillis(), heartbeats));
        assertThat(blocks).isBetween((long) batches, 10L * batches);
    }

    /// As after a restart of the service, when all of them come back and no subscriber is live:
    /// with another user the source has another capture, which knows nothing of the rows yet.
    @Test
    void manyThatResumeAtOnceAllGetWhatTheyMissed() throws Exception {
        api.addSource("back", mysql);
        String token = api.tokenOfNow("back");
        insert(100, 1_000);
        api.delete("/api/configs/sources/back").expect(204);
        api.addSource("back", mysql.uri(), TestMySql.ROOT);
        FeedRequest feed = api.feed("back").with("tables", "fan.*").after(token);
        long start = System.nanoTime();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<FeedClient>> opening = new ArrayList<>();
            for (int i = 0; i < SUBSCRIBERS; i++) {
                opening.add(threads.submit(() -> openWithRoom(feed)));
            }
            for (Future<FeedClient> client : opening) {
                open.add(client.get(90, TimeUnit.SECONDS));
            }
            readAll(threads, open, 100, Duration.ofSeconds(90));
        }
        System.out.println(
                "FeedFanOutIT: " + open.size() + " resumed and caught up in " + millisSince(start));
        await().until(() -> Sql.countBinlogReaders(mysql, TestMySql.ROOT) == 1);
        api.delete("/api/configs/sources/back").expect(204);
    }

    /// While catch-ups hold the room in the heap, or the server is slow, a client is asked to come
    /// again.
    private static FeedClient openWithRoom(FeedRequest feed) {
        return await().atMost(Duration.ofSeconds(60))
                .until(() -> openOrNull(feed), Objects::nonNull);
    }

    private static @Nullable FeedClient openOrNull(FeedRequest feed) {
        FeedClient client = feed.send();
        if (client.status() == 503) {
            client.close();
            return null;
        }
        assertThat(client.status()).isEqualTo(200);
        return client;
    }

    @Test
    void sourcesOfOneServerAndUserShareOneConnection() {
        try (FeedClient one = api.feed("one").with("tables", "fan.*").open();
                FeedClient two = api.feed("two").with("tables", "fan.*").open()) {
            one.hello();
            two.hello();
            insert(1, 10);

            assertThat(one.change().rows()).isEqualTo(two.change().rows());
            awaitBinlogReaders(1);
            api.post("/api/instances/sources/two/_actions/stop", Map.of()).expect(200);
            insert(1, 10);
            assertThat(one.change().rows()).hasSize(1);
            api.post("/api/instances/sources/two/_actions/start", Map.of()).expect(200);
        }
    }

    @Test
    void connectionEndsSomeTimeAfterTheLastSubscriberLeft() {
        try (FeedClient client = api.feed("one").open()) {
            client.hello();
            awaitBinlogReaders(1);
        }
        awaitBinlogReaders(0);
        await("the state")
                .until(() -> api.source("one").path("state").asString().equals("STOPPED"));
    }

    /// A server may show one whose end it has not noticed yet.
    private void awaitBinlogReaders(int count) {
        await(count + " replication connections")
                .atMost(Duration.ofSeconds(90))
                .until(() -> Sql.countBinlogReaders(mysql, TestMySql.CAPTURE) == count);
    }
}
