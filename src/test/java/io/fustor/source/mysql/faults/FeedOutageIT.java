package io.fustor.source.mysql.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fustor.source.mysql.support.FeedClient;
import io.fustor.source.mysql.support.FeedRequest;
import io.fustor.source.mysql.support.FeedRow;
import io.fustor.source.mysql.support.LocalService;
import io.fustor.source.mysql.support.Seeds;
import io.fustor.source.mysql.support.ServiceApi;
import io.fustor.source.mysql.support.Sql;
import io.fustor.source.mysql.support.TestMySql;
import io.fustor.source.mysql.support.Traffic;
import io.fustor.source.mysql.support.WatchedProxy;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import tools.jackson.databind.JsonNode;

/// What a server and the network to it do to a source, and what the source says of it meanwhile. A
/// replication heartbeat comes every second here.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Tag("soak")
class FeedOutageIT {

    private static final Duration LONGEST = Duration.ofSeconds(60);
    private static final Duration THREE_HEARTBEATS = Duration.ofSeconds(3);

    /// For a machine that does other things too.
    private static final Duration SLACK = Duration.ofSeconds(2);

    /// A minute in the long form, `-Dlong=soak`.
    private static final Duration FREEZE =
            Duration.ofSeconds(Integer.getInteger("outage.freeze", 0));

    private TestMySql mysql;
    private LocalService service;
    private ServiceApi api;

    @BeforeAll
    void start() {
        mysql = TestMySql.start();
        service =
                LocalService.start(
                        Map.of(
                                "fustor.feed.heartbeat", "500ms",
                                "fustor.mysql.tls", "disabled",
                                "fustor.mysql.connect-timeout", "2s",
                                "fustor.mysql.read-timeout", "3s",
                                "fustor.feed.window", "256KB",
                                "fustor.feed.max-catch-up", "3"));
        api = new ServiceApi(URI.create("http://127.0.0.1:" + service.port()));
        mysql.execute("CREATE DATABASE outage", "CREATE TABLE outage.t (id INT PRIMARY KEY)");
    }

    @AfterAll
    void stop() {
        service.close();
        mysql.close();
    }

    private static Map<String, Object> config(
            String uri, TestMySql.Login login, int retries, int delay) {
        return Map.of(
                "config",
                Map.of(
                        "uri",
                        uri,
                        "credential",
                        Map.of("user", login.user(), "passwd", login.password()),
                        "max_retries",
                        retries,
                        "retry_delay_sec",
                        delay));
    }

    private void addSource(String id, String uri, int retries, int delay) {
        api.post("/api/configs/sources/" + id, config(uri, TestMySql.CAPTURE, retries, delay))
                .expect(201);
    }

    private FeedRequest feed(String id) {
        return api.feed(id).with("tables", "outage.*");
    }

    private void insert(int id) {
        mysql.execute("INSERT INTO outage.t VALUES (" + id + ")");
    }

    private static int id(FeedClient client) {
        return client.change().row(0).path("id").asInt();
    }

    private String state(String id) {
        return api.source(id).path("state").asString();
    }

    private void awaitState(String id, String state) {
        await(state)
                .atMost(LONGEST)
                .pollInterval(Duration.ofMillis(20))
                .until(() -> state(id).equals(state));
    }

    /// Which question the silence met first, on the stream or beside it, is chance.
    private void assertSaid(String id, String state, String... codes) {
        // Between the two questions another attempt may fail in another way.
        await("the code of " + id)
                .atMost(LONGEST)
                .untilAsserted(
                        () -> {
                            String code = api.source(id).at("/error/code").asString();
                            assertThat(code).isIn((Object[]) codes);
                            JsonNode details = health(id);
                            assertThat(details.path("state").asString()).isEqualTo(state);
                            assertThat(details.path("reason").asString()).startsWith(code + ": ");
                        });
        await("meters of " + id)
                .atMost(LONGEST)
                .untilAsserted(
                        () ->
                                assertThat(api.get("/actuator/prometheus").body())
                                        .contains(
                                                "fustor_source_state{source=\"%s\",state=\"%s\"} 1.0"
                                                        .formatted(id, state)));
    }

    private JsonNode health(String id) {
        return api.get("/actuator/health")
                .json()
                .at("/components/sources/components/" + id + "/details");
    }

