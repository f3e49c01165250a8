package io.fustor.source.mysql.web;

import static org.assertj.core.api.Assertions.assertThat;

import io.fustor.source.mysql.support.Codes;
import io.fustor.source.mysql.support.LocalService;
import io.fustor.source.mysql.support.Seeds;
import io.fustor.source.mysql.support.TestMySql;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Whatever the request, the service answers that it did it or why it is wrong; it never fails.
///
/// `-Dfuzz.requests=…` says how many, `-Dfuzz.seed=…` which; `-Dlong=fuzz` takes thousands.
@Tag("fuzz")
class RandomRequestsIT {

    private static final int REQUESTS = Integer.getInteger("fuzz.requests", 1200);
    private static final String READER = "a-reader-secret";
    private static final String ADMIN = "an-admin-secret";

    private static final List<String> EXPLAINED = Codes.explained();

    private static final TestMySql MYSQL = TestMySql.shared();
    private static LocalService service;
    private static List<String> bodies;

    private final long seed = Seeds.of("fuzz.seed", RandomRequestsIT.class);
    private final Map<Integer, Integer> statuses = new TreeMap<>();

    @BeforeAll
    static void start() {
        MYSQL.execute(
                "CREATE DATABASE IF NOT EXISTS fuzz",
                "CREATE TABLE IF NOT EXISTS fuzz.t (id INT PRIMARY KEY)");
        service =
                LocalService.start(
                        Map.of(
                                "fustor.pages.long-poll",
                                "100ms",
                                "fustor.security.tokens[0]",
                                "dash:reader:" + READER,
                                "fustor.security.tokens[1]",
                                "ops:admin:" + ADMIN,
                                "server.address",
                                "127.0.0.1",
                                "fustor.mysql.tls",
                                "disabled",
                                "fustor.wizard.allowed-hosts",
                                "127.0.0.1",
                                "fustor.sources.shop.uri",
                                MYSQL.uri(),
                                "fustor.sources.shop.credential.user",
                                TestMySql.CAPTURE.user(),
                                "fustor.sources.shop.credential.passwd",
                                TestMySql.CAPTURE.password()));
        var credential =
                "{\"user\":\"%s\",\"passwd\":\"%s\"}"
                        .formatted(TestMySql.CAPTURE.user(), TestMySql.CAPTURE.password());
        bodies =
                List.of(
                        "{\"uri\":\"%s\",\"admin_creds\":%s,\"credential\":%s,\"driver_params\":{\"tables\":[\"fuzz.*\"]}}"
                                .formatted(MYSQL.uri(), credential, credential),
                        "{\"config\":{\"driver\":\"mysql\",\"uri\":\"127.0.0.1:1\",\"credential\":%s,\"max_retries\":1,\"retry_delay_sec\":5,\"disabled\":true,\"driver_params\":{}},\"discovered_fields\":{\"properties\":{\"a.b.c\":{\"type\":\"string\"}}}}"
                                .formatted(credential),
                        "{\"position\":\"AAAA\"}",
                        "{\"token\":\"" + READER + "\"}",
                        "{\"admin_creds\":" + credential + "}",
                        "{\"admin_user\":\"x\",\"admin_password\":\"y\"}",
                        "[]",
                        "null",
                        "\ufeff{}",
                        "{");
    }

    @AfterAll
    static void stop() {
        service.close();
    }

    @Test
    void isAnsweredWithoutAFailureWhateverItIs() throws IOException {
        System.out.println("seed " + seed);
        var failures = new ArrayList<String>();
        for (int i = 0; i < REQUESTS; i++) {
            var random = new Random(seed + i);
            var tokens =
                    List.of(ADMIN, ADMIN, ADMIN, ADMIN, ADMIN, ADMIN, READER, "wrong", "\u00ff");
            var request = new RandomRequest(random, bodies, tokens).bytes();
            try {
                check(answer(request), "seed " + (seed + i) + ": " + shown(request));
            } catch (AssertionError e) {
                failures.add(e.getMessage());
            }
        }
        System.out.println(REQUESTS + " requests, answers by status: " + statuses);

        assertThat(failures).isEmpty();
        assertThat(statuses).containsKeys(200, 400, 401, 404);
        assertThat(service.get("/actuator/health/liveness").status()).isEqualTo(200);
    }

    @Test
    void answersForTheServerAsAWholeHaveTheHeadersOfAllOthers() throws IOException {
        String request = "OPTIONS * HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";

        check(answer(request.getBytes(StandardCharsets.ISO_8859_1)), request);
    }

