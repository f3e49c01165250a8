package io.fustor.source.mysql.feed;

import static org.assertj.core.api.Assertions.assertThat;

import io.fustor.source.mysql.support.ChangeEvent;
import io.fustor.source.mysql.support.FeedClient;
import io.fustor.source.mysql.support.FeedRequest;
import io.fustor.source.mysql.support.Frame;
import io.fustor.source.mysql.support.RunningService;
import io.fustor.source.mysql.support.ServiceApi;
import io.fustor.source.mysql.support.TestMySql;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.web.server.LocalServerPort;
import tools.jackson.databind.JsonNode;

/// Subscriptions with `where`: which rows come, as what, with which places, and what is refused.
@RunningService
class RowConditionsIT {

    private static final String SCHEMA = "row_conditions";

    private final TestMySql mysql = TestMySql.shared();

    @LocalServerPort private int port;

    private ServiceApi api;

    @BeforeAll
    void addSource() {
        api = new ServiceApi(URI.create("http://127.0.0.1:" + port));
        api.addSource("conditions", mysql);
        mysql.execute("CREATE DATABASE " + SCHEMA);
    }

    private FeedRequest feedOf(String table, String condition) {
        mysql.execute(
                "CREATE TABLE %s.%s (id INT PRIMARY KEY, v VARCHAR(20), n INT)"
                        .formatted(SCHEMA, table));
        return feed(table).with("where", SCHEMA + "." + table + ": " + condition);
    }

    private FeedRequest feed(String table) {
        return api.feed("conditions").with("tables", SCHEMA + "." + table);
    }

    private static List<String> next(FeedClient client, int rows) {
        List<String> lines = new ArrayList<>();
        while (lines.size() < rows) {
            lines.addAll(client.change().lines());
        }
        return lines;
    }

    @Test
    void liveInsertsThatMatchAreDelivered() {
        try (FeedClient client = feedOf("inserts", "n >= 10 and n <> 12").open()) {
            client.hello();
            mysql.execute(
                    "INSERT INTO row_conditions.inserts VALUES (1, 'a', 9), (2, 'b', 10),"
                            + " (3, 'c', 11), (4, 'd', 12), (5, 'e', NULL), (6, 'f', 13)");

            ChangeEvent event = client.change();

            assertThat(event.lines())
                    .containsExactly(
                            "insert {\"id\":2,\"v\":\"b\",\"n\":10}",
                            "insert {\"id\":3,\"v\":\"c\",\"n\":11}",
                            "insert {\"id\":6,\"v\":\"f\",\"n\":13}");
            assertThat(event.metadata().path("transaction").path("first_row").asInt()).isEqualTo(1);
        }
    }

    @Test
    void updatesEnterAndLeave() {
        try (FeedClient client = feedOf("crossings", "n >= 10").open()) {
            client.hello();
            mysql.execute(
                    "INSERT INTO row_conditions.crossings VALUES (1, 'a', 9), (2, 'b', 10),"
                            + " (3, 'c', 11), (4, 'd', 1)",
                    "UPDATE row_conditions.crossings SET n = 21 - n",
                    "DELETE FROM row_conditions.crossings");

            assertThat(next(client, 10))
                    .containsExactly(
                            "insert {\"id\":2,\"v\":\"b\",\"n\":10}",
                            "insert {\"id\":3,\"v\":\"c\",\"n\":11}",
                            "insert entered {\"id\":1,\"v\":\"a\",\"n\":12}",
                            "update {\"id\":2,\"v\":\"b\",\"n\":11}",
                            "update {\"id\":3,\"v\":\"c\",\"n\":10}",
                            "insert entered {\"id\":4,\"v\":\"d\",\"n\":20}",
                            "delete {\"id\":1,\"v\":\"a\",\"n\":12}",
                            "delete {\"id\":2,\"v\":\"b\",\"n\":11}",
                            "delete {\"id\":3,\"v\":\"c\",\"n\":10}",
                            "delete {\"id\":4,\"v\":\"d\",\"n\":20}");
        }
    }

    @Test
    void aRowThatLeavesIsItsBeforeImage() {
        try (FeedClient client = feedOf("leaving", "v = 'in'").open()) {
            client.hello();
            mysql.execute(
                    "INSERT INTO row_conditions.leaving VALUES (1, 'in', 1), (2, 'IN', 2)",
                    "UPDATE row_conditions.leaving SET v = 'out', n = 7, id = 5 WHERE id = 1");

            assertThat(next(client, 2))
                    .containsExactly(
                            "insert {\"id\":1,\"v\":\"in\",\"n\":1}",
                            "delete left {\"id\":1,\"v\":\"in\",\"n\":1}");
        }
    }