    private void awaitLive(String id) {
        await("a live subscriber of " + id)
                .atMost(LONGEST)
                .until(() -> api.source(id).at("/subscribers/0/state").asString().equals("live"));
        awaitState(id, "STREAMING");
    }

    @AfterEach
    void letTheServerGoOn() {
        mysql.thaw();
    }

    private void killBinlogReaders() {
        Sql.killConnections(mysql, "COMMAND LIKE 'Binlog Dump%'");
    }

    @Test
    void nothingIsLostOverKilledReadersRotationPurgeAndTurnedClocks() throws Exception {
        long seed = Seeds.of("traffic.seed", FeedOutageIT.class);
        System.out.println("FeedOutageIT: seed " + seed);
        addSource("shaken", mysql.uri(), 100, 1);
        Traffic traffic = new Traffic(mysql, "outage_shaken", seed);
        FeedRequest feed = api.feed("shaken").with("tables", "outage_shaken.*");
        mysql.execute("FLUSH BINARY LOGS");
        String first = Sql.column(mysql, "SHOW BINARY LOGS", 1).getLast();
        String start = api.tokenOfNow("shaken");
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<List<FeedRow>> reading =
                    threads.submit(() -> Traffic.readToTheEnd(feed.after(start)));
            Future<?> writing = threads.submit(() -> traffic.run(2, 3_000, 60));
            for (String when : List.of("86400", "2000000000", "1000000000")) {
                mysql.execute(
                        "SET timestamp = " + when,
                        "INSERT INTO outage.t VALUES (" + when + ")",
                        "FLUSH BINARY LOGS",
                        "PURGE BINARY LOGS TO '" + first + "'");
                killBinlogReaders();
                assertThat(api.source("shaken").path("lag_ms").asLong()).isNotNegative();
            }
            writing.get(60, TimeUnit.SECONDS);
            traffic.end();
            List<FeedRow> rows = reading.get(60, TimeUnit.SECONDS);

            assertThat(rows.size()).isEqualTo((int) traffic.committedRows());
            assertThat(rows.stream().map(FeedRow::token).distinct().count()).isGreaterThan(100);
        }
        api.delete("/api/configs/sources/shaken").expect(204);
    }

    @Test
    void frozenServerIsNoticedWithinThreeHeartbeatsAndItsReturnAtOnce() {
        addSource("frozen", mysql.uri(), 100, 60);
        try (FeedClient client = feed("frozen").open()) {
            client.hello();
            awaitLive("frozen");
            mysql.freeze();
            long frozen = System.nanoTime();
            awaitState("frozen", "RECONNECTING");
            Duration noticed = Duration.ofNanos(System.nanoTime() - frozen);
            assertSaid("frozen", "RECONNECTING", "SERVER_STALLED", "CONNECT_TIMEOUT");
            while (System.nanoTime() - frozen < FREEZE.toNanos()) {
                client.heartbeat();
            }
            assertThat(state("frozen")).isEqualTo("RECONNECTING");
            mysql.thaw();
            long thawed = System.nanoTime();
            insert(1);

            assertThat(id(client)).isEqualTo(1);
            Duration back = Duration.ofNanos(System.nanoTime() - thawed);
            System.out.println("FeedOutageIT: frozen noticed " + noticed + ", back " + back);
            assertThat(noticed).isLessThan(THREE_HEARTBEATS.plus(SLACK));
            assertThat(back).isLessThan(Duration.ofSeconds(8));
        }
        api.delete("/api/configs/sources/frozen").expect(204);
    }

    @Test
    void halfOpenConnectionsAreNoticedAndUnreachableServersComeBack() {
        try (WatchedProxy proxy = WatchedProxy.to(mysql)) {
            addSource("mute", proxy.uri(), 100, 60);
            try (FeedClient client = feed("mute").open()) {
                client.hello();
                awaitLive("mute");
                proxy.mute();
                long muted = System.nanoTime();
                awaitState("mute", "RECONNECTING");
                Duration noticed = Duration.ofNanos(System.nanoTime() - muted);
                assertSaid("mute", "RECONNECTING", "SERVER_STALLED", "CONNECT_TIMEOUT");
                client.heartbeat();
                assertThat(feed("mute").send().status()).isEqualTo(503);
                proxy.unmute();
                long unmuted = System.nanoTime();
                insert(2);

                assertThat(id(client)).isEqualTo(2);
                Duration back = Duration.ofNanos(System.nanoTime() - unmuted);
                System.out.println("FeedOutageIT: half-open " + noticed + ", back " + back);
                assertThat(noticed).isLessThan(THREE_HEARTBEATS.plus(SLACK));
                assertThat(back).isLessThan(Duration.ofSeconds(8));
            }
            api.delete("/api/configs/sources/mute").expect(204);
        }
    }

    @Test
    void stoppedServerIsMetAgainWithinSecondsHoweverLongThePauseIs() {
        addSource("stopped", mysql.uri(), 100, 60);
        try (FeedClient client = feed("stopped").open()) {
            client.hello();
            awaitLive("stopped");
            mysql.kill();
            await("the refusal")
                    .atMost(LONGEST)
                    .until(
                            () ->
                                    api.source("stopped")
                                            .at("/error/code")
                                            .asString()
                                            .startsWith("CONNECTION_"));
            assertThat(state("stopped")).isEqualTo("RECONNECTING");
            client.heartbeat();
            client.heartbeat();
            mysql.startAgain();
            long started = System.nanoTime();
            insert(3);

            assertThat(id(client)).isEqualTo(3);
            Duration back = Duration.ofNanos(System.nanoTime() - started);
            System.out.println("FeedOutageIT: back after a restart " + back);
            assertThat(back).isLessThan(Duration.ofSeconds(6));
            assertThat(api.source("stopped").path("error").isNull()).isTrue();
        }
        api.delete("/api/configs/sources/stopped").expect(204);
    }

    @Test
    void attemptsThatAllFailEndTheStreamAndTheNextSubscriberStartsAnew() {
        try (WatchedProxy proxy = WatchedProxy.to(mysql)) {
            addSource("given-up", proxy.uri(), 0, 1);
            String token;
            try (FeedClient client = feed("given-up").open()) {
                client.hello();
                awaitLive("given-up");
                proxy.mute();
                awaitState("given-up", "FAILED");
                assertThat(client.frame()).isNotNull();
                token = client.token();
            }
            proxy.unmute();
            insert(4);
            try (FeedClient client = feed("given-up").after(token).open()) {
                assertThat(id(client)).isEqualTo(4);
                awaitState("given-up", "STREAMING");
            }
            api.delete("/api/configs/sources/given-up").expect(204);
        }
    }

    @Test
    void sourceWithAChangedPasswordGoesOnWhereItWasOnceItIsTold() {
        TestMySql.Login old = new TestMySql.Login("changing", "the-old-password");
        TestMySql.Login changed = new TestMySql.Login("changing", "the-new-password");
        mysql.execute(
                "CREATE USER changing IDENTIFIED BY 'the-old-password'",
                "GRANT SELECT, REPLICATION SLAVE, REPLICATION CLIENT ON *.* TO changing");
        api.post("/api/configs/sources/locked", config(mysql.uri(), old, 100, 1)).expect(201);
        String token;
        try (FeedClient client = feed("locked").open()) {
            client.hello();
            awaitLive("locked");
            insert(5);
            assertThat(id(client)).isEqualTo(5);
            token = client.token();
            mysql.execute("ALTER USER changing IDENTIFIED BY 'the-new-password'");
            Sql.killConnections(mysql, "USER = 'changing'");
            awaitState("locked", "FAILED");
            assertSaid("locked", "FAILED", "ACCESS_DENIED");
        }
        assertThat(feed("locked").after(token).send().status()).isEqualTo(409);
        api.put("/api/sources/locked/checkpoints/kept", Map.of("position", token)).expect(200);
        insert(6);
        api.put("/api/configs/sources/locked", config(mysql.uri(), changed, 100, 1)).expect(200);

        try (FeedClient client = feed("locked").with("consumer", "kept").open()) {
            assertThat(id(client)).isEqualTo(6);
        }
        api.delete("/api/configs/sources/locked").expect(204);
    }

    @Test
    void takenServerIdIsDrawnAnew() throws IOException {
        try (WatchedProxy proxy = WatchedProxy.to(mysql)) {
            addSource("twin", proxy.uri(), 100, 1);
            try (FeedClient client = feed("twin").open()) {
                client.hello();
                awaitLive("twin");
                long id = proxy.replicaIds().getLast();
                try (var twin = new TwinReplica(mysql, id)) {
                    twin.follow();
                    await("another id")
                            .atMost(LONGEST)
                            .until(() -> proxy.replicaIds().getLast() != id);
                    awaitState("twin", "STREAMING");
                    insert(7);

                    assertThat(id(client)).isEqualTo(7);
                    assertThat(twin.isFollowing()).isTrue();
                }
            }
            api.delete("/api/configs/sources/twin").expect(204);
        }
    }

    @Test
    void subscribersThatResumeAtOnceTakeTurnsAndNoMoreConnectionsThanThereAre() throws Exception {
        int subscribers = 6;
        int rows = 200;
        addSource("herd", mysql.uri(), 100, 1);
        mysql.execute("CREATE DATABASE outage_herd", "CREATE TABLE outage_herd.t (id INT, v TEXT)");
        String start = api.tokenOfNow("herd");
        String text = "REPEAT('x', 30000)";
        for (int i = 0; i < rows; i++) {
            mysql.execute("INSERT INTO outage_herd.t VALUES (" + i + ", " + text + ")");
        }
        FeedRequest feed = api.feed("herd").with("tables", "outage_herd.*").after(start);
        AtomicInteger readers = new AtomicInteger();
        AtomicInteger waiting = new AtomicInteger();
        try (ExecutorService threads = Executors.newCachedThreadPool()) {
            List<Future<Integer>> reading =
                    IntStream.range(0, subscribers)
                            // With equal parameters they would share what one of them reads.
                            .mapToObj(i -> feed.with("batch", i + 1))
                            .map(one -> threads.submit(() -> read(one, rows)))
                            .toList();
            await("all")
                    .atMost(LONGEST)
                    .pollInterval(Duration.ofMillis(50))
                    .until(
                            () -> {
                                int now = Sql.countBinlogReaders(mysql, TestMySql.CAPTURE);
                                readers.accumulateAndGet(now, Math::max);
                                waiting.accumulateAndGet(countWaiting(), Math::max);
                                return reading.stream().allMatch(Future::isDone);
                            });
            for (Future<Integer> one : reading) {
                assertThat(one.get(1, TimeUnit.SECONDS)).isEqualTo(rows);
            }
        }
        System.out.println("FeedOutageIT: readers " + readers + ", waiting " + waiting);
        // Three turns, the capture's own, and one that the server has not seen the end of.
        assertThat(readers.get()).isBetween(3, 5);
        assertThat(waiting.get()).isBetween(1, subscribers - 3);
        api.delete("/api/configs/sources/herd").expect(204);
    }

    private static int read(FeedRequest feed, int rows) {
        try (FeedClient client = feed.receiveBuffer(32 * 1024).bytesPerSecond(10_000_000).open()) {
            return client.rows(rows).size();
        }
    }

    private int countWaiting() {
        int waiting = 0;
        for (JsonNode subscriber : api.source("herd").path("subscribers")) {
            waiting += subscriber.path("state").asString().equals("waiting") ? 1 : 0;
        }
        return waiting;
    }

    @Test
    void resetUnderASubscriberIsSaid() {
        addSource("reset", mysql.uri(), 3, 1);
        try (FeedClient client = feed("reset").open()) {
            client.hello();
            awaitLive("reset");
            insert(8);
            id(client);
            mysql.execute("RESET MASTER");
            insert(9);
            awaitState("reset", "POSITION_LOST");

            assertThat(feed("reset").after(client.token()).send().status()).isEqualTo(410);
        }
        api.delete("/api/configs/sources/reset").expect(204);
    }

    /// The server waits for the end of a file of the same name, and says nothing of its reset.
    @Test
    void resetIsSaidAlsoInTheFirstFile() {
        mysql.execute("RESET MASTER");
        addSource("reset-first", mysql.uri(), 3, 1);
        try (FeedClient client = feed("reset-first").open()) {
            client.hello();
            awaitLive("reset-first");
            insert(10);
            insert(11);
            id(client);
            mysql.execute("RESET MASTER");
            insert(12);
            awaitState("reset-first", "POSITION_LOST");
        }
        api.delete("/api/configs/sources/reset-first").expect(204);
    }
}
