package io.fustor.source.mysql.web;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fustor.source.mysql.support.FeedClient;
import io.fustor.source.mysql.support.FeedRequest;
import io.fustor.source.mysql.support.Http2Client;
import io.fustor.source.mysql.support.Http2Exchange;
import io.fustor.source.mysql.support.Http2Frame;
import io.fustor.source.mysql.support.LocalService;
import io.fustor.source.mysql.support.Seeds;
import io.fustor.source.mysql.support.ServiceApi;
import io.fustor.source.mysql.support.TestMySql;
import java.io.UncheckedIOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// One client's streams over HTTP/2 beside each other, and what a hostile client can do to them:
/// here with one second for heads and bodies, and five for readers that stall.
class Http2StreamsIT {

    private static final int STREAMS = 100;
    private static final int CHANGES = 150;
    private static final int SMALL_WINDOW = 16 * 1024;
    private static final Duration LONG = Duration.ofSeconds(60);
    private static final int ENHANCE_YOUR_CALM = 11;
    private static final int REFUSED_STREAM = 7;
    private static final int FIRST_STREAM = 1;
    private static final int PRIORITY = 2;
    private static final int CONNECTIONS = Integer.getInteger("http2.connections", 100);
    private static final String FEED = "/api/sources/shop/events?tables=http2_streams.t";

    private static final TestMySql MYSQL = TestMySql.shared();
    private static LocalService service;
    private static ServiceApi api;

    private final List<Http2Client> opened = new ArrayList<>();

    @BeforeAll
    static void start() {
        service = service("5s");
        api = new ServiceApi(URI.create("http://127.0.0.1:" + service.port()));
        MYSQL.execute(
                "DROP DATABASE IF EXISTS http2_streams",
                "CREATE DATABASE http2_streams",
                "CREATE TABLE http2_streams.t (id INT PRIMARY KEY AUTO_INCREMENT, v TEXT)",
                "CREATE TABLE http2_streams.big (id INT PRIMARY KEY AUTO_INCREMENT, v TEXT)");
    }

    /// @param stall how long the reader of a stream may stall
    private static LocalService service(String stall) {
        return LocalService.start(
                Map.ofEntries(
                        Map.entry("server.address", "127.0.0.1"),
                        Map.entry("server.http2.enabled", "true"),
                        Map.entry("fustor.feed.heartbeat", "1s"),
                        Map.entry("fustor.web.head-timeout", "1s"),
                        Map.entry("fustor.web.body-timeout", "1s"),
                        Map.entry("fustor.web.write-timeout", "2s"),
                        Map.entry("fustor.web.stall-timeout", stall),
                        Map.entry("fustor.mysql.tls", "disabled"),
                        Map.entry("fustor.sources.shop.uri", MYSQL.uri()),
                        Map.entry("fustor.sources.shop.credential.user", TestMySql.CAPTURE.user()),
                        Map.entry(
                                "fustor.sources.shop.credential.passwd",
                                TestMySql.CAPTURE.password())));
    }

    @AfterAll
    static void stop() {
        service.close();
    }

    @AfterEach
    void leave() {
        opened.forEach(Http2Client::close);
        await().atMost(LONG).until(() -> subscribers() == 0);
    }

    private Http2Client connect() {
        return connect(1 << 20);
    }

    private Http2Client connect(int window) {
        return connect(service, window);
    }

    private Http2Client connect(LocalService to, int window) {
        Http2Client client = Http2Client.connect(to.port(), window);
        opened.add(client);
        return client;
    }

    /// A connection on which nothing more than the next request is to be sent: what comes within a
    /// head ends the connection.
    private Http2Client connectAndAsk() {
        Http2Client client = connect();
        assertThat(client.get("/api/instances/status").body()).isNotEmpty();
        return client;
    }

    private static FeedRequest feed(String table) {
        return api.feed("shop").with("tables", "http2_streams." + table).patience(LONG);
    }