    @Test
    void operationsAreChosenAfterwards() {
        FeedRequest feed = feedOf("operations", "n > 0").with("ops", "insert,delete");
        try (FeedClient client = feed.open()) {
            client.hello();
            mysql.execute(
                    "INSERT INTO row_conditions.operations VALUES (1, 'a', 0), (2, 'b', 1)",
                    "UPDATE row_conditions.operations SET v = 'c' WHERE id = 2",
                    "UPDATE row_conditions.operations SET n = 1 - n");

            assertThat(next(client, 3))
                    .containsExactly(
                            "insert {\"id\":2,\"v\":\"b\",\"n\":1}",
                            "insert entered {\"id\":1,\"v\":\"a\",\"n\":1}",
                            "delete left {\"id\":2,\"v\":\"c\",\"n\":1}");
        }
    }

    @Test
    void debeziumCreatesAndDeletes() {
        FeedRequest feed = feedOf("envelopes", "n > 0").with("format", "debezium");
        try (FeedClient client = feed.open()) {
            client.hello();
            mysql.execute(
                    "INSERT INTO row_conditions.envelopes VALUES (1, 'a', 0), (2, 'b', 1)",
                    "UPDATE row_conditions.envelopes SET n = 1 - n",
                    "UPDATE row_conditions.envelopes SET n = n + 5");

            List<String> operations = new ArrayList<>();
            while (operations.size() < 5) {
                Frame frame = client.frame();
                if (frame.isChange()) {
                    JsonNode envelope = ChangeEvent.JSON.readTree(frame.data());
                    operations.add(
                            envelope.path("op").asString()
                                    + envelope.path("before").path("id")
                                    + envelope.path("after").path("id"));
                }
            }
            assertThat(operations).containsExactly("c2", "c1", "d2", "u11", "c2");
        }
    }

    @Test
    void heartbeatsMoveASubscriberWhoseConditionMatchesNothing() {
        try (FeedClient client = feedOf("nothing", "n = 1").open()) {
            String start = client.hello();
            mysql.execute("INSERT INTO row_conditions.nothing VALUES (1, 'a', 2)");

            String moved = client.heartbeat();
            while (moved.equals(start)) {
                moved = client.heartbeat();
            }
            mysql.execute("INSERT INTO row_conditions.nothing VALUES (2, 'b', 1)");

            assertThat(client.change().lines())
                    .containsExactly("insert {\"id\":2,\"v\":\"b\",\"n\":1}");
        }
    }

    @Test
    void commitsCountTheRowsThatMatch() {
        FeedRequest feed = feedOf("commits", "n > 0").with("transactions", "true");
        String start = api.tokenOfNow("conditions");
        try (FeedClient live = feed.open()) {
            live.hello();
            mysql.execute(
                    "BEGIN",
                    "INSERT INTO row_conditions.commits VALUES (1, 'a', 0), (2, 'b', 1)",
                    "UPDATE row_conditions.commits SET n = 1 - n",
                    "COMMIT");

            assertThat(commitAfter(live, 3)).isEqualTo(3);
        }
        try (FeedClient late = feed.after(start).open()) {
            assertThat(commitAfter(late, 3)).isEqualTo(3);
        }
    }

    private static long commitAfter(FeedClient client, int rows) {
        next(client, rows);
        return client.control("commit").path("transaction").path("rows").asLong();
    }

