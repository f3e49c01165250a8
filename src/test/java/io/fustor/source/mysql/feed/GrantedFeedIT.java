package io.fustor.source.mysql.feed;

import static org.assertj.core.api.Assertions.assertThat;

import io.fustor.source.mysql.support.Answer;
import io.fustor.source.mysql.support.ChangeEvent;
import io.fustor.source.mysql.support.FeedClient;
import io.fustor.source.mysql.support.Frame;
import io.fustor.source.mysql.support.RunningService;
import io.fustor.source.mysql.support.ServiceApi;
import io.fustor.source.mysql.support.SnapshotStream;
import io.fustor.source.mysql.support.TestMySql;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.boot.test.web.server.LocalServerPort;
import tools.jackson.databind.JsonNode;

/// What a reader gets of a feed, and how its feed answers where something is not granted.
@RunningService
class GrantedFeedIT {

    private static final String SOURCE = "granted-feed";

    @LocalServerPort private int port;

    private final TestMySql mysql = TestMySql.shared();
    private ServiceApi api;
    private ServiceApi narrow;

    @BeforeAll
    void makeReaders() {
        api = new ServiceApi(URI.create("http://127.0.0.1:" + port));
        api.addSource(SOURCE, mysql);
        mysql.execute(
                "CREATE DATABASE granted",
                "CREATE TABLE granted.orders (id INT PRIMARY KEY, total INT, canary_note TEXT)",
                "CREATE TABLE granted.canary_pay (id INT PRIMARY KEY, iban VARCHAR(40))",
                "CREATE TABLE granted.parts"
                        + " (canary_k INT, n INT, v INT, PRIMARY KEY (canary_k, n))",
                "CREATE TABLE granted.altered (id INT PRIMARY KEY, v INT, canary_a INT)");
        narrow =
                api.as(
                        api.addReader(
                                "granted-narrow",
                                Map.of(
                                        "tables",
                                        List.of(
                                                "granted.orders",
                                                "granted.parts",
                                                "granted.altered"),
                                        "without",
                                        List.of("*.*.canary_*"))));
    }

    @Test
    void showsGrantedTablesAndColumnsOnly() {
        String start = api.tokenOfNow(SOURCE);
        mysql.execute(
                "INSERT INTO granted.canary_pay VALUES (1, 'canary-iban')",
                "INSERT INTO granted.orders VALUES (1, 10, 'canary-note')",
                "UPDATE granted.orders SET canary_note = 'canary-other'");
        try (FeedClient client = narrow.feed(SOURCE).after(start).open()) {
            ChangeEvent insert = client.change();
            ChangeEvent update = client.change();

            assertThat(insert.flatten().getFirst().toString())
                    .contains("10")
                    .doesNotContain("canary");
            assertThat(insert.json().toString() + update.json()).doesNotContain("canary");
            assertThat(update.table()).isEqualTo("granted.orders");
        }
    }

    /// A transaction over a granted table and another one.
    @Test
    void countsVisibleRowsOfATransaction() {
        String start = api.tokenOfNow(SOURCE);
        mysql.execute(
                "BEGIN",
                "INSERT INTO granted.canary_pay VALUES (100, 'a'), (101, 'b'), (102, 'c')",
                "INSERT INTO granted.orders VALUES (100, 1, ''), (101, 1, '')",
                "COMMIT");
        for (String format : List.of("fustor", "debezium")) {
            try (FeedClient own =
                            narrow.feed(SOURCE)
                                    .with("transactions", true)
                                    .with("format", format)
                                    .after(start)
                                    .open();
                    FeedClient all =
                            api.feed(SOURCE)
                                    .with("transactions", true)
                                    .with("format", format)
                                    .after(start)
                                    .open()) {
                assertThat(own.control("commit").at("/transaction/rows").asInt()).isEqualTo(2);
                assertThat(all.control("commit").at("/transaction/rows").asInt()).isEqualTo(5);
            }
        }
    }

    @Test
    void hasNoKeyWhereAPartOfItIsHidden() {
        String start = api.tokenOfNow(SOURCE);
        mysql.execute(
                "INSERT INTO granted.parts VALUES (7, 1, 1)",
                "UPDATE granted.parts SET canary_k = 8 WHERE canary_k = 7");
        try (FeedClient client = narrow.feed(SOURCE).after(start).open()) {
            JsonNode insert = client.change().json();
            JsonNode update = client.change().json();

            assertThat(insert.at("/metadata/primary_key")).isEmpty();
            assertThat(update.path("metadata").has("key_changed")).isFalse();
            assertThat(insert.toString() + update).doesNotContain("canary");
        }
    }

