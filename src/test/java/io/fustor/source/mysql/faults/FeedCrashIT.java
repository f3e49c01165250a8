package io.fustor.source.mysql.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fustor.source.mysql.support.ChangeEvent;
import io.fustor.source.mysql.support.ConsumerCopy;
import io.fustor.source.mysql.support.FeedClient;
import io.fustor.source.mysql.support.FeedRequest;
import io.fustor.source.mysql.support.FeedRow;
import io.fustor.source.mysql.support.Frame;
import io.fustor.source.mysql.support.Seeds;
import io.fustor.source.mysql.support.ServiceApi;
import io.fustor.source.mysql.support.ServiceProcess;
import io.fustor.source.mysql.support.TestMySql;
import io.fustor.source.mysql.support.Traffic;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/// Kills the service and the server under it, and finds the stream whole.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class FeedCrashIT {

    private static final String CHECKPOINTS = "/api/sources/crash/checkpoints/";

    @TempDir private static Path dataDir;

    private TestMySql mysql;
    private ServiceProcess service;
    private ServiceApi api;

    @BeforeAll
    void start() {
        mysql = TestMySql.start("--innodb-flush-log-at-trx-commit=1");
        startService();
        api.addSource("crash", mysql);
    }

    @AfterAll
    void stop() {
        service.close();
        mysql.close();
    }

    private void startService() {
        service =
                ServiceProcess.start(
                        dataDir,
                        Map.of("fustor.feed.heartbeat", "500ms"),
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseSerialGC");
        api = new ServiceApi(service.uri("/"));
    }

    @Test
    void clientResumesAfterTheServiceWasKilledInMidStream() throws Exception {
        long seed = Seeds.of("traffic.seed", FeedCrashIT.class);
        System.out.println("FeedCrashIT: seed " + seed);
        Random random = new Random(seed);
        Traffic traffic = new Traffic(mysql, "crash_service", seed);
        String start = api.tokenOfNow("crash");
        CompletableFuture<Void> writing =
                CompletableFuture.runAsync(
                        () -> {
                            traffic.run(2, 12_000, 500);
                            traffic.end();
                        });

        List<FeedRow> rows = new ArrayList<>();
        String token = start;
        for (int kills = 0; kills < 2; kills++) {
            int wanted = rows.size() + 500 + random.nextInt(3_000);
            try (FeedClient client = feed("crash_service").with("batch", 20).after(token).open()) {
                while (rows.size() < wanted) {
                    rows.addAll(client.change().flatten());
                }
                token = client.token();
                api.put(CHECKPOINTS + "killed", Map.of("position", token)).expect(200);
                service.kill();
            }
            service.close();
            startService();
            assertThat(checkpoint("killed")).isEqualTo(token);
        }
        try (FeedClient client = feed("crash_service").after(token).open()) {
            Traffic.readToTheEnd(client, rows);
        }
        writing.get(60, TimeUnit.SECONDS);

        assertThat(rows.size()).isEqualTo((int) traffic.committedRows());
        assertSameAsReadAnew("crash_service", start, rows);
    }

    @Test
    void checkpointsOutliveAKillRightAfterTheirAnswers() {
        mysql.execute(
                "CREATE DATABASE crash_checkpoint",
                "CREATE TABLE crash_checkpoint.t (id INT PRIMARY KEY)");
        List<String> tokens = new ArrayList<>(List.of(api.tokenOfNow("crash")));
        for (int i = 1; i <= 10; i++) {
            mysql.execute("INSERT INTO crash_checkpoint.t VALUES (" + i + ")");
            try (FeedClient client = feed("crash_checkpoint").after(tokens.getLast()).open()) {
                tokens.add(client.change().token());
            }
        }
        for (int i = 1; i <= 10; i++) {
            api.put(CHECKPOINTS + "keeper" + i, Map.of("position", tokens.get(i))).expect(200);
        }
        service.kill();
        service.close();
        startService();

        for (int i = 1; i <= 10; i++) {
            assertThat(checkpoint("keeper" + i)).isEqualTo(tokens.get(i));
        }
    }

    private String checkpoint(String consumer) {
        return api.get(CHECKPOINTS + consumer).expect(200).json().path("position").asString();
    }

    @Test
    void streamGoesOnOverAKillAndARestartOfMySql() throws Exception {
        long seed = Seeds.of("traffic.seed", FeedCrashIT.class);
        System.out.println("FeedCrashIT: seed " + seed);
        Traffic traffic = new Traffic(mysql, "crash_mysql", seed);
        String start = api.tokenOfNow("crash");
        List<FeedRow> rows = new ArrayList<>();
        try (FeedClient client = feed("crash_mysql").after(start).open();
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            client.hello();
            Future<?> reading = threads.submit(() -> Traffic.readToTheEnd(client, rows));
            Future<?> disturbed = threads.submit(() -> writeUntilBroken(traffic));
            mysql.kill();
            disturbed.get(60, TimeUnit.SECONDS);
            mysql.startAgain();
            traffic.run(2, 3_000, 300);
            mysql.stop();
            mysql.startAgain();
            traffic.run(2, 3_000, 300);
            traffic.end();
            reading.get(60, TimeUnit.SECONDS);
        }

        assertThat(rows.size()).isGreaterThanOrEqualTo((int) traffic.committedRows());
        assertSameAsReadAnew("crash_mysql", start, rows);
    }

    @Test
    void heartbeatsComeWhileMySqlIsAway() {
        String table = "crash_away";
        mysql.execute(
                "CREATE DATABASE crash_away", "CREATE TABLE crash_away.t (id INT PRIMARY KEY)");
        try (FeedClient client = feed(table).open()) {
            client.hello();
            mysql.execute("INSERT INTO crash_away.t VALUES (1)");
            String token = client.change().token();
            mysql.kill();

            for (int i = 0; i < 4; i++) {
                Frame frame = client.frame();
                assertThat(frame.data()).as("while MySQL is away").isNull();
            }
            await().until(() -> state().equals("RECONNECTING"));
            mysql.startAgain();
            mysql.execute("INSERT INTO crash_away.t VALUES (2)");
            ChangeEvent second = client.change();

            assertThat(second.row(0).path("id").asInt()).isEqualTo(2);
            try (FeedClient resumed = feed(table).after(token).open()) {
                assertThat(resumed.change().rows()).isEqualTo(second.rows());
            }
        }
    }

    /// The client is slow, so that its stream is still catching up when it loses the server.
    @Test
    void stateTellsThatACatchUpLostTheServer() {
        String start = api.tokenOfNow("crash");
        mysql.execute(
                "CREATE DATABASE crash_late",
                "CREATE TABLE crash_late.t (id INT PRIMARY KEY, v LONGTEXT)",
                """
                INSERT INTO crash_late.t WITH RECURSIVE n (i) AS
                    (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000)
                SELECT i, REPEAT('x', 40000) FROM n""");
        try (FeedClient client = feed("crash_late").after(start).open()) {
            int rows = client.change().rows().size();
            mysql.kill();
            while (!state().equals("RECONNECTING")) {
                Frame frame = client.frame();
                rows += frame.isChange() ? frame.change().rows().size() : 0;
            }
            mysql.startAgain();
            while (rows < 1_000) {
                rows += client.change().rows().size();
            }
            await().until(() -> state().equals("STREAMING"));
            assertThat(rows).isEqualTo(1_000);
        }
    }

    private String state() {
        return api.source("crash").path("state").asString();
    }

    @Test
    void streamGoesOnAfterMySqlStoodStill() {
        mysql.execute(
                "CREATE DATABASE crash_frozen", "CREATE TABLE crash_frozen.t (id INT PRIMARY KEY)");
        try (FeedClient client = feed("crash_frozen").open()) {
            client.hello();
            mysql.execute("INSERT INTO crash_frozen.t VALUES (1)");
            client.change();
            mysql.freeze();
            assertThat(client.heartbeat()).isNotEmpty();
            assertThat(client.heartbeat()).isNotEmpty();
            mysql.thaw();
            mysql.execute("INSERT INTO crash_frozen.t VALUES (2)");

            assertThat(client.change().row(0).path("id").asInt()).isEqualTo(2);
        }
    }

    private FeedRequest feed(String schema) {
        return api.feed("crash").with("tables", schema + ".*");
    }

    private static void writeUntilBroken(Traffic traffic) {
        try {
            traffic.run(2, 1_000_000, 300);
            throw new AssertionError("the writers were not disturbed");
        } catch (IllegalStateException _) {
            // The server was killed under the writers, as the test wants it.
        }
    }

    private void assertSameAsReadAnew(String schema, String start, List<FeedRow> rows) {
        FeedRow.assertSameSequence(Traffic.readToTheEnd(feed(schema).after(start)), rows);
        ConsumerCopy copy = new ConsumerCopy();
        copy.apply(rows);
        copy.assertSameAs(mysql, schema);
    }
}
