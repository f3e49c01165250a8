package io.fustor.source.mysql.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fustor.source.mysql.support.FeedClient;
import io.fustor.source.mysql.support.ServiceApi;
import io.fustor.source.mysql.support.ServiceProcess;
import io.fustor.source.mysql.support.Sql;
import io.fustor.source.mysql.support.TestMySql;
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

    @TempDir private Path folder;

    private final AtomicBoolean isOver = new AtomicBoolean();

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
                    while (tokens.size() < 200) {
                        client.change();
                        tokens.add(client.token());
                    }
                }
                service.kill();
                service.startAgain();

                long connections = connections(mysql);
                long opened = System.nanoTime();
                Future<Duration> longest = threads.submit(() -> longestAnswer(api));
                List<Future<FeedClient>> opening = new ArrayList<>();
                Random random = new Random(1);
                for (int i = 0; i < SUBSCRIBERS; i++) {
                    String token = tokens.get(random.nextInt(tokens.size()));
                    opening.add(threads.submit(() -> follow(api, token)));
                }
                List<Future<?>> reading = new ArrayList<>();
                List<FeedClient> clients = new ArrayList<>();
                for (Future<FeedClient> one : opening) {
                    FeedClient client = one.get();
                    clients.add(client);
                    reading.add(threads.submit(() -> readOn(client)));
                }
                await().atMost(Duration.ofSeconds(120))
                        .pollInterval(Duration.ofMillis(200))
                        .until(() -> live(api) == SUBSCRIBERS);
                Duration took = Duration.ofNanos(System.nanoTime() - opened);
                isOver.set(true);
                System.out.printf(
                        "HerdIT: %d subscribers live after %d ms, %d connections, longest answer"
                                + " %d ms%n",
                        SUBSCRIBERS,
                        took.toMillis(),
                        connections(mysql) - connections,
                        longest.get().toMillis());
                writer.get();
                clients.forEach(FeedClient::cut);
                assertThat(connections(mysql) - connections).isLessThan(SUBSCRIBERS / 3);
            } finally {
                isOver.set(true);
                service.close();
            }
        }
    }

    /// How long the service took at most to show the source, while the subscribers came.
    private Duration longestAnswer(ServiceApi api) {
        long longest = 0;
        while (!isOver.get()) {
            long asked = System.nanoTime();
            api.source("herd");
            longest = Math.max(longest, System.nanoTime() - asked);
            LockSupport.parkNanos(500_000_000);
        }
        return Duration.ofNanos(longest);
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
                LockSupport.parkNanos(5_000_000);
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private static FeedClient follow(ServiceApi api, String token) {
        return api.feed("herd")
                .with("tables", "herd.t")
                .after(token)
                .patience(Duration.ofSeconds(60))
                .open();
    }

    private static void readOn(FeedClient client) {
        try {
            while (true) {
                client.frame();
            }
        } catch (RuntimeException | AssertionError _) {
            // Cut at the end of the test.
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
