package io.fustor.source.mysql.web;

import static org.assertj.core.api.Assertions.assertThat;

import io.fustor.source.mysql.support.Answer;
import io.fustor.source.mysql.support.LocalService;
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

        expect(413, service.post("/api/drivers/sources/mysql/_actions/check_params", large));
    }

    /// The fields that the wizard discovered come with it.
    @Test
    void refusesASourceOverSixtyFourMebibytes() throws IOException {
        var answer =
                raw(
                        "POST /api/configs/sources/x HTTP/1.1\r\nHost: localhost\r\n"
                                + "Content-Type: application/json\r\nConnection: close\r\n"
                                + "Content-Length: 67108865\r\n\r\n{");

        assertThat(answer).startsWith("HTTP/1.1 413").contains("application/problem+json");
    }

    @Test
    void refusesALargeBodyOfUnknownLength() throws IOException {
        var answer =
                raw(
                        "POST /api/drivers/sources/mysql/_actions/check_params HTTP/1.1\r\nHost: localhost\r\n"
                                + "Content-Type: application/json\r\nConnection: close\r\n"
                                + "Transfer-Encoding: chunked\r\n\r\n200000\r\n\""
                                + "y".repeat(0x200000 - 2)
                                + "\"\r\n0\r\n\r\n");

        assertThat(answer).startsWith("HTTP/1.1 413").contains("application/problem+json");
    }

    /// For every writer of the answer: a controller, Spring, or a filter before them.
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "404 | GET | /api/nothing | ",
                "404 | GET | /nothing | ",
                "404 | DELETE | /api/configs/sources/nothing | ",
                "405 | PUT | /api/configs | ",
                "405 | TRACE | /api/configs | ",
                "400 | POST | /api/configs/sources/x | ",
                "400 | POST | /api/configs/sources/x | {\"config\":",
                "400 | POST | /api/configs/sources/x | {\"config\": {\"disabled\": \"maybe\"}}",
                "400 | POST | /api/configs/sources/x | {\"config\": {\"uri\": \"db\"}}",
                "400 | POST | /api/session | {\"tokem\": \"x\"}",
                "400 | GET | /api/sources?tabels=x | ",
                "400 | GET | /api/sources;a=b | ",
                "404 | GET | /api/sources/nothing/events | ",
                "400 | GET | /api/sources/nothing/events?from=x | ",
                "400 | GET | /api/sources/nothing/events?batch=0 | ",
                "404 | GET | /actuator/nothing | "
            })
    void speaksChineseToClientsThatPreferIt(int status, String method, String path, String body) {
        var answer = service.send(method, path, body, "Accept-Language", "zh-CN,zh;q=0.9,en;q=0.8");

        expect(status, answer);
        var problem = answer.json();
        assertThat(problem.path("title").asString()).matches("\\p{IsHan}.*");
        assertThat(problem.path("detail").asString()).containsPattern("\\p{IsHan}{2}");
        var english = service.send(method, path, body, "Accept-Language", "en, zh;q=0.9").json();
        assertThat(english.toString()).doesNotContainPattern("\\p{IsHan}");
    }

    @Test
    void holdsWordsThatAreThereInEnglishOnlyInBrackets() {
        var answer = service.send("PUT", "/api/configs", null, "Accept-Language", "zh");

        assertThat(answer.detail())
                .isEqualTo("不支持该方法（" + service.send("PUT", "/api/configs", null).detail() + "）");
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
            // The service waits for the rest of a body for 20 s.
            socket.setSoTimeout(60_000);
            socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
