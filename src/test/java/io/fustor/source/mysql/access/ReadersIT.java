package io.fustor.source.mysql.access;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.fustor.source.mysql.support.Answer;
import io.fustor.source.mysql.support.FeedClient;
import io.fustor.source.mysql.support.Frame;
import io.fustor.source.mysql.support.LocalService;
import io.fustor.source.mysql.support.ServiceApi;
import io.fustor.source.mysql.support.TestMySql;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;

/// Readers as an administrator makes them, on two instances that share a state database.
class ReadersIT {

    private static final String ADMIN = "an-administrators-secret";
    private static final String STATE = "/readers_state?allowPublicKeyRetrieval=true";
    private static final String TOKEN = "a-configured-readers-secret";
    private static final Map<String, Object> ORDERS = Map.of("tables", List.of("readers.orders"));

    private static final ListAppender<ILoggingEvent> audit = new ListAppender<>();
    private static final TestMySql mysql = TestMySql.shared();
    private static LocalService first;
    private static LocalService second;
    private static ServiceApi admin;
    private static ServiceApi elsewhere;

    @BeforeAll
    static void start() {
        mysql.execute(
                "CREATE DATABASE readers",
                "CREATE DATABASE readers_state",
                "CREATE TABLE readers.orders (id INT AUTO_INCREMENT PRIMARY KEY)");
        first = startInstance();
        second = startInstance();
        admin = api(first).as(ADMIN);
        elsewhere = api(second);
        admin.addSource("readers", mysql);
        Awaitility.await()
                .until(() -> elsewhere.as(ADMIN).get("/api/sources/readers").status() == 200);
        audit.start();
        ((Logger) LoggerFactory.getLogger("audit")).addAppender(audit);
    }

