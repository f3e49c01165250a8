package io.fustor.source.mysql.access;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jwt.JWTClaimsSet;
import io.fustor.source.mysql.support.Answer;
import io.fustor.source.mysql.support.FeedClient;
import io.fustor.source.mysql.support.Frame;
import io.fustor.source.mysql.support.Issuer;
import io.fustor.source.mysql.support.LocalService;
import io.fustor.source.mysql.support.ServiceApi;
import io.fustor.source.mysql.support.TestMySql;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// Callers that an identity provider names.
class JwtIT {

    private static final String ADMIN = "an-administrators-secret";
    private static final Map<String, Object> ORDERS = Map.of("tables", List.of("jwt.orders"));

    private static final TestMySql mysql = TestMySql.shared();
    private static Issuer issuer;
    private static LocalService service;
    private static ServiceApi api;

    @BeforeAll
    static void start() {
        issuer = new Issuer();
        service = start(Map.of("fustor.security.jwt.issuer-uri", issuer.uri()));
        api = api(service);
        mysql.execute(
                "CREATE DATABASE jwt",
                "CREATE TABLE jwt.orders (id INT AUTO_INCREMENT PRIMARY KEY)",
                "CREATE TABLE jwt.hidden (id INT PRIMARY KEY)");
        api.as(ADMIN).addSource("jwt", mysql);
    }

    private static LocalService start(Map<String, String> jwt) {
        Map<String, String> properties = new HashMap<>(jwt);
        properties.put("fustor.security.tokens[0]", "ops:admin:" + ADMIN);
        properties.put("fustor.security.jwt.audiences", "fustor");
        properties.put("fustor.feed.heartbeat", "1s");
        properties.put("server.address", "127.0.0.1");
        return LocalService.start(properties);
    }

    private static ServiceApi api(LocalService of) {
        return new ServiceApi(URI.create("http://127.0.0.1:" + of.port()));
    }

    @AfterAll
    static void stop() {
        service.close();
        issuer.close();
    }

    private static Answer asked(String token) {
        return api.as(token).get("/api/sources");
    }

    private static void assertRefused(String token, int status, String code) {
        Answer answer = asked(token).expect(status);
        assertThat(answer.json().path("code").asString()).isEqualTo(code);
        assertThat(answer.headers().firstValue("www-authenticate").isPresent())
                .isEqualTo(status == 401);
    }

    @Test
    void claimIsTheGrantAndSubjectTheName() {
        ServiceApi caller = api.as(issuer.token("alice@example.org", ORDERS));

        assertThat(caller.get("/api/session").json().path("name").asString())
                .isEqualTo("alice@example.org");
        String before = caller.tokenOfNow("jwt");
        mysql.execute("INSERT INTO jwt.orders VALUES ()");
        caller.get("/api/sources/jwt/events?tables=jwt.hidden").expect(400);
        try (FeedClient client = caller.feed("jwt").after(before).open()) {
            assertThat(client.change().table()).isEqualTo("jwt.orders");
        }
        caller.post("/api/readers/x", Map.of()).expect(403);
    }

    @Test
    void refusesWhatTheIssuerDidNotSign() {
        JWTClaimsSet claims = issuer.claims("mallory", ORDERS).build();
        try (Issuer other = new Issuer()) {
            assertRefused(other.sign(claims), 401, "TOKEN_UNKNOWN");
            assertRefused(other.token("mallory", ORDERS), 401, "TOKEN_UNKNOWN");
        }
        assertRefused(issuer.unsigned(claims), 401, "TOKEN_UNKNOWN");
        assertRefused(issuer.signedWithThePublicKey(claims), 401, "TOKEN_UNKNOWN");
        String signed = issuer.sign(claims);
        assertRefused(signed.substring(0, signed.length() - 4) + "AAAA", 401, "TOKEN_UNKNOWN");
        assertRefused("a.b.c", 401, "TOKEN_UNKNOWN");
    }

    @Test
    void refusesAnotherAudienceOrIssuer() {
        assertRefused(
                issuer.sign(issuer.claims("bob", ORDERS).audience("other").build()),
                401,
                "TOKEN_UNKNOWN");
        assertRefused(
                issuer.sign(issuer.claims("bob", ORDERS).issuer("http://other").build()),
                401,
                "TOKEN_UNKNOWN");
    }

    /// Clocks may differ by a minute where a token begins; its end is exact.
    @Test
    void forgivesClocksAtTheBeginningOnly() {
        Instant now = Instant.now();
        asked(issuer.sign(claims().notBeforeTime(Date.from(now.plusSeconds(30))).build()))
                .expect(200);
        assertRefused(
                issuer.sign(claims().notBeforeTime(Date.from(now.plusSeconds(150))).build()),
                401,
                "TOKEN_UNKNOWN");
        assertRefused(
                issuer.sign(
                        claims().issueTime(Date.from(now.minusSeconds(60)))
                                .expirationTime(Date.from(now.minusSeconds(2)))
                                .build()),
                401,
                "TOKEN_EXPIRED");
        assertRefused(issuer.sign(claims().expirationTime(null).build()), 401, "TOKEN_UNKNOWN");
    }

