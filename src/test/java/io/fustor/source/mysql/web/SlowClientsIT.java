package io.fustor.source.mysql.web;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fustor.source.mysql.support.Answer;
import io.fustor.source.mysql.support.FeedClient;
import io.fustor.source.mysql.support.FeedRequest;
import io.fustor.source.mysql.support.LocalService;
import io.fustor.source.mysql.support.TestMySql;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// Clients that send nothing, little, or read nothing, and what is left for the others: here 10
/// places for subscribers and 20 connections beside.
class SlowClientsIT {

    private static final int SUBSCRIBERS = 10;
    private static final int RESERVED = 20;
    private static final Duration SOON = Duration.ofSeconds(1);
    private static final String ADMIN = "an-admin-secret";
    private static final String[] BEARER = {"Authorization", "Bearer " + ADMIN};

    private static final TestMySql MYSQL = TestMySql.shared();
    private static LocalService service;

    private final List<AutoCloseable> opened = new ArrayList<>();

    @BeforeAll
    static void start() {
        service =
                LocalService.start(
                        Map.ofEntries(
                                Map.entry("fustor.security.tokens", "ops:admin:" + ADMIN),
                                Map.entry("server.address", "127.0.0.1"),
                                Map.entry("server.tomcat.max-connections", "1"),
                                Map.entry("management.server.port", "0"),
                                Map.entry("management.server.address", "127.0.0.1"),
                                Map.entry("fustor.web.head-timeout", "1s"),
                                Map.entry("fustor.web.body-timeout", "1s"),
                                Map.entry("fustor.web.reserved-connections", "" + RESERVED),
                                Map.entry("fustor.feed.max-subscribers", "" + SUBSCRIBERS),
                                Map.entry("fustor.mysql.tls", "disabled"),
                                Map.entry("fustor.sources.shop.uri", MYSQL.uri()),
                                Map.entry(
                                        "fustor.sources.shop.credential.user",
                                        TestMySql.CAPTURE.user()),
                                Map.entry(
                                        "fustor.sources.shop.credential.passwd",
                                        TestMySql.CAPTURE.password())));
    }

    @AfterAll
    static void stop() {
        service.close();
    }

    @AfterEach
    void leave() throws Exception {
        for (AutoCloseable one : opened) {
            one.close();
        }
    }

    @Test
    void letHealthAndTheInterfaceThroughWhenEverySubscribersPlaceIsTaken() throws IOException {
        List<FeedClient> streams = takeEveryPlace();
        for (int i = 0; i < 300; i++) {
            Socket half = connect();
            half.getOutputStream().write("GET /api/sources HTTP/1.1\r\nHo".getBytes(UTF_8));
        }

        answersSoon("/actuator/health", service.managementPort(), 200);
        answersSoon("/api/instances/status", service.port(), 200);
        Answer refused = answersSoon("/api/sources/shop/events", service.port(), 503);
        assertThat(refused.header("Retry-After")).isEqualTo("10");
        assertThat(refused.detail()).contains("max-subscribers");
        for (FeedClient stream : streams) {
            assertThat(stream.status()).isEqualTo(200);
        }
        MYSQL.execute(
                "CREATE DATABASE IF NOT EXISTS slow_clients",
                "CREATE TABLE IF NOT EXISTS slow_clients.t (id INT PRIMARY KEY AUTO_INCREMENT)",
                "INSERT INTO slow_clients.t VALUES ()");
        for (FeedClient stream : streams) {
            assertThat(stream.change().table()).isEqualTo("slow_clients.t");
        }
    }

    @Test
    void loseTheirConnectionWhenAHeadComesByteByByte() throws IOException {
        Socket slow = connect();

        assertThat(lifetime(slow, "GET /api/sources HTTP/1.1\r\nX: ", "x"))
                .isBetween(Duration.ofMillis(900), Duration.ofSeconds(8));
    }

    @Test
    void loseTheirConnectionWhenTheySendNothing() throws IOException {
        Socket silent = connect();
        long begun = System.nanoTime();

        assertThat(isOver(silent, Duration.ofSeconds(8))).isTrue();
        assertThat(Duration.ofNanos(System.nanoTime() - begun)).isGreaterThan(SOON.dividedBy(2));
    }

