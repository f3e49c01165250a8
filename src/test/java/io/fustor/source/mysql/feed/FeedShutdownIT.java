package io.fustor.source.mysql.feed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fustor.source.mysql.support.Answer;
import io.fustor.source.mysql.support.Fault;
import io.fustor.source.mysql.support.FeedClient;
import io.fustor.source.mysql.support.FeedRequest;
import io.fustor.source.mysql.support.FeedRow;
import io.fustor.source.mysql.support.Frame;
import io.fustor.source.mysql.support.Http2Client;
import io.fustor.source.mysql.support.Http2Frame;
import io.fustor.source.mysql.support.ServiceApi;
import io.fustor.source.mysql.support.ServiceProcess;
import io.fustor.source.mysql.support.TcpProxy;
import io.fustor.source.mysql.support.TestMySql;
import io.fustor.source.mysql.support.Traffic;
import java.io.IOException;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The end of the service as its subscribers see it.
class FeedShutdownIT {

    private static final int READERS = 95;
    private static final int STALLED = 5;

    /// Every so many readers' rows are compared; of the others only the end is looked at, since to
    /// parse a hundred times the same rows takes the time of the whole test.
    private static final int COMPARED = 8;

    private static final int STREAMS = 50;
    private static final Duration LOOK = Duration.ofMillis(5);
    private static final Duration LONGEST = Duration.ofSeconds(60);

    @TempDir private Path dataDir;

    private record Received(List<FeedRow> rows, String token, boolean hasEnd) {}

    @Test
    void endsEveryStreamAtAPlaceToResumeFromAndIsGoneWithinFiveSeconds() throws Exception {
        long seed = System.nanoTime();
        System.out.println("FeedShutdownIT: seed " + seed);
        List<FeedClient> stalled = new ArrayList<>();
        try (TestMySql mysql = TestMySql.start();
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            ServiceProcess service = ServiceProcess.start(dataDir, Map.of());
            ServiceApi api = new ServiceApi(service.uri("/"));
            api.addSource("shutdown", mysql);
            Traffic traffic = new Traffic(mysql, "shutdown", seed);
            FeedRequest feed = api.feed("shutdown").with("tables", "shutdown.*");
            String start = api.tokenOfNow("shutdown");
            traffic.run(2, 2_000, 100);
            writeMoreThanSocketsHold(mysql);

            FeedRequest big = api.feed("shutdown").with("tables", "shutdown_big.*").after(start);
            for (int i = 0; i < STALLED; i++) {
                stalled.add(big.receiveBuffer(1024).send());
            }
            CountDownLatch reading = new CountDownLatch(READERS);
            List<Future<Received>> readers = new ArrayList<>();
            for (int i = 0; i < READERS; i++) {
                boolean isCompared = i % COMPARED == 0;
                readers.add(
                        threads.submit(() -> readToTheEnd(feed.after(start), reading, isCompared)));
            }
            assertThat(reading.await(60, TimeUnit.SECONDS)).isTrue();
            Future<?> writing = threads.submit(() -> traffic.run(2, 6_000, 100));

            Duration took = service.terminate();
            System.out.println("FeedShutdownIT: gone after " + took.toMillis() + " ms");
            writing.get(60, TimeUnit.SECONDS);
            traffic.end();
            assertThat(took).as(service.log()).isLessThan(Duration.ofSeconds(5));
            assertThat(service.exitValue()).isEqualTo(143);
            service.close();
            List<Received> all = new ArrayList<>();
            for (Future<Received> reader : readers) {
                all.add(reader.get(60, TimeUnit.SECONDS));
            }
            assertThat(all).allMatch(Received::hasEnd);
            assertResumable(mysql, start, all);
        } finally {
            stalled.forEach(FeedClient::close);
        }
    }

    @Test
    void endsEveryStreamOfAnHttp2ConnectionAndTheConnection() throws Exception {
        TestMySql mysql = TestMySql.shared();
        mysql.execute(
                "CREATE DATABASE IF NOT EXISTS shutdown_http2",
                "CREATE TABLE IF NOT EXISTS shutdown_http2.t (id INT AUTO_INCREMENT PRIMARY KEY)");
        Map<String, String> http2 = Map.of("server.http2.enabled", "true");
        try (ServiceProcess service = ServiceProcess.start(dataDir, http2);
                Http2Client connection = Http2Client.connect(service.port())) {
            ServiceApi api = new ServiceApi(service.uri("/"));
            api.addSource("shutdown", mysql);
            FeedRequest feed = api.feed("shutdown").with("tables", "shutdown_http2.*");
            List<FeedClient> streams = new ArrayList<>();
            for (int i = 0; i < STREAMS; i++) {
                streams.add(feed.send(connection));
            }
            streams.forEach(FeedClient::hello);
            mysql.execute("INSERT INTO shutdown_http2.t VALUES ()");
            streams.forEach(FeedClient::change);

            Duration took = service.terminate();
            System.out.println("FeedShutdownIT: over HTTP/2 gone after " + took.toMillis() + " ms");
            assertThat(took).as(service.log()).isLessThan(Duration.ofSeconds(5));
            for (FeedClient stream : streams) {
                assertThat(stream.control("end").path("reason").asString()).isEqualTo("shutdown");
                assertThat(stream.frameOrEnd()).as("after the end event").isEmpty();
            }
            assertThat(connection.goAwayCode()).as("GOAWAY without an error").isZero();
        }
    }

