package io.fustor.source.mysql.failover;

import static org.assertj.core.api.Assertions.assertThat;

import io.fustor.source.mysql.support.ChangeEvent;
import io.fustor.source.mysql.support.FeedClient;
import io.fustor.source.mysql.support.FeedRequest;
import io.fustor.source.mysql.support.Frame;
import io.fustor.source.mysql.support.RunningService;
import io.fustor.source.mysql.support.ServiceApi;
import io.fustor.source.mysql.support.Sql;
import io.fustor.source.mysql.support.TestMySql;
import java.net.URI;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.boot.test.web.server.LocalServerPort;
import tools.jackson.databind.JsonNode;

/// Positions that the server no longer has.
@RunningService
class FeedLostPositionIT {

    @LocalServerPort private int port;

    private final TestMySql mysql = TestMySql.start();
    private ServiceApi api;

    @BeforeAll
    void addSource() {
        api = new ServiceApi(URI.create("http://127.0.0.1:" + port));
        api.addSource("lost", mysql);
        mysql.execute("CREATE DATABASE lost", "CREATE TABLE lost.t (v VARCHAR(20))");
    }

    @AfterAll
    void stop() {
        api.delete("/api/configs/sources/lost").expect(204);
        mysql.close();
    }

    private FeedRequest feed() {
        return api.feed("lost");
    }

    /// A token whose file is purged, and the index of the place.
    private String purgedToken() {
        String token = api.tokenOfNow("lost");
        mysql.execute("INSERT INTO lost.t VALUES ('purged')", "FLUSH BINARY LOGS");
        Sql.purgeToNewest(mysql);
        return token;
    }

    private String oldestFile() {
        return Sql.column(mysql, "SHOW BINARY LOGS", 1).getFirst();
    }

    private String newestFile() {
        return Sql.column(mysql, "SHOW BINARY LOGS", 1).getLast();
    }

    @Test
    void purgedPositionIsGoneAndTheOldestIsNamed() {
        String token = purgedToken();

        try (FeedClient client = feed().after(token).send()) {
            assertThat(client.status()).isEqualTo(410);
            assertThat(client.header("content-type")).startsWith("application/problem+json");
            assertThat(client.problem().path("detail").asString()).contains(oldestFile() + ":4");
        }
        try (FeedClient client = feed().with("last_event_id", token).ndjson().send()) {
            assertThat(client.status()).isEqualTo(410);
        }
    }

    @Test
    void purgedIndexIsGone() {
        String start = api.tokenOfNow("lost");
        mysql.execute("INSERT INTO lost.t VALUES ('purged')");
        long index;
        try (FeedClient client = feed().after(start).open()) {
            index = client.change().index();
        }
        purgedToken();

        try (FeedClient client = feed().with("from", index).send()) {
            assertThat(client.status()).isEqualTo(410);
            assertThat(client.problem().path("detail").asString()).contains(oldestFile() + ":4");
        }
    }

    @Test
    void purgedGtidSetIsGone() {
        String executed = Sql.value(mysql, "SELECT @@GLOBAL.gtid_executed");
        purgedToken();

        try (FeedClient client = feed().with("from", "gtid:" + executed).send()) {
            assertThat(client.status()).isEqualTo(410);
        }
    }

    @Test
    void saysInTheSubscribersLanguageWhatIsLost() {
        String token = purgedToken();
        FeedRequest chinese = feed().header("Accept-Language", "zh-CN").after(token);

        try (FeedClient client = chinese.send()) {
            var problem = client.problem();
            assertThat(problem.path("title").asString()).isEqualTo("已不存在");
            assertThat(problem.path("detail").asString())
                    .startsWith("该位置的 binlog 已被清除：")
                    .contains("（", oldestFile() + ":4");
        }
        try (FeedClient client = chinese.with("on_lost", "latest").open()) {
            Frame frame = client.frame();
            while (frame.data() == null) {
                frame = client.frame();
            }
            assertThat(frame.isControl("position_lost")).isTrue();
            var lost = ChangeEvent.JSON.readTree(frame.data());
            assertThat(lost.path("code").asString()).isEqualTo("POSITION_PURGED");
            assertThat(lost.path("detail").asString()).startsWith("该位置的 binlog 已被清除：");
        }
    }

    @Test
    void goesOnFromNowWhereTheSubscriberTakesTheLoss() {
        String token = purgedToken();

        try (FeedClient client = feed().with("on_lost", "latest").after(token).open()) {
            Frame frame = client.frame();
            while (frame.data() == null) {
                frame = client.frame();
            }
            assertThat(frame.isControl("position_lost")).as(frame.toString()).isTrue();
            JsonNode lost = ChangeEvent.JSON.readTree(frame.data());
            assertThat(lost.toString()).contains(oldestFile());
            client.heartbeat();
            mysql.execute("INSERT INTO lost.t VALUES ('new')");
            ChangeEvent change = client.change();

            assertThat(change.row(0).path("v").asString()).isEqualTo("new");
            try (FeedClient resumed = feed().after(client.token()).open()) {
                assertThat(resumed.hello()).isNotEmpty();
            }
        }
    }

    @Test
    void tokenFromBeforeAResetOfTheBinlogIsGone() {
        mysql.execute("INSERT INTO lost.t VALUES ('one')");
        String token = api.tokenOfNow("lost");
        mysql.execute("RESET MASTER");
        mysql.execute("INSERT INTO lost.t VALUES ('two')", "INSERT INTO lost.t VALUES ('three')");

        try (FeedClient client = feed().after(token).send()) {
            assertThat(client.status()).isEqualTo(410);
        }
    }

    @Test
    void positionsSayWhatIsAvailable() {
        String token = purgedToken();
        JsonNode purged = api.get("/api/sources/lost/positions/" + token).expect(200).json();
        String now = api.tokenOfNow("lost");
        JsonNode present = api.get("/api/sources/lost/positions/" + now).expect(200).json();
        JsonNode first = api.get("/api/sources/lost/positions/4294967300").expect(200).json();

        assertThat(purged.path("available").asBoolean()).isFalse();
        assertThat(purged.path("oldest").toString()).contains(oldestFile());
        assertThat(purged.path("latest").toString()).contains(newestFile());
        assertThat(present.path("available").asBoolean()).isTrue();
        assertThat(first.path("available").asBoolean()).isFalse();
        assertThat(api.get("/api/sources/lost/positions/nonsense").status()).isEqualTo(400);
        assertThat(api.get("/api/sources/nowhere/positions/" + now).status()).isEqualTo(404);
    }
}
