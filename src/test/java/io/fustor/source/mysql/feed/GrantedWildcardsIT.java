package io.fustor.source.mysql.feed;

import static org.assertj.core.api.Assertions.assertThat;

import io.fustor.source.mysql.support.ChangeEvent;
import io.fustor.source.mysql.support.FeedClient;
import io.fustor.source.mysql.support.FeedRequest;
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

/// Readers whose grant has a condition on all tables of a schema, some of which lack its column:
/// those are not there.
@RunningService
class GrantedWildcardsIT {

    private static final String SOURCE = "granted-wildcards";

    private final TestMySql mysql = TestMySql.shared();

    @LocalServerPort private int port;

    private ServiceApi api;
    private ServiceApi reader;

    @BeforeAll
    void makeReader() {
        api = new ServiceApi(URI.create("http://127.0.0.1:" + port));
        api.addSource(SOURCE, mysql);
        mysql.execute(
                "CREATE DATABASE wildcards",
                "CREATE TABLE wildcards.orders (id INT PRIMARY KEY, Tenant INT)",
                "CREATE TABLE wildcards.countries (id INT PRIMARY KEY, name VARCHAR(20))");
        reader =
                api.as(
                        api.addReader(
                                "wildcards",
                                Map.of(
                                        "tables",
                                        List.of("wildcards.*"),
                                        "without",
                                        List.of("*.*.tenant"),
                                        "where",
                                        List.of("wildcards.*: tenant = 7"))));
    }

    private FeedRequest feed(String... tables) {
        List<String> names = new ArrayList<>();
        for (String table : tables) {
            names.add("wildcards." + table);
        }
        return reader.feed(SOURCE).with("tables", String.join(",", names));
    }

    private static List<String> upTo(FeedClient client, String row) {
        List<String> rows = new ArrayList<>();
        while (rows.isEmpty() || !rows.getLast().endsWith(row)) {
            ChangeEvent event = client.change();
            event.lines().forEach(line -> rows.add(event.table() + " " + line));
        }
        return rows;
    }

    @Test
    void tablesWithoutTheColumnHaveNoChanges() {
        String start = api.tokenOfNow(SOURCE);
        FeedRequest all = reader.feed(SOURCE).with("transactions", "true");
        List<String> expected =
                List.of(
                        "wildcards.orders insert {\"id\":101}",
                        "wildcards.orders delete left {\"id\":101}",
                        "wildcards.orders insert entered {\"id\":102}");
        try (FeedClient live = all.open()) {
            live.hello();
            mysql.execute(
                    "BEGIN",
                    "INSERT INTO wildcards.orders VALUES (101, 7), (102, 8)",
                    "INSERT INTO wildcards.countries VALUES (101, 'canary')",
                    "UPDATE wildcards.orders SET tenant = 15 - tenant WHERE id > 100",
                    "UPDATE wildcards.countries SET name = 'canary 2'",
                    "COMMIT");
            assertThat(upTo(live, "{\"id\":102}")).isEqualTo(expected);
            assertThat(live.control("commit").path("transaction").path("rows").asInt())
                    .isEqualTo(3);
        }
        try (FeedClient late = all.after(start).open()) {
            assertThat(upTo(late, "{\"id\":102}")).isEqualTo(expected);
            assertThat(late.control("commit").path("transaction").path("rows").asInt())
                    .isEqualTo(3);
        }
    }

    @Test
    void tablesWithoutTheColumnAreInNoSnapshotAndInNoField() {
        mysql.execute(
                "CREATE TABLE wildcards.items (id INT PRIMARY KEY, tenant INT)",
                "CREATE TABLE wildcards.canary (id INT PRIMARY KEY, name VARCHAR(20))",
                "INSERT INTO wildcards.items VALUES (1, 7), (2, 8)",
                "INSERT INTO wildcards.canary VALUES (1, 'canary')");
        SnapshotStream stream =
                SnapshotStream.toTheEnd(feed("items", "c*").with("snapshot", "only"));

        assertThat(stream.snapshotRows("wildcards.items")).containsExactly("{\"id\":1}");
        assertThat(stream.frames()).noneMatch(frame -> frame.toString().contains("canary"));
        Map<String, String> root =
                Map.of("user", TestMySql.ROOT.user(), "passwd", TestMySql.ROOT.password());
        api.post(
                        "/api/configs/sources/" + SOURCE + "/_actions/discover_and_cache_fields",
                        Map.of("admin_creds", root))
                .expect(200);
        assertThat(
                        reader.get(
                                        "/api/drivers/sources/"
                                                + SOURCE
                                                + "/_actions/get_available_fields")
                                .expect(200)
                                .body())
                .contains("wildcards.items.id")
                .doesNotContain("canary", "countries", "enant");
    }

