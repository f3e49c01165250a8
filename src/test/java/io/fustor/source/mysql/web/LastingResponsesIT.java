package io.fustor.source.mysql.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fustor.source.mysql.support.Http2Client;
import io.fustor.source.mysql.support.Http2Exchange;
import io.fustor.source.mysql.support.LocalService;
import io.fustor.source.mysql.support.TestMySql;
import io.micrometer.core.instrument.LongTaskTimer;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/// Connections of HTTP/1.1 with further requests before, during and after a stream, which gives
/// back the buffer of its head.
@ExtendWith(OutputCaptureExtension.class)
class LastingResponsesIT {

    private static final TestMySql MYSQL = TestMySql.shared();
    private static final int REQUESTS = 8;

    /// Little less than the largest head that is read.
    private static final String LONG_HEADER = "X-Long: " + "x".repeat(15_000) + "\r\n";

    private static final Pattern END =
            Pattern.compile("event: end\\R.*?\"reason\":\"until\".*?\\R\\R", Pattern.DOTALL);
    private static LocalService service;

    @BeforeAll
    static void start() {
        service =
                LocalService.start(
                        Map.of(
                                "fustor.mysql.tls",
                                "disabled",
                                "fustor.feed.heartbeat",
                                "1s",
                                "fustor.sources.lasting.uri",
                                MYSQL.uri(),
                                "fustor.sources.lasting.credential.user",
                                TestMySql.CAPTURE.user(),
                                "fustor.sources.lasting.credential.passwd",
                                TestMySql.CAPTURE.password()));
    }

    @AfterAll
    static void stop() {
        service.close();
    }

    private static String stream(int number, String headers) {
        return get("/api/sources/lasting/events?until=now&tables=lasting" + number + ".*", headers);
    }

    private static String get(String path, String headers) {
        return "GET " + path + " HTTP/1.1\r\nHost: localhost\r\n" + headers + "\r\n";
    }

    private static void send(Socket socket, String text) throws IOException {
        OutputStream out = socket.getOutputStream();
        out.write(text.getBytes(StandardCharsets.US_ASCII));
        out.flush();
    }

    /// All that comes until the connection is closed.
    private static String rest(Socket socket) throws IOException {
        return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }

    /// One response, up to the end of its chunks.
    private static String response(InputStream in) throws IOException {
        StringBuilder response = new StringBuilder();
        while (response.indexOf("\r\n0\r\n\r\n") < 0) {
            int next = in.read();
            assertThat(next).as(response::toString).isNotNegative();
            response.append((char) next);
        }
        return response.toString();
    }

    @Test
    void eachRequestThatFollowsAStreamIsAnswered() throws IOException {
        try (Socket socket = new Socket("127.0.0.1", service.port())) {
            for (int i = 0; i < REQUESTS; i++) {
                send(socket, stream(i, i % 2 == 0 ? "" : LONG_HEADER));
                assertThat(response(socket.getInputStream()))
                        .startsWith("HTTP/1.1 200")
                        .containsPattern(END);
            }
            send(socket, get("/api/drivers", LONG_HEADER + "Connection: close\r\n"));
            assertThat(rest(socket)).startsWith("HTTP/1.1 200");
        }
    }

    /// The client sends all its requests before it reads the first response.
    @Test
    void requestsThatCameAheadAreAnsweredInTurn() throws IOException {
        StringBuilder all = new StringBuilder();
        for (int i = 0; i < REQUESTS; i++) {
            all.append(stream(i, "X-Short: yes\r\n"));
        }
        try (Socket socket = new Socket("127.0.0.1", service.port())) {
            send(socket, all + get("/api/drivers", LONG_HEADER + "Connection: close\r\n"));
            String answers = rest(socket);
            assertThat(END.matcher(answers).results()).hasSize(REQUESTS);
            assertThat(answers.split("HTTP/1\\.1 200")).hasSize(REQUESTS + 2);
        }
    }

    /// More than the connection has room for beside a stream.
    @Test
    void longRequestsThatCameAheadAreAnsweredInTurn() throws IOException {
        String all =
                stream(0, "")
                        + get("/api/drivers", LONG_HEADER)
                        + get("/api/drivers", LONG_HEADER)
                        + stream(1, LONG_HEADER)
                        + get("/api/drivers", LONG_HEADER + "Connection: close\r\n");
        try (Socket socket = new Socket("127.0.0.1", service.port())) {
            send(socket, all);
            String answers = rest(socket);
            assertThat(END.matcher(answers).results()).hasSize(2);
            assertThat(answers.split("HTTP/1\\.1 200")).hasSize(6);
        }
    }

