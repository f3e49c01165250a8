package io.fustor.source.mysql.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fustor.source.mysql.support.Fault;
import io.fustor.source.mysql.support.FeedClient;
import io.fustor.source.mysql.support.FeedRequest;
import io.fustor.source.mysql.support.Http2Client;
import io.fustor.source.mysql.support.ServiceApi;
import io.fustor.source.mysql.support.TcpProxy;
import io.fustor.source.mysql.support.TestMySql;
import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.springframework.boot.test.web.server.LocalServerPort;

/// Clients that come in crowds and vanish, each in one of the ways in which clients do: they leave
/// nothing back. Threads, files and heap are those of this JVM, in which the service runs.
/// `-Dlong=fault` runs it with two thousand.
@ImpatientService
@Tag("fault")
class VanishingClientsIT {

    private static final int CLIENTS = Integer.getInteger("vanish.clients", 300);
    private static final int OPENING_AT_ONCE = 50;
    private static final int STREAMS = 200;
    private static final int STREAMS_OF_A_CONNECTION = 50;
    private static final long MEGABYTE = 1024 * 1024;

    /// One in so many vanishes without a word: its socket's buffers have to be filled before the
    /// service can notice.
    private static final int SILENT_EVERY = 50;

    private static final String SOURCE = "vanishing";

    @LocalServerPort private int port;

    private final TestMySql mysql = TestMySql.shared();
    private ServiceApi api;

    private enum Vanishing {
        RESET_IN_THE_HEAD,
        RESET_BEFORE_THE_ANSWER,
        RESET,
        CLOSE,
        HALF_CLOSE
    }

    private record Usage(int threads, long files, long heap) {

        static Usage now() throws IOException {
            System.gc();
            try (Stream<Path> files = Files.list(Path.of("/proc/self/fd"))) {
                return new Usage(
                        ManagementFactory.getThreadMXBean().getThreadCount(),
                        files.count(),
                        ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed());
            }
        }

        void requireBackTo(Usage base) {
            assertThat(threads).as("threads").isLessThanOrEqualTo(base.threads + 3);
            assertThat(files).as("files").isLessThanOrEqualTo(base.files + 3);
            assertThat(heap).as("heap").isLessThan(base.heap + 12 * MEGABYTE);
        }

        @Override
        public String toString() {
            return "%d threads, %d files, %d MB".formatted(threads, files, heap / MEGABYTE);
        }
    }

    @BeforeAll
    void start() {
        api = new ServiceApi(URI.create("http://127.0.0.1:" + port));
        api.addSource(SOURCE, mysql);
        mysql.execute(
                "DROP DATABASE IF EXISTS vanishing",
                "CREATE DATABASE vanishing",
                "CREATE TABLE vanishing.t (id INT AUTO_INCREMENT PRIMARY KEY, v MEDIUMTEXT)");
    }

    @AfterAll
    void stop() {
        api.delete("/api/configs/sources/" + SOURCE).expect(204);
    }

    @Test
    void vanishedClientsLeaveNothingOpen() throws Exception {
        FeedRequest feed = api.feed(SOURCE).with("tables", "vanishing.*");
        try (FeedClient staying = feed.open()) {
            staying.hello();
            vanish(CLIENTS / 4, feed, staying);
            Usage base = Usage.now();
            Usage most = vanish(CLIENTS, feed, staying);
            await("what was in use before")
                    .atMost(Duration.ofSeconds(60))
                    .pollInterval(Duration.ofMillis(200))
                    .untilAsserted(() -> Usage.now().requireBackTo(base));
            System.out.printf(
                    "VanishingClientsIT: %s; with %d clients %s; after they vanished %s%n",
                    base, CLIENTS, most, Usage.now());
            insert(1, 10);
            assertThat(staying.change().rows()).hasSize(1);
        }
    }

    /// The streams of some connections are reset, the other connections are cut or fall silent.
    @Test
    void vanishedStreamsOfHttp2LeaveNothingOpen() throws Exception {
        FeedRequest feed = api.feed(SOURCE).with("tables", "vanishing.*");
        try (FeedClient staying = feed.open()) {
            staying.hello();
            vanishOverHttp2(staying);
            Usage base = Usage.now();
            Usage most = vanishOverHttp2(staying);
            await("what was in use before")
                    .atMost(Duration.ofSeconds(60))
                    .pollInterval(Duration.ofMillis(200))
                    .untilAsserted(() -> Usage.now().requireBackTo(base));
            System.out.printf(
                    "VanishingClientsIT: %s; with %d streams of HTTP/2 %s; after they vanished"
                            + " %s%n",
                    base, STREAMS, most, Usage.now());
        }
    }