    @Test
    void aTableWithoutTheColumnAnswersAsOneThatIsMissing() {
        for (Map<String, String> request :
                List.of(
                        Map.of("tables", "wildcards.%s"),
                        Map.of("tables", "wildcards.%s", "snapshot", "only"),
                        Map.of("fields", "wildcards.%s.id"),
                        Map.of("where", "wildcards.%s: id = 1"))) {
            JsonNode hidden = refused(request, "countries");

            assertThat(hidden.toString().replace("countries", "counties"))
                    .isEqualTo(refused(request, "counties").toString());
        }
    }

    private JsonNode refused(Map<String, String> parameters, String table) {
        FeedRequest request = reader.feed(SOURCE);
        for (Map.Entry<String, String> parameter : parameters.entrySet()) {
            request = request.with(parameter.getKey(), parameter.getValue().formatted(table));
        }
        try (FeedClient client = request.send()) {
            assertThat(client.status()).isEqualTo(400);
            return client.problem();
        }
    }

    @Test
    void aTableThatGetsTheColumnIsThere() {
        mysql.execute("CREATE TABLE wildcards.growing (id INT PRIMARY KEY)");
        try (FeedClient client = feed("g*").open()) {
            client.hello();
            mysql.execute(
                    "INSERT INTO wildcards.growing VALUES (1)",
                    "ALTER TABLE wildcards.growing ADD tenant INT NOT NULL DEFAULT 7",
                    "INSERT INTO wildcards.growing VALUES (2, 8), (3, 7)");

            assertThat(client.change().rows()).containsExactly("{\"id\":3}");
        }
    }

    /// The client has rows of it that are no longer kept true. Whether they came as changes, live
    /// or late, or in a snapshot.
    @Test
    void aTableThatLosesTheColumnEndsTheStreamsThatHaveRowsOfIt() {
        String start = api.tokenOfNow(SOURCE);
        mysql.execute("CREATE TABLE wildcards.shrinking (id INT PRIMARY KEY, tenant INT)");
        FeedRequest changes = feed("s*");
        try (FeedClient live = changes.open();
                FeedClient snapshot = changes.with("snapshot", "initial").open()) {
            live.hello();
            SnapshotStream.until(snapshot, frame -> frame.isControl("snapshot_completed"));
            mysql.execute(
                    "INSERT INTO wildcards.shrinking VALUES (1, 7)",
                    "ALTER TABLE wildcards.shrinking DROP tenant",
                    "INSERT INTO wildcards.shrinking VALUES (2)");
            assertThat(live.change().rows()).containsExactly("{\"id\":1}");
            assertUnfit(live);
            assertThat(snapshot.change().rows()).containsExactly("{\"id\":1}");
            assertUnfit(snapshot);
        }
        String token;
        try (FeedClient late = changes.after(start).open()) {
            assertThat(late.change().rows()).containsExactly("{\"id\":1}");
            token = assertUnfit(late);
        }
        try (FeedClient resumed = feed("s*", "orders").after(token).open()) {
            mysql.execute("INSERT INTO wildcards.orders VALUES (301, 7)");
            assertThat(resumed.change().rows()).containsExactly("{\"id\":301}");
        }
    }

    private static String assertUnfit(FeedClient client) {
        JsonNode error = client.control("error");
        assertThat(error.path("code").asString()).isEqualTo("CONDITION_UNFIT");
        assertThat(error.toString()).doesNotContainIgnoringCase("tenant");
        return client.token();
    }

    /// After a snapshot without a change of the table.
    @Test
    void aTableOfASnapshotThatLosesTheColumnEndsTheStream() {
        mysql.execute(
                "CREATE TABLE wildcards.taken (id INT PRIMARY KEY, tenant INT)",
                "INSERT INTO wildcards.taken VALUES (1, 7)");
        try (FeedClient client = feed("t*").with("snapshot", "initial").open()) {
            SnapshotStream stream =
                    SnapshotStream.until(client, frame -> frame.isControl("snapshot_completed"));
            assertThat(stream.snapshotRows("wildcards.taken")).hasSize(1);
            mysql.execute("ALTER TABLE wildcards.taken DROP tenant", "DELETE FROM wildcards.taken");

            Frame frame = client.frame();
            while (frame.isHeartbeat()) {
                frame = client.frame();
            }
            assertThat(frame.isControl("error")).as("%s", frame).isTrue();
            assertThat(frame.data()).contains("CONDITION_UNFIT");
        }
    }

    @Test
    void aColumnOfAnotherKindIsAClearStop() {
        mysql.execute(
                "CREATE DATABASE wildcard_kinds",
                "CREATE TABLE wildcard_kinds.t (id INT PRIMARY KEY, tenant VARCHAR(20))");
        ServiceApi kinds =
                api.as(
                        api.addReader(
                                "wildcard-kinds",
                                Map.of("where", List.of("wildcard_kinds.*: tenant = 7"))));
        try (FeedClient client = kinds.feed(SOURCE).with("tables", "wildcard_kinds.*").send()) {
            assertThat(client.status()).isEqualTo(409);
            assertThat(client.problem().path("code").asString()).isEqualTo("CONDITION_UNFIT");
        }
    }
}