    private static LocalService startInstance() {
        Map<String, String> properties = new HashMap<>();
        properties.put("fustor.security.tokens[0]", "ops:admin:" + ADMIN);
        properties.put("fustor.security.tokens[1]", "dash:reader:" + TOKEN);
        properties.put("fustor.security.readers.fixed.secret", "a-declared-readers-secret");
        properties.put(
                "fustor.security.encryption-key", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=");
        properties.put("server.address", "127.0.0.1");
        properties.put("spring.datasource.url", "jdbc:mysql://" + mysql.uri() + STATE);
        properties.put("spring.datasource.username", TestMySql.ROOT.user());
        properties.put("spring.datasource.password", TestMySql.ROOT.password());
        return LocalService.start(properties);
    }

    private static ServiceApi api(LocalService service) {
        return new ServiceApi(URI.create("http://127.0.0.1:" + service.port()));
    }

    @AfterAll
    static void stop() {
        ((Logger) LoggerFactory.getLogger("audit")).detachAppender(audit);
        first.close();
        second.close();
    }

    private static void awaitStatus(ServiceApi caller, int status) {
        Awaitility.await().until(() -> caller.get("/api/sources").status() == status);
    }

    @Test
    void isMadeListedChangedAndRemoved() {
        String secret = admin.addReader("partner", ORDERS);
        JsonNode listed = entry("partner");

        assertThat(secret).startsWith("fustor_").hasSizeGreaterThan(40);
        assertThat(admin.get("/api/readers").body()).doesNotContain(secret);
        assertThat(listed.at("/grant/tables/0").asString()).isEqualTo("readers.orders");
        assertThat(listed.at("/grant/max_streams").asInt()).isEqualTo(100);
        assertThat(listed.path("ended").asBoolean()).isFalse();
        assertThat(listed.path("read_only").asBoolean()).isFalse();
        ServiceApi reader = api(first).as(secret);
        reader.get("/api/sources/readers").expect(200);
        assertThat(reader.get("/api/session").body())
                .isEqualTo("{\"name\":\"partner\",\"role\":\"reader\"}");
        admin.put("/api/readers/partner", Map.of("max_streams", 5)).expect(200);
        assertThat(entry("partner").at("/grant/max_streams").asInt()).isEqualTo(5);
        assertThat(entry("partner").at("/grant").has("tables")).isFalse();
        admin.delete("/api/readers/partner").expect(204);
        reader.get("/api/sources/readers").expect(401);
        assertThat(admin.get("/api/readers").body()).doesNotContain("partner");
    }

    private static JsonNode entry(String name) {
        for (JsonNode entry : admin.get("/api/readers").expect(200).json()) {
            if (entry.path("name").asString().equals(name)) {
                return entry;
            }
        }
        throw new AssertionError("no reader " + name);
    }

    @Test
    void refusesWhatCannotBeDone() {
        admin.addReader("taken", ORDERS);
        assertCode(admin.post("/api/readers/taken", ORDERS).expect(409), "READER_EXISTS");
        assertCode(admin.post("/api/readers/fixed", ORDERS).expect(409), "READER_EXISTS");
        assertCode(admin.put("/api/readers/fixed", ORDERS).expect(409), "READER_DECLARED");
        assertCode(admin.delete("/api/readers/fixed").expect(409), "READER_DECLARED");
        assertCode(admin.put("/api/readers/none", ORDERS).expect(404), "READER_UNKNOWN");
        assertCode(admin.delete("/api/readers/none").expect(404), "READER_UNKNOWN");
        assertThat(admin.post("/api/readers/x", Map.of("table", 1)).expect(400).detail())
                .contains("table");
        assertThat(admin.post("/api/readers/x", Map.of("max_streams", -1)).expect(400).detail())
                .contains("max_streams");
        assertThat(admin.post("/api/readers/-x", ORDERS).expect(400).detail()).contains("name");
        api(first).as(TOKEN).get("/api/readers").expect(403);
        admin.delete("/api/readers/taken").expect(204);
    }

    private static void assertCode(Answer answer, String code) {
        assertThat(answer.json().path("code").asString()).isEqualTo(code);
    }

    /// The grant is changed on one instance, the stream is served by the other. A busy machine
    /// delays one of several changes; a service that is slow delays most.
    @Test
    void changesReachStreamsOfAllInstancesWithinASecond() {
        List<Duration> times = Stream.generate(ReadersIT::timeOfAChange).limit(3).sorted().toList();

        assertThat(times.get(1)).as("the median of %s", times).isLessThan(Duration.ofSeconds(1));
    }

    private static Duration timeOfAChange() {
        String secret = admin.addReader("far", ORDERS);
        ServiceApi reader = elsewhere.as(secret);
        awaitStatus(reader, 200);
        try (FeedClient client = reader.feed("readers").open()) {
            client.hello();
            admin.put("/api/readers/far", Map.of("tables", List.of("readers.none"))).expect(200);
            long changed = System.nanoTime();
            Frame end = client.frame();
            while (!end.isControl("end")) {
                end = client.frame();
            }
            Duration took = Duration.ofNanos(System.nanoTime() - changed);

            assertThat(end.data()).contains("authorization");
            admin.delete("/api/readers/far").expect(204);
            awaitStatus(reader, 401);
            return took;
        }
    }

    @Test
    void writesWhoChangedWhom() {
        admin.addReader("audited", ORDERS);
        admin.put("/api/readers/audited", Map.of()).expect(200);
        admin.delete("/api/readers/audited").expect(204);

        // A line is written when the answer may be here already.
        Awaitility.await()
                .untilAsserted(
                        () ->
                                assertThat(List.copyOf(audit.list))
                                        .extracting(ILoggingEvent::getFormattedMessage)
                                        .filteredOn(line -> line.contains("target=audited"))
                                        .extracting(
                                                line -> line.substring(0, line.indexOf(" target")))
                                        .containsExactlyInAnyOrder(
                                                "action=create_reader caller=ops",
                                                "action=update_reader caller=ops",
                                                "action=delete_reader caller=ops"));
    }

    @Test
    void cookieEndsWithTheGrant() {
        Instant expires = Instant.now().plusSeconds(120);
        String secret = admin.addReader("browser", Map.of("expires", expires.toString()));
        String cookie =
                api(first)
                        .post("/api/session", Map.of("token", secret))
                        .expect(200)
                        .headers()
                        .firstValue("set-cookie")
                        .orElseThrow();
        String value = cookie.split(";")[0];

        assertThat(cookie).doesNotContain(secret);
        assertThat(Integer.parseInt(cookie.replaceAll(".*Max-Age=(\\d+).*", "$1")))
                .isBetween(60, 120);
        assertThat(first.get("/api/sources", "Cookie", value).status()).isEqualTo(200);
        assertThat(second.get("/api/sources", "Cookie", value).status()).isIn(200, 401);
        Awaitility.await().until(() -> second.get("/api/sources", "Cookie", value).status() == 200);
        String past = Instant.now().minusSeconds(1).toString();
        admin.put("/api/readers/browser", Map.of("expires", past)).expect(200);
        assertThat(first.get("/api/sources", "Cookie", value).status()).isEqualTo(401);
        admin.delete("/api/readers/browser").expect(204);
    }

    @Test
    void checkpointsBelongToTheirCaller() {
        ServiceApi one = api(first).as(admin.addReader("one", ORDERS));
        ServiceApi two = api(first).as(admin.addReader("two", ORDERS));
        ServiceApi token = api(first).as(TOKEN);
        String all = "/api/sources/readers/checkpoints";
        Map<String, Object> position = Map.of("position", admin.tokenOfNow("readers"));
        for (ServiceApi caller : List.of(one, two, token)) {
            caller.put(all + "/same", position).expect(200);
        }
        one.put(all + "/own", position).expect(200);

        assertThat(consumers(one.get(all))).containsExactly("reader:one/own", "reader:one/same");
        assertThat(consumers(two.get(all))).containsExactly("reader:two/same");
        assertThat(consumers(token.get(all))).containsExactly("null/same");
        assertThat(consumers(admin.get(all)))
                .containsExactly(
                        "reader:one/own", "null/same", "reader:one/same", "reader:two/same");
        two.get(all + "/own").expect(404);
        two.delete(all + "/own").expect(404);
        two.get(all + "/own?owner=reader:one").expect(400);
        admin.get(all + "/own?owner=reader:one").expect(200);
        two.feed("readers").with("consumer", "own").open().close();
        Answer page = admin.get(all + "?limit=3").expect(200);
        String next = page.headers().firstValue("link").orElseThrow();
        assertThat(consumers(admin.get(next.substring(1, next.indexOf('>')))))
                .containsExactly("reader:two/same");
        admin.delete("/api/readers/one").expect(204);
        ServiceApi again = api(first).as(admin.addReader("one", ORDERS));
        assertThat(again.get(all).body()).isEqualTo("[]");
        admin.delete(all + "/same?owner=reader:two").expect(204);
        two.get(all + "/same").expect(404);
        token.delete(all + "/same").expect(204);
        admin.delete("/api/readers/one").expect(204);
        admin.delete("/api/readers/two").expect(204);
    }

    private static List<String> consumers(Answer answer) {
        return answer.expect(200)
                .json()
                .valueStream()
                .map(
                        one ->
                                (one.path("owner").isNull() ? "null" : one.path("owner").asString())
                                        + "/"
                                        + one.path("consumer").asString())
                .toList();
    }

    @Test
    void seesItsOwnStreamsOnly() {
        ServiceApi reader = api(first).as(admin.addReader("watched", ORDERS));
        try (FeedClient foreign = admin.feed("readers").open();
                FeedClient own = reader.feed("readers").open()) {
            foreign.hello();
            own.hello();

            // Those of other tests are leaving.
            Awaitility.await()
                    .untilAsserted(
                            () ->
                                    assertThat(admin.source("readers").path("subscribers"))
                                            .hasSize(2));
            assertThat(reader.source("readers").path("subscribers")).hasSize(1);
            Awaitility.await()
                    .untilAsserted(
                            () ->
                                    assertThat(admin.get("/actuator/prometheus").body())
                                            .contains(
                                                    "fustor_reader_streams{reader=\"watched\"} 1.0",
                                                    "fustor_reader_rows_total{reader=\"watched\"}",
                                                    "fustor_reader_bytes_total{reader=\"watched\"}"));
        }
        admin.delete("/api/readers/watched").expect(204);
    }
}
