package io.fustor.source.mysql.support;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// The tests' own subscriber against a server that writes exactly the bytes of the test.
class FeedClientTests {

    private static final String EVENT =
            """
            {"event_id":"t3","event_type":"update","event_schema":"shop","table":"orders",\
            "fields":["id","v"],"rows":[{"id":1,"v":"[\\"}"},{"id":2,"v":12.30}],\
            "before_rows":[{"id":1,"v":null},{"id":2,"v":1e3}],"index":5,"timestamp":1.5,\
            "message_source":"realtime",\
            "metadata":{"transaction":{"id":"a:1","first_row":7}}}""";

    private ServerSocket server;
    private final CompletableFuture<String> request = new CompletableFuture<>();

    @BeforeEach
    void listen() throws IOException {
        server = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
    }

    @AfterEach
    void stopListening() throws IOException {
        server.close();
    }

    private interface Script {
        void write(Socket socket) throws Exception;
    }

    private FeedRequest serve(Script script) {
        Thread.startVirtualThread(
                () -> {
                    try (Socket socket = server.accept()) {
                        request.complete(head(socket.getInputStream()));
                        script.write(socket);
                    } catch (Exception e) {
                        request.completeExceptionally(e);
                    }
                });
        return FeedRequest.to(URI.create("http://127.0.0.1:" + server.getLocalPort() + "/events"))
                .patience(Duration.ofSeconds(5));
    }

    private static String head(InputStream in) throws IOException {
        StringBuilder text = new StringBuilder();
        while (text.indexOf("\r\n\r\n") < 0) {
            text.append((char) in.read());
        }
        return text.toString();
    }

    private static void write(Socket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
        socket.getOutputStream().flush();
    }

    private static String chunked(String... chunks) {
        StringBuilder text = new StringBuilder("HTTP/1.1 200 \r\nTransfer-Encoding: chunked\r\n");
        text.append("Content-Type: text/event-stream\r\n\r\n");
        for (String chunk : chunks) {
            int length = chunk.getBytes(StandardCharsets.UTF_8).length;
            text.append(Integer.toHexString(length)).append("\r\n").append(chunk).append("\r\n");
        }
        return text.toString();
    }

    @Test
    void readsFramesAcrossChunks() {
        FeedRequest feed =
                serve(
                        socket ->
                                write(
                                        socket,
                                        chunked("retry: 1000\nid: t0\n\n: hi\nda", "ta: {}\n")
                                                + chunked("id: t1\n\nid: t2\n", "\n")
                                                        .split("\r\n\r\n", 2)[1]
                                                + "0\r\n\r\n"));
        try (FeedClient client = feed.open()) {
            assertThat(client.hello()).isEqualTo("t0");
            Frame change = client.frame();
            assertThat(change.isChange()).isTrue();
            assertThat(change.comments()).containsExactly("hi");
            assertThat(change.id()).isEqualTo("t1");
            assertThat(client.heartbeat()).isEqualTo("t2");
            assertThat(client.frameOrEnd()).isEmpty();
        }
    }

    @Test
    void flattensAnEventIntoItsRowsAsTheyWereWritten() {
        List<FeedRow> rows = ChangeEvent.parse(EVENT).flatten();

        assertThat(rows)
                .containsExactly(
                        new FeedRow(
                                null,
                                "a:1",
                                7,
                                "shop.orders",
                                "update",
                                "{\"id\":1,\"v\":\"[\\\"}\"}",
                                "{\"id\":1,\"v\":null}"),
                        new FeedRow(
                                "t3",
                                "a:1",
                                8,
                                "shop.orders",
                                "update",
                                "{\"id\":2,\"v\":12.30}",
                                "{\"id\":2,\"v\":1e3}"));
    }