    /// A client goes on to send while it reads: window updates, answers to pings. Of a connection
    /// that is closed meanwhile, the system drops what the client has not read yet.
    @Test
    void connectionOfHttp2IsServedUntilItsClientClosesIt() throws Exception {
        TestMySql mysql = TestMySql.shared();
        try (ServiceProcess service = ServiceProcess.start(dataDir, Map.of());
                Http2Client connection = Http2Client.connect(service.port());
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            ServiceApi api = new ServiceApi(service.uri("/"));
            api.addSource("shutdown", mysql);
            FeedClient stream = api.feed("shutdown").send(connection);
            stream.hello();
            Future<Duration> gone = threads.submit(service::terminate);
            stream.control("end");
            assertThat(stream.frameOrEnd()).as("after the end event").isEmpty();

            await().pollInterval(LOOK)
                    .untilAsserted(() -> assertThat(connection.goAwayCode()).isZero());
            connection.send(Http2Frame.ping(1));
            await().pollInterval(LOOK).untilAsserted(() -> assertThat(connection.pings()).isOne());
            connection.close();
            assertThat(gone.get(60, TimeUnit.SECONDS)).isLessThan(Duration.ofSeconds(5));
        }
    }

    /// The port takes no more requests, but those that it took are answered.
    @Test
    void requestInProgressIsAnswered() throws Exception {
        TestMySql mysql = TestMySql.shared();
        try (ServiceProcess service = ServiceProcess.start(dataDir, Map.of());
                TcpProxy slow = TcpProxy.to(mysql);
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            ServiceApi api = new ServiceApi(service.uri("/"));
            slow.injectAll(new Fault.Freeze(Fault.Way.TO_CLIENT));
            Map<String, ?> wrong =
                    Map.of(
                            "uri",
                            slow.uri(),
                            "admin_creds",
                            Map.of("user", "unknown", "passwd", "wrong"));
            Future<Answer> answer =
                    threads.submit(
                            () ->
                                    api.post(
                                            "/api/drivers/sources/mysql/_actions/test_connection",
                                            wrong));
            await().until(() -> slow.accepted() > 0);
            Future<Duration> gone = threads.submit(service::terminate);
            await().pollInterval(LOOK).until(() -> isClosed(service.port()));
            slow.cut();

            assertThat(answer.get(60, TimeUnit.SECONDS).detail()).contains("connection");
            assertThat(gone.get(60, TimeUnit.SECONDS)).isLessThan(Duration.ofSeconds(5));
        }
    }

    private static boolean isClosed(int port) {
        try {
            new Socket("127.0.0.1", port).close();
            return false;
        } catch (IOException _) {
            return true;
        }
    }

    private static void writeMoreThanSocketsHold(TestMySql mysql) {
        mysql.execute(
                "CREATE DATABASE shutdown_big",
                "CREATE TABLE shutdown_big.t (id INT PRIMARY KEY, v TEXT)",
                """
                INSERT INTO shutdown_big.t WITH RECURSIVE n (i) AS
                    (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000)
                SELECT i, REPEAT('x', 30000) FROM n""");
    }

    private static Received readToTheEnd(
            FeedRequest feed, CountDownLatch reading, boolean isCompared) {
        List<FeedRow> rows = new ArrayList<>();
        boolean hasEnd = false;
        try (FeedClient client = feed.open()) {
            client.hello();
            Frame frame = client.frame();
            reading.countDown();
            while (!hasEnd) {
                if (isCompared && frame.isChange()) {
                    rows.addAll(frame.change().flatten());
                }
                hasEnd = frame.isControl("end") && frame.id() != null;
                frame = hasEnd ? frame : client.frame();
            }
            assertThat(client.frameOrEnd()).as("after the end event").isEmpty();
            return new Received(rows, client.token(), true);
        }
    }

    private void assertResumable(TestMySql mysql, String start, List<Received> all)
            throws Exception {
        try (ServiceProcess service = ServiceProcess.start(dataDir, Map.of());
                ExecutorService threads = Executors.newFixedThreadPool(8)) {
            // Each of the eight reads the binlog from its beginning, at the same time.
            FeedRequest feed =
                    new ServiceApi(service.uri("/"))
                            .feed("shutdown")
                            .with("tables", "shutdown.*")
                            .patience(LONGEST);
            List<FeedRow> expected = rest(feed.after(start), List.of());
            List<Future<?>> checks = new ArrayList<>();
            for (int i = 0; i < all.size(); i += COMPARED) {
                Received received = all.get(i);
                checks.add(
                        threads.submit(
                                () ->
                                        FeedRow.assertSameSequence(
                                                expected,
                                                rest(
                                                        feed.after(received.token()),
                                                        received.rows()))));
            }
            for (Future<?> check : checks) {
                check.get(2 * LONGEST.toSeconds(), TimeUnit.SECONDS);
            }
        }
    }

    private static List<FeedRow> rest(FeedRequest feed, List<FeedRow> before) {
        List<FeedRow> rows = new ArrayList<>(before);
        try (FeedClient client = feed.open()) {
            Traffic.readToTheEnd(client, rows);
        }
        return rows;
    }
}