    /// HTTP/1.0 has no chunks: the end of the connection is that of the stream.
    @Test
    void streamOfHttp10EndsWithItsConnection() throws IOException {
        try (Socket socket = new Socket("127.0.0.1", service.port())) {
            send(socket, stream(0, "").replace("HTTP/1.1", "HTTP/1.0"));
            String response = rest(socket);
            assertThat(response)
                    .startsWith("HTTP/1.1 200")
                    .contains("Connection: close")
                    .doesNotContain("chunked")
                    .containsPattern(END)
                    .endsWith("\n\n");
        }
    }

    /// The service reads it ahead when it looks whether the client is still there.
    @Test
    void requestThatComesWhileAStreamIsLiveIsAnsweredAfterIt() throws IOException {
        try (Socket socket = new Socket("127.0.0.1", service.port())) {
            send(socket, get("/api/sources/lasting/events?tables=lasting.*", ""));
            InputStream in = socket.getInputStream();
            awaitHeartbeats(in, 1);
            send(socket, get("/api/drivers", LONG_HEADER + "Connection: close\r\n"));
            awaitHeartbeats(in, 3);
            control("stop");
            try {
                assertThat(response(in)).contains("event: end");
                assertThat(rest(socket)).startsWith("HTTP/1.1 200");
            } finally {
                control("start");
            }
        }
    }

    private static void control(String action) {
        service.post("/api/instances/sources/lasting/_actions/" + action, null).expect(200);
    }

    /// Heartbeats come once a second, and no change does.
    private static void awaitHeartbeats(InputStream in, int count) throws IOException {
        StringBuilder read = new StringBuilder();
        int found = 0;
        while (found < count) {
            int next = in.read();
            assertThat(next).as(read::toString).isNotNegative();
            read.append((char) next);
            if (read.length() >= 3
                    && "id:".contentEquals(read.subSequence(read.length() - 3, read.length()))) {
                found++;
            }
        }
    }

    /// The next request comes in two parts, the first of them while the stream is live.
    @Test
    void requestThatComesDuringAStreamIsAnsweredAfterIt() throws IOException {
        String next = get("/api/drivers", LONG_HEADER + "Connection: close\r\n");
        try (Socket socket = new Socket("127.0.0.1", service.port())) {
            send(socket, stream(0, "") + next.substring(0, 100));
            String first = response(socket.getInputStream());
            send(socket, next.substring(100));

            assertThat(first).startsWith("HTTP/1.1 200").containsPattern(END);
            assertThat(rest(socket)).startsWith("HTTP/1.1 200");
        }
    }

    /// A measure of what is in progress ends with the request, and Tomcat complains in the log of a
    /// request that it was not given back.
    @Test
    void nothingIsLeftOfStreamsWhoseClientsLeave(CapturedOutput output) throws Exception {
        for (int i = 0; i < REQUESTS; i++) {
            try (Socket socket = new Socket("127.0.0.1", service.port());
                    Http2Client several = Http2Client.connect(service.port())) {
                send(socket, get("/api/sources/lasting/events", ""));
                assertThat((char) socket.getInputStream().read()).isEqualTo('H');
                Http2Exchange reset = several.get("/api/sources/lasting/events");
                Http2Exchange cut = several.get("/api/sources/lasting/events");
                assertThat(reset.status()).isEqualTo(200);
                assertThat(cut.status()).isEqualTo(200);
                reset.cut();
            }
        }
        await().untilAsserted(() -> assertThat(subscribers()).isZero());
        await().untilAsserted(() -> assertThat(inProgress()).isZero());
        assertThat(output.getAll()).doesNotContain("recycled");
    }

    private static int subscribers() {
        return service.get("/api/sources/lasting").json().path("subscribers").size();
    }

    private static int inProgress() {
        return service
                .bean(MeterRegistry.class)
                .get("http.server.requests.active")
                .longTaskTimers()
                .stream()
                .filter(timer -> "200".equals(timer.getId().getTag("status")))
                .mapToInt(LongTaskTimer::activeTasks)
                .sum();
    }
}
