package io.fustor.source.mysql.position;

import static org.assertj.core.api.Assertions.assertThat;

import io.fustor.source.mysql.support.ChangeEvent;
import io.fustor.source.mysql.support.FeedClient;
import io.fustor.source.mysql.support.FeedRequest;
import io.fustor.source.mysql.support.RunningService;
import io.fustor.source.mysql.support.ServiceApi;
import io.fustor.source.mysql.support.Sql;
import io.fustor.source.mysql.support.TestMySql;
import java.math.BigDecimal;
import java.net.URI;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.boot.test.web.server.LocalServerPort;

/// Every way of saying where a stream starts leads to the same rows.
@RunningService
class FeedStartIT {

    @LocalServerPort private int port;

    private final TestMySql mysql = TestMySql.shared();
    private ServiceApi api;

    @BeforeAll
    void addSource() {
        api = new ServiceApi(URI.create("http://127.0.0.1:" + port));
        api.addSource("start", mysql);
    }

    @Test
    void goesOnAcrossLogRotation() {
        FeedRequest feed = table("rotation");
        String start = api.tokenOfNow("start");
        insert("rotation", "one");
        mysql.execute("FLUSH BINARY LOGS");
        insert("rotation", "two");
        try (FeedClient client = feed.after(start).open()) {
            ChangeEvent one = client.change();
            ChangeEvent two = client.change();
            mysql.execute("FLUSH BINARY LOGS");
            insert("rotation", "three");

            assertThat(value(one)).isEqualTo("one");
            assertThat(value(two)).isEqualTo("two");
            assertThat(value(client.change())).isEqualTo("three");
            assertThat(two.index() >>> 32).isEqualTo((one.index() >>> 32) + 1);
            assertThat(valuesOf(feed.after(one.token()), 2)).containsExactly("two", "three");
            assertThat(valuesOf(feed.after(two.token()), 1)).containsExactly("three");
        }
    }

    @Test
    void goesOnAcrossARotationWithoutChanges() {
        FeedRequest feed = table("quiet_rotation");
        insert("quiet_rotation", "before");
        String start = api.tokenOfNow("start");
        mysql.execute("FLUSH BINARY LOGS", "FLUSH BINARY LOGS");
        String afterRotation = api.tokenOfNow("start");
        insert("quiet_rotation", "after");

        assertThat(valuesOf(feed.after(start), 1)).containsExactly("after");
        assertThat(valuesOf(feed.after(afterRotation), 1)).containsExactly("after");
    }

    @Test
    void goesOnAfterMySqlWasKilledAndStarted() {
        try (TestMySql own = TestMySql.start()) {
            api.addSource("restarted", own);
            own.execute("CREATE DATABASE d", "CREATE TABLE d.t (v VARCHAR(20) PRIMARY KEY)");
            FeedRequest feed = api.feed("restarted");
            String start = api.tokenOfNow("restarted");
            own.execute("INSERT INTO d.t VALUES ('one')", "INSERT INTO d.t VALUES ('two')");
            String afterOne;
            try (FeedClient client = feed.after(start).open()) {
                afterOne = client.change().token();
            }
            own.kill();
            own.startAgain();
            own.execute("INSERT INTO d.t VALUES ('three')");

            assertThat(valuesOf(feed.after(afterOne), 2)).containsExactly("two", "three");
            assertThat(valuesOf(feed.after(start), 3)).containsExactly("one", "two", "three");
            api.delete("/api/configs/sources/restarted").expect(204);
        }
    }

    @Test
    void startsAtTheEarliestBinlog() {
        try (TestMySql own = TestMySql.start()) {
            api.addSource("earliest", own);
            own.execute(
                    "CREATE DATABASE d",
                    "CREATE TABLE d.t (v VARCHAR(20) PRIMARY KEY)",
                    "INSERT INTO d.t VALUES ('one')",
                    "FLUSH BINARY LOGS",
                    "INSERT INTO d.t VALUES ('two')");

            assertThat(valuesOf(api.feed("earliest").with("from", "earliest"), 2))
                    .containsExactly("one", "two");
            api.delete("/api/configs/sources/earliest").expect(204);
        }
    }

    @Test
    void startsNow() {
        FeedRequest feed = table("now");
        insert("now", "before");
        try (FeedClient client = feed.with("from", "now").open()) {
            client.hello();
            insert("now", "after");

            assertThat(value(client.change())).isEqualTo("after");
        }
    }

    @Test
    void startsAfterAnIndex() {
        FeedRequest feed = table("index");
        String start = api.tokenOfNow("start");
        insert("index", "one", "two");
        insert("index", "three");
        mysql.execute(
                "BEGIN",
                "INSERT INTO start_index.t VALUES ('four')",
                "INSERT INTO start_index.t VALUES ('five')",
                "COMMIT");
        try (FeedClient client = feed.after(start).open()) {
            ChangeEvent oneAndTwo = client.change();
            ChangeEvent three = client.change();
            ChangeEvent four = client.change();

            assertThat(valuesOf(feed.with("from", oneAndTwo.index()), 3))
                    .containsExactly("three", "four", "five");
            assertThat(valuesOf(feed.with("from", three.index()), 2))
                    .containsExactly("four", "five");
            assertThat(valuesOf(feed.with("from", four.index()), 1)).containsExactly("five");
        }
    }