    /// In Debezium's format an update of the key is two events with no place between them, so that
    /// a client that is cut off after the first gets it again.
    @ParameterizedTest
    @ValueSource(strings = {"fustor", "debezium"})
    void aTransactionIsTheSameWhereverItWasCut(String format) {
        String table = "cuts_" + format;
        FeedRequest feed =
                feedOf(table, "n between 3 and 7").with("format", format).with("batch", 1);
        String start = api.tokenOfNow("conditions");
        mysql.execute(
                "USE row_conditions",
                "BEGIN",
                "INSERT INTO %s VALUES (1, 'a', 1), (2, 'b', 3), (3, 'c', 5), (4, 'd', 7), (5, 'e', 9)"
                        .formatted(table),
                "UPDATE %s SET n = 10 - n".formatted(table),
                "UPDATE %s SET n = n + 4".formatted(table),
                "UPDATE %s SET n = n - 4, id = id + 10".formatted(table),
                "DELETE FROM %s".formatted(table),
                "COMMIT");
        boolean isDebezium = format.equals("debezium");
        List<Event> whole = new ArrayList<>();
        try (FeedClient client = feed.after(start).open()) {
            // An update of the key that stays within the condition is one event more.
            while (whole.size() < (isDebezium ? 16 : 15)) {
                whole.add(event(client));
            }
        }
        List<Event> cut = new ArrayList<>();
        String token = start;
        while (cut.size() < whole.size()) {
            try (FeedClient client = feed.after(token).open()) {
                Event next = event(client);
                boolean isRepeated = !cut.isEmpty() && next.equals(cut.getLast());
                cut.add(isRepeated ? event(client) : next);
                token = cut.getLast().token();
            }
        }

        assertThat(whole).anyMatch(event -> event.is(isDebezium ? "c" : "insert entered"));
        assertThat(whole).anyMatch(event -> event.is(isDebezium ? "d" : "delete left"));
        assertThat(cut).isEqualTo(whole);
    }

    /// A row's event in either format, without what tells when it was encoded.
    private record Event(String token, String text) {
        boolean is(String kind) {
            return text.startsWith(kind + " ");
        }
    }

    private static Event event(FeedClient client) {
        Frame frame = client.frame();
        while (!frame.isChange()) {
            frame = client.frame();
        }
        JsonNode json = ChangeEvent.JSON.readTree(frame.data());
        String text =
                json.has("op")
                        ? json.path("op").asString()
                                + " "
                                + json.path("before")
                                + " "
                                + json.path("after")
                                + " "
                                + json.path("source").path("row")
                        : String.join("\n", frame.change().lines());
        return new Event(frame.id(), text);
    }

    @Test
    void whatCannotBeTestedIsRefused() {
        mysql.execute(
                "CREATE TABLE row_conditions.types (id INT PRIMARY KEY, d DATE, j JSON, u BIGINT"
                        + " UNSIGNED)");

        refused("types", "d > 5", "row_conditions.types.d", "date", "'2026-01-31'");
        refused("types", "j = 'a'", "row_conditions.types.j", "json", "is null");
        refused("types", "u like '1%'", "row_conditions.types.u", "bigint unsigned", "numbers");
        refused("types", "x = 1", "row_conditions.types", "'x'");
        refused("types", "id = null", "is null");
        refused("types", "id = 1 union select 2", "union");
        refused("types", "sleep(5) = 1", "'('");
        refused("types", "(".repeat(40) + "id = 1" + ")".repeat(40), "32");
    }

    private void refused(String table, String condition, String... words) {
        FeedRequest feed = feed(table).with("where", SCHEMA + "." + table + ": " + condition);
        try (FeedClient client = feed.send()) {
            assertThat(client.status()).as(condition).isEqualTo(400);
            assertThat(client.problem().path("detail").asString()).contains(words);
        }
    }

    @Test
    void anImageWithoutTheColumnEndsTheStream() {
        FeedRequest feed = feedOf("minimal", "n > 0");
        String start = api.tokenOfNow("conditions");
        mysql.execute(
                "INSERT INTO row_conditions.minimal VALUES (1, 'a', 1)",
                "SET SESSION binlog_row_image = MINIMAL",
                "UPDATE row_conditions.minimal SET v = 'b'");
        try (FeedClient client = feed.after(start).open()) {
            assertThat(next(client, 1)).hasSize(1);
            JsonNode error = client.control("error");
            assertThat(error.path("code").asString()).isEqualTo("ROW_IMAGE_INCOMPLETE");
            assertThat(error.toString()).contains("`n`", "row_conditions.minimal");
        }
    }

    @Test
    void anAlterThatTheConditionDoesNotFitEndsTheStream() {
        try (FeedClient client = feedOf("altered", "n > 0").open()) {
            client.hello();
            mysql.execute(
                    "INSERT INTO row_conditions.altered VALUES (1, 'a', 1)",
                    "ALTER TABLE row_conditions.altered MODIFY n VARCHAR(10)",
                    "INSERT INTO row_conditions.altered VALUES (2, 'b', '1')");

            assertThat(next(client, 1)).hasSize(1);
            assertThat(client.control("error").path("code").asString())
                    .isEqualTo("CONDITION_UNFIT");
        }
    }
}
