package io.fustor.source.mysql.instance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.fustor.source.mysql.support.FeedClient;
import io.fustor.source.mysql.support.LocalService;
import io.fustor.source.mysql.support.ServiceApi;
import io.fustor.source.mysql.support.TestMySql;
import io.fustor.source.mysql.support.TestPostgres;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// Two instances that share a PostgreSQL, seen from both.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SeveralInstancesIT {

    private static final String ADMIN = "an-administrators-secret";
    private static final Duration SECOND = Duration.ofSeconds(1);

    private final TestMySql mysql = TestMySql.shared();
    private TestPostgres postgres;
    private Map<String, String> settings;
    private LocalService first;
    private LocalService second;
    private ServiceApi here;
    private ServiceApi there;

    @BeforeAll
    void start() {
        postgres = TestPostgres.start();
        mysql.execute(
                "DROP DATABASE IF EXISTS several",
                "CREATE DATABASE several",
                "CREATE TABLE several.t (id INT AUTO_INCREMENT PRIMARY KEY, v VARCHAR(500))",
                "INSERT INTO several.t (v) VALUES (REPEAT('x', 500))");
        for (int i = 0; i < 15; i++) {
            mysql.execute("INSERT INTO several.t (v) SELECT v FROM several.t");
        }
        settings = new HashMap<>(postgres.database("several"));
        settings.put(
                "fustor.security.encryption-key", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=");
        settings.put("fustor.security.tokens", "ops:admin:" + ADMIN);
        settings.put("server.address", "127.0.0.1");
        settings.put("fustor.feed.max-snapshots", "2");
        settings.put("fustor.feed.heartbeat", "1s");
        // Changes arrive by their count, not by the slow look.
        settings.put("fustor.refresh", "1h");
        settings.put("fustor.agent-id", "one");
        first = LocalService.start(settings);
        settings.put("fustor.agent-id", "two");
        second = LocalService.start(settings);
        here = new ServiceApi(URI.create("http://127.0.0.1:" + first.port()), ADMIN);
        there = new ServiceApi(URI.create("http://127.0.0.1:" + second.port()), ADMIN);
        await().until(() -> health(here).path("details").path("others").size() == 1);
    }

    @AfterAll
    void stop() {
        first.close();
        second.close();
        postgres.close();
    }

    /// Within which time is the subject of one test only.
    private void awaitThere(String source) {
        await().until(() -> there.get("/api/sources/" + source).status() == 200);
    }

    private static JsonNode health(ServiceApi api) {
        return api.get("/actuator/health").json().path("components").path("instances");
    }

    private static List<String> instances(JsonNode streams) {
        return streams.valueStream()
                .map(one -> one.path("instance").asString().replaceAll("[:#].*", ""))
                .sorted()
                .toList();
    }

    @Test
    void eachShowsTheStreamsOfAll() {
        here.addSource("seen", mysql);
        awaitThere("seen");
        String secret = here.addReader("partner", Map.of("max_streams", 5));
        await().until(() -> there.as(secret).get("/api/sources").status() == 200);
        try (FeedClient one = here.feed("seen").with("tables", "several.*").open();
                FeedClient two = there.feed("seen").with("tables", "several.*").open();
                FeedClient three = there.as(secret).feed("seen").open()) {
            one.hello();
            two.hello();
            three.hello();
            for (ServiceApi api : List.of(here, there)) {
                await().atMost(Duration.ofSeconds(3))
                        .until(() -> api.source("seen").path("subscribers").size() == 3);
                JsonNode subscribers = api.source("seen").path("subscribers");
                assertThat(instances(subscribers)).containsExactly("one", "two", "two");
                JsonNode own = api.as(secret).source("seen").path("subscribers");
                assertThat(instances(own)).containsExactly("two");
                assertThat(own.get(0).path("filter").path("masks").isNull()).isTrue();
            }
        }
        await().atMost(Duration.ofSeconds(8))
                .until(() -> here.source("seen").path("subscribers").isEmpty());
    }

    @Test
    void limitsHoldOverAll() {
        here.addSource("limited", mysql);
        awaitThere("limited");
        String secret = here.addReader("narrow", Map.of("max_streams", 3));
        await().until(() -> there.as(secret).get("/api/sources").status() == 200);
        var streamHere = here.as(secret).feed("limited").with("tables", "several.*");
        var streamThere = there.as(secret).feed("limited").with("tables", "several.*");
        try (FeedClient one = streamHere.open();
                FeedClient two = streamHere.open()) {
            one.hello();
            two.hello();
            try (FeedClient three = streamThere.open()) {
                three.hello();
                assertThat(status(streamHere)).isEqualTo(429);
                assertThat(status(streamThere)).isEqualTo(429);
            }
            await().atMost(Duration.ofSeconds(3)).until(() -> status(streamThere) == 200);
        }
    }

    private static int status(io.fustor.source.mysql.support.FeedRequest request) {
        try (FeedClient client = request.send()) {
            return client.status();
        }
    }

    /// A snapshot whose client reads nothing.
    @Test
    void snapshotsAreCountedAndCancelledOverAll() {
        here.addSource("snapped", mysql);
        awaitThere("snapped");
        try (FeedClient _ = begunSnapshot(here);
                FeedClient _ = begunSnapshot(there);
                FeedClient refused = snapshot(there)) {
            assertThat(refused.status()).isEqualTo(503);
            await().atMost(Duration.ofSeconds(3))
                    .until(() -> here.source("snapped").path("snapshots").size() == 2);
            JsonNode snapshots = here.source("snapped").path("snapshots");
            assertThat(instances(snapshots)).containsExactly("one", "two");
            for (JsonNode snapshot : snapshots) {
                String path = "/api/sources/snapped/snapshots/" + snapshot.path("id").asString();
                long begun = System.nanoTime();
                here.delete(path).expect(204);
                assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(SECOND);
            }
            assertThat(here.delete("/api/sources/snapped/snapshots/none").status()).isEqualTo(404);
            // Although their clients read nothing.
            await().atMost(Duration.ofSeconds(4))
                    .until(() -> here.source("snapped").path("snapshots").isEmpty());
            try (FeedClient _ = begunSnapshot(here);
                    FeedClient _ = begunSnapshot(there);
                    FeedClient again = snapshot(there)) {
                assertThat(again.status()).isEqualTo(503);
            }
        }
    }

    /// Its place is taken: another one that is asked for comes after it.
    private static FeedClient begunSnapshot(ServiceApi api) {
        FeedClient client = snapshot(api);
        assertThat(client.status()).as(client::body).isEqualTo(200);
        return client;
    }

    private static FeedClient snapshot(ServiceApi api) {
        return api.feed("snapped")
                .with("tables", "several.t")
                .with("snapshot", "initial")
                .receiveBuffer(1024)
                .send();
    }

    @Test
    void stoppingAndChangingASourceReachAllWithinASecond() {
        here.addSource("changed", mysql);
        await().atMost(SECOND).until(() -> there.get("/api/sources/changed").status() == 200);
        try (FeedClient client = there.feed("changed").open()) {
            client.hello();
            long begun = System.nanoTime();
            here.post("/api/instances/sources/changed/_actions/stop", "").expect(200);
            client.control("end");
            assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(SECOND);
        }
        assertThat(there.feed("changed").send().status()).isEqualTo(409);
        here.post("/api/instances/sources/changed/_actions/start", "").expect(200);
        try (FeedClient client = there.feed("changed").open()) {
            client.hello();
            long begun = System.nanoTime();
            here.post("/api/configs/sources/changed/_actions/disable", "").expect(200);
            client.control("end");
            assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(SECOND);
        }
        here.delete("/api/configs/sources/changed").expect(204);
        await().atMost(SECOND).until(() -> there.get("/api/sources/changed").status() == 404);
    }

    @Test
    void aStoppedSourceStaysStoppedOnAnInstanceThatStartsLater() {
        here.addSource("resting", mysql);
        awaitThere("resting");
        here.post("/api/instances/sources/resting/_actions/stop", "").expect(200);
        Map<String, String> later = new HashMap<>(settings);
        later.put("fustor.agent-id", "three");
        try (LocalService third = LocalService.start(later)) {
            ServiceApi late = new ServiceApi(URI.create("http://127.0.0.1:" + third.port()), ADMIN);
            assertThat(late.feed("resting").send().status()).isEqualTo(409);
            for (ServiceApi api : List.of(here, there, late)) {
                await().atMost(Duration.ofSeconds(5))
                        .until(() -> statuses(api, "resting").size() == 3);
                assertThat(statuses(api, "resting"))
                        .containsOnlyKeys("one", "two", "three")
                        .containsValue("STOPPED")
                        .doesNotContainValue("MESSAGE_SYNC");
            }
            late.post("/api/instances/sources/resting/_actions/start", "").expect(200);
            try (FeedClient client = there.feed("resting").open()) {
                client.hello();
                await().atMost(Duration.ofSeconds(3))
                        .until(
                                () ->
                                        statuses(here, "resting").values().stream()
                                                .allMatch("MESSAGE_SYNC"::equals));
            }
        }
        here.delete("/api/configs/sources/resting").expect(204);
    }

    /// What the instances do for a source, by the names of the instances.
    private static Map<String, String> statuses(ServiceApi api, String source) {
        Map<String, String> statuses = new HashMap<>();
        JsonNode all = api.get("/api/instances/status").expect(200).json().path("instances");
        for (JsonNode instance : all) {
            for (JsonNode one : instance.path("sources")) {
                if (one.path("id").asString().equals(source)) {
                    statuses.put(
                            instance.path("instance").asString().replaceAll("[:#].*", ""),
                            one.path("overall_status").asString());
                }
            }
        }
        return statuses;
    }

    /// This build is the older one: the schema has a migration that it does not know.
    @Test
    void anOlderVersionStartsOnASchemaThatANewerOneExpanded(@TempDir Path migrations)
            throws Exception {
        Map<String, String> older = new HashMap<>(settings);
        older.putAll(postgres.database("older"));
        migrate(older, migrations, "V900__expand_sources", "ALTER TABLE sources ADD later INT");
        try (LocalService service = LocalService.start(older)) {
            ServiceApi api =
                    new ServiceApi(URI.create("http://127.0.0.1:" + service.port()), ADMIN);
            api.addSource("kept", mysql);
            String token = api.tokenOfNow("kept");
            api.put("/api/sources/kept/checkpoints/c", Map.of("position", token)).expect(200);
        }
        migrate(older, migrations, "V901__rename_tables", "ALTER TABLE sources RENAME TO origins");
        assertThatThrownBy(() -> LocalService.start(older))
                .hasStackTraceContaining("was used by a newer version of the service")
                .hasStackTraceContaining("its schema has the version 901");
    }

    private static void migrate(
            Map<String, String> database, Path folder, String name, String statement)
            throws IOException {
        Files.writeString(folder.resolve(name + ".sql"), statement);
        Flyway.configure()
                .dataSource(
                        database.get("spring.datasource.url"),
                        database.get("spring.datasource.username"),
                        database.get("spring.datasource.password"))
                .locations(
                        "classpath:db/migration", "classpath:db/postgresql", "filesystem:" + folder)
                .load()
                .migrate();
    }

    /// Streams go on, writes are refused, and limits are those of each instance.
    @Test
    void withoutTheStateDatabaseStreamsGoOn() {
        here.addSource("alone", mysql);
        awaitThere("alone");
        try (FeedClient one = here.feed("alone").with("tables", "several.*").open();
                FeedClient two = there.feed("alone").with("tables", "several.*").open()) {
            String token = one.hello();
            two.hello();
            postgres.kill();
            try {
                await().atMost(Duration.ofSeconds(15))
                        .until(() -> health(here).path("status").asString().equals("UNKNOWN"));
                mysql.execute("INSERT INTO several.t (v) VALUES ('while it is down')");
                assertThat(one.change().row(0).path("v").asString()).contains("down");
                assertThat(two.change().row(0).path("v").asString()).contains("down");
                assertThat(
                                here.put(
                                                "/api/sources/alone/checkpoints/c",
                                                Map.of("position", token))
                                        .status())
                        .isEqualTo(503);
                try (FeedClient three = here.feed("alone").with("tables", "several.*").open()) {
                    three.hello();
                }
            } finally {
                postgres.startAgain();
            }
            await().atMost(Duration.ofSeconds(15))
                    .until(() -> health(here).path("status").asString().equals("UP"));
            await().atMost(Duration.ofSeconds(15))
                    .until(
                            () ->
                                    here.put(
                                                            "/api/sources/alone/checkpoints/c",
                                                            Map.of("position", token))
                                                    .status()
                                            == 200);
            assertThat(there.get("/api/sources/alone/checkpoints/c").status()).isEqualTo(200);
        }
    }
}
