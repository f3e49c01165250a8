package io.fustor.source.mysql.feed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;

import io.fustor.source.mysql.support.ChangeEvent;
import io.fustor.source.mysql.support.FeedClient;
import io.fustor.source.mysql.support.FeedRequest;
import io.fustor.source.mysql.support.Frame;
import io.fustor.source.mysql.support.RunningService;
import io.fustor.source.mysql.support.ServiceApi;
import io.fustor.source.mysql.support.Sql;
import io.fustor.source.mysql.support.TestMySql;
import java.math.BigDecimal;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.boot.test.web.server.LocalServerPort;
import tools.jackson.databind.JsonNode;

/// What docs/feed.md promises about the stream itself.
@RunningService
class FeedContractIT {

    @LocalServerPort private int port;

    private final TestMySql mysql = TestMySql.shared();
    private ServiceApi api;

    @BeforeAll
    void addSource() {
        api = new ServiceApi(URI.create("http://127.0.0.1:" + port));
        api.addSource("contract", mysql);
    }

    /// The feed of a schema of its own, with a table `t` in it.
    private FeedRequest feedOf(String schema) {
        mysql.execute(
                "CREATE DATABASE " + schema,
                "CREATE TABLE " + schema + ".t (id INT PRIMARY KEY, v VARCHAR(20), w INT)");
        return api.feed("contract").with("tables", schema + ".*");
    }

    @Test
    void startsAtOnceWithRetryAndAHeartbeat() {
        long start = System.nanoTime();
        try (FeedClient client = feedOf("contract_first").open()) {
            Frame first = client.frame();
            Frame second = first.id() == null ? client.frame() : first;

            assertThat(first.retry()).matches("[1-9][0-9]*");
            assertThat(second.isHeartbeat()).isTrue();
            assertThat(Duration.ofNanos(System.nanoTime() - start))
                    .isLessThan(Duration.ofSeconds(5));
        }
    }

    @Test
    void keepsCachesAndProxiesAway() {
        FeedRequest feed = feedOf("contract_headers").header("Accept-Encoding", "deflate, br");
        try (FeedClient client = feed.open()) {
            assertThat(client.header("content-type")).startsWith("text/event-stream");
            assertThat(client.header("cache-control")).isEqualTo("no-cache, no-transform");
            assertThat(client.header("x-accel-buffering")).isEqualTo("no");
            assertThat(client.header("content-encoding")).isNull();
            assertThat(client.hello()).isNotEmpty();
        }
    }

    @Test
    void beatsWhileNothingHappens() {
        FeedRequest feed = feedOf("contract_quiet");
        // The first one comes after this.
        long start = System.nanoTime();
        try (FeedClient client = feed.open()) {
            client.hello();
            client.heartbeat();
            client.heartbeat();
            client.heartbeat();

            assertThat(Duration.ofNanos(System.nanoTime() - start))
                    .isBetween(Duration.ofMillis(2_500), Duration.ofSeconds(10));
        }
    }

    @Test
    void eventsHaveTheKeysOfTheContract() {
        FeedRequest feed = feedOf("contract_keys");
        try (FeedClient client = feed.open()) {
            client.hello();
            mysql.execute(
                    "INSERT INTO contract_keys.t VALUES (1, 'a', 1), (2, 'b', 2)",
                    "UPDATE contract_keys.t SET v = 'c' WHERE id = 1",
                    "DELETE FROM contract_keys.t WHERE id = 2");
            ChangeEvent insert = client.change();
            ChangeEvent update = client.change();
            Frame last = client.frame();
            ChangeEvent delete = last.change();

            assertThat(insert.json().propertyNames())
                    .containsExactlyInAnyOrder(
                            "event_id",
                            "event_type",
                            "event_schema",
                            "table",
                            "fields",
                            "rows",
                            "index",
                            "timestamp",
                            "message_source",
                            "metadata");
            assertThat(update.json().propertyNames()).contains("before_rows");
            assertThat(delete.json().propertyNames()).doesNotContain("before_rows");
            assertThat(delete.token()).isEqualTo(last.id());
            assertThat(List.of(insert, update, delete))
                    .extracting(ChangeEvent::operation)
                    .containsExactly("insert", "update", "delete");
            assertThat(insert.table()).isEqualTo("contract_keys.t");
            assertThat(insert.fields()).containsExactly("id", "v", "w");
            assertThat(insert.rows())
                    .containsExactly(
                            "{\"id\":1,\"v\":\"a\",\"w\":1}", "{\"id\":2,\"v\":\"b\",\"w\":2}");
            assertThat(update.beforeRows()).containsExactly("{\"id\":1,\"v\":\"a\",\"w\":1}");
            assertThat(update.rows()).containsExactly("{\"id\":1,\"v\":\"c\",\"w\":1}");
            assertThat(delete.rows()).containsExactly("{\"id\":2,\"v\":\"b\",\"w\":2}");
            assertThat(insert.json().path("message_source").asString()).isEqualTo("realtime");
        }
    }

