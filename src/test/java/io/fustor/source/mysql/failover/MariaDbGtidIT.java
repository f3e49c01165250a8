package io.fustor.source.mysql.failover;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fustor.source.mysql.position.FeedToken;
import io.fustor.source.mysql.position.Place;
import io.fustor.source.mysql.support.ChangeEvent;
import io.fustor.source.mysql.support.FeedClient;
import io.fustor.source.mysql.support.FeedRequest;
import io.fustor.source.mysql.support.FeedRow;
import io.fustor.source.mysql.support.LocalService;
import io.fustor.source.mysql.support.ServerRelease;
import io.fustor.source.mysql.support.ServiceApi;
import io.fustor.source.mysql.support.Sql;
import io.fustor.source.mysql.support.TcpProxy;
import io.fustor.source.mysql.support.TestMySql;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/// What MariaDB's GTIDs say of places: where they are on a replica, and that they are nowhere.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class MariaDbGtidIT {

    private static final Duration LONGEST = Duration.ofSeconds(60);

    private MariaDbPair pair;
    private LocalService service;
    private ServiceApi api;
    private TcpProxy proxy;
    private int ids;

    @BeforeAll
    void start() {
        pair = MariaDbPair.start(ServerRelease.MARIADB_11_8);
        service =
                LocalService.start(
                        Map.of("fustor.feed.heartbeat", "500ms", "fustor.mysql.tls", "disabled"));
        api = new ServiceApi(URI.create("http://127.0.0.1:" + service.port()));
        pair.primary()
                .execute("CREATE DATABASE moved", "CREATE TABLE moved.t (id INT PRIMARY KEY)");
    }

    @AfterAll
    void stop() {
        service.close();
        pair.close();
    }

    @BeforeEach
    void replicate() {
        proxy = TcpProxy.to(pair.primary());
        pair.promote();
        pair.follow();
        pair.awaitReplica();
    }

    @AfterEach
    void closeProxy() {
        proxy.close();
    }

    private FeedRequest add(String id, int retries) {
        Map<String, Object> config =
                Map.of(
                        "uri",
                        proxy.uri(),
                        "credential",
                        Map.of(
                                "user",
                                TestMySql.CAPTURE.user(),
                                "passwd",
                                TestMySql.CAPTURE.password()),
                        "max_retries",
                        retries,
                        "retry_delay_sec",
                        1);
        api.post("/api/configs/sources/" + id, Map.of("config", config)).expect(201);
        return api.feed(id).with("tables", "moved.*");
    }

    private void remove(String id) {
        api.delete("/api/configs/sources/" + id).expect(204);
    }

    private int insert(TestMySql server) {
        server.execute("INSERT INTO moved.t VALUES (" + ++ids + ")");
        return ids;
    }

    private static int id(FeedClient client) {
        return client.change().row(0).path("id").asInt();
    }

    private static int id(FeedRow row) {
        return Integer.parseInt(row.row().replaceAll("^\\D*(\\d+).*", "$1"));
    }

    private String position() {
        return Sql.value(pair.primary(), "SELECT @@global.gtid_binlog_pos");
    }

    private void awaitError(String id, String state, String code) {
        await(state + " " + code)
                .atMost(LONGEST)
                .pollInterval(Duration.ofMillis(50))
                .until(
                        () ->
                                api.source(id).path("state").asString().equals(state)
                                        && api.source(id)
                                                .at("/error/code")
                                                .asString()
                                                .equals(code));
    }

    @Test
    void replicaThatLagsIsWaitedForAndThenGoneOnWith() {
        FeedRequest feed = add("lagging", 100);
        try (FeedClient client = feed.open()) {
            client.hello();
            insert(pair.primary());
            id(client);
            pair.awaitReplica();
            pair.replica().execute("STOP SLAVE SQL_THREAD");
            int missing = insert(pair.primary());
            assertThat(id(client)).isEqualTo(missing);
            proxy.redirect(pair.replica());
            awaitError("lagging", "RECONNECTING", "SERVER_LAGS");

            assertThat(api.source("lagging").at("/error/detail").asString())
                    .contains("lacks 1 transactions");
            try (FeedClient late = feed.after(client.token()).send()) {
                assertThat(late.status()).isEqualTo(503);
            }
            pair.replica().execute("START SLAVE SQL_THREAD");
            int next = insert(pair.primary());
            assertThat(id(client)).isEqualTo(next);
        }
        remove("lagging");
    }

    @Test
    void replicaThatNeverGetsWhatWasDeliveredIsRefusedInTheEnd() {
        FeedRequest feed = add("lost", 2);
        try (FeedClient client = feed.open()) {
            client.hello();
            insert(pair.primary());
            id(client);
            pair.awaitReplica();
            pair.replica().execute("STOP SLAVE");
            insert(pair.primary());
            id(client);
            proxy.redirect(pair.replica());
            awaitError("lost", "POSITION_LOST", "FOREIGN_SERVER");

            assertThat(client.control("error").path("code").asString()).isEqualTo("FOREIGN_SERVER");
            try (FeedClient late = feed.after(client.token()).send()) {
                assertThat(late.status()).isEqualTo(410);
                assertThat(late.problem().path("detail").asString())
                        .contains("receives none of them");
            }
        }
        remove("lost");
    }

    @ParameterizedTest
    @CsvSource({"stranger, false", "unlogged, true"})
    void serverWithoutTheTransactionsInItsBinlogIsRefusedAtOnce(String id, boolean follows) {
        FeedRequest feed = add(id, 100);
        try (TestMySql other = TestMySql.start(ServerRelease.MARIADB_11_8, "--server-id=3");
                FeedClient client = feed.open()) {
            other.execute("CREATE DATABASE own");
            if (follows) {
                new MariaDbPair(pair.primary(), other).follow();
            }
            client.hello();
            insert(pair.primary());
            id(client);
            new MariaDbPair(pair.primary(), follows ? other : pair.replica()).awaitReplica();
            proxy.redirect(other);
            awaitError(id, "POSITION_LOST", "FOREIGN_SERVER");

            assertThat(client.control("error").path("code").asString()).isEqualTo("FOREIGN_SERVER");
            try (FeedClient late = feed.after(client.token()).send()) {
                assertThat(late.status()).isEqualTo(410);
                assertThat(late.problem().path("detail").asString()).contains("none of them");
            }
        }
        remove(id);
    }

    /// In the domain of the transaction and in one that the primary does not know.
    @Test
    void tokensInsideATransactionHoldWhereTheReplicaHasOthersBeforeIt() {
        int count = 60;
        int own = 10;
        FeedRequest feed = add("inside", 100).with("tables", "inside.*");
        pair.primary()
                .execute(
                        "CREATE DATABASE inside",
                        "CREATE TABLE inside.t (id INT PRIMARY KEY, v VARCHAR(100))");
        pair.awaitReplica();
        String start = api.tokenOfNow("inside");
        for (int i = 0; i < own; i++) {
            pair.replica()
                    .execute(
                            "SET SESSION gtid_domain_id = " + (i % 2 == 0 ? 0 : 9),
                            "INSERT INTO inside.t VALUES (%d, 'own')".formatted(2_000 + i));
        }
        pair.primary()
                .execute(
                        "INSERT INTO inside.t SELECT seq, REPEAT('x', 100) FROM inside.seq_1_to_"
                                + count,
                        "INSERT INTO inside.t VALUES (1000, 'later')");
        List<FeedRow> rows;
        try (FeedClient client = feed.with("batch", 1).after(start).open()) {
            rows = client.rows(count + 1);
        }
        pair.awaitReplica();
        proxy.redirect(pair.replica());
        // Nothing of the live window, which still has what the primary sent.
        api.post("/api/instances/sources/inside/_actions/stop", Map.of()).expect(200);
        api.post("/api/instances/sources/inside/_actions/start", Map.of()).expect(200);
        for (int i = 0; i < count; i += 7) {
            List<FeedRow> there;
            try (FeedClient client = feed.with("batch", 1).after(rows.get(i).token()).open()) {
                there = client.rows(rows.size() - i - 1 + own);
            }
            FeedRow.assertSameSequence(rows.subList(i + 1, count), there.subList(0, count - i - 1));
            List<Integer> others = new ArrayList<>();
            IntStream.range(2_000, 2_000 + own).forEach(others::add);
            others.add(1_000);
            assertThat(there.subList(count - i - 1, there.size()))
                    .extracting(MariaDbGtidIT::id)
                    .isEqualTo(others);
            for (int k = 0; k < there.size() - 1; k += 9) {
                try (FeedClient client = feed.after(there.get(k).token()).open()) {
                    List<FeedRow> rest = there.subList(k + 1, there.size());
                    FeedRow.assertSameSequence(rest, client.rows(rest.size()));
                }
            }
        }
        remove("inside");
    }

    @Test
    void fromGtidsBeginsAtTheFirstTransactionThatTheyLackOnEitherServer() {
        FeedRequest feed = add("from", 100);
        String start = position();
        int first = insert(pair.primary());
        pair.primary().execute("SET SESSION gtid_domain_id = 5", "CREATE DATABASE other_domain");
        String middle = position();
        int second = insert(pair.primary());
        pair.awaitReplica();
        for (TestMySql server : List.of(pair.primary(), pair.replica())) {
            proxy.redirect(server);
            try (FeedClient client = feed.with("from", "gtid:" + start).open()) {
                ChangeEvent change = client.change();
                assertThat(change.row(0).path("id").asInt()).isEqualTo(first);
                String gtid = change.metadata().path("gtid").asString();
                assertThat(gtid).matches("0-1-\\d+");
                assertThat(change.metadata().at("/transaction/id").asString()).isEqualTo(gtid);
                assertThat(id(client)).isEqualTo(second);
                await().atMost(LONGEST)
                        .untilAsserted(
                                () ->
                                        assertThat(
                                                        api.source("from")
                                                                .at("/position/gtid_set")
                                                                .asString())
                                                .contains(position().split(",")));
            }
            try (FeedClient client = feed.with("from", "gtid:" + middle).open()) {
                assertThat(id(client)).isEqualTo(second);
            }
            try (FeedClient client = feed.with("from", "gtid:" + position()).open()) {
                client.hello();
                int next = insert(server);
                assertThat(id(client)).isEqualTo(next);
            }
        }
        remove("from");
    }

    @ParameterizedTest
    @CsvSource(
            value = {
                "gtid:0-1-1,x | 400 | not a GTID of MariaDB",
                "gtid:0-1-0 | 400 | not a GTID of MariaDB",
                "gtid:0-1 | 400 | is not a GTID set",
                "gtid:3e11fa47-71ca-11e1-9e33-c80aa9429562:1-5 | 410 | none of them",
                "gtid:0-77-5 | 410 | none of them"
            },
            delimiter = '|')
    void gtidsThatNameNoPlaceAreRefused(String from, int status, String detail) {
        FeedRequest feed = add("refused", 100);
        try (FeedClient client = feed.with("from", from).send()) {
            assertThat(client.status()).isEqualTo(status);
            assertThat(client.problem().path("detail").asString()).contains(detail);
        }
        remove("refused");
    }

    @Test
    void purgedPlaceIsGone() {
        FeedRequest feed = add("purged", 100);
        String start = position();
        insert(pair.primary());
        String token = api.tokenOfNow("purged");
        insert(pair.primary());
        pair.awaitReplica();
        pair.primary().execute("FLUSH BINARY LOGS");
        Sql.purgeToNewest(pair.primary());
        try (FeedClient client = feed.with("from", "gtid:" + start).send()) {
            assertThat(client.status()).isEqualTo(410);
            assertThat(client.problem().path("code").asString()).isEqualTo("POSITION_PURGED");
        }
        proxy.redirect(pair.replica());
        try (FeedClient client = feed.after(token).open()) {
            assertThat(id(client)).isEqualTo(ids);
        }
        remove("purged");
    }

    /// The replica was told that it has what it never got.
    @Test
    void whatTheReplicaPassedOverIsNotPassedOverHere() {
        FeedRequest feed = add("hole", 100);
        pair.replica().execute("STOP SLAVE");
        String inside;
        String later;
        try (FeedClient client = feed.open()) {
            client.hello();
            insert(pair.primary());
            id(client);
            inside = client.token();
            later = client.heartbeat();
        }
        insert(pair.primary());
        pair.replica().execute("SET GLOBAL gtid_slave_pos = '" + position() + "'", "START SLAVE");
        insert(pair.primary());
        pair.awaitReplica();
        proxy.redirect(pair.replica());
        assertPurged(
                feed.after(inside), "the transaction 0-1-\\d+, which was partly delivered, .*");
        assertPurged(feed.after(later), ".* continues to 0-1-\\d+ without 0-1-\\d+, .*");
        remove("hole");
    }

    private static void assertPurged(FeedRequest feed, String detail) {
        try (FeedClient client = feed.send()) {
            assertThat(client.status()).isEqualTo(410);
            JsonNode problem = client.problem();
            assertThat(problem.path("code").asString()).isEqualTo("POSITION_PURGED");
            assertThat(problem.path("detail").asString()).matches(detail);
        }
    }

    @Test
    void idsOfReleasesBeforeResumeAndJoinTheOthers() {
        FeedRequest feed = add("older", 100);
        String token;
        try (FeedClient client = feed.open()) {
            client.hello();
            insert(pair.primary());
            id(client);
            token = client.token();
        }
        Place place = FeedToken.parse(token).position();
        assertThat(place.executed()).isNotNull();
        Place older =
                new Place(
                        place.server(),
                        place.fileNumber(),
                        place.offset(),
                        place.evidence(),
                        place.rows(),
                        null,
                        null);
        api.post("/api/instances/sources/older/_actions/stop", Map.of()).expect(200);
        api.post("/api/instances/sources/older/_actions/start", Map.of()).expect(200);
        try (FeedClient client = feed.after(FeedToken.of("older", older).toString()).open();
                FeedClient now = feed.open()) {
            now.hello();
            int next = insert(pair.primary());
            assertThat(id(client)).isEqualTo(next);
            assertThat(id(now)).isEqualTo(next);
            await().atMost(LONGEST)
                    .untilAsserted(
                            () ->
                                    assertThat(api.source("older").path("subscribers"))
                                            .hasSize(2)
                                            .allMatch(
                                                    each ->
                                                            each.path("state")
                                                                    .asString()
                                                                    .equals("live")));
            int last = insert(pair.primary());
            assertThat(id(client)).isEqualTo(last);
            assertThat(id(now)).isEqualTo(last);
            pair.awaitReplica();
            proxy.redirect(pair.replica());
            int there = insert(pair.primary());
            assertThat(id(client)).isEqualTo(there);
            assertThat(id(now)).isEqualTo(there);
        }
        remove("older");
    }

    @Test
    void snapshotGoesOnAtTheReplica() {
        FeedRequest feed = add("snapshot", 100).with("tables", "copied.*").with("batch", 10);
        pair.primary()
                .execute(
                        "CREATE DATABASE copied",
                        "CREATE TABLE copied.t (id INT PRIMARY KEY)",
                        "INSERT INTO copied.t SELECT seq FROM copied.seq_1_to_500");
        List<FeedRow> rows = new ArrayList<>();
        String token;
        try (FeedClient client = feed.with("snapshot", "initial").open()) {
            rows.addAll(client.rows(200));
            token = client.token();
        }
        pair.primary().execute("INSERT INTO copied.t VALUES (501)");
        pair.awaitReplica();
        proxy.redirect(pair.replica());
        try (FeedClient client = feed.after(token).open()) {
            rows.addAll(client.rows(500 - rows.size() + 1));
            while (!rows.getLast().transaction().startsWith("0-1-")) {
                rows.addAll(client.rows(1));
            }
        }
        assertThat(rows.stream().map(FeedRow::row).distinct().toList())
                .containsExactlyElementsOf(
                        IntStream.rangeClosed(1, 501)
                                .mapToObj(id -> "{\"id\":%d}".formatted(id))
                                .toList());
        remove("snapshot");
    }
}