    @Test
    void asksWithParametersAndToken() throws Exception {
        FeedRequest feed = serve(socket -> write(socket, chunked("retry: 1\nid: a\n\n")));
        try (FeedClient client = feed.with("from", "a b+c").with("batch", 7).after("t9").open()) {
            assertThat(client.hello()).isEqualTo("a");
        }
        assertThat(request.get(5, TimeUnit.SECONDS))
                .startsWith("GET /events?from=a%20b%2Bc&batch=7 HTTP/1.1\r\n")
                .contains("Last-Event-ID: t9\r\n");
    }

    @Test
    void goesOnAfterAWaitThatWasTooShort() {
        CountDownLatch waited = new CountDownLatch(1);
        FeedRequest feed =
                serve(
                        socket -> {
                            write(socket, chunked("retry: 1\nid: a\n\n", "id: b") + "1\r");
                            waited.await();
                            write(socket, "\n\n\r\n1\r\n\n\r\n");
                        });
        try (FeedClient client = feed.open()) {
            client.hello();
            assertThat(client.frameWithin(Duration.ofMillis(100))).isEmpty();
            waited.countDown();
            assertThat(client.heartbeat()).isEqualTo("b");
        }
    }

    @Test
    void failsWhereNothingComesOrTheStreamBreaks() {
        CountDownLatch waited = new CountDownLatch(1);
        FeedRequest feed =
                serve(
                        socket -> {
                            write(socket, chunked("retry: 1\nid: a\n\n"));
                            waited.await();
                        });
        try (FeedClient client = feed.patience(Duration.ofMillis(200)).open()) {
            client.hello();
            assertThatThrownBy(client::frame)
                    .isInstanceOf(AssertionError.class)
                    .hasMessageContaining("a frame of /events, after token a");
            waited.countDown();
            assertThatThrownBy(client::frame).hasMessageContaining("broke after token a");
        }
    }

    @Test
    void cutReachesTheServerAsAReset() throws Exception {
        CompletableFuture<Integer> read = new CompletableFuture<>();
        FeedRequest feed =
                serve(
                        socket -> {
                            write(socket, chunked("retry: 1\nid: a\n\n"));
                            try {
                                read.complete(socket.getInputStream().read());
                            } catch (IOException e) {
                                read.completeExceptionally(e);
                            }
                        });
        FeedClient client = feed.open();
        client.hello();
        client.cut();

        assertThat(read).failsWithin(Duration.ofSeconds(5)).withThrowableThat().havingCause();
    }

    @Test
    void readsNoFasterThanItsRate() {
        String frame = "id: " + "x".repeat(594) + "\n\n";
        FeedRequest feed = serve(socket -> write(socket, chunked(frame, frame)));
        long start = System.nanoTime();
        try (FeedClient client = feed.receiveBuffer(1024).bytesPerSecond(2_000).open()) {
            client.frame();
            client.frame();
        }
        assertThat(Duration.ofNanos(System.nanoTime() - start))
                .isGreaterThan(Duration.ofMillis(450));
    }

    @Test
    void readsNdjson() {
        FeedRequest feed =
                serve(
                        socket ->
                                write(
                                        socket,
                                        chunked("\n", EVENT + "\n{\"control\":\"end\"}\n")
                                                + "0\r\n\r\n"));
        try (FeedClient client = feed.ndjson().open()) {
            client.hello();
            assertThat(client.change().token()).isEqualTo("t3");
            assertThat(client.control("end").path("control").asString()).isEqualTo("end");
            assertThat(client.frameOrEnd()).isEmpty();
            assertThat(client.token()).isEqualTo("t3");
        }
    }

    @Test
    void readsTheProblemOfARefusal() {
        FeedRequest feed =
                serve(
                        socket ->
                                write(
                                        socket,
                                        "HTTP/1.1 400 \r\nContent-Length: 42\r\n\r\n"
                                                + "{\"code\":\"INVALID_REQUEST\",\"detail\":\"from\"}"));
        try (FeedClient client = feed.send()) {
            assertThat(client.status()).isEqualTo(400);
            assertThat(client.problem().path("detail").asString()).isEqualTo("from");
        }
    }
}