    @Test
    void eventsSayWhereAndWhenTheyHappened() {
        FeedRequest feed = feedOf("contract_place");
        try (FeedClient client = feed.open()) {
            client.hello();
            mysql.execute(
                    "BEGIN",
                    "INSERT INTO contract_place.t VALUES (1, 'a', 1), (2, 'b', 2)",
                    "UPDATE contract_place.t SET v = 'c'",
                    "COMMIT",
                    "FLUSH BINARY LOGS",
                    "DELETE FROM contract_place.t");
            ChangeEvent insert = client.change();
            ChangeEvent update = client.change();
            ChangeEvent delete = client.change();
            JsonNode place = update.metadata();

            assertThat(place.propertyNames())
                    .contains(
                            "primary_key", "gtid", "file", "position", "server_id", "transaction");
            assertThat(place.path("primary_key").toString()).isEqualTo("[\"id\"]");
            assertThat(place.path("server_id").asLong())
                    .isEqualTo(Long.parseLong(Sql.value(mysql, "SELECT @@server_id")));
            assertThat(place.path("gtid").asString())
                    .startsWith(Sql.value(mysql, "SELECT @@server_uuid") + ":")
                    .isEqualTo(insert.metadata().path("gtid").asString());
            assertThat(place.path("transaction").path("id").asString())
                    .isEqualTo(place.path("gtid").asString());
            assertThat(place.path("transaction").path("first_row").asLong()).isEqualTo(2);
            assertThat(delete.metadata().path("transaction").path("first_row").asLong()).isZero();
            assertThat(endsOfEvents(place.path("file").asString()))
                    .contains(place.path("position").asString());
            assertThat(insert.index()).isLessThan(update.index());
            assertThat(update.index()).isLessThan(delete.index());
            assertThat(update.index())
                    .isEqualTo((fileNumber(place) << 32) | place.path("position").asLong());
            assertThat(fileNumber(delete.metadata())).isEqualTo(fileNumber(place) + 1);
            assertThat(update.timestamp().doubleValue())
                    .isCloseTo(Instant.now().toEpochMilli() / 1e3, within(60.0));
            assertThat(update.timestamp()).isEqualTo(insert.timestamp());
            assertThat(delete.timestamp()).isGreaterThan(update.timestamp());
        }
    }

    private List<String> endsOfEvents(String file) {
        return Sql.column(mysql, "SHOW BINLOG EVENTS IN '" + file + "'", 5);
    }

    private static long fileNumber(JsonNode metadata) {
        String file = metadata.path("file").asString();
        return Long.parseLong(file.substring(file.lastIndexOf('.') + 1));
    }

    @Test
    void saysWhereAKeyChanged() {
        FeedRequest feed = feedOf("contract_rekey");
        try (FeedClient client = feed.open()) {
            client.hello();
            mysql.execute(
                    "INSERT INTO contract_rekey.t VALUES (1, 'a', 1)",
                    "UPDATE contract_rekey.t SET v = 'b'",
                    "UPDATE contract_rekey.t SET id = 9");
            client.change();

            assertThat(client.change().metadata().path("key_changed").asBoolean()).isFalse();
            ChangeEvent rekeyed = client.change();
            assertThat(rekeyed.metadata().path("key_changed").asBoolean()).isTrue();
            assertThat(rekeyed.before(0).path("id").asInt()).isEqualTo(1);
            assertThat(rekeyed.row(0).path("id").asInt()).isEqualTo(9);
        }
    }

    @Test
    void leavesOutColumnsThatARowImageLacks() {
        FeedRequest feed = feedOf("contract_image");
        String start = api.tokenOfNow("contract");
        mysql.execute(
                "INSERT INTO contract_image.t VALUES (1, 'a', 1)",
                "SET SESSION binlog_row_image = MINIMAL",
                "UPDATE contract_image.t SET v = 'b' WHERE id = 1",
                "DELETE FROM contract_image.t WHERE id = 1");
        try (FeedClient client = feed.after(start).open()) {
            client.change();
            ChangeEvent update = client.change();

            assertThat(update.beforeRows()).containsExactly("{\"id\":1}");
            assertThat(update.rows()).containsExactly("{\"v\":\"b\"}");
            assertThat(client.change().rows()).containsExactly("{\"id\":1}");
        }
    }

