package io.fustor.source.mysql.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import io.fustor.source.mysql.support.FeedClient;
import io.fustor.source.mysql.support.FeedRequest;
import io.fustor.source.mysql.support.RunningService;
import io.fustor.source.mysql.support.ServiceApi;
import io.fustor.source.mysql.support.SnapshotStream;
import io.fustor.source.mysql.support.Sql;
import io.fustor.source.mysql.support.TestMySql;
import java.net.URI;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.boot.test.web.server.LocalServerPort;
import tools.jackson.databind.JsonNode;

/// A snapshot as an operator sees it: how far it is, and the way to end it.
@RunningService
class SnapshotCancelIT {

    private static final String SOURCE = "/api/sources/snapshot-cancel";

    /// More than the sockets between the service and a client that does not read hold.
    private static final int ROWS = 1_000;

    @LocalServerPort private int port;

    private final TestMySql mysql = TestMySql.shared();
    private ServiceApi api;

    @BeforeAll
    void fill() {
        api = new ServiceApi(URI.create("http://127.0.0.1:" + port));
        api.addSource("snapshot-cancel", mysql);
        mysql.execute(
                "CREATE DATABASE cancelled",
                "CREATE TABLE cancelled.a (id INT PRIMARY KEY, v TEXT)",
                "CREATE TABLE cancelled.b (id INT PRIMARY KEY)",
                "SET SESSION cte_max_recursion_depth = 100000",
                """
                INSERT INTO cancelled.a WITH RECURSIVE n (i) AS
                    (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d)
                SELECT i, REPEAT('v', 6000) FROM n"""
                        .formatted(ROWS),
                "INSERT INTO cancelled.b VALUES (1)",
                "ANALYZE TABLE cancelled.a");
    }

    private FeedRequest feed() {
        return api.feed("snapshot-cancel")
                .with("tables", "cancelled.*")
                .with("snapshot", "initial");
    }

    @Test
    void cancelledSnapshotEndsItsStreamAndCanBeResumed() {
        try (FeedClient client = feed().with("batch", 10).receiveBuffer(32_768).open()) {
            int first = client.change().flatten().size();
            JsonNode seen = api.source("snapshot-cancel").path("snapshots").path(0);
            JsonNode table = seen.path("tables").path(0);
            String snapshot = SOURCE + "/snapshots/" + seen.path("id").asString();
            api.delete(snapshot).expect(204);
            SnapshotStream rest = SnapshotStream.until(client, frame -> frame.isControl("end"));

            assertThat(table.path("table").asString()).isEqualTo("a");
            assertThat(table.path("rows").asInt()).isBetween(first, ROWS);
            assertThat(table.path("estimated_rows").asInt()).isEqualTo(estimate());
            assertThat(rest.control("end").path("reason").asString())
                    .isEqualTo("snapshot cancelled");
            assertThat(rest.snapshotEvents().size()).isLessThan(ROWS / 10 - 1);
            assertFinished(first + rest.snapshotRows("cancelled.a").size(), rest.token());
            assertNoneIsLeft();
            api.delete(snapshot).expect(404);
        }
    }

    /// The server's own, which may be off by half.
    private int estimate() {
        return Integer.parseInt(
                Sql.value(
                        mysql,
                        "SELECT TABLE_ROWS FROM information_schema.TABLES"
                                + " WHERE TABLE_SCHEMA = 'cancelled' AND TABLE_NAME = 'a'"));
    }

    private void assertFinished(int before, String token) {
        SnapshotStream rest = SnapshotStream.toTheEnd(feed().with("snapshot", "only").after(token));

        assertThat(rest.snapshotRows("cancelled.a")).hasSize(ROWS - before);
        assertThat(rest.snapshotRows("cancelled.b")).hasSize(1);
    }

    private void assertNoneIsLeft() {
        Awaitility.await()
                .atMost(Duration.ofSeconds(60))
                .until(() -> api.source("snapshot-cancel").path("snapshots").isEmpty());
    }
}
