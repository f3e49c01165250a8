package io.fustor.source.mysql.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fustor.source.mysql.support.ChangeEvent;
import io.fustor.source.mysql.support.FeedClient;
import io.fustor.source.mysql.support.FeedRequest;
import io.fustor.source.mysql.support.Frame;
import io.fustor.source.mysql.support.RunningService;
import io.fustor.source.mysql.support.ServiceApi;
import io.fustor.source.mysql.support.Sql;
import io.fustor.source.mysql.support.TestMySql;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.boot.test.web.server.LocalServerPort;
import tools.jackson.databind.JsonNode;

/// A snapshot as its subscribers and operators see it.
@RunningService
class SnapshotIT {

    @LocalServerPort private int port;

    private final TestMySql mysql = TestMySql.shared();
    private ServiceApi api;

    @BeforeAll
    void addSource() {
        api = new ServiceApi(URI.create("http://127.0.0.1:" + port));
        api.addSource("snapshots", mysql);
    }

    private FeedRequest schema(String name, String... statements) {
        mysql.execute("CREATE DATABASE " + name);
        mysql.execute(statements);
        return api.feed("snapshots").with("tables", name + ".*");
    }

    private static FeedRequest initial(FeedRequest feed) {
        return feed.with("snapshot", "initial");
    }

    private static List<Frame> framesUntil(FeedClient client, String control) {
        List<Frame> frames = new ArrayList<>();
        while (true) {
            Optional<Frame> next = client.frameOrEnd();
            next.ifPresent(frames::add);
            if (next.isEmpty() || next.get().isControl(control)) {
                return frames;
            }
        }
    }

    private static List<String> rows(List<Frame> frames) {
        return frames.stream()
                .filter(Frame::isChange)
                .flatMap(frame -> frame.change().rows().stream())
                .toList();
    }

    @Test
    void deliversRowsInKeyOrderAndThenChanges() {
        FeedRequest feed =
                schema(
                        "snap_order",
                        "CREATE TABLE snap_order.b (id INT PRIMARY KEY, v VARCHAR(10))",
                        "CREATE TABLE snap_order.a (id INT PRIMARY KEY, v VARCHAR(10))",
                        "INSERT INTO snap_order.b VALUES (3, 'three'), (1, 'one'), (2, NULL)",
                        "INSERT INTO snap_order.a VALUES (-1, 'minus')");
        try (FeedClient client = initial(feed).open()) {
            List<Frame> frames = framesUntil(client, "snapshot_completed");
            mysql.execute("UPDATE snap_order.b SET v = 'two' WHERE id = 2");
            ChangeEvent change = client.change();

            assertThat(rows(frames))
                    .containsExactly(
                            "{\"id\":-1,\"v\":\"minus\"}",
                            "{\"id\":1,\"v\":\"one\"}",
                            "{\"id\":2,\"v\":null}",
                            "{\"id\":3,\"v\":\"three\"}");
            ChangeEvent row = frames.stream().filter(Frame::isChange).findFirst().get().change();
            assertThat(row.operation()).isEqualTo("insert");
            assertThat(row.json().path("message_source").asString()).isEqualTo("snapshot");
            assertThat(row.metadata().path("primary_key").toString()).isEqualTo("[\"id\"]");
            assertThat(row.metadata().path("transaction").isNull()).isTrue();
            assertThat(row.fields()).containsExactly("id", "v");
            assertThat(row.timestamp().scale()).isEqualTo(6);
            assertThat(change.operation()).isEqualTo("update");
            assertThat(change.json().path("message_source").asString()).isEqualTo("realtime");
            assertThat(change.metadata().has("overlap")).isFalse();
            assertThat(change.index()).isGreaterThan(row.index());
        }
    }