    @Test
    void batchSplitsAStatementAndNeverMergesTwo() {
        FeedRequest feed = feedOf("contract_batch");
        String start = api.tokenOfNow("contract");
        mysql.execute(
                "INSERT INTO contract_batch.t VALUES (1, '', 0), (2, '', 0), (3, '', 0), (4, '', 0), (5, '', 0)",
                "INSERT INTO contract_batch.t VALUES (6, '', 0)");

        assertThat(sizes(feed.with("batch", 2).after(start), 6)).containsExactly(2, 2, 1, 1);
        assertThat(sizes(feed.with("batch", 10_000).after(start), 6)).containsExactly(5, 1);
        assertThat(sizes(feed.after(start), 6)).containsExactly(5, 1);
    }

    private static List<Integer> sizes(FeedRequest feed, int rows) {
        List<Integer> sizes = new ArrayList<>();
        try (FeedClient client = feed.open()) {
            for (int seen = 0; seen < rows; seen += sizes.getLast()) {
                sizes.add(client.change().rows().size());
            }
        }
        return sizes;
    }

    @Test
    void selectsOperationsTablesAndFields() {
        FeedRequest feed = feedOf("contract_select");
        mysql.execute("CREATE TABLE contract_select.other (id INT PRIMARY KEY)");
        String start = api.tokenOfNow("contract");
        mysql.execute(
                "INSERT INTO contract_select.t VALUES (1, 'a', 1)",
                "INSERT INTO contract_select.other VALUES (5)",
                "UPDATE contract_select.t SET v = 'b'",
                "DELETE FROM contract_select.t",
                "DELETE FROM contract_select.other");

        assertThat(summary(feed.after(start), 5))
                .containsExactly(
                        "insert t", "insert other", "update t", "delete t", "delete other");
        assertThat(summary(feed.with("ops", "delete,update").after(start), 3))
                .containsExactly("update t", "delete t", "delete other");
        assertThat(summary(feed.with("tables", "contract_select.o*").after(start), 2))
                .containsExactly("insert other", "delete other");
        assertThat(
                        summary(
                                feed.with("tables", "contract_select.other,contract_select.t")
                                        .with("ops", "insert")
                                        .after(start),
                                2))
                .containsExactly("insert t", "insert other");
        FeedRequest fields =
                api.feed("contract").with("fields", "contract_select.t.w,contract_select.t.id");
        try (FeedClient client = fields.after(start).open()) {
            ChangeEvent insert = client.change();
            assertThat(insert.fields()).containsExactly("id", "w");
            assertThat(insert.rows()).containsExactly("{\"id\":1,\"w\":1}");
            ChangeEvent update = client.change();
            assertThat(update.beforeRows()).containsExactly("{\"id\":1,\"w\":1}");
            assertThat(client.change().operation()).isEqualTo("delete");
        }
    }

    private static List<String> summary(FeedRequest feed, int count) {
        List<String> changes = new ArrayList<>();
        try (FeedClient client = feed.open()) {
            while (changes.size() < count) {
                ChangeEvent change = client.change();
                String table = change.table().substring(change.table().indexOf('.') + 1);
                changes.add(change.operation() + " " + table);
            }
        }
        return changes;
    }

    @Test
    void marksCommitsWhereAsked() {
        FeedRequest feed = feedOf("contract_commit");
        String start = api.tokenOfNow("contract");
        mysql.execute(
                "BEGIN",
                "INSERT INTO contract_commit.t VALUES (1, 'a', 1)",
                "INSERT INTO contract_commit.t VALUES (2, 'b', 2)",
                "COMMIT",
                "INSERT INTO contract_commit.t VALUES (3, 'c', 3)");
        try (FeedClient client = feed.with("transactions", true).after(start).open()) {
            client.hello();
            ChangeEvent first = client.frame().change();
            client.frame().change();
            Frame commit = client.frame();
            assertThat(commit.isControl("commit")).as(commit.toString()).isTrue();
            assertThat(commit.id()).isNotNull();
            assertThat(commit.data()).contains(first.metadata().path("gtid").asString());
            assertThat(client.frame().change().row(0).path("id").asInt()).isEqualTo(3);
            assertThat(client.frame().isControl("commit")).isTrue();

            try (FeedClient resumed = feed.after(commit.id()).open()) {
                assertThat(resumed.change().row(0).path("id").asInt()).isEqualTo(3);
            }
        }
        try (FeedClient client = feed.after(start).open()) {
            client.hello();
            assertThat(List.of(client.frame(), client.frame(), client.frame()))
                    .allMatch(Frame::isChange);
        }
    }

