package io.fustor.source.mysql.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import io.fustor.source.mysql.support.FeedClient;
import io.fustor.source.mysql.support.FeedRequest;
import io.fustor.source.mysql.support.RunningService;
import io.fustor.source.mysql.support.ServerRelease;
import io.fustor.source.mysql.support.ServiceApi;
import io.fustor.source.mysql.support.SnapshotStream;
import io.fustor.source.mysql.support.Sql;
import io.fustor.source.mysql.support.TestMySql;
import java.net.URI;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.boot.test.web.server.LocalServerPort;
import tools.jackson.databind.JsonNode;

/// A table that another session has locked: requests for it are told so within seconds, all others
/// are served as if nothing were.
@RunningService
class LockedTableIT {

    private static final int CLIENTS = 4;
    private static final Duration SECONDS = Duration.ofSeconds(12);
    private static final Duration AT_ONCE = Duration.ofMillis(1_500);

    @LocalServerPort private int port;

    private ServiceApi api;

    @BeforeAll
    void reachService() {
        api = new ServiceApi(URI.create("http://127.0.0.1:" + port));
    }

    @ParameterizedTest
    @EnumSource(names = {"MYSQL_8_0_31", "MYSQL_5_7", "MARIADB_10_11"})
    void requestsForItAreAnsweredAndOthersUndisturbed(ServerRelease release) throws Exception {
        String source = "locked-" + release.name().toLowerCase(Locale.ROOT).replace('_', '-');
        try (TestMySql mysql = TestMySql.start(release)) {
            mysql.execute(
                    "CREATE DATABASE locked",
                    "CREATE TABLE locked.orders (id INT PRIMARY KEY)",
                    "CREATE TABLE locked.others (id INT PRIMARY KEY)",
                    "INSERT INTO locked.orders VALUES (1)",
                    "INSERT INTO locked.others VALUES (1)");
            api.addSource(source, mysql);
            // Without column names in its binlog, a source begins by reading all tables once.
            api.tokenOfNow(source);
            try (Connection locks = mysql.jdbc();
                    Connection waits = mysql.jdbc();
                    Statement lock = locks.createStatement();
                    Statement alter = waits.createStatement()) {
                lock.execute("LOCK TABLES locked.orders WRITE");
                assertRefusedAndOthersServed(source);
                lock.execute("UNLOCK TABLES");

                locks.setAutoCommit(false);
                lock.executeQuery("SELECT * FROM locked.orders").close();
                CompletableFuture<?> altered = alterWaiting(alter, mysql);
                assertRefusedAndOthersServed(source);
                locks.commit();
                altered.join();

                locks.setAutoCommit(true);
                lock.execute("FLUSH TABLES WITH READ LOCK");
                assertServed(source, "locked.orders");
                lock.execute("UNLOCK TABLES");
            }
            assertServed(source, "locked.*");
            api.delete("/api/configs/sources/" + source).expect(204);
        }
    }

    private static CompletableFuture<?> alterWaiting(Statement alter, TestMySql mysql) {
        CompletableFuture<?> altered =
                CompletableFuture.runAsync(
                        () -> {
                            try {
                                alter.execute("ALTER TABLE locked.orders ADD v INT");
                            } catch (SQLException e) {
                                throw new IllegalStateException(e);
                            }
                        });
        Awaitility.await()
                .until(
                        () ->
                                Sql.column(
                                                mysql,
                                                "SELECT STATE FROM information_schema.PROCESSLIST"
                                                        + " WHERE INFO LIKE 'ALTER%'",
                                                1)
                                        .contains("Waiting for table metadata lock"));
        return altered;
    }

    private void assertRefusedAndOthersServed(String source) {
        try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
            List<CompletableFuture<?>> refused = new ArrayList<>();
            for (int i = 0; i < CLIENTS; i++) {
                String tables = i == 0 ? "locked.*" : "locked.orders";
                refused.add(
                        CompletableFuture.runAsync(() -> assertRefused(source, tables), clients));
            }
            List<Duration> served = new ArrayList<>();
            // With pauses, or this test takes the processor from all others.
            Awaitility.await()
                    .pollInterval(Duration.ofMillis(100))
                    .until(
                            () -> {
                                served.add(timeToServe(source));
                                return refused.stream().allMatch(CompletableFuture::isDone);
                            });
            refused.forEach(CompletableFuture::join);
            assertThat(served).hasSizeGreaterThan(3);
            // A busy machine delays one of them; a lock would delay each.
            served.sort(null);
            assertThat(served.get(served.size() / 2)).as("of %s", served).isLessThan(AT_ONCE);
            assertServed(source, "locked.others");
        }
    }

    private Duration timeToServe(String source) {
        long start = System.nanoTime();
        api.tokenOfNow(source);
        return Duration.ofNanos(System.nanoTime() - start);
    }

    private void assertRefused(String source, String tables) {
        long start = System.nanoTime();
        try (FeedClient client = snapshot(source, tables).send()) {
            assertThat(client.status()).isEqualTo(503);
            assertThat(client.header("retry-after")).isNotNull();
            JsonNode problem = client.problem();
            assertThat(problem.path("code").asString()).isEqualTo("TABLE_LOCKED");
            assertThat(problem.path("detail").asString())
                    .contains("locked.orders is locked by another session");
        }
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(SECONDS);
    }

    private FeedRequest snapshot(String source, String tables) {
        return api.feed(source).with("tables", tables).with("snapshot", "only");
    }

    private void assertServed(String source, String tables) {
        SnapshotStream stream = SnapshotStream.toTheEnd(snapshot(source, tables));

        assertThat(stream.snapshotEvents()).isNotEmpty();
        assertThat(stream.control("snapshot_started").path("passed_over")).isEmpty();
    }
}
