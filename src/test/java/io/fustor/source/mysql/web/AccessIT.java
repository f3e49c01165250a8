package io.fustor.source.mysql.web;

import static org.assertj.core.api.Assertions.assertThat;

import io.fustor.source.mysql.support.LocalService;
import io.fustor.source.mysql.support.LocalService.Answer;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Who may do what, with tokens.
class AccessIT {

    private static final String READER = "a-reader-secret";
    private static final String ADMIN = "an:admin:secret";

    private static LocalService service;

    @BeforeAll
    static void start() {
        service =
                LocalService.start(
                        Map.of(
                                "fustor.security.tokens[0]", "dash:reader:" + READER,
                                "fustor.security.tokens[1]", "ops:admin:" + ADMIN,
                                "server.address", "127.0.0.1"));
    }

    @AfterAll
    static void stop() {
        service.close();
    }

    /// The statuses for nobody, a reader and an administrator.
    @ParameterizedTest
    @CsvSource({
        "GET, /actuator/health, 200, 200, 200",
        "GET, /actuator/health/liveness, 200, 200, 200",
        "GET, /actuator/health/readiness, 200, 200, 200",
        "GET, /actuator, 401, 403, 200",
        "GET, /actuator/info, 401, 403, 200",
        "GET, /actuator/metrics, 401, 403, 200",
        "GET, /actuator/prometheus, 401, 403, 200",
        "GET, /actuator/env, 401, 404, 404",
        "GET, /v3/api-docs, 401, 200, 200",
        "GET, /openapi.json, 401, 200, 200",
        "GET, /swagger-ui.html, 401, 302, 302",
        "GET, /swagger-ui/index.html, 401, 200, 200",
        "GET, /api/session, 401, 200, 200",
        "GET, /api/configs, 401, 200, 200",
        "GET, /api/configs/, 401, 200, 200",
        "GET, /api/configs/sources, 401, 200, 200",
        "POST, /api/configs/sources/x, 401, 403, 400",
        "PUT, /api/configs/sources/x, 401, 403, 400",
        "DELETE, /api/configs/sources/x, 401, 403, 404",
        "POST, /api/configs/sources/x/_actions/enable, 401, 403, 404",
        "POST, /api/configs/sources/x/_actions/disable, 401, 403, 404",
        "POST, /api/configs/sources/x/_actions/discover_and_cache_fields, 401, 403, 400",
        "POST, /api/configs/sources/_actions/cleanup, 401, 403, 200",
        "GET, /api/drivers, 401, 200, 200",
        "POST, /api/drivers/sources/x/_actions/discover_and_cache_fields, 401, 403, 400",
        "POST, /api/drivers/sources/mysql/_actions/test_connection, 401, 403, ANY",
        "GET, /api/drivers/sources/x/_actions/get_available_fields, 401, 404, 404",
        "GET, /api/instances/status, 401, 200, 200",
        "POST, /api/instances/sources/x/_actions/start, 401, 403, 404",
        "POST, /api/instances/sources/x/_actions/stop/, 401, 403, 404",
        "GET, /api/sources/x/events, 401, 404, 404",
        "PUT, /api/sources/x/checkpoints/c, 401, ANY, ANY",
        "DELETE, /api/sources/x/checkpoints/c, 401, 404, 404",
        "DELETE, /api/sources/x/snapshots/s, 401, 403, 404",
        "GET, /api/sources, 401, 200, 200",
        "GET, /api/sources/x, 401, 404, 404",
        "GET, /api/sources/x/checkpoints, 401, 404, 404",
        "GET, /api/sources/x/checkpoints/c, 401, 404, 404",
        "GET, /api/sources/x/positions/1, 401, 404, 404",
        "PUT, /api/sources/x, 401, 403, ANY",
        "GET, /nothing, 401, 404, 404",
        "POST, /nothing, 401, 403, ANY",
        "GET, /error, 401, 404, 404"
    })
    void letsEachRoleDoItsOwn(
            String method, String path, String nobody, String reader, String admin) {
        expect(nobody, service.send(method, path, null));
        expect(reader, service.send(method, path, null, bearer(READER)));
        expect(admin, service.send(method, path, null, bearer(ADMIN)));
    }

    @Test
    void tellsHealthToAllAndItsDetailsToAdministrators() {
        assertThat(service.get("/actuator/health").json().has("components")).isFalse();
        assertThat(service.get("/actuator/health", bearer(READER)).json().has("components"))
                .isFalse();
        assertThat(service.get("/actuator/health", bearer(ADMIN)).json().at("/components/db"))
                .isNotEmpty();
    }