    @Test
    void startsAtATime() {
        FeedRequest feed = table("time");
        String start = api.tokenOfNow("start");
        insert("time", "one");
        insert("time", "two");
        insert("time", "three");
        try (FeedClient client = feed.after(start).open()) {
            client.change();
            Instant two = instant(client.change().timestamp());

            assertThat(valuesOf(feed.with("from", two), 2)).containsExactly("two", "three");
            assertThat(valuesOf(feed.with("from", two.plusNanos(1_000)), 1))
                    .containsExactly("three");
            assertThat(valuesOf(feed.with("from", two.atOffset(ZoneOffset.ofHours(-3))), 2))
                    .containsExactly("two", "three");
        }
    }

    /// A file's head says only the second in which the file was begun.
    @Test
    void startsAtATimeInTheSecondOfALogRotation() {
        FeedRequest feed = table("rotation_time");
        String start = api.tokenOfNow("start");
        insert("rotation_time", "one");
        mysql.execute("FLUSH BINARY LOGS");
        insert("rotation_time", "two");
        mysql.execute("FLUSH BINARY LOGS");
        insert("rotation_time", "three");
        try (FeedClient client = feed.after(start).open()) {
            Instant one = instant(client.change().timestamp());
            Instant two = instant(client.change().timestamp());

            assertThat(valuesOf(feed.with("from", one), 3)).containsExactly("one", "two", "three");
            assertThat(valuesOf(feed.with("from", two), 2)).containsExactly("two", "three");
        }
    }

    private static Instant instant(BigDecimal seconds) {
        long micros = seconds.movePointRight(6).longValueExact();
        return Instant.ofEpochSecond(micros / 1_000_000, micros % 1_000_000 * 1_000);
    }

    @Test
    void startsAfterAGtidSet() {
        FeedRequest feed = table("gtid");
        insert("gtid", "one");
        String executed = Sql.value(mysql, "SELECT @@GLOBAL.gtid_executed");
        insert("gtid", "two");

        assertThat(valuesOf(feed.with("from", "gtid:" + executed), 1)).containsExactly("two");
    }

    @Test
    void startsAfterAToken() {
        FeedRequest feed = table("token");
        String start = api.tokenOfNow("start");
        insert("token", "one");

        assertThat(valuesOf(feed.with("from", start), 1)).containsExactly("one");
    }

    @Test
    void startsAfterTheCheckpointOfAConsumer() {
        FeedRequest feed = table("consumer").with("consumer", "billing");
        String start = api.tokenOfNow("start");
        insert("consumer", "one");
        insert("consumer", "two");
        try (FeedClient client = feed.with("from", start).open()) {
            String afterOne = client.change().token();
            api.put("/api/sources/start/checkpoints/billing", Map.of("position", afterOne))
                    .expect(200);
        }

        assertThat(valuesOf(feed, 1)).containsExactly("two");
        assertThat(valuesOf(feed.with("from", start), 1)).containsExactly("two");
        assertThat(valuesOf(feed.after(start), 1)).containsExactly("one");
    }

    @Test
    void takesATokenInTheQueryAsItIs() {
        FeedRequest feed = table("query");
        String start = api.tokenOfNow("start");
        insert("query", "one");
        insert("query", "two");
        try (FeedClient client = feed.after(start).open()) {
            String afterOne = client.change().token();
            FeedRequest inQuery = feed.with("last_event_id", start);

            assertThat(List.of(start, afterOne))
                    .allMatch(token -> token.matches("[A-Za-z0-9_.~-]{1,2000}"));
            assertThat(valuesOf(inQuery, 2)).containsExactly("one", "two");
            assertThat(valuesOf(inQuery.with("from", "now"), 2)).containsExactly("one", "two");
            assertThat(valuesOf(inQuery.after(afterOne), 1)).containsExactly("two");
        }
    }

    @Test
    void goesOnAtAHeartbeatUnderAFilterThatMatchesNothing() {
        FeedRequest feed = table("heartbeat");
        mysql.execute("CREATE TABLE start_heartbeat.other (v VARCHAR(20) PRIMARY KEY)");
        try (FeedClient client = feed.open()) {
            String first = client.hello();
            mysql.execute("INSERT INTO start_heartbeat.other VALUES ('unseen')");
            String moved = client.heartbeat();
            while (moved.equals(first)) {
                moved = client.heartbeat();
            }
            insert("heartbeat", "one");

            assertThat(valuesOf(feed.after(moved), 1)).containsExactly("one");
            assertThat(valuesOf(feed.after(first), 1)).containsExactly("one");
        }
    }

    private FeedRequest table(String name) {
        mysql.execute(
                "CREATE DATABASE start_" + name,
                "CREATE TABLE start_" + name + ".t (v VARCHAR(20) PRIMARY KEY)");
        return api.feed("start").with("tables", "start_" + name + ".t");
    }

    private void insert(String name, String... values) {
        String rows = "('" + String.join("'), ('", values) + "')";
        mysql.execute("INSERT INTO start_" + name + ".t VALUES " + rows);
    }

    private static String value(ChangeEvent change) {
        return change.row(0).path("v").asString();
    }

    private static List<String> valuesOf(FeedRequest feed, int count) {
        try (FeedClient client = feed.open()) {
            client.hello();
            return client.rows(count).stream()
                    .map(row -> ChangeEvent.JSON.readTree(row.row()).path("v").asString())
                    .toList();
        }
    }
}