    @Test
    void saysThatATableWasTruncated() {
        FeedRequest feed = feedOf("contract_truncate");
        try (FeedClient client = feed.open()) {
            client.hello();
            mysql.execute(
                    "INSERT INTO contract_truncate.t VALUES (1, 'a', 1)",
                    "TRUNCATE TABLE contract_truncate.t",
                    "INSERT INTO contract_truncate.t VALUES (2, 'b', 2)");
            client.change();
            JsonNode truncate = client.control("truncate");

            assertThat(truncate.path("event_schema").asString()).isEqualTo("contract_truncate");
            assertThat(truncate.path("table").asString()).isEqualTo("t");
            assertThat(client.change().row(0).path("id").asInt()).isEqualTo(2);
        }
    }

    @Test
    void keepsSilentAboutRolledBackRows() {
        FeedRequest feed = feedOf("contract_rollback");
        try (FeedClient client = feed.open()) {
            client.hello();
            mysql.execute(
                    "BEGIN",
                    "INSERT INTO contract_rollback.t VALUES (1, 'a', 1)",
                    "ROLLBACK",
                    "BEGIN",
                    "INSERT INTO contract_rollback.t VALUES (2, 'b', 2)",
                    "SAVEPOINT here",
                    "INSERT INTO contract_rollback.t VALUES (3, 'c', 3)",
                    "ROLLBACK TO SAVEPOINT here",
                    "INSERT INTO contract_rollback.t VALUES (4, 'd', 4)",
                    "COMMIT");

            assertThat(client.change().row(0).path("id").asInt()).isEqualTo(2);
            assertThat(client.change().row(0).path("id").asInt()).isEqualTo(4);
        }
    }

    @Test
    void followsATableWhoseColumnsChange() {
        FeedRequest feed = feedOf("contract_alter");
        String start = api.tokenOfNow("contract");
        mysql.execute(
                "INSERT INTO contract_alter.t VALUES (1, 'a', 1)",
                "ALTER TABLE contract_alter.t ADD COLUMN x INT DEFAULT 7 AFTER id, DROP COLUMN w",
                "INSERT INTO contract_alter.t VALUES (2, 8, 'b')",
                "CREATE TABLE contract_alter.late (id INT PRIMARY KEY)",
                "INSERT INTO contract_alter.late VALUES (5)");
        try (FeedClient client = feed.after(start).open()) {
            assertThat(client.change().rows()).containsExactly("{\"id\":1,\"v\":\"a\",\"w\":1}");
            assertThat(client.change().rows()).containsExactly("{\"id\":2,\"x\":8,\"v\":\"b\"}");
            assertThat(client.change().table()).isEqualTo("contract_alter.late");
        }
    }

    @Test
    void givesOneDocumentALineAsNdjson() {
        FeedRequest feed = feedOf("contract_lines");
        String start = api.tokenOfNow("contract");
        mysql.execute(
                "INSERT INTO contract_lines.t VALUES (1, 'a\\nb', 1)",
                "TRUNCATE TABLE contract_lines.t");
        try (FeedClient client = feed.ndjson().with("transactions", true).after(start).open()) {
            assertThat(client.header("content-type")).startsWith("application/x-ndjson");
            assertThat(client.header("cache-control")).isEqualTo("no-cache, no-transform");
            ChangeEvent insert = client.change();
            assertThat(insert.row(0).path("v").asString()).isEqualTo("a\nb");
            assertThat(client.control("commit").path("control").asString()).isEqualTo("commit");
            assertThat(client.control("truncate").path("table").asString()).isEqualTo("t");
            int before = client.heartbeats();
            assertThat(client.control("commit").path("control").asString()).isEqualTo("commit");
            assertThat(client.frame().data()).as("of a blank line").isNull();
            assertThat(client.heartbeats()).isGreaterThan(before);
            try (FeedClient resumed = feed.after(insert.token()).open()) {
                assertThat(resumed.control("truncate").path("table").asString()).isEqualTo("t");
            }
        }
    }

