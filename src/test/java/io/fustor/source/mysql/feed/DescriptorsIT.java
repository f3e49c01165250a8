package io.fustor.source.mysql.feed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fustor.source.mysql.support.FeedClient;
import io.fustor.source.mysql.support.ServiceApi;
import io.fustor.source.mysql.support.ServiceProcess;
import io.fustor.source.mysql.support.SnapshotStream;
import io.fustor.source.mysql.support.TestMySql;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// A process with few file descriptors whose clients take all of them before it has ever spoken to
/// a server: it says beforehand that they are too few, and nothing stays broken when they leave.
class DescriptorsIT {

    private static final Duration LONGEST = Duration.ofSeconds(60);

    private static final String REQUEST =
            "GET /api/sources/few/events HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n";

    /// What this many are more than the process has open before its first client.
    private static final int OF_CLIENTS = 60;

    @Test
    void clientsThatTakeAllDescriptorsFirstLeaveNothingBroken(@TempDir Path folder)
            throws IOException {
        int limit = openAtRest(folder) + OF_CLIENTS;
        try (TestMySql mysql = TestMySql.start()) {
            mysql.stop();
            try (ServiceProcess service = start(limit, folder, "few")) {
                ServiceApi api = new ServiceApi(service.uri(""));
                api.addSource("few", mysql);
                assertToldBefore(api, service, limit);
                outlives(api, service, mysql, limit);
            }
        }
    }

    /// The client that asks has its connection before the others take all.
    private static void outlives(ServiceApi api, ServiceProcess service, TestMySql mysql, int limit)
            throws IOException {
        List<Socket> clients = new ArrayList<>();
        try (Socket asking = begin(service, REQUEST)) {
            takeAll(service, limit, clients);
            mysql.startAgain();
            // Idle connections of before may have been closed meanwhile.
            takeAll(service, limit, clients);
            send(asking, "\r\n");
            asking.setSoTimeout((int) LONGEST.toMillis());
            String refused =
                    new String(asking.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(refused)
                    .startsWith("HTTP/1.1 503")
                    .contains("Retry-After: ")
                    .containsPattern("\"code\":\"[A-Z_]+\"")
                    .doesNotContain("INTERNAL");
        } finally {
            for (Socket client : clients) {
                client.close();
            }
        }
        assertStreams(api, mysql);
    }

    /// How many descriptors the service has open that serves no client.
    private static int openAtRest(Path folder) throws IOException {
        try (ServiceProcess service = start(1024, folder, "rest")) {
            new ServiceApi(service.uri("")).get("/api/sources").expect(200);
            return open(service);
        }
    }

    private static ServiceProcess start(int limit, Path folder, String name) {
        // The clients stay, however long the server takes to start.
        return ServiceProcess.startWithDescriptors(
                limit, folder.resolve(name), Map.of("fustor.web.head-timeout", "10m"));
    }

    private static int open(ServiceProcess service) throws IOException {
        try (Stream<Path> all = Files.list(Path.of("/proc", Long.toString(service.pid()), "fd"))) {
            return (int) all.count();
        }
    }

    private static void assertToldBefore(ServiceApi api, ServiceProcess service, int limit) {
        JsonNode told = api.get("/actuator/health").json().path("components").path("descriptors");
        assertThat(told.path("status").asString()).isEqualTo("UNKNOWN");
        assertThat(told.path("details").path("reason").asString())
                .contains("descriptors=" + limit, "ulimit -n");
        assertThat(service.log()).contains("descriptors=" + limit + " are too few");
    }

    /// Connections whose requests never end, until the service can take none of them any more.
    private static void takeAll(ServiceProcess service, int limit, List<Socket> clients)
            throws IOException {
        while (open(service) < limit) {
            clients.add(begin(service, "GET / HT"));
            assertThat(clients).as("clients that were let in").hasSizeLessThan(2 * limit);
        }
    }

    private static Socket begin(ServiceProcess service, String request) throws IOException {
        Socket client = new Socket(InetAddress.getLoopbackAddress(), service.port());
        send(client, request);
        return client;
    }

    private static void send(Socket client, String text) throws IOException {
        client.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
    }

    private static void assertStreams(ServiceApi api, TestMySql mysql) {
        await("a stream after the clients left").atMost(LONGEST).until(() -> isServed(api));
        mysql.execute("CREATE DATABASE few", "CREATE TABLE few.t (id INT PRIMARY KEY)");
        try (FeedClient client = api.feed("few").with("tables", "few.*").open()) {
            client.hello();
            mysql.execute("INSERT INTO few.t VALUES (1)");
            assertThat(client.change().rows()).containsExactly("{\"id\":1}");
        }
        assertThat(
                        SnapshotStream.toTheEnd(
                                        api.feed("few")
                                                .with("tables", "few.*")
                                                .with("snapshot", "only"))
                                .snapshotRows("few.t"))
                .containsExactly("{\"id\":1}");
    }

    private static boolean isServed(ServiceApi api) {
        try (FeedClient client = api.feed("few").send()) {
            return client.status() == 200;
        }
    }
}
