package io.fustor.source.mysql.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fustor.source.mysql.bench.Crowd;
import io.fustor.source.mysql.bench.ProcessUsage;
import io.fustor.source.mysql.support.FeedClient;
import io.fustor.source.mysql.support.ServiceApi;
import io.fustor.source.mysql.support.ServiceProcess;
import io.fustor.source.mysql.support.Sql;
import io.fustor.source.mysql.support.TestMySql;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Many subscribers return at once to a service that was killed, with places that are some seconds
/// old, while the server goes on writing. They share what is read: the server sees few connections.
/// How long it takes until all are live depends on the machine, and is printed.
@Tag("scale")
@Tag("long")
class HerdIT {

    private static final int SUBSCRIBERS = Integer.getInteger("scale.herd", 300);

    /// Each reaches all who are live: two thousand subscribers and 200 commits are 400,000
    /// deliveries a second, more than two cores write.
    private static final int COMMITS_PER_SECOND = Integer.getInteger("scale.commits", 20);

    /// The places with which they return are those of as many seconds.
    private static final int PLACES = 5 * COMMITS_PER_SECOND;

    @TempDir private Path folder;

    private final AtomicBoolean isOver = new AtomicBoolean();
    private volatile Duration longest = Duration.ZERO;

    @Test
    void becomeLiveByAFewSharedReads() throws Exception {
        try (var mysql = TestMySql.start("--max-connections=300");
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            mysql.execute(
                    "CREATE DATABASE herd",
                    "CREATE TABLE herd.t (id INT AUTO_INCREMENT PRIMARY KEY, v VARCHAR(100))");
            ServiceProcess service =
                    ServiceProcess.start(folder, Map.of(), "-XX:+UseSerialGC", "-Xmx1g");
            try {
                ServiceApi api = new ServiceApi(service.uri("/"));
                api.addSource("herd", mysql);
                List<String> tokens = new ArrayList<>();
                Future<?> writer = threads.submit(() -> write(mysql));
                try (FeedClient client = api.feed("herd").with("tables", "herd.t").open()) {
                    while (tokens.size() < PLACES) {
                        client.change();
                        tokens.add(client.token());
                    }
                }
                service.kill();
                service.startAgain();

                Random random = new Random(1);
                List<byte[]> requests = new ArrayList<>();
                for (int i = 0; i < SUBSCRIBERS; i++) {
                    String token = tokens.get(random.nextInt(tokens.size()));
                    requests.add(request(token));
                }
                long connections = connections(mysql);
                Duration used = ProcessUsage.cpu(service.pid());
                Duration ownUsed = ProcessUsage.ownCpu();
                long opened = System.nanoTime();
                // Bytes are dropped: what clients do with them is not the service's time.
                try (Crowd crowd =
                        new Crowd(service.port(), SUBSCRIBERS, requests::get, (_, _, _, _) -> {})) {
                    Future<Duration> took = threads.submit(() -> untilAllAreLive(api));
                    crowd.awaitStreams();
                    Duration answered = since(opened);
                    while (!took.isDone()) {
                        crowd.readOn(System.nanoTime());
                    }
                    System.out.printf(
                            "HerdIT: %d subscribers at %d commits/s answered after %d ms, live after %d ms,"
                                    + " longest answer %d ms; processor time %d ms, clients %d ms;"
                                    + " %d connections%n",
                            SUBSCRIBERS,
                            COMMITS_PER_SECOND,
                            answered.toMillis(),
                            took.get().toMillis(),
                            longest.toMillis(),
                            ProcessUsage.cpu(service.pid()).minus(used).toMillis(),
                            ProcessUsage.ownCpu().minus(ownUsed).toMillis(),
                            connections(mysql) - connections);
                }
                isOver.set(true);
                writer.get();
                assertThat(connections(mysql) - connections).isLessThan(SUBSCRIBERS / 3);
            } finally {
                isOver.set(true);
                service.close();
            }
        }
    }

    private static byte[] request(String token) {
        return """
        GET /api/sources/herd/events?tables=herd.t HTTP/1.1\r
        Host: 127.0.0.1\r
        Accept: text/event-stream\r
        Last-Event-ID: %s\r
        \r
        """
                .formatted(token)
                .getBytes(StandardCharsets.US_ASCII);
    }

    /// Looks again and again, and notes how long one look took at most.
    private Duration untilAllAreLive(ServiceApi api) {
        long begun = System.nanoTime();
        await().atMost(Duration.ofSeconds(120))
                .pollInterval(Duration.ofMillis(200))
                .until(
                        () -> {
                            long asked = System.nanoTime();
                            long live = live(api);
                            Duration took = since(asked);
                            longest = took.compareTo(longest) > 0 ? took : longest;
                            return live == SUBSCRIBERS;
                        });
        return since(begun);
    }

    private static Duration since(long start) {
        return Duration.ofNanos(System.nanoTime() - start);
    }

    private static long connections(TestMySql mysql) {
        return Long.parseLong(
                Sql.value(
                        mysql,
                        "SELECT variable_value FROM performance_schema.global_status"
                                + " WHERE variable_name = 'Connections'"));
    }

    private void write(TestMySql mysql) {
        try (var connection = mysql.jdbc();
                var insert =
                        connection.prepareStatement(
                                "INSERT INTO herd.t (v) VALUES (REPEAT('x', 100))")) {
            while (!isOver.get()) {
                insert.executeUpdate();
                LockSupport.parkNanos(1_000_000_000 / COMMITS_PER_SECOND);
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private static long live(ServiceApi api) {
        return api.source("herd")
                .path("subscribers")
                .valueStream()
                .filter(one -> one.path("state").asString().equals("live"))
                .count();
    }
}
