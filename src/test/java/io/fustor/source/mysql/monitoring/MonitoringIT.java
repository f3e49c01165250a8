package io.fustor.source.mysql.monitoring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fustor.source.mysql.support.FeedClient;
import io.fustor.source.mysql.support.LocalService;
import io.fustor.source.mysql.support.ServiceApi;
import io.fustor.source.mysql.support.TestMySql;
import java.net.URI;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class MonitoringIT {

    private static final Duration LONGEST = Duration.ofSeconds(60);

    private static TestMySql mysql;
    private static LocalService service;
    private static ServiceApi api;

    @BeforeAll
    static void start() throws SQLException {
        mysql = TestMySql.start();
        mysql.execute("CREATE DATABASE m", "CREATE TABLE m.t (id INT PRIMARY KEY)");
        service = LocalService.start(Map.of());
        api = new ServiceApi(URI.create("http://127.0.0.1:" + service.port()));
    }

    @AfterAll
    static void stop() {
        service.close();
        mysql.close();
    }

    private static JsonNode health(String id) {
        return api.get("/actuator/health")
                .json()
                .path("components")
                .path("sources")
                .path("components")
                .path(id);
    }

    private static String meters() {
        return api.get("/actuator/prometheus").expect(200).body();
    }

    @Test
    void aSourceIsUpOutOfServiceWhenStoppedAndLeftOutWhenDisabled() {
        api.addSource("switched", mysql);

        assertThat(health("switched").path("status").asString()).isEqualTo("UP");
        api.post("/api/instances/sources/switched/_actions/stop", "{}").expect(200);
        assertThat(health("switched").path("status").asString()).isEqualTo("OUT_OF_SERVICE");
        api.post("/api/instances/sources/switched/_actions/start", "{}").expect(200);
        assertThat(health("switched").path("status").asString()).isEqualTo("UP");
        api.post("/api/configs/sources/switched/_actions/disable", "{}").expect(200);
        assertThat(health("switched").isMissingNode()).isTrue();
        assertThat(api.get("/actuator/health").status()).isEqualTo(200);
        api.delete("/api/configs/sources/switched").expect(204);
    }

    @Test
    void healthOfWhatDoesNotExistIsNotFoundAtEveryDepth() {
        api.addSource("known", mysql);

        for (String path :
                List.of(
                        "nosuch",
                        "nosuch/below",
                        "nosuch/below/that",
                        "diskSpace/below",
                        "diskSpace/below/that",
                        "sources/nosuch",
                        "sources/nosuch/below",
                        "sources/known/below",
                        "sources/known/below/that",
                        "liveness/nosuch/below")) {
            assertThat(api.get("/actuator/health/" + path).status()).as(path).isEqualTo(404);
        }
        for (String path : List.of("", "/diskSpace", "/sources", "/sources/known", "/liveness")) {
            assertThat(api.get("/actuator/health" + path).status()).as(path).isEqualTo(200);
        }
        api.delete("/api/configs/sources/known").expect(204);
    }

    @Test
    void aSourceThatCannotGoOnIsDownWithTheReason() throws SQLException {
        api.addSource("broken", mysql);
        try (FeedClient client = api.feed("broken").open()) {
            client.hello();
            try (var connection = mysql.jdbc();
                    var statement = connection.createStatement()) {
                statement.execute("SET SESSION binlog_format = STATEMENT");
                statement.execute("INSERT INTO m.t VALUES (1000)");
            }
            assertThat(client.control("error").path("code").asString())
                    .isEqualTo("STATEMENT_FORMAT");
        }

        await().atMost(LONGEST)
                .until(() -> api.source("broken").path("state").asString().equals("FAILED"));
        JsonNode health = health("broken");
        assertThat(health.path("status").asString()).isEqualTo("DOWN");
        assertThat(health.path("details").path("state").asString()).isEqualTo("FAILED");
        assertThat(health.path("details").path("reason").asString()).contains("STATEMENT_FORMAT");
        api.delete("/api/configs/sources/broken").expect(204);
    }

    @Test
    void anIdleSourceWhoseServerRefusesLoginsIsDown() throws SQLException {
        api.addSource("locked", mysql.uri(), new TestMySql.Login("no-such-user", "wrong"));

        await().atMost(LONGEST)
                .until(() -> health("locked").path("status").asString().equals("DOWN"));
        assertThat(health("locked").path("details").path("reason").asString())
                .contains("ACCESS_DENIED");
        api.delete("/api/configs/sources/locked").expect(204);
    }

    @Test
    void metersComeAndGoWithASourceAndCountWhatItDelivers() throws SQLException {
        api.addSource("metered", mysql);
        try (FeedClient client = api.feed("metered").with("tables", "m.t").open()) {
            client.hello();
            mysql.execute("INSERT INTO m.t VALUES (1), (2), (3)");
            client.rows(3);

            await().atMost(LONGEST)
                    .untilAsserted(
                            () ->
                                    assertThat(meters())
                                            .contains(
                                                    "fustor_source_state{source=\"metered\",state=\"STREAMING\"} 1.0")
                                            .contains(
                                                    "fustor_feed_subscribers{source=\"metered\"} 1.0")
                                            .contains(
                                                    "fustor_feed_rows_total{source=\"metered\"} 3.0")
                                            .contains(
                                                    "fustor_source_rows_total{source=\"metered\"}")
                                            .contains(
                                                    "fustor_source_lag_seconds{source=\"metered\"}")
                                            .contains(
                                                    "fustor_source_position_file{source=\"metered\"}")
                                            .contains(
                                                    "fustor_source_position_offset_bytes{source=\"metered\"}")
                                            .contains(
                                                    "fustor_checkpoints{source=\"metered\"} 0.0"));
        }
        api.delete("/api/configs/sources/metered").expect(204);

        await().atMost(LONGEST).until(() -> !meters().contains("\"metered\""));
    }
}