    @Test
    void saysHowToShowAToken() {
        var answer = service.get("/api/configs");

        assertThat(answer.header("WWW-Authenticate")).isEqualTo("Bearer");
        assertThat(answer.detail()).contains("Authorization: Bearer", "/api/session");
        assertThat(service.get("/api/configs", bearer("another")).detail())
                .contains("not one of the configured");
    }

    @Test
    void namesTheTokenThatMayNot() {
        assertThat(service.post("/nothing", null, bearer(READER)).detail())
                .contains("dash", "admin");
    }

    @Test
    void opensASessionForABrowser() {
        var opened = service.post("/api/session", "{\"token\":\"" + READER + "\"}");
        var cookie = opened.header("Set-Cookie");

        assertThat(opened.status()).isEqualTo(200);
        assertThat(opened.body()).isEqualTo("{\"name\":\"dash\",\"role\":\"reader\"}");
        assertThat(cookie).contains("HttpOnly", "SameSite=Strict").doesNotContain(READER);
        var value = cookie.split(";")[0];
        assertThat(service.get("/api/configs", "Cookie", value).status()).isEqualTo(200);
        assertThat(service.post("/api/configs/sources/x", "{}", "Cookie", value).status())
                .isEqualTo(403);
    }

    @Test
    void opensASessionByABearerToken() {
        assertThat(service.post("/api/session", null, bearer(ADMIN)).body()).contains("admin");
    }

    @Test
    void opensNoSessionWithoutAToken() {
        assertThat(service.post("/api/session", null).status()).isEqualTo(401);
        assertThat(service.post("/api/session", "{\"token\":\"x\"}").status()).isEqualTo(401);
        assertThat(service.post("/api/session", "{\"token\":5}").status()).isEqualTo(401);
        assertThat(service.post("/api/session", "{}").status()).isEqualTo(401);
    }

    @Test
    void endsASession() {
        var closed = service.delete("/api/session");

        assertThat(closed.status()).isEqualTo(204);
        assertThat(closed.header("Set-Cookie")).contains("fustor_session=;", "Max-Age=0");
    }

    @Test
    void letsNoOtherSiteActThroughABrowser() {
        var cookie =
                service.post("/api/session", "{\"token\":\"" + ADMIN + "\"}")
                        .header("Set-Cookie")
                        .split(";")[0];
        var path = "/api/configs/sources/_actions/cleanup";

        assertThat(service.post(path, null, "Cookie", cookie).status()).isEqualTo(200);
        assertThat(
                        service.post(path, null, "Cookie", cookie, "Sec-Fetch-Site", "cross-site")
                                .status())
                .isEqualTo(403);
        assertThat(
                        service.post(path, null, "Cookie", cookie, "Sec-Fetch-Site", "same-site")
                                .status())
                .isEqualTo(403);
        assertThat(
                        service.post(path, null, "Cookie", cookie, "Sec-Fetch-Site", "same-origin")
                                .status())
                .isEqualTo(200);
        assertThat(
                        service.post(path, null, "Cookie", cookie, "Origin", "http://evil.example")
                                .status())
                .isEqualTo(403);
        assertThat(service.post(path, null, "Cookie", cookie, "Origin", "null").status())
                .isEqualTo(403);
        assertThat(
                        service.post(
                                        path,
                                        null,
                                        "Cookie",
                                        cookie,
                                        "Origin",
                                        "http://127.0.0.1:" + service.port())
                                .status())
                .isEqualTo(200);
        assertThat(
                        service.post(
                                        path,
                                        null,
                                        "Authorization",
                                        "Bearer " + ADMIN,
                                        "Origin",
                                        "http://evil.example")
                                .status())
                .isEqualTo(200);
    }

    @Test
    void sendsSecurityHeaders() {
        var headers = service.get("/api/configs", bearer(READER));

        assertThat(headers.header("X-Content-Type-Options")).isEqualTo("nosniff");
        assertThat(headers.header("X-Frame-Options")).isEqualTo("DENY");
        assertThat(headers.header("Content-Security-Policy")).contains("default-src 'self'");
        assertThat(headers.header("Referrer-Policy")).isEqualTo("no-referrer");
        assertThat(headers.header("Cache-Control")).contains("no-store");
    }

    private static void expect(String status, Answer answer) {
        if (status.equals("ANY")) {
            assertThat(answer.status()).isNotIn(401, 403, 500);
        } else {
            assertThat(answer.status()).isEqualTo(Integer.parseInt(status));
        }
        if (answer.status() >= 400) {
            assertThat(answer.header("Content-Type")).startsWith("application/problem+json");
            assertThat(answer.detail()).isNotBlank();
        }
    }

    private static String[] bearer(String secret) {
        return new String[] {"Authorization", "Bearer " + secret};
    }
}
