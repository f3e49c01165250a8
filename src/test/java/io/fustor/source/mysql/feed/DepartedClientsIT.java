package io.fustor.source.mysql.feed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fustor.source.mysql.support.Certificates;
import io.fustor.source.mysql.support.FeedClient;
import io.fustor.source.mysql.support.FeedRequest;
import io.fustor.source.mysql.support.LocalService;
import io.fustor.source.mysql.support.ServiceApi;
import io.fustor.source.mysql.support.TestMySql;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/// Clients that leave while nothing is written to them: others get their places within seconds. The
/// time of heartbeats and long polls is longer than the tests, so neither can be the reason.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class DepartedClientsIT {

    private static final int PLACES = 5;
    private static final Duration SOON = Duration.ofSeconds(30);

    private final TestMySql mysql = TestMySql.shared();
    private LocalService service;
    private ServiceApi api;
    private FeedRequest feed;

    @BeforeAll
    void start() {
        service =
                LocalService.start(
                        Map.of(
                                "fustor.mysql.tls", "disabled",
                                "fustor.feed.heartbeat", "10m",
                                "fustor.pages.long-poll", "55s",
                                "fustor.feed.max-subscribers", "" + PLACES));
        api = new ServiceApi(URI.create("http://127.0.0.1:" + service.port()));
        api.addSource("departed", mysql);
        mysql.execute(
                "DROP DATABASE IF EXISTS departed",
                "CREATE DATABASE departed",
                "CREATE TABLE departed.t (id INT PRIMARY KEY)");
        feed = api.feed("departed").with("tables", "departed.*");
    }

    @AfterAll
    void stop() {
        service.close();
    }

    @Test
    void placesOfStreamsThatWereLeftAreFreeSoon() {
        placesAreFreeSoonAfterLeaving(feed);
    }

    @Test
    void placesOfLinesThatWereLeftAreFreeSoon() {
        placesAreFreeSoonAfterLeaving(feed.ndjson());
    }

    @Test
    void placesOfStreamsOverTlsThatWereLeftAreFreeSoon(@TempDir Path folder) throws Exception {
        Certificates made = Certificates.in(folder);
        Path certificate = Files.writeString(folder.resolve("certificate.pem"), made.certificate());
        Path key = Files.writeString(folder.resolve("key.pem"), made.key());
        try (LocalService secure =
                LocalService.start(
                        Map.of(
                                "fustor.mysql.tls", "disabled",
                                "fustor.feed.heartbeat", "10m",
                                "fustor.feed.max-subscribers", "" + PLACES,
                                "fustor.sources.departed.uri", mysql.uri(),
                                "fustor.sources.departed.credential.user", TestMySql.CAPTURE.user(),
                                "fustor.sources.departed.credential.passwd",
                                        TestMySql.CAPTURE.password(),
                                "server.ssl.certificate", certificate.toString(),
                                "server.ssl.certificate-private-key", key.toString()))) {
            SSLContext tls = trusting(made.authority());
            List<Socket> first = awaitTlsPlaces(tls, secure.port());
            assertThat(askOverTls(tls, secure.port(), new ArrayList<>()))
                    .startsWith("HTTP/1.1 503");
            // A client may end its TLS properly, or just be gone.
            first.getFirst().setSoLinger(true, 0);
            for (Socket socket : first) {
                socket.close();
            }

            for (Socket socket : awaitTlsPlaces(tls, secure.port())) {
                socket.close();
            }
        }
    }

    private static List<Socket> awaitTlsPlaces(SSLContext tls, int port) {
        List<Socket> sockets = new ArrayList<>();
        await("every place")
                .atMost(SOON)
                .pollInterval(Duration.ofMillis(100))
                .until(
                        () -> {
                            askOverTls(tls, port, sockets);
                            return sockets.size() == PLACES;
                        });
        return sockets;
    }

    /// The answer's first line; its socket is kept if a stream has begun.
    private static String askOverTls(SSLContext tls, int port, List<Socket> kept)
            throws IOException {
        Socket socket = tls.getSocketFactory().createSocket("localhost", port);
        socket.setSoTimeout(20_000);
        socket.getOutputStream()
                .write(
                        "GET /api/sources/departed/events HTTP/1.1\r\nHost: localhost\r\n\r\n"
                                .getBytes(StandardCharsets.US_ASCII));
        BufferedReader in =
                new BufferedReader(
                        new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
        String line = in.readLine();
        if (line.startsWith("HTTP/1.1 200")) {
            awaitLine(in, "id:");
            kept.add(socket);
        } else {
            socket.close();
        }
        return line;
    }

    private static SSLContext trusting(String authority) throws Exception {
        KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
        trusted.load(null);
        trusted.setCertificateEntry(
                "authority",
                CertificateFactory.getInstance("X.509")
                        .generateCertificate(
                                new ByteArrayInputStream(
                                        authority.getBytes(StandardCharsets.US_ASCII))));
        TrustManagerFactory trust =
                TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(trusted);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        return context;
    }

    private void placesAreFreeSoonAfterLeaving(FeedRequest request) {
        List<FeedClient> clients = awaitPlaces(request);
        try (FeedClient refused = request.send()) {
            assertThat(refused.status()).isEqualTo(503);
            assertThat(refused.header("retry-after")).isNotNull();
        }
        clients.forEach(FeedClient::cut);

        awaitPlaces(request).forEach(FeedClient::close);
    }

    @Test
    void placesOfLongPollsThatWereLeftAreFreeSoon() throws IOException {
        awaitNoSubscriber();
        List<Socket> waiting = new ArrayList<>();
        for (int i = 0; i < PLACES; i++) {
            waiting.add(ask(stream("now") + "&live=long-poll"));
        }
        await("all wait").atMost(SOON).until(() -> service.get(stream("now")).status() == 503);
        for (Socket socket : waiting) {
            socket.close();
        }

        awaitPlaces(feed).forEach(FeedClient::close);
    }

    private static String stream(String offset) {
        return "/api/sources/departed/stream?tables=departed.*&offset=" + offset;
    }

    /// It is asked with heartbeats whether it is still there.
    @Test
    void clientThatClosedItsSideOnlyReadsOn() throws IOException {
        awaitNoSubscriber();
        try (Socket socket = ask("/api/sources/departed/events?tables=departed.*")) {
            BufferedReader in =
                    new BufferedReader(
                            new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
            awaitLine(in, "id:");
            socket.shutdownOutput();
            awaitLine(in, "id:");
            awaitLine(in, "id:");
            mysql.execute("REPLACE INTO departed.t VALUES (1)");

            assertThat(awaitLine(in, "data:")).contains("\"table\":\"t\"");
        }
    }

    private void awaitNoSubscriber() {
        await("no subscriber")
                .atMost(SOON)
                .until(() -> api.source("departed").path("subscribers").isEmpty());
    }

    private Socket ask(String target) throws IOException {
        Socket socket = new Socket(InetAddress.ofLiteral("127.0.0.1"), service.port());
        socket.setSoTimeout(20_000);
        String head = "GET %s HTTP/1.1\r\nHost: localhost\r\n\r\n".formatted(target);
        socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
        return socket;
    }

    private static String awaitLine(BufferedReader in, String begin) throws IOException {
        String line = in.readLine();
        while (line != null && !line.startsWith(begin)) {
            line = in.readLine();
        }
        assertThat(line).as("the stream goes on").isNotNull();
        return line;
    }

    /// As many clients as there are places, once all are free.
    private List<FeedClient> awaitPlaces(FeedRequest request) {
        List<FeedClient> clients = new ArrayList<>();
        await("every place")
                .atMost(SOON)
                .pollInterval(Duration.ofMillis(100))
                .until(
                        () -> {
                            FeedClient client = request.send();
                            if (client.status() != 200) {
                                client.close();
                                return false;
                            }
                            client.hello();
                            clients.add(client);
                            return clients.size() == PLACES;
                        });
        return clients;
    }
}