    @Test
    void saysWhatItReadsAndWhatItHasRead() {
        FeedRequest feed =
                schema(
                        "snap_says",
                        "CREATE TABLE snap_says.keyed (b INT, a INT, PRIMARY KEY (a, b))",
                        "CREATE TABLE snap_says.loose (v INT)",
                        "INSERT INTO snap_says.keyed VALUES (1, 1), (1, 2)",
                        "INSERT INTO snap_says.loose VALUES (1), (1)");
        try (FeedClient client = feed.with("snapshot", "only").open()) {
            List<Frame> frames = framesUntil(client, "end");
            JsonNode started = json(frames, "snapshot_started");
            JsonNode completed = json(frames, "snapshot_completed");

            assertThat(started.path("tables").get(0).path("table").asString()).isEqualTo("keyed");
            assertThat(started.path("tables").get(0).path("key").toString())
                    .isEqualTo("[\"a\",\"b\"]");
            assertThat(started.path("read_in_one_pass").toString())
                    .isEqualTo("[\"snap_says.loose\"]");
            assertThat(started.path("resumed").asBoolean()).isFalse();
            assertThat(started.path("position").path("file").asString()).startsWith("binlog.");
            assertThat(completed.path("rows").asLong()).isEqualTo(4);
            assertThat(completed.path("tables").get(1).path("rows").asLong()).isEqualTo(2);
            assertThat(json(frames, "end").path("reason").asString())
                    .isEqualTo("snapshot completed");
            assertThat(rows(frames)).hasSize(4);
        }
    }

