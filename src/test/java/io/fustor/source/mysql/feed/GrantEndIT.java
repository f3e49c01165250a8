package io.fustor.source.mysql.feed;

import static org.assertj.core.api.Assertions.assertThat;

import io.fustor.source.mysql.support.Answer;
import io.fustor.source.mysql.support.Fault;
import io.fustor.source.mysql.support.FeedClient;
import io.fustor.source.mysql.support.FeedRequest;
import io.fustor.source.mysql.support.Frame;
import io.fustor.source.mysql.support.Http2Client;
import io.fustor.source.mysql.support.RunningService;
import io.fustor.source.mysql.support.ServiceApi;
import io.fustor.source.mysql.support.TcpProxy;
import io.fustor.source.mysql.support.TestMySql;
import java.io.UncheckedIOException;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.boot.test.web.server.LocalServerPort;

/// How streams end when the grant of their reader does: within a second, whatever they do.
@RunningService
class GrantEndIT {

    private static final String SOURCE = "grant-end";

    /// From the answer to the request that ends a grant.
    private static final Duration LIMIT = Duration.ofSeconds(1);

    /// More than the sockets between the service and a client that does not read hold.
    private static final int ROWS = 8_000;

    @LocalServerPort private int port;

    private final TestMySql mysql = TestMySql.shared();
    private ServiceApi api;
    private String beforeRows;

    @BeforeAll
    void fill() {
        api = new ServiceApi(URI.create("http://127.0.0.1:" + port));
        api.addSource(SOURCE, mysql);
        mysql.execute(
                "CREATE DATABASE grant_end",
                "CREATE TABLE grant_end.big (id INT PRIMARY KEY, v TEXT)",
                "CREATE TABLE grant_end.live (id INT AUTO_INCREMENT PRIMARY KEY)");
        beforeRows = api.tokenOfNow(SOURCE);
        mysql.execute(
                "SET SESSION cte_max_recursion_depth = 100000",
                """
                INSERT INTO grant_end.big WITH RECURSIVE n (i) AS
                    (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d)
                SELECT i, REPEAT('v', 6000) FROM n"""
                        .formatted(ROWS));
    }

    /// Streams are counted here, and those of the test before may still be leaving.
    @BeforeEach
    void awaitNoStream() {
        Awaitility.await().until(() -> subscribers() == 0);
    }

    private ServiceApi reader(String name) {
        return api.as(api.addReader(name, Map.of("tables", List.of("grant_end.*"))));
    }

    private static Frame endOf(FeedClient client, long ended) {
        while (true) {
            Frame next = client.frame();
            if (next.isControl("end")) {
                assertThat(Duration.ofNanos(System.nanoTime() - ended)).isLessThan(LIMIT);
                return next;
            }
        }
    }

    @Test
    void liveStreamEndsWithAReasonAndItsTokenStaysGood() {
        ServiceApi reader = reader("end-live");
        try (FeedClient client = reader.feed(SOURCE).with("tables", "grant_end.live").open()) {
            client.hello();
            mysql.execute("INSERT INTO grant_end.live VALUES ()");
            client.change();
            api.delete("/api/readers/end-live").expect(204);
            long ended = System.nanoTime();
            Frame end = endOf(client, ended);

            assertThat(end.data()).contains("\"reason\":\"authorization\"");
            assertThat(client.frameOrEnd()).isEmpty();
            mysql.execute("INSERT INTO grant_end.live VALUES ()");
            ServiceApi other = reader("end-live-other");
            try (FeedClient resumed =
                    other.feed(SOURCE)
                            .with("tables", "grant_end.live")
                            .after(client.token())
                            .open()) {
                assertThat(resumed.change().flatten()).hasSize(1);
            }
        }
    }

    @Test
    void narrowedGrantEndsStreamsAndAWiderLimitDoesNot() {
        ServiceApi reader = reader("end-narrowed");
        try (FeedClient client = reader.feed(SOURCE).with("tables", "grant_end.live").open()) {
            client.hello();
            api.put(
                            "/api/readers/end-narrowed",
                            Map.of("tables", List.of("grant_end.*"), "max_streams", 7))
                    .expect(200);
            mysql.execute("INSERT INTO grant_end.live VALUES ()");
            client.change();
            api.put("/api/readers/end-narrowed", Map.of("tables", List.of("grant_end.big")))
                    .expect(200);
            long ended = System.nanoTime();

            assertThat(endOf(client, ended).data()).contains("authorization");
        }
        reader.get("/api/sources/" + SOURCE + "/events?tables=grant_end.live").expect(400);
    }

    @Test
    void expiredGrantEndsStreams() {
        Instant expires = Instant.now().plusSeconds(4);
        ServiceApi reader =
                api.as(api.addReader("end-expired", Map.of("expires", expires.toString())));
        try (FeedClient client = reader.feed(SOURCE).with("tables", "grant_end.live").open()) {
            client.hello();
            Frame next = client.frame();
            while (!next.isControl("end")) {
                next = client.frame();
            }

            assertThat(Duration.between(expires, Instant.now())).isBetween(Duration.ZERO, LIMIT);
            assertThat(next.data()).contains("authorization");
        }
        Answer refused = reader.get("/api/sources").expect(401);
        assertThat(refused.json().path("code").asString()).isEqualTo("TOKEN_EXPIRED");
    }

    @Test
    void catchUpOfAFastClientEnds() {
        FeedRequest feed = reader("end-catch-up").feed(SOURCE).after(beforeRows).with("batch", 1);
        assertEndsInTheMiddle("end-catch-up", feed);
    }