    private void check(String answer, String what) {
        if (answer.isEmpty()) {
            // The request had no end, or not even a beginning.
            statuses.merge(0, 1, Integer::sum);
            return;
        }
        if (answer.startsWith("{")) {
            // HTTP/0.9, whose answers have no head, and whose requests no token.
            int status = JsonMapper.shared().readTree(answer).path("status").asInt();
            assertThat(status).as(what).isBetween(400, 499);
            checkProblem(answer, status, what);
            return;
        }
        if (what.contains(": OPTIONS * ") && answer.startsWith("HTTP/1.1 505 ")) {
            // Tomcat refuses the version of HTTP before anything of the service is asked.
            assertThat(answer).as(what).endsWith("\r\n\r\n");
            return;
        }
        assertThat(answer.lines().findFirst().orElse(""))
                .as(what)
                .matches("HTTP/1\\.1 [234]\\d\\d.*");
        int status = Integer.parseInt(answer.substring(9, 12));
        statuses.merge(status, 1, Integer::sum);
        int end = answer.indexOf("\r\n\r\n");
        var head = answer.substring(0, end).toLowerCase(Locale.ROOT);
        assertThat(head).as(what).doesNotContain("x-injected", "\nserver:");
        assertThat(head).as(what).contains("x-content-type-options: nosniff");
        if (status >= 400) {
            assertThat(head).as(what).contains("content-type: application/problem+json");
            checkProblem(body(answer, head, end), status, what);
        }
    }

    private static void checkProblem(String body, int status, String what) {
        if (body.isEmpty()) {
            assertThat(what).containsPattern(": HEAD ");
            return;
        }
        assertThat(body.chars()).as(what).noneMatch(c -> c < ' ' || c == 0x7f);
        JsonNode problem = JsonMapper.shared().readTree(body.getBytes(StandardCharsets.ISO_8859_1));
        assertThat(problem.path("status").asInt()).as(what).isEqualTo(status);
        assertThat(EXPLAINED).as(what).contains(problem.path("code").asString());
        var detail = problem.path("detail").asString();
        assertThat(detail).as(what).isNotBlank();
        // Of a head that is no HTTP, nothing is read.
        boolean isChinese = what.indexOf(RandomRequest.CHINESE) > 0 && isOnlyLanguage(what);
        if (isChinese && status != 431 && !detail.startsWith("The request is malformed")) {
            assertThat(problem.path("title").asString()).as(what).containsPattern("\\p{IsHan}");
            assertThat(detail).as(what).containsPattern("\\p{IsHan}");
        }
    }

    /// Whether the request has a head, which names one language, before the empty line that ends
    /// it. A line may end in LF alone, and a request without a version is of HTTP/0.9, without a
    /// head.
    private static boolean isOnlyLanguage(String what) {
        var request = what.substring(what.indexOf(": ") + 2).toLowerCase(Locale.ROOT);
        var head = request.split("\\n\\r?\\n", 2)[0];
        return head.lines().findFirst().orElse("").matches(".* http/1\\.[01]")
                && head.contains("accept-language")
                && request.indexOf("accept-language") == request.lastIndexOf("accept-language");
    }

    private static String body(String answer, String head, int end) {
        var rest = answer.substring(end + 4);
        if (!head.contains("transfer-encoding: chunked")) {
            // The rest of the request may have been taken for another one.
            var length = head.replaceAll("(?s).*content-length: (\\d+).*", "$1");
            if (rest.startsWith("HTTP/")) {
                return "";
            }
            return length.equals(head)
                    ? rest
                    : rest.substring(0, Math.min(rest.length(), Integer.parseInt(length)));
        }
        var body = new StringBuilder();
        for (int at = 0; at < rest.length(); ) {
            int line = rest.indexOf("\r\n", at);
            int size = Integer.parseInt(rest.substring(at, line), 16);
            if (size == 0) {
                break;
            }
            body.append(rest, line + 2, line + 2 + size);
            at = line + 4 + size;
        }
        return body.toString();
    }

    /// What came, in ISO-8859-1; of a stream its head only.
    private static String answer(byte[] request) throws IOException {
        var answer = new ByteArrayOutputStream();
        try (var socket = new Socket("127.0.0.1", service.port())) {
            socket.setSoTimeout(30_000);
            send(socket, request);
            var in = socket.getInputStream();
            var piece = new byte[16_384];
            for (int read = in.read(piece); read >= 0; read = in.read(piece)) {
                answer.write(piece, 0, read);
                if (isStream(answer.toString(StandardCharsets.ISO_8859_1))) {
                    break;
                }
            }
        } catch (SocketException _) {
            // The service closed it with something of the request unread.
        }
        var text = answer.toString(StandardCharsets.ISO_8859_1);
        return text.startsWith("HTTP/1.1 100")
                ? text.substring(text.indexOf("\r\n\r\n") + 4)
                : text;
    }

    private static void send(Socket socket, byte[] request) {
        try {
            socket.getOutputStream().write(request);
            socket.shutdownOutput();
        } catch (IOException _) {
            // It is answered before its end.
        }
    }

    private static boolean isStream(String answer) {
        return answer.contains("\r\n\r\n")
                && (answer.contains("Content-Type: text/event-stream")
                        || answer.contains("Content-Type: application/x-ndjson"));
    }

    private static String shown(byte[] request) {
        var text = new String(request, StandardCharsets.ISO_8859_1);
        return text.length() > 1500 ? text.substring(0, 1500) + "…" : text;
    }
}
