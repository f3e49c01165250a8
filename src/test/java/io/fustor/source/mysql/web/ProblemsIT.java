package io.fustor.source.mysql.web;

import static org.assertj.core.api.Assertions.assertThat;

import io.fustor.source.mysql.support.LocalService;
import io.fustor.source.mysql.support.LocalService.Answer;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What is answered when a request is wrong, without tokens.
class ProblemsIT {

    private static LocalService service;

    @BeforeAll
    static void start() {
        service = LocalService.start(Map.of());
    }

    @AfterAll
    static void stop() {
        service.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"application/json", "text/event-stream", "text/html", "image/png"})
    void answersAsAProblemWhateverIsAccepted(String accepted) {
        expect(404, service.get("/api/nothing", "Accept", accepted));
        expect(404, service.delete("/api/configs/sources/nothing", "Accept", accepted));
    }

    @Test
    void saysThatAMethodIsNotKnown() {
        var answer = service.send("PUT", "/api/configs", null);

        expect(405, answer);
        assertThat(answer.header("Allow")).contains("GET");
        expect(405, service.send("TRACE", "/api/configs", null));
    }

    @Test
    void saysThatAMediaTypeCannotBeHad() {
        expect(406, service.get("/api/configs", "Accept", "text/csv"));
        expect(406, service.get("/api/configs", "Accept", "application/yaml"));
    }

    @Test
    void saysThatABodyIsNotJson() {
        var answer =
                service.send("POST", "/api/configs/sources/x", null, "Content-Type", "text/plain");

        expect(415, answer);
        assertThat(answer.detail()).contains("text/plain");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"config\": | line 1",
                "{\"config\": {\"uri\": 5, \"max_retries\": \"many\"}} | config.max_retries",
                "{\"config\": {\"max_retries\": 1.5}} | config.max_retries",
                "{\"config\": {\"max_retries\": 99999999999}} | config.max_retries",
                "{\"config\": {\"disabled\": \"maybe\"}} | config.disabled",
                "{\"config\": {\"credential\": \"x\"}} | config.credential",
                "{\"config\": {\"credential\": {\"user\": {}}}} | config.credential.user",
                "{\"config\": []} | config",
                "[] | an object",
                "null | JSON body"
            })
    void namesTheFieldOfABodyThatIsWrong(String body, String named) {
        var answer = service.post("/api/configs/sources/x", body);

        expect(400, answer);
        assertThat(answer.detail()).contains(named).doesNotContain("many", "maybe");
    }

    @Test
    void refusesABodyOverOneMebibyte() {
        var large = "{\"x\": \"" + "y".repeat(1024 * 1024) + "\"}";

        expect(413, service.post("/api/configs/sources/x", large));
    }

    @Test
    void refusesALargeBodyOfUnknownLength() throws IOException {
        var answer =
                raw(
                        "POST /api/configs/sources/x HTTP/1.1\r\nHost: localhost\r\n"
                                + "Content-Type: application/json\r\nConnection: close\r\n"
                                + "Transfer-Encoding: chunked\r\n\r\n200000\r\n\""
                                + "y".repeat(0x200000 - 2)
                                + "\"\r\n0\r\n\r\n");

        assertThat(answer).startsWith("HTTP/1.1 413").contains("application/problem+json");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET /a|b HTTP/1.1\r\nHost: localhost\r\n\r\n",
                "GET /a b HTTP/1.1\r\nHost: localhost\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: localhost\r\nno colon\r\n\r\n",
                "GET / HTTP/1.1\r\n\r\n",
                "NONSENSE\r\n\r\n",
                "GET /api//configs HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
                "GET /api/%2e%2e HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
            })
    void answersWhatIsNoHttpAsAProblem(String request) throws IOException {
        assertThat(raw(request))
                .startsWith("HTTP/1.1 400")
                .contains("application/problem+json", "\"detail\"")
                .doesNotContain("<html", "Tomcat", "Exception");
    }

    @Test
    void answersUnderNamesOfThisMachineOnly() throws IOException {
        var request = "GET /api/configs HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n";

        assertThat(raw(request.formatted("localhost:8080"))).startsWith("HTTP/1.1 200");
        assertThat(raw(request.formatted("[::1]:8080"))).startsWith("HTTP/1.1 200");
        assertThat(raw(request.formatted("rebound.example")))
                .startsWith("HTTP/1.1 403")
                .contains("fustor.security.tokens");
    }

    /// JSON would let them through.
    @Test
    void echoesNoControlCharacters() {
        Answer answer = service.get("/api/sources/a%7Fb%C2%9Bc");

        expect(404, answer);
        assertThat(answer.detail()).contains("a\uFFFDb\uFFFDc");
    }

    private static void expect(int status, Answer answer) {
        assertThat(answer.status()).isEqualTo(status);
        assertThat(answer.header("Content-Type")).startsWith("application/problem+json");
        assertThat(answer.json().path("status").asInt()).isEqualTo(status);
        assertThat(answer.json().path("title").asString()).isNotBlank();
        assertThat(answer.detail()).isNotBlank();
    }

    private static String raw(String request) throws IOException {
        try (var socket = new Socket("127.0.0.1", service.port())) {
            socket.setSoTimeout(20_000);
            socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