    private static int subscribers() {
        return api.source("shop").path("subscribers").size();
    }

    private static List<FeedClient> open(Http2Client connection, int count) {
        List<FeedClient> streams = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            streams.add(feed("t").send(connection));
        }
        streams.forEach(FeedClient::hello);
        return streams;
    }

    private static void fillBig() {
        MYSQL.execute(
                """
                INSERT INTO http2_streams.big (v) WITH RECURSIVE n (i) AS
                    (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100)
                SELECT REPEAT('x', 6000) FROM n""");
    }

    /// Asks for large rows that it does not take: its window is full after some of them, and it
    /// gets no other.
    private static Http2Exchange stall(Http2Client connection) {
        String begin = api.tokenOfNow("shop");
        fillBig();
        Http2Exchange stalled =
                connection.get(
                        "/api/sources/shop/events?tables=http2_streams.big&batch=1",
                        "last-event-id",
                        begin);
        await().atMost(LONG).until(() -> stalled.received() == SMALL_WINDOW);
        return stalled;
    }

    @Test
    void stalledStreamIsEndedAlone() throws Exception {
        Http2Client connection = connect(SMALL_WINDOW);
        List<FeedClient> streams = open(connection, STREAMS - 1);
        Http2Exchange stalled = stall(connection);

        await().atMost(LONG).until(() -> stalled.resetCode() == ENHANCE_YOUR_CALM);
        assertThat(stalled.received()).isEqualTo(SMALL_WINDOW);
        await().atMost(LONG)
                .until(
                        () -> {
                            streams.forEach(one -> one.frameWithin(Duration.ofMillis(1)));
                            return subscribers() == STREAMS - 1;
                        });
        times(List.of(streams), 1);
        assertThat(connection.isClosed()).isFalse();
    }

    /// Two connections get the same changes at the same time, and one has a stream that stalls all
    /// the while: whatever else the machine does meets both. A stream that held others up would do
    /// so for longer than any of them waits.
    @Test
    void stalledStreamDelaysNoOther() throws Exception {
        try (LocalService patient = service("10m")) {
            Http2Client connection = connect(patient, SMALL_WINDOW);
            Http2Client other = connect(patient, SMALL_WINDOW);
            // The first of all does what a service that has just started does once.
            open(other, 1).forEach(FeedClient::cut);
            List<List<FeedClient>> streams =
                    List.of(open(connection, STREAMS - 1), open(other, STREAMS - 1));
            times(streams, CHANGES);
            List<double[]> before = times(streams, CHANGES);
            Http2Exchange stalled = stall(connection);
            List<double[]> beside = times(streams, CHANGES);

            assertThat(stalled.isOver()).as("the stalled stream is over").isFalse();
            assertThat(stalled.received()).isEqualTo(SMALL_WINDOW);
            System.out.printf(
                    "Http2StreamsIT: p99 of the %d other streams of a connection, and of as many of"
                            + " another one: before %s, beside a stalled stream %s%n",
                    STREAMS - 1, p99(before), p99(beside));
            connection.close();
            other.close();
        }
    }

    /// In milliseconds: to be printed, since it says more about the machine than about the service.
    private static String p99(List<double[]> times) {
        return "%.1f and %.1f ms"
                .formatted(
                        times.get(0)[(int) (times.get(0).length * 0.99)],
                        times.get(1)[(int) (times.get(1).length * 0.99)]);
    }

    /// Commits changes, and waits until each stream has them all.
    ///
    /// @return of each connection's streams, the times from before a commit to each stream, in
    ///   milliseconds, sorted
    private static List<double[]> times(List<List<FeedClient>> connections, int changes)
            throws Exception {
        List<FeedClient> streams = connections.stream().flatMap(List::stream).toList();
        long[][] came = new long[streams.size()][changes];
        long[] sent = new long[changes];
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
                var jdbc = MYSQL.jdbc();
                var insert =
                        jdbc.prepareStatement("INSERT INTO http2_streams.t (v) VALUES ('v')")) {
            List<Future<?>> readers = new ArrayList<>();
            for (int i = 0; i < streams.size(); i++) {
                FeedClient stream = streams.get(i);
                long[] times = came[i];
                readers.add(
                        threads.submit(
                                () -> {
                                    for (int rows = 0; rows < changes; ) {
                                        int more = stream.change().rows().size();
                                        Arrays.fill(times, rows, rows + more, System.nanoTime());
                                        rows += more;
                                    }
                                }));
            }
            for (int i = 0; i < changes; i++) {
                sent[i] = System.nanoTime();
                insert.executeUpdate();
            }
            for (Future<?> reader : readers) {
                reader.get(60, TimeUnit.SECONDS);
            }
        }
        List<double[]> all = new ArrayList<>();
        int first = 0;
        for (List<FeedClient> connection : connections) {
            double[] millis = new double[connection.size() * changes];
            for (int i = 0; i < millis.length; i++) {
                millis[i] = (came[first + i / changes][i % changes] - sent[i % changes]) / 1e6;
            }
            Arrays.sort(millis);
            all.add(millis);
            first += connection.size();
        }
        return all;
    }

    /// A client may take back what it allowed: then the window is negative.
    @Test
    void streamWhoseWindowIsTakenBackIsEndedAlone() throws Exception {
        Http2Client connection = connect(1 << 20);
        FeedClient other = open(connection, 1).getFirst();
        Http2Exchange stalled =
                connection.get("/api/sources/shop/events?tables=http2_streams.big&batch=1");
        await().atMost(LONG).until(() -> stalled.received() > 0);
        connection.send(Http2Frame.settings(Http2Frame.INITIAL_WINDOW, 0));
        connection.send(Http2Frame.windowUpdate(FIRST_STREAM, 1 << 20));
        fillBig();

        await().atMost(LONG)
                .until(
                        () -> {
                            other.frameWithin(Duration.ofMillis(1));
                            return stalled.resetCode() == ENHANCE_YOUR_CALM;
                        });
        assertStillServes(connection);
    }

    @Test
    void resetStreamGivesItsPlaceBackAtOnce() {
        Http2Client connection = connect();
        List<FeedClient> streams = open(connection, 20);
        assertThat(subscribers()).isEqualTo(20);
        streams.subList(1, 20).forEach(FeedClient::cut);

        await().atMost(Duration.ofSeconds(30)).until(() -> subscribers() == 1);
        MYSQL.execute("INSERT INTO http2_streams.t (v) VALUES ('after')");
        assertThat(streams.getFirst().change().rows()).hasSize(1);
    }

    /// The service does not answer a reset with one of its own, which would count as well.
    @Test
    void clientMayResetEachStreamThatItHasGotSomethingOf() throws Exception {
        Http2Client connection = connect();
        for (int i = 0; i < 2 * STREAMS; i++) {
            FeedClient stream = feed("t").open(connection);
            stream.hello();
            stream.cut();
        }
        await().atMost(LONG).until(() -> subscribers() == 0);
        assertStillServes(connection);
        assertThat(connection.resets()).as("resets of the service").isZero();
    }

    @Test
    void connectionWhoseHeadIsNotCompletedIsClosed() throws Exception {
        Http2Client connection = connectAndAsk();
        Http2Exchange exchange = connection.exchange();
        byte[] block = Http2Frame.head(connection.fields("GET", "/api/instances/status"));
        byte[] most = Arrays.copyOf(block, block.length - 3);
        long begun = System.nanoTime();
        connection.send(
                new Http2Frame(Http2Frame.HEADERS, Http2Frame.END_STREAM, exchange.id(), most));

        await().atMost(LONG).until(connection::isClosed);
        assertThat(Duration.ofNanos(System.nanoTime() - begun))
                .as("GOAWAY with code %d", connection.goAwayCode())
                .isGreaterThan(Duration.ofMillis(900));
    }

    @Test
    void connectionWhoseHeadComesByteByByteIsClosed() {
        Http2Client connection = connectAndAsk();
        Http2Exchange exchange = connection.exchange();
        byte[] block = Http2Frame.head(connection.fields("GET", "/", "x", "x".repeat(8_000)));
        connection.send(
                new Http2Frame(
                        Http2Frame.HEADERS,
                        Http2Frame.END_STREAM,
                        exchange.id(),
                        Arrays.copyOf(block, 2_000)));
        int[] at = {2_000};

        await().atMost(LONG)
                .pollInterval(Duration.ofMillis(300))
                .until(
                        () -> {
                            byte[] part = Arrays.copyOfRange(block, at[0], at[0] + 1_100);
                            at[0] += at[0] < 6_000 ? 1_100 : 0;
                            return sendFails(
                                    connection,
                                    new Http2Frame(
                                            Http2Frame.CONTINUATION, 0, exchange.id(), part));
                        });
    }

    /// A client that says HTTP/2 and then nothing more.
    @Test
    void connectionWithoutSettingsIsClosed() throws Exception {
        try (var socket = new java.net.Socket("127.0.0.1", service.port())) {
            socket.getOutputStream().write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(UTF_8));
            socket.setSoTimeout((int) LONG.toMillis());
            socket.getInputStream().readAllBytes();
        } catch (java.net.SocketException _) {
            // Closed with a reset.
        }
    }

    @Test
    void bodyThatComesSlowlyEndsItsStreamOnly() throws Exception {
        Http2Client connection = connect();
        FeedClient other = open(connection, 1).getFirst();
        Http2Exchange slow =
                connection.request(
                        "POST", "/api/session", false, "content-type", "application/json");
        slow.send("{\"token\":\"".getBytes(UTF_8), false);
        byte[] piece = " ".repeat(1_500).getBytes(UTF_8);

        await().atMost(LONG)
                .pollInterval(Duration.ofMillis(200))
                .until(
                        () -> {
                            other.frameWithin(Duration.ofMillis(1));
                            if (!slow.isOver()) {
                                slow.send(piece, false);
                            }
                            return slow.isOver();
                        });
        assertThat(slow.resetCode()).isEqualTo(ENHANCE_YOUR_CALM);
        assertStillServes(connection);
    }

    @Test
    void floodsEndTheConnectionAndNothingElse() throws Exception {
        Http2Client other = connect();
        FeedClient watching = open(other, 1).getFirst();
        for (Http2Frame frame :
                List.of(
                        Http2Frame.ping(1),
                        Http2Frame.settings(Http2Frame.INITIAL_WINDOW, 1 << 20),
                        Http2Frame.windowUpdate(0, 1),
                        new Http2Frame(PRIORITY, 0, FIRST_STREAM, new byte[5]))) {
            Http2Client connection = connect();
            assertThat(status(connection.get("/api/instances/status"))).isEqualTo(200);
            for (int i = 0; i < 100_000 && !sendFails(connection, frame); i++) {
                // Until it is told to be calm.
            }
            await("an end of " + frame).atMost(LONG).until(connection::isClosed);
        }
        assertThat(watching.frame()).isNotNull();
        assertStillServes(other);
    }

    /// The few bytes of each heartbeat, on the stream and on the connection.
    @Test
    void clientThatGivesBackEachByteAtOnceKeepsItsStreams() {
        Http2Client connection = connect();
        FeedRequest lines =
                api.feed("shop").with("tables", "http2_streams.t").ndjson().patience(LONG);
        List<FeedClient> clients = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            clients.add(lines.open(connection));
        }
        for (int i = 0; i < 4; i++) {
            clients.forEach(FeedClient::frame);
        }

        assertThat(connection.isClosed()).isFalse();
        assertThat(connection.goAwayCode()).isEqualTo(-1);
    }

    @Test
    void rapidResetsEndTheConnection() {
        Http2Client connection = connect();
        for (int i = 0; i < 10_000 && !connection.isClosed(); i++) {
            try {
                connection.get(FEED).cut();
            } catch (UncheckedIOException _) {
                break;
            }
        }

        await().atMost(LONG).until(connection::isClosed);
        await().atMost(LONG).until(() -> subscribers() == 0);
    }

    /// No END_HEADERS ever comes, and each frame is large enough to count as no overhead.
    @Test
    void headWithoutAnEndIsRefused() {
        Http2Client connection = connect();
        Http2Exchange exchange = connection.exchange();
        byte[] block = Http2Frame.head(connection.fields("GET", "/", "x", "x".repeat(16_000)));
        connection.send(
                new Http2Frame(
                        Http2Frame.HEADERS,
                        Http2Frame.END_STREAM,
                        exchange.id(),
                        Arrays.copyOf(block, 16_000)));
        byte[] part = Http2Frame.head(List.of(Map.entry("y", "y".repeat(15_000))));
        int sent = 0;
        while (sent < 10_000
                && !sendFails(
                        connection,
                        new Http2Frame(Http2Frame.CONTINUATION, 0, exchange.id(), part))) {
            sent++;
        }

        await().atMost(LONG).until(() -> connection.isClosed() || exchange.isOver());
        await().atMost(LONG).until(connection::isClosed);
    }

    /// Whatever a client sends, others are served.
    @Test
    void randomFramesHarmNoOtherConnection() throws Exception {
        long seed = Seeds.of("fuzz.seed", Http2StreamsIT.class);
        System.out.println("Http2StreamsIT: frames by seed " + seed);
        Http2Client other = connect();
        FeedClient watching = open(other, 1).getFirst();
        for (int i = 0; i < CONNECTIONS; i++) {
            Random random = new Random(seed + i);
            try (Http2Client connection = Http2Client.connect(service.port())) {
                for (int sent = 0; sent < 50; sent++) {
                    if (random.nextInt(4) == 0) {
                        connection.get(FEED);
                    } else if (sendFails(connection, randomFrame(random))) {
                        break;
                    }
                }
            } catch (UncheckedIOException _) {
                // Closed while the next frame was sent.
            }
        }

        await().atMost(LONG)
                .until(
                        () -> {
                            watching.frameWithin(Duration.ofMillis(1));
                            return subscribers() == 1;
                        });
        assertStillServes(other);
        assertThat(service.get("/actuator/health/liveness").status()).isEqualTo(200);
    }

    private static Http2Frame randomFrame(Random random) {
        byte[] payload = new byte[random.nextInt(4) == 0 ? 4 : random.nextInt(40)];
        random.nextBytes(payload);
        return new Http2Frame(random.nextInt(12), random.nextInt(256), random.nextInt(8), payload);
    }

    @Test
    void moreStreamsThanAllowedAreRefusedAlone() throws Exception {
        Http2Client connection = connect();
        List<FeedClient> streams = open(connection, STREAMS);
        Http2Exchange more = connection.get("/api/instances/status");

        await().atMost(LONG).until(() -> more.resetCode() == REFUSED_STREAM);
        assertThat(streams.getLast().frame()).isNotNull();
        streams.getFirst().cut();
        await().atMost(LONG).until(() -> status(connection.get("/api/instances/status")) == 200);
    }

    private static boolean sendFails(Http2Client connection, Http2Frame frame) {
        try {
            connection.send(frame);
            return connection.isClosed();
        } catch (UncheckedIOException _) {
            return true;
        }
    }

    private static int status(Http2Exchange exchange) {
        try {
            return exchange.status();
        } catch (java.io.IOException _) {
            return 0;
        }
    }

    private static void assertStillServes(Http2Client connection) throws Exception {
        connection.send(Http2Frame.settings(Http2Frame.INITIAL_WINDOW, 1 << 20));
        assertThat(status(connection.get("/api/instances/status"))).isEqualTo(200);
        assertThat(connection.isClosed()).isFalse();
    }
}
