package io.fustor.source.mysql.failover;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fustor.source.mysql.support.ConsumerCopy;
import io.fustor.source.mysql.support.FeedClient;
import io.fustor.source.mysql.support.FeedRequest;
import io.fustor.source.mysql.support.FeedRow;
import io.fustor.source.mysql.support.Frame;
import io.fustor.source.mysql.support.LocalService;
import io.fustor.source.mysql.support.Seeds;
import io.fustor.source.mysql.support.ServiceApi;
import io.fustor.source.mysql.support.Sql;
import io.fustor.source.mysql.support.TcpProxy;
import io.fustor.source.mysql.support.TestMySql;
import io.fustor.source.mysql.support.Traffic;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/// A source whose address leads to another server: a lagging replica, one that will never have what
/// was delivered, a stranger, the heir of a primary that was killed.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class FeedPromotionIT {

    private static final Duration LONGEST = Duration.ofSeconds(60);

    private TestMySql primary;
    private TestMySql replica;
    private LocalService service;
    private ServiceApi api;
    private TcpProxy proxy;
    private int ids;

    @BeforeAll
    void start() {
        primary = TestMySql.start();
        replica = TestMySql.start("--server-id=2", "--binlog-row-event-max-size=1024");
        service =
                LocalService.start(
                        Map.of("fustor.feed.heartbeat", "500ms", "fustor.mysql.tls", "disabled"));
        api = new ServiceApi(URI.create("http://127.0.0.1:" + service.port()));
        primary.execute("CREATE DATABASE moved", "CREATE TABLE moved.t (id INT PRIMARY KEY)");
    }

    @AfterAll
    void stop() {
        service.close();
        replica.close();
        primary.close();
    }

    @BeforeEach
    void replicate() {
        proxy = TcpProxy.to(primary);
        replica.execute(
                "STOP REPLICA",
                "RESET REPLICA ALL",
                """
                CHANGE REPLICATION SOURCE TO SOURCE_HOST = '%s', SOURCE_PORT = %d,
                SOURCE_USER = '%s', SOURCE_PASSWORD = '%s', SOURCE_AUTO_POSITION = 1,
                SOURCE_CONNECT_RETRY = 1, GET_SOURCE_PUBLIC_KEY = 1"""
                        .formatted(
                                primary.host(), primary.port(), primary.user(), primary.password()),
                "START REPLICA");
    }

    @AfterEach
    void closeProxy() {
        proxy.close();
    }

    private void awaitReplica() {
        String executed = Sql.value(primary, "SELECT @@GLOBAL.gtid_executed");
        String sql = "SELECT GTID_SUBSET('" + executed + "', @@GLOBAL.gtid_executed)";
        await("the replica").atMost(LONGEST).until(() -> Sql.value(replica, sql).equals("1"));
    }

    private void addSource(String id, int retries) {
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
    }

    private FeedRequest feed(String id) {
        return api.feed(id).with("tables", "moved.*");
    }

    private int insert(TestMySql server) {
        server.execute("INSERT INTO moved.t VALUES (" + ++ids + ")");
        return ids;
    }

    private static int id(FeedClient client) {
        return client.change().row(0).path("id").asInt();
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
        addSource("lagging", 100);
        try (FeedClient client = feed("lagging").open()) {
            client.hello();
            insert(primary);
            id(client);
            awaitReplica();
            replica.execute("STOP REPLICA SQL_THREAD");
            int missing = insert(primary);
            assertThat(id(client)).isEqualTo(missing);
            proxy.redirect(replica);
            awaitError("lagging", "RECONNECTING", "SERVER_LAGS");

            assertThat(api.source("lagging").at("/error/detail").asString())
                    .contains("lacks 1 transactions");
            try (FeedClient late = feed("lagging").after(client.token()).send()) {
                assertThat(late.status()).isEqualTo(503);
            }
            replica.execute("START REPLICA SQL_THREAD");
            awaitReplica();
            int next = insert(primary);
            assertThat(id(client)).isEqualTo(next);
        }
        api.delete("/api/configs/sources/lagging").expect(204);
    }

    @Test
    void replicaThatNeverGetsWhatWasDeliveredIsRefusedInTheEnd() {
        addSource("lost", 2);
        try (FeedClient client = feed("lost").open()) {
            client.hello();
            insert(primary);
            id(client);
            awaitReplica();
            replica.execute("STOP REPLICA");
            insert(primary);
            id(client);
            proxy.redirect(replica);
            awaitError("lost", "POSITION_LOST", "FOREIGN_SERVER");

            assertThat(client.frameOrEnd()).isPresent();
            try (FeedClient late = feed("lost").after(client.token()).send()) {
                assertThat(late.status()).isEqualTo(410);
                assertThat(late.problem().path("detail").asString())
                        .contains("receives none of them");
            }
        }
        api.delete("/api/configs/sources/lost").expect(204);
    }

    @Test
    void strangerAtTheAddressIsRefusedAtOnceWhenReconnectingAndWhenResuming() {
        addSource("strange", 100);
        TestMySql stranger = TestMySql.shared();
        try (FeedClient client = feed("strange").open()) {
            client.hello();
            insert(primary);
            id(client);
            long moved = System.nanoTime();
            proxy.redirect(stranger);
            awaitError("strange", "POSITION_LOST", "FOREIGN_SERVER");

            assertThat(Duration.ofNanos(System.nanoTime() - moved)).isLessThan(LONGEST);
            Frame last = client.frame();
            while (last.data() == null) {
                last = client.frame();
            }
            assertThat(last.isControl("error")).as(last.toString()).isTrue();
            try (FeedClient late = feed("strange").after(client.token()).send()) {
                assertThat(late.status()).isEqualTo(410);
                assertThat(late.problem().path("detail").asString()).contains("none of them");
            }
        }
        api.delete("/api/configs/sources/strange").expect(204);
    }

    @Test
    void heirOfAKilledPrimaryLosesAndRepeatsNothing() throws Exception {
        long seed = Seeds.of("traffic.seed", FeedPromotionIT.class);
        System.out.println("FeedPromotionIT: seed " + seed);
        addSource("heir", 100);
        Traffic traffic = new Traffic(primary, "heir", seed);
        FeedRequest feed = api.feed("heir").with("tables", "heir.*");
        String start = api.tokenOfNow("heir");
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<List<FeedRow>> staying =
                    threads.submit(() -> Traffic.readToTheEnd(feed.after(start)));
            traffic.run(2, 2_000, 200);
            List<FeedRow> left = new ArrayList<>();
            String token;
            try (FeedClient client = feed.with("batch", 7).after(start).open()) {
                left.addAll(client.rows(1_300));
                token = client.token();
            }
            awaitReplica();
            primary.kill();
            replica.execute("STOP REPLICA", "RESET REPLICA ALL");
            proxy.redirect(replica);
            Traffic later = traffic.at(replica);
            later.run(2, 1_000, 100);
            List<FeedRow> resumed = new ArrayList<>(left);
            try (FeedClient client = feed.after(token).open()) {
                resumed.addAll(client.rows(500));
                token = client.token();
            }
            updateAddress("heir", replica);
            later.end();
            try (FeedClient client = feed.after(token).open()) {
                Traffic.readToTheEnd(client, resumed);
            }

            assertThat(resumed).hasSize((int) later.committedRows());
            ConsumerCopy replayed = new ConsumerCopy();
            replayed.apply(resumed);
            replayed.assertSameAs(replica, "heir");
            assertStayedOrEndedWhole(staying, resumed);
        }
        primary.startAgain();
        api.delete("/api/configs/sources/heir").expect(204);
    }

    /// With the source's change the stream that stayed through the failover ends; what it had until
    /// then is how the sequence begins.
    private static void assertStayedOrEndedWhole(
            Future<List<FeedRow>> staying, List<FeedRow> sequence) throws Exception {
        try {
            FeedRow.assertSameSequence(sequence, staying.get(60, TimeUnit.SECONDS));
        } catch (java.util.concurrent.ExecutionException e) {
            assertThat(e.getCause()).hasMessageContaining("the source was changed");
        }
    }

    private void updateAddress(String id, TestMySql server) {
        Map<String, Object> config =
                Map.of(
                        "uri",
                        server.uri(),
                        "credential",
                        Map.of(
                                "user",
                                TestMySql.CAPTURE.user(),
                                "passwd",
                                TestMySql.CAPTURE.password()));
        api.put("/api/configs/sources/" + id, Map.of("config", config)).expect(200);
    }
}