    @Test
    void snapshotOfAFastClientEnds() {
        FeedRequest feed =
                reader("end-snapshot")
                        .feed(SOURCE)
                        .with("tables", "grant_end.big")
                        .with("snapshot", "only")
                        .with("batch", 1);
        assertEndsInTheMiddle("end-snapshot", feed);
    }

    /// The client reads some rows, and reads on only once the grant is over, so that the service is
    /// in the middle then.
    private void assertEndsInTheMiddle(String name, FeedRequest feed) {
        try (FeedClient client = feed.receiveBuffer(16_384).bytesPerSecond(2_000_000).open()) {
            client.change();
            api.delete("/api/readers/" + name).expect(204);
            long ended = System.nanoTime();
            int rows = rowsToTheEnd(client, ended);

            assertThat(rows).isLessThan(ROWS - 100);
        }
    }

    /// Counts rows until the stream ends or is cut.
    private static int rowsToTheEnd(FeedClient client, long ended) {
        int rows = 0;
        try {
            while (true) {
                Optional<Frame> next = client.frameOrEnd();
                if (next.isEmpty() || next.get().isControl("end")) {
                    return rows;
                }
                rows += next.get().isChange() ? 1 : 0;
                assertThat(Duration.ofNanos(System.nanoTime() - ended))
                        .isLessThan(LIMIT.plusMillis(500));
            }
        } catch (UncheckedIOException _) {
            return rows;
        }
    }

    @Test
    void stalledClientGetsNothingMoreThanWasOnItsWay() {
        for (boolean isSnapshot : List.of(false, true)) {
            String name = "end-stalled-" + isSnapshot;
            FeedRequest feed = reader(name).feed(SOURCE).with("tables", "grant_end.big");
            FeedRequest wanted =
                    isSnapshot ? feed.with("snapshot", "only") : feed.after(beforeRows);
            try (FeedClient client = wanted.receiveBuffer(16_384).with("batch", 1).open()) {
                client.change();
                // Until the buffers between are full.
                awaitStall();
                api.delete("/api/readers/" + name).expect(204);
                Awaitility.await()
                        .pollDelay(LIMIT)
                        .atMost(Duration.ofSeconds(3))
                        .until(() -> subscribers() == 0);

                // What the client's own system had taken, and no more.
                assertThat(rowsToTheEnd(client, System.nanoTime())).isLessThan(40);
            }
        }
    }

    /// The streams of several callers come over one connection where a proxy speaks HTTP/2.
    @Test
    void onlyItsStreamsEndOnAnHttp2Connection() {
        ServiceApi ended = reader("end-http2");
        ServiceApi staying = reader("end-http2-staying");
        try (Http2Client connection = Http2Client.connect(port, 16_384)) {
            FeedClient other =
                    staying.feed(SOURCE).with("tables", "grant_end.live").open(connection);
            FeedClient live = ended.feed(SOURCE).with("tables", "grant_end.live").open(connection);
            other.hello();
            live.hello();
            FeedClient stalled =
                    ended.feed(SOURCE)
                            .with("tables", "grant_end.big")
                            .with("batch", 1)
                            .after(beforeRows)
                            .open(connection);
            stalled.change();
            FeedClient snapshot =
                    ended.feed(SOURCE)
                            .with("tables", "grant_end.big")
                            .with("batch", 1)
                            .with("snapshot", "only")
                            .open(connection);
            snapshot.change();
            api.delete("/api/readers/end-http2").expect(204);
            long begun = System.nanoTime();

            assertThat(endOf(live, begun).data()).contains("authorization");
            assertThat(live.frameOrEnd()).isEmpty();
            Awaitility.await().atMost(LIMIT.multipliedBy(3)).until(() -> subscribers() == 1);
            assertThat(rowsToTheEnd(stalled, System.nanoTime())).isLessThan(40);
            assertThat(rowsToTheEnd(snapshot, System.nanoTime())).isLessThan(40);
            mysql.execute("INSERT INTO grant_end.live VALUES ()");
            assertThat(other.change().rows()).hasSize(1);
            assertThat(connection.isClosed()).isFalse();
        }
    }

    /// What was sent cannot be taken back from a connection: a client that does not say that it has
    /// it loses the connection, with what the service's system still holds.
    @Test
    void http2ClientThatTakesNothingFromItsSocketLosesItsConnection() {
        ServiceApi ended = reader("end-http2-silent");
        FeedRequest feed = ended.feed(SOURCE).with("tables", "grant_end.big");
        try (TcpProxy proxy = TcpProxy.toPort(port);
                Http2Client connection =
                        Http2Client.connect(proxy.through(feed).uri().getPort(), 1 << 30)) {
            FeedClient client = feed.with("batch", 1).after(beforeRows).open(connection);
            client.change();
            proxy.inject(new Fault.Freeze(Fault.Way.TO_CLIENT));
            awaitStall();
            long begun = System.nanoTime();
            api.delete("/api/readers/end-http2-silent").expect(204);
            Awaitility.await().atMost(Duration.ofSeconds(5)).until(() -> subscribers() == 0);
            System.out.printf(
                    "GrantEndIT: a silent HTTP/2 client was cut after %d ms%n",
                    Duration.ofNanos(System.nanoTime() - begun).toMillis());
        }
    }

    private long subscribers() {
        return api.source(SOURCE).path("subscribers").size();
    }

    private void awaitStall() {
        long[] last = {-1};
        Awaitility.await()
                .pollInterval(Duration.ofMillis(300))
                .until(
                        () -> {
                            long now = api.source(SOURCE).at("/subscribers/0/bytes").asLong();
                            boolean isStalled = now > 0 && now == last[0];
                            last[0] = now;
                            return isStalled;
                        });
    }
}