    private static JWTClaimsSet.Builder claims() {
        return issuer.claims("bob", ORDERS);
    }

    @Test
    void givesNoAccessWithoutAGrantThatCanBeRead() {
        assertRefused(issuer.sign(issuer.claims("bob", null).build()), 403, "GRANT_MISSING");
        assertRefused(issuer.token("bob", Map.of("table", List.of("x.y"))), 403, "GRANT_MISSING");
        assertRefused(issuer.token("bob", Map.of("max_streams", -1)), 403, "GRANT_MISSING");
        assertRefused(
                issuer.sign(claims().claim("fustor", "everything").build()), 403, "GRANT_MISSING");
        assertRefused(issuer.sign(claims().subject(null).build()), 403, "GRANT_MISSING");
    }

    @Test
    void keysMayChangeDuringAStream() {
        String before = issuer.token("carol", ORDERS);
        try (FeedClient client = api.as(before).feed("jwt").open()) {
            client.hello();
            issuer.rotateToCurve();
            String after = issuer.token("carol", ORDERS);
            asked(after).expect(200);
            mysql.execute("INSERT INTO jwt.orders VALUES ()");

            assertThat(client.change().flatten()).hasSize(1);
            assertRefused(before, 401, "TOKEN_UNKNOWN");
        }
        issuer.rotate();
        asked(issuer.token("carol", ORDERS)).expect(200);
    }

    @Test
    void streamEndsWithItsToken() {
        Instant end = Instant.now().plusSeconds(5);
        // Of `exp`, whole seconds count.
        Instant exp = Instant.ofEpochSecond(end.getEpochSecond());
        String token = issuer.sign(claims().expirationTime(Date.from(exp)).build());
        try (FeedClient client = api.as(token).feed("jwt").open()) {
            Frame next = client.frame();
            while (!next.isControl("end")) {
                next = client.frame();
            }

            assertThat(next.data()).contains("authorization");
            assertThat(Duration.between(exp, Instant.now()))
                    .isBetween(Duration.ZERO, Duration.ofSeconds(1));
        }
    }

    /// With an issuer of its own, which is away when the second token comes.
    @Test
    void unreachableIssuerLetsStreamsGoOnAndNewKeysWait() {
        try (Issuer own = new Issuer();
                LocalService other =
                        start(Map.of("fustor.security.jwt.jwk-set-uri", own.uri() + "/keys"))) {
            api(other).as(ADMIN).addSource("jwt", mysql);
            ServiceApi caller = api(other).as(own.token("dave", ORDERS));
            try (FeedClient client = caller.feed("jwt").open()) {
                client.hello();
                own.goAway();
                own.rotate();
                Answer refused =
                        api(other).as(own.token("erin", ORDERS)).get("/api/sources").expect(503);
                mysql.execute("INSERT INTO jwt.orders VALUES ()");

                assertThat(client.change().flatten()).hasSize(1);
                assertThat(refused.json().path("code").asString()).isEqualTo("ISSUER_UNAVAILABLE");
                assertThat(refused.headers().firstValue("retry-after")).contains("5");
                own.comeBack();
                api(other).as(own.token("erin", ORDERS)).get("/api/sources").expect(200);
            }
            api(other).as(ADMIN).delete("/api/configs/sources/jwt").expect(204);
        }
    }

    @Test
    void startsWhileTheIssuerIsAway() {
        try (Issuer own = new Issuer()) {
            own.goAway();
            try (LocalService other = start(Map.of("fustor.security.jwt.issuer-uri", own.uri()))) {
                String token = own.token("frank", ORDERS);
                api(other).as(token).get("/api/sources").expect(503);
                api(other).as(token).get("/actuator/health").expect(200);
                own.comeBack();
                api(other).as(token).get("/api/sources").expect(200);
            }
        }
    }

    /// Every client can send tokens with made-up keys.
    @Test
    void asksTheIssuerRarelyWhateverComes() {
        try (Issuer other = new Issuer()) {
            asked(issuer.token("bob", ORDERS)).expect(200);
            int before = issuer.asked();
            for (int i = 0; i < 40; i++) {
                other.rotateToCurve();
                String forged = other.sign(issuer.claims("mallory", ORDERS).build());
                assertThat(asked(forged).status()).isIn(401, 503);
            }

            assertThat(issuer.asked() - before).isLessThan(30);
            asked(issuer.token("bob", ORDERS)).expect(200);
        }
    }

    @Test
    void sessionHoldsAJwtUntilItsEnd() {
        String token = issuer.token("grace", ORDERS);
        Answer opened = api.post("/api/session", Map.of("token", token)).expect(200);
        String cookie = opened.headers().firstValue("set-cookie").orElseThrow();
        Answer read = service.get("/api/session", "Cookie", cookie.split(";")[0]);

        assertThat(cookie).contains("HttpOnly", "Max-Age=");
        assertThat(Integer.parseInt(cookie.replaceAll(".*Max-Age=(\\d+).*", "$1")))
                .isBetween(30, 60);
        assertThat(read.json().path("name").asString()).isEqualTo("grace");
        assertThat(read.json().path("expires").asString()).isNotEmpty();
        api.post("/api/session", Map.of("token", issuer.unsigned(claims().build()))).expect(401);
    }
}