    private Usage vanishOverHttp2(FeedClient staying) throws Exception {
        FeedRequest feed = api.feed(SOURCE).with("tables", "vanishing.*").with("batch", 1);
        try (TcpProxy proxy = TcpProxy.toPort(port)) {
            List<Http2Client> connections = new ArrayList<>();
            List<FeedClient> streams = new ArrayList<>();
            for (int i = 0; i < STREAMS; i++) {
                if (i % STREAMS_OF_A_CONNECTION == 0) {
                    boolean isSilent = connections.size() == 1;
                    int to = isSilent ? proxy.through(feed).uri().getPort() : port;
                    connections.add(Http2Client.connect(to));
                }
                streams.add(feed.send(connections.getLast()));
            }
            streams.forEach(FeedClient::hello);
            Usage most = Usage.now();
            proxy.inject(new Fault.Freeze(Fault.Way.TO_CLIENT));
            proxy.inject(new Fault.Freeze(Fault.Way.TO_SERVER));
            for (int i = 0; i < connections.size(); i++) {
                if (i % 2 == 0) {
                    int first = i * STREAMS_OF_A_CONNECTION;
                    streams.subList(first, first + STREAMS_OF_A_CONNECTION)
                            .forEach(FeedClient::cut);
                } else if (i > 1) {
                    connections.get(i).cut();
                }
            }
            // The silent one has no window for more than its sockets hold.
            insert(80, 100_000);
            awaitLeave(staying);
            connections.forEach(Http2Client::close);
            return most;
        }
    }

    /// Lets clients come, all be there at once, and vanish; says what was in use with all of them.
    private Usage vanish(int count, FeedRequest feed, FeedClient staying) throws Exception {
        Semaphore opening = new Semaphore(OPENING_AT_ONCE);
        try (TcpProxy proxy = TcpProxy.toPort(port);
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Client>> clients = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                boolean isSilent = i % SILENT_EVERY == 0;
                Vanishing how = Vanishing.values()[i % Vanishing.values().length];
                clients.add(
                        threads.submit(
                                () -> {
                                    opening.acquire();
                                    try {
                                        return isSilent
                                                ? Client.come(proxy.through(feed), Vanishing.CLOSE)
                                                : Client.come(feed, how);
                                    } finally {
                                        opening.release();
                                    }
                                }));
            }
            List<Client> all = new ArrayList<>();
            for (Future<Client> client : clients) {
                all.add(client.get(60, TimeUnit.SECONDS));
            }
            Usage most = Usage.now();
            proxy.inject(new Fault.Freeze(Fault.Way.TO_CLIENT));
            proxy.inject(new Fault.Freeze(Fault.Way.TO_SERVER));
            for (Client client : all) {
                client.vanish();
            }
            insert(80, 100_000);
            awaitLeave(staying);
            return most;
        }
    }

    private void insert(int rows, int bytes) {
        mysql.execute(
                """
                INSERT INTO vanishing.t (v) WITH RECURSIVE n (i) AS
                    (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d)
                SELECT REPEAT('x', %d) FROM n"""
                        .formatted(rows, bytes));
    }

    /// The proxy still holds the silent ones' connections: only the service can have ended them.
    private void awaitLeave(FeedClient staying) {
        await("every subscriber's leave but one")
                .atMost(Duration.ofSeconds(60))
                .pollInterval(Duration.ofMillis(50))
                .until(
                        () -> {
                            while (staying.frameWithin(Duration.ofMillis(20)).isPresent()) {
                                // It reads on, or it would be cut off too.
                            }
                            return subscribers() == 1;
                        });
    }

    private int subscribers() {
        return api.source(SOURCE).path("subscribers").size();
    }

    /// A client on a bare socket.
    private record Client(Socket socket, Vanishing how) {

        static Client come(FeedRequest feed, Vanishing how) throws IOException {
            URI uri = feed.uri();
            Socket socket = new Socket(InetAddress.getLoopbackAddress(), uri.getPort());
            socket.setSoTimeout(20_000);
            String head =
                    "GET "
                            + uri.getRawPath()
                            + "?tables=vanishing.*&batch=1 HTTP/1.1\r\nHost: localhost\r\n";
            boolean isWhole = how != Vanishing.RESET_IN_THE_HEAD;
            String text = isWhole ? head + "\r\n" : head;
            socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
            if (isWhole && how != Vanishing.RESET_BEFORE_THE_ANSWER) {
                awaitHeartbeat(socket.getInputStream());
            }
            return new Client(socket, how);
        }

        private static void awaitHeartbeat(InputStream in) throws IOException {
            byte[] buffer = new byte[4096];
            StringBuilder seen = new StringBuilder();
            while (seen.indexOf("\nid:") < 0) {
                int count = in.read(buffer);
                if (count < 0 || seen.length() > 4_000) {
                    throw new IOException("closed after " + seen);
                }
                seen.append(new String(buffer, 0, count, StandardCharsets.UTF_8));
            }
        }

        void vanish() throws IOException {
            switch (how) {
                case RESET_IN_THE_HEAD, RESET_BEFORE_THE_ANSWER, RESET ->
                        socket.setSoLinger(true, 0);
                case HALF_CLOSE -> {
                    socket.shutdownOutput();
                    awaitHeartbeat(socket.getInputStream());
                }
                case CLOSE -> {
                    // What the system makes of it.
                }
            }
            socket.close();
        }
    }
}