    @Test
    void writesNumbersThatADoubleCannotHoldAsStringsWhereAsked() {
        mysql.execute(
                "CREATE DATABASE contract_numbers",
                """
                CREATE TABLE contract_numbers.t
                    (id INT PRIMARY KEY, small BIGINT, big BIGINT UNSIGNED, d DECIMAL(40,10))""");
        FeedRequest feed = api.feed("contract").with("tables", "contract_numbers.t");
        String start = api.tokenOfNow("contract");
        mysql.execute(
                """
                INSERT INTO contract_numbers.t VALUES (1, -9007199254740991,
                    18446744073709551615, 123456789012345678901234567890.0123456789)""");
        try (FeedClient numbers = feed.after(start).open();
                FeedClient strings = feed.with("big_numbers", "string").after(start).open()) {
            assertThat(numbers.change().rows())
                    .containsExactly(
                            "{\"id\":1,\"small\":-9007199254740991,\"big\":18446744073709551615,"
                                    + "\"d\":123456789012345678901234567890.0123456789}");
            JsonNode row = strings.change().row(0);
            assertThat(row.path("id").isNumber()).isTrue();
            assertThat(row.path("small").isNumber()).isTrue();
            assertThat(row.path("big").isString()).isTrue();
            assertThat(row.path("big").asString()).isEqualTo("18446744073709551615");
            assertThat(row.path("d").isString()).isTrue();
            assertThat(new BigDecimal(row.path("d").asString()))
                    .isEqualTo(new BigDecimal("123456789012345678901234567890.0123456789"));
        }
    }

    @Test
    void leavesTheServersOwnTablesOut() {
        FeedRequest feed = api.feed("contract");
        mysql.execute("CREATE DATABASE contract_system", "CREATE TABLE contract_system.t (id INT)");
        String start = api.tokenOfNow("contract");
        mysql.execute(
                "CREATE TABLE mysql.contract_hidden (id INT PRIMARY KEY)",
                "INSERT INTO mysql.contract_hidden VALUES (1)",
                "DROP TABLE mysql.contract_hidden",
                "INSERT INTO contract_system.t VALUES (1)");
        try (FeedClient client = feed.after(start).open()) {
            assertThat(client.change().table()).isEqualTo("contract_system.t");
        }
    }

    @Test
    void sourceSaysHowItStands() {
        FeedRequest feed = feedOf("contract_status");
        try (FeedClient client = feed.open()) {
            client.hello();
            mysql.execute("INSERT INTO contract_status.t VALUES (1, 'a', 1)");
            client.change();
            // A first change may come by catching up, and is counted once it is written.
            await().until(() -> state().equals("STREAMING") && countRows("contract_status") == 1);
            JsonNode source = api.source("contract");

            assertThat(source.propertyNames())
                    .contains(
                            "state",
                            "since",
                            "error",
                            "server",
                            "position",
                            "lag_ms",
                            "subscribers",
                            "snapshots");
            assertThat(source.path("error").isNull()).isTrue();
            assertThat(source.path("server").path("version").asString()).isNotEmpty();
            assertThat(source.path("server").path("uuid").asString())
                    .isEqualTo(Sql.value(mysql, "SELECT @@server_uuid"));
            assertThat(source.path("server").has("flavour")).isTrue();
            assertThat(source.path("position").path("file").asString()).startsWith("binlog.");
            assertThat(source.path("position").path("position").asLong()).isPositive();
            JsonNode subscriber = subscriberWith(source, "contract_status");
            assertThat(subscriber.path("bytes").asLong()).isGreaterThan(100);
            assertThat(subscriber.propertyNames()).contains("since", "filter", "position");
            assertThat(api.get("/api/sources").expect(200).body()).contains("\"contract\"");
        }
        assertThat(api.get("/api/sources/nowhere").status()).isEqualTo(404);
    }

    private String state() {
        return api.source("contract").path("state").asString();
    }

    private long countRows(String filter) {
        return subscriberWith(api.source("contract"), filter).path("rows").asLong();
    }

    private static JsonNode subscriberWith(JsonNode source, String filter) {
        for (JsonNode subscriber : source.path("subscribers")) {
            if (subscriber.path("filter").toString().contains(filter)) {
                return subscriber;
            }
        }
        throw new AssertionError("no subscriber with " + filter + " in " + source);
    }
}