    private static JsonNode json(List<Frame> frames, String control) {
        return frames.stream()
                .filter(frame -> frame.isControl(control))
                .map(frame -> ChangeEvent.JSON.readTree(Objects.requireNonNull(frame.data())))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void resumesAfterEachEvent() {
        FeedRequest feed =
                schema(
                                "snap_resume",
                                "CREATE TABLE snap_resume.a (id INT, k VARCHAR(10), PRIMARY KEY (k, id))",
                                "CREATE TABLE snap_resume.b (id BIGINT UNSIGNED PRIMARY KEY)",
                                "INSERT INTO snap_resume.a VALUES (1,'x'),(2,'x'),(1,'Y'),(3,'z')",
                                "INSERT INTO snap_resume.b VALUES (1), (18446744073709551615)")
                        .with("batch", 1)
                        .with("snapshot", "only");
        List<Frame> whole;
        try (FeedClient client = feed.open()) {
            whole = framesUntil(client, "end");
        }
        List<String> all = rows(whole);
        List<String> had = new ArrayList<>();
        for (Frame frame : whole) {
            if (frame.isChange()) {
                had.addAll(frame.change().rows());
            }
            if (frame.id() == null) {
                continue;
            }
            try (FeedClient client = feed.after(frame.id()).open()) {
                List<String> rest = rows(framesUntil(client, "end"));
                List<String> together = new ArrayList<>(had);
                together.addAll(rest);
                assertThat(together).containsExactlyElementsOf(all);
            }
        }
        assertThat(all).hasSize(6);
    }

    @Test
    void selectsFieldsAndStillResumesByKey() {
        FeedRequest feed =
                schema(
                        "snap_fields",
                        "CREATE TABLE snap_fields.t (id INT PRIMARY KEY, v VARCHAR(10), w INT)",
                        "INSERT INTO snap_fields.t VALUES (1, 'a', 1), (2, 'b', 2), (3, 'c', 3)");
        FeedRequest some =
                feed.with("fields", "snap_fields.t.v").with("snapshot", "only").with("batch", 1);
        try (FeedClient client = some.open()) {
            ChangeEvent first = client.change();
            assertThat(first.rows()).containsExactly("{\"v\":\"a\"}");
            client.cut();
            try (FeedClient again = some.after(first.token()).open()) {
                assertThat(rows(framesUntil(again, "end")))
                        .containsExactly("{\"v\":\"b\"}", "{\"v\":\"c\"}");
            }
        }
    }

    @Test
    void isSeenAndCancelled() {
        FeedRequest feed =
                schema(
                        "snap_cancel",
                        "CREATE TABLE snap_cancel.t (id INT AUTO_INCREMENT PRIMARY KEY, v CHAR(250))",
                        "INSERT INTO snap_cancel.t (v) SELECT REPEAT('x', 250) FROM"
                                + " information_schema.COLUMNS LIMIT 2000",
                        "INSERT INTO snap_cancel.t (v) SELECT a.v FROM snap_cancel.t a JOIN (SELECT 1"
                                + " FROM snap_cancel.t LIMIT 50) b");
        List<String> before = transactions();
        try (FeedClient client = initial(feed).receiveBuffer(4_096).bytesPerSecond(20_000).open()) {
            client.change();
            JsonNode snapshot = onlySnapshot();
            JsonNode table = snapshot.path("tables").get(0);
            assertThat(table.path("state").asString()).isEqualTo("reading");
            assertThat(table.path("rows").asLong()).isPositive();
            assertThat(snapshot.path("view_age_ms").asLong()).isNotNegative();
            assertThat(api.source("snapshots").path("subscribers").toString())
                    .contains("\"state\":\"snapshot\"");

            api.delete("/api/sources/snapshots/snapshots/nonsense").expect(404);
            api.delete("/api/sources/snapshots/snapshots/" + snapshot.path("id").asString())
                    .expect(204);

            await().untilAsserted(() -> assertThat(before).containsAll(transactions()));
        }
    }

    /// By the connections that they are of. Other tests may have left some.
    private List<String> transactions() {
        return Sql.column(
                mysql, "SELECT trx_mysql_thread_id FROM information_schema.INNODB_TRX", 1);
    }

    /// Once those of other tests have ended.
    private JsonNode onlySnapshot() {
        return await().until(
                        () -> api.source("snapshots").path("snapshots"), all -> all.size() == 1)
                .get(0);
    }

    @Test
    void endsASlowReadersStreamWhereItsSnapshotIsCancelled() {
        FeedRequest feed =
                schema(
                        "snap_end",
                        "CREATE TABLE snap_end.t (id INT AUTO_INCREMENT PRIMARY KEY, v CHAR(250))",
                        "INSERT INTO snap_end.t (v) SELECT REPEAT('x', 250) FROM"
                                + " information_schema.COLUMNS LIMIT 3000",
                        "INSERT INTO snap_end.t (v) SELECT a.v FROM snap_end.t a JOIN (SELECT 1"
                                + " FROM snap_end.t LIMIT 60) b");
        try (FeedClient client = initial(feed).receiveBuffer(4_096).open()) {
            client.change();
            String id = onlySnapshot().path("id").asString();
            api.delete("/api/sources/snapshots/snapshots/" + id).expect(204);

            JsonNode end = json(framesUntil(client, "end"), "end");

            assertThat(end.path("reason").asString()).isEqualTo("snapshot cancelled");
        }
    }

    @Test
    void refusesMoreAtATimeThanConfigured() {
        FeedRequest feed =
                schema(
                        "snap_many",
                        "CREATE TABLE snap_many.t (id INT AUTO_INCREMENT PRIMARY KEY, v CHAR(250))",
                        "INSERT INTO snap_many.t (v) SELECT REPEAT('x', 250) FROM"
                                + " information_schema.COLUMNS LIMIT 3000",
                        "INSERT INTO snap_many.t (v) SELECT a.v FROM snap_many.t a JOIN (SELECT 1"
                                + " FROM snap_many.t LIMIT 40) b");
        try (FeedClient whole = feed.with("snapshot", "only").open()) {
            framesUntil(whole, "end");
        }
        await().until(() -> api.source("snapshots").path("snapshots").isEmpty());
        FeedRequest slow = initial(feed).receiveBuffer(4_096);
        List<FeedClient> clients = new ArrayList<>();
        try {
            for (int i = 0; i < 10; i++) {
                FeedClient client = slow.open();
                clients.add(client);
                client.change();
            }
            try (FeedClient refused = slow.send()) {
                assertThat(refused.status()).isEqualTo(503);
                assertThat(refused.header("retry-after")).isNotNull();
                assertThat(refused.body()).contains("fustor.feed.max-snapshots");
            }
            clients.removeLast().close();
            await().until(() -> isLetIn(slow));
        } finally {
            clients.forEach(FeedClient::close);
        }
    }

    private static boolean isLetIn(FeedRequest feed) {
        try (FeedClient client = feed.send()) {
            return client.status() == 200;
        }
    }
}