    @Test
    void tellsOfChangesOfVisibleColumnsOnly() {
        String start = api.tokenOfNow(SOURCE);
        mysql.execute(
                "INSERT INTO granted.altered VALUES (1, 1, 1)",
                "ALTER TABLE granted.altered MODIFY canary_a BIGINT",
                "INSERT INTO granted.altered VALUES (2, 1, 1)",
                "ALTER TABLE granted.altered ADD COLUMN seen INT",
                "INSERT INTO granted.altered VALUES (3, 1, 1, 1)");
        try (FeedClient client = narrow.feed(SOURCE).after(start).open()) {
            List<Frame> frames = new ArrayList<>();
            while (frames.stream().filter(Frame::isChange).count() < 3) {
                frames.add(client.frame());
            }
            List<Frame> notices =
                    frames.stream().filter(one -> one.isControl("schema_changed")).toList();

            assertThat(notices).hasSize(1);
            assertThat(notices.getFirst().data()).contains("seen").doesNotContain("canary");
        }
    }

    @Test
    void answersForHiddenNamesAsForMissingOnes() {
        assertSame("tables", "granted.canary_pay", "granted.canary_pax");
        assertSame("fields", "granted.canary_pay.iban", "granted.canary_pax.iban");
        assertSame("fields", "granted.orders.canary_note", "granted.orders.canary_nope");
        assertSame("tables", "mysql.user", "mysql.useq");
    }

    private void assertSame(String parameter, String hidden, String missing) {
        for (String snapshot : List.of("none", "only")) {
            String path = "/api/sources/" + SOURCE + "/events?snapshot=" + snapshot + "&";
            Answer first = narrow.get(path + parameter + "=" + hidden).expect(400);
            Answer second = narrow.get(path + parameter + "=" + missing).expect(400);

            assertThat(first.body().replace("canary_pay", "canary_pax").replace("_note", "_nope"))
                    .isEqualTo(second.body().replace("mysql.useq", "mysql.user"));
        }
    }

    @Test
    void snapshotHasGrantedTablesAndColumnsOnly() {
        mysql.execute(
                "REPLACE INTO granted.canary_pay VALUES (900, 'canary-iban')",
                "REPLACE INTO granted.orders VALUES (900, 10, 'canary-note')",
                "REPLACE INTO granted.parts VALUES (4242, 1, 1)");
        SnapshotStream stream =
                SnapshotStream.toTheEnd(narrow.feed(SOURCE).with("snapshot", "only"));

        assertThat(stream.snapshotRows("granted.orders")).isNotEmpty();
        assertThat(stream.frames().toString()).doesNotContain("canary");
        assertThat(stream.frames().stream().filter(one -> one.isControl("snapshot_started")))
                .allSatisfy(
                        one ->
                                assertThat(one.data())
                                        .contains("\"read_in_one_pass\":[\"granted.parts\"]"));
    }

    @Test
    void hiddenSourceAnswersAsAMissingOne() {
        ServiceApi other =
                api.as(api.addReader("granted-other", Map.of("sources", List.of("another*"))));
        for (String path :
                List.of(
                        "/api/sources/%s",
                        "/api/sources/%s/events",
                        "/api/sources/%s/checkpoints",
                        "/api/sources/%s/positions/1",
                        "/api/drivers/sources/%s/_actions/get_available_fields")) {
            Answer hidden = other.get(path.formatted(SOURCE)).expect(404);
            Answer missing = other.get(path.formatted("granted-none")).expect(404);
            assertThat(hidden.body().replace(SOURCE, "granted-none")).isEqualTo(missing.body());
        }
        assertThat(other.get("/api/sources").body()).isEqualTo("[]");
        assertThat(other.get("/api/configs").body()).doesNotContain(SOURCE);
        assertThat(other.get("/api/instances/status").body()).doesNotContain(SOURCE);
    }

    @Test
    void grantWithoutSnapshotsRefusesThem() {
        ServiceApi reader =
                api.as(api.addReader("granted-no-snapshots", Map.of("snapshots", false)));

        Answer refused =
                reader.get("/api/sources/" + SOURCE + "/events?snapshot=initial").expect(403);
        assertThat(refused.json().path("code").asString()).isEqualTo("SNAPSHOT_FORBIDDEN");
        reader.feed(SOURCE).open().close();
    }

    @Test
    void refusesMoreStreamsThanGranted() {
        ServiceApi reader = api.as(api.addReader("granted-two", Map.of("max_streams", 2)));
        try (FeedClient one = reader.feed(SOURCE).open();
                FeedClient two = reader.feed(SOURCE).open()) {
            one.hello();
            two.hello();
            FeedClient third = reader.feed(SOURCE).send();

            assertThat(third.status()).isEqualTo(429);
            assertThat(third.header("retry-after")).isEqualTo("10");
            assertThat(third.problem().path("code").asString()).isEqualTo("STREAMS_FULL");
            third.close();
            api.feed(SOURCE).open().close();
        }
    }
}