    @Test
    void loseTheirConnectionWhenABodyComesByteByByte() throws IOException {
        Socket slow = connect();
        String head =
                "POST /api/session HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                        + "Content-Length: 100000\r\n\r\n";

        assertThat(lifetime(slow, head, " "))
                .isBetween(Duration.ofMillis(900), Duration.ofSeconds(8));
    }

    @Test
    void loseTheirConnectionWhenARefusedBodyComesByteByByte() throws IOException {
        Socket slow = connect();
        String head =
                "POST /api/configs/sources/x HTTP/1.1\r\nHost: localhost\r\n"
                        + "Transfer-Encoding: chunked\r\n\r\n";

        assertThat(lifetime(slow, head, "1\r\nx\r\n"))
                .isBetween(Duration.ofMillis(900), Duration.ofSeconds(8));
    }

    @Test
    void keepTheirConnectionBetweenRequests() throws IOException {
        Socket idle = connect();
        String request = "GET /api/instances/status HTTP/1.1\r\nHost: localhost\r\n\r\n";
        idle.getOutputStream().write(request.getBytes(UTF_8));
        idle.setSoTimeout(20_000);
        assertThat(idle.getInputStream().read()).isEqualTo('H');

        assertThat(isOver(idle, Duration.ofSeconds(3))).isFalse();
    }

    /// The management port has the same rules and answers.
    @Test
    void haveAnotherPortThanManagement() {
        int port = service.managementPort();

        assertThat(service.at(port, "/actuator/health").status()).isEqualTo(200);
        Answer anonymous = service.at(port, "/actuator/prometheus");
        assertThat(anonymous.status()).isEqualTo(401);
        assertThat(anonymous.header("Content-Type")).startsWith("application/problem+json");
        assertThat(service.at(port, "/actuator/prometheus", BEARER).status()).isEqualTo(200);
        assertThat(service.at(port, "/actuator/nothing", BEARER).status()).isEqualTo(404);
        assertThat(service.at(port, "/actuator/nothing", BEARER).header("Content-Type"))
                .startsWith("application/problem+json");
        assertThat(service.at(port, "/actuator/health").header("Content-Security-Policy"))
                .contains("default-src 'none'");
        assertThat(service.at(service.port(), "/actuator/health", BEARER).status()).isEqualTo(404);
        assertThat(service.at(port, "/api/sources", BEARER).status()).isEqualTo(404);
    }

    private List<FeedClient> takeEveryPlace() {
        List<FeedClient> streams = new ArrayList<>();
        var uri = URI.create("http://127.0.0.1:" + service.port() + "/api/sources/shop/events");
        for (int i = 0; i < SUBSCRIBERS; i++) {
            FeedClient stream =
                    FeedRequest.to(uri)
                            .header("Authorization", "Bearer " + ADMIN)
                            .with("tables", "slow_clients.*")
                            .open();
            opened.add(stream);
            streams.add(stream);
        }
        return streams;
    }

    private static Answer answersSoon(String path, int port, int status) {
        long begun = System.nanoTime();
        Answer answer = service.at(port, path, BEARER);

        assertThat(answer.status()).as(path).isEqualTo(status);
        assertThat(Duration.ofNanos(System.nanoTime() - begun)).as(path).isLessThan(SOON);
        return answer;
    }

    private Socket connect() throws IOException {
        Socket socket = new Socket("127.0.0.1", service.port());
        opened.add(socket);
        return socket;
    }

    /// How long a connection lives on which the same comes again every 100 ms.
    private static Duration lifetime(Socket socket, String first, String again) throws IOException {
        long begun = System.nanoTime();
        socket.getOutputStream().write(first.getBytes(UTF_8));
        await().atMost(Duration.ofSeconds(15))
                .pollInterval(Duration.ofMillis(100))
                .until(() -> !isTaken(socket, again));
        return Duration.ofNanos(System.nanoTime() - begun);
    }

    private static boolean isTaken(Socket socket, String more) {
        try {
            socket.getOutputStream().write(more.getBytes(UTF_8));
            return !isOver(socket, Duration.ofMillis(1));
        } catch (IOException _) {
            return false;
        }
    }

    /// Whether the other end closes it within that time; an answer does not count.
    private static boolean isOver(Socket socket, Duration time) throws IOException {
        socket.setSoTimeout((int) time.toMillis());
        try {
            while (socket.getInputStream().read() >= 0) {
                // An answer that came before.
            }
            return true;
        } catch (SocketTimeoutException _) {
            return false;
        } catch (SocketException _) {
            return true;
        }
    }
}
