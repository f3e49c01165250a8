package io.fustor.source.mysql.feed;

import static org.assertj.core.api.Assertions.assertThat;

import io.fustor.source.mysql.support.ChangeEvent;
import io.fustor.source.mysql.support.FeedClient;
import io.fustor.source.mysql.support.FeedRequest;
import io.fustor.source.mysql.support.Frame;
import io.fustor.source.mysql.support.ServiceApi;
import io.fustor.source.mysql.support.TestMySql;
import java.net.URI;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.boot.test.web.server.LocalServerPort;

/// Snapshot, then changes, on the other servers than the one of all tests, and without GTIDs.
@RunningService
class SnapshotServersIT {

    @LocalServerPort private int port;

    private ServiceApi api;

    @BeforeAll
    void reachService() {
        api = new ServiceApi(URI.create("http://127.0.0.1:" + port));
    }

    @Test
    void deliversFromTheNewestMySql() {
        try (TestMySql server = TestMySql.start97()) {
            deliversRowsThenChanges("newest", server);
        }
    }

    @Test
    void deliversFromMariaDb() {
        try (TestMySql server =
                TestMySql.startMariaDb(
                        "--binlog-annotate-row-events=OFF", "--binlog-row-metadata=FULL")) {
            deliversRowsThenChanges("mariadb", server);
        }
    }

    @Test
    void deliversWithoutGtids() {
        try (TestMySql server =
                TestMySql.start("--gtid-mode=OFF", "--enforce-gtid-consistency=OFF")) {
            deliversRowsThenChanges("without-gtids", server);
        }
    }

    private void deliversRowsThenChanges(String source, TestMySql server) {
        api.addSource(source, server);
        server.execute(
                "CREATE DATABASE d",
                "CREATE TABLE d.t (id INT PRIMARY KEY, v VARCHAR(20), f FLOAT, w DATETIME(3))",
                "INSERT INTO d.t VALUES (2, 'two', 1.1, '2024-02-29 12:00:00.123'), (1, 'one', -0.5, NULL)");
        FeedRequest feed = api.feed(source).with("snapshot", "initial").with("batch", 1);
        try (FeedClient client = feed.open()) {
            ChangeEvent one = rowOf(client);
            ChangeEvent two = rowOf(client);
            client.control("snapshot_completed");
            server.execute("UPDATE d.t SET v = 'zwei' WHERE id = 2");
            ChangeEvent update = changeOf(client);

            assertThat(one.rows())
                    .containsExactly("{\"id\":1,\"v\":\"one\",\"f\":-0.5,\"w\":null}");
            assertThat(two.rows())
                    .containsExactly(
                            "{\"id\":2,\"v\":\"two\",\"f\":1.1,\"w\":\"2024-02-29T12:00:00.123\"}");
            assertThat(update.beforeRows()).isEqualTo(two.rows());
            try (FeedClient resumed = feed.after(one.token()).open()) {
                assertThat(rowOf(resumed).row(0).path("v").asString()).isEqualTo("zwei");
                resumed.control("snapshot_completed");
                ChangeEvent again = changeOf(resumed);
                assertThat(again.rows()).isEqualTo(update.rows());
                assertThat(again.metadata().path("overlap").asBoolean()).isTrue();
            }
        }
        api.delete("/api/configs/sources/" + source).expect(204);
    }

    private static ChangeEvent rowOf(FeedClient client) {
        while (true) {
            Frame frame = client.frame();
            if (frame.isChange()) {
                assertThat(frame.change().json().path("message_source").asString())
                        .isEqualTo("snapshot");
                return frame.change();
            }
        }
    }

    /// The next update; those in front of it may come again, and say so.
    private static ChangeEvent changeOf(FeedClient client) {
        while (true) {
            ChangeEvent change = client.change();
            assertThat(change.json().path("message_source").asString()).isEqualTo("realtime");
            if (change.operation().equals("update")) {
                return change;
            }
            assertThat(change.metadata().path("overlap").asBoolean()).isTrue();
        }
    }
}
