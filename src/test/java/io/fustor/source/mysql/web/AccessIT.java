package io.fustor.source.mysql.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.fustor.source.mysql.support.Answer;
import io.fustor.source.mysql.support.LocalService;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.slf4j.LoggerFactory;
import org.springframework.web.servlet.DispatcherServlet;
import org.springframework.web.servlet.handler.AbstractUrlHandlerMapping;
import org.springframework.web.servlet.mvc.method.RequestMappingInfo;
import org.springframework.web.servlet.mvc.method.RequestMappingInfoHandlerMapping;

/// Who may do what, with tokens.
class AccessIT {

    private static final String METRICS = "a-metrics-secret";
    private static final String READER = "a-reader-secret";
    private static final String ADMIN = "an:admin:secret";

    private static final String UI = "https://ui.example.org";

    private static final ListAppender<ILoggingEvent> audit = new ListAppender<>();

    private static final Map<String, String> UNDOCUMENTED =
            Map.ofEntries(
                    Map.entry("GET /actuator", "admin"),
                    Map.entry("GET /actuator/health", "none"),
                    Map.entry("GET /actuator/health/**", "none"),
                    Map.entry("GET /actuator/info", "admin"),
                    Map.entry("GET /actuator/metrics", "admin"),
                    Map.entry("GET /actuator/metrics/{requiredMetricName}", "admin"),
                    Map.entry("GET /actuator/prometheus", "metrics"),
                    Map.entry("GET /api/configs/{kind:pushers|syncs}", "reader"),
                    Map.entry("GET /api/configs/{kind:pushers|syncs}/**", "reader"),
                    Map.entry("GET /api/drivers/{kind:pushers|syncs}/**", "reader"),
                    Map.entry("GET /api/instances/{kind:pushers|syncs}/**", "reader"),
                    Map.entry("GET /api/logs", "reader"),
                    Map.entry("POST /api/instances/syncs/{id}/_actions/start", "admin"),
                    Map.entry("POST /api/instances/syncs/{id}/_actions/stop", "admin"),
                    Map.entry("POST /api/configs/pushers/_actions/cleanup", "admin"),
                    Map.entry(
                            "POST /api/drivers/sources/{id}/_actions/discover_and_cache_fields",
                            "admin"),
                    Map.entry("GET /error", "reader"),
                    Map.entry("GET /", "none"),
                    Map.entry("GET /console", "none"),
                    Map.entry("GET /console/", "none"),
                    Map.entry("GET /openapi.json", "none"),
                    Map.entry("GET /v3/asyncapi", "none"),
                    Map.entry("GET /v3/api-docs", "none"),
                    Map.entry("GET /v3/api-docs.yaml", "none"),
                    Map.entry("GET /v3/api-docs/swagger-config", "none"),
                    Map.entry("GET /swagger-ui.html", "none"),
                    Map.entry("GET /swagger-ui*/*swagger-initializer.js", "reader"),
                    Map.entry("GET /swagger-ui*/**", "reader"),
                    Map.entry("GET /webjars/**", "reader"),
                    Map.entry("GET /**", "reader"));

    private static LocalService service;

    @BeforeAll
    static void start() {
        service =
                LocalService.start(
                        Map.of(
                                "fustor.security.tokens[0]",
                                "dash:reader:" + READER,
                                "fustor.security.tokens[1]",
                                "ops:admin:" + ADMIN,
                                "fustor.security.tokens[2]",
                                "prometheus:metrics:" + METRICS,
                                "fustor.web.allowed-origins",
                                UI,
                                "server.address",
                                "127.0.0.1"));
        audit.start();
        ((Logger) LoggerFactory.getLogger("audit")).addAppender(audit);
    }

    @AfterAll
    static void stop() {
        ((Logger) LoggerFactory.getLogger("audit")).detachAppender(audit);
        service.close();
    }

    /// The statuses without a token, for a scraper, a reader and an administrator.
    @ParameterizedTest
    @CsvSource({
        "GET, /actuator/health, 200, 200, 200, 200",
        "GET, /actuator/health/liveness, 200, 200, 200, 200",
        "GET, /actuator/health/readiness, 200, 200, 200, 200",
        "GET, /actuator, 401, 403, 403, 200",
        "GET, /actuator/info, 401, 403, 403, 200",
        "GET, /actuator/metrics, 401, 403, 403, 200",
        "GET, /actuator/prometheus, 401, 200, 403, 200",
        "GET, /actuator/env, 401, 403, 404, 404",
        "GET, /, 302, 302, 302, 302",
        "GET, /console, 302, 302, 302, 302",
        "GET, /console/, 200, 200, 200, 200",
        "GET, /console/messages, 200, 200, 200, 200",
        "GET, /v3/api-docs, 200, 200, 200, 200",
        "GET, /v3/api-docs/swagger-config, 200, 200, 200, 200",
        "GET, /v3/asyncapi, 200, 200, 200, 200",
        "GET, /openapi.json, 200, 200, 200, 200",
        "GET, /swagger-ui.html, 302, 302, 302, 302",
        "GET, /swagger-ui/index.html, 200, 200, 200, 200",
        "GET, /api/session, 401, 403, 200, 200",
        "GET, /api/configs, 401, 403, 200, 200",
        "GET, /api/configs/, 401, 403, 200, 200",
        "GET, /api/configs/sources, 401, 403, 200, 200",
        "POST, /api/configs/sources/x, 401, 403, 403, 400",
        "PUT, /api/configs/sources/x, 401, 403, 403, 400",
        "DELETE, /api/configs/sources/x, 401, 403, 403, 404",
        "POST, /api/configs/sources/x/_actions/enable, 401, 403, 403, 404",
        "POST, /api/configs/sources/x/_actions/disable, 401, 403, 403, 404",
        "POST, /api/configs/sources/x/_actions/discover_and_cache_fields, 401, 403, 403, 400",
        "POST, /api/configs/sources/_actions/cleanup, 401, 403, 403, 200",
        "GET, /api/drivers, 401, 403, 200, 200",
        "POST, /api/drivers/sources/x/_actions/discover_and_cache_fields, 401, 403, 403, 400",
        "POST, /api/drivers/sources/mysql/_actions/test_connection, 401, 403, 403, ANY",
        "GET, /api/drivers/sources/x/_actions/get_available_fields, 401, 403, 404, 404",
        "GET, /api/instances/status, 401, 403, 200, 200",
        "POST, /api/instances/sources/x/_actions/start, 401, 403, 403, 404",
        "POST, /api/instances/sources/x/_actions/stop/, 401, 403, 403, 404",
        "POST, /api/instances/syncs/x/_actions/start, 401, 403, 403, 404",
        "GET, /api/sources/x/events, 401, 403, 404, 404",
        "PUT, /api/sources/x/checkpoints/c, 401, 403, ANY, ANY",
        "DELETE, /api/sources/x/checkpoints/c, 401, 403, 404, 404",
        "DELETE, /api/sources/x/snapshots/s, 401, 403, 403, 404",
        "GET, /api/sources, 401, 403, 200, 200",
        "GET, /api/sources/x, 401, 403, 404, 404",
        "GET, /api/sources/x/checkpoints, 401, 403, 404, 404",
        "GET, /api/sources/x/checkpoints/c, 401, 403, 404, 404",
        "GET, /api/sources/x/positions/1, 401, 403, 404, 404",
        "GET, /api/readers, 401, 403, 403, 200",
        "POST, /api/readers/x, 401, 403, 403, 400",
        "PUT, /api/readers/x, 401, 403, 403, 400",
        "DELETE, /api/readers/x, 401, 403, 403, 404",
        "PUT, /api/sources/x, 401, 403, 403, ANY",
        "GET, /nothing, 401, 403, 404, 404",
        "POST, /nothing, 401, 403, 403, ANY",
        "GET, /error, 401, 403, 404, 404"
    })
    void letsEachRoleDoItsOwn(
            String method,
            String path,
            String anonymous,
            String metrics,
            String reader,
            String admin) {
        expect(anonymous, service.send(method, path, null));
        expect(metrics, service.send(method, path, null, bearer(METRICS)));
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
                .contains("dash", "only read", "the role admin");
        assertThat(service.get("/api/sources", bearer(METRICS)).detail())
                .contains("prometheus", "only scrape", "the role reader or admin");
        assertThat(service.get("/actuator/prometheus", bearer(READER)).detail())
                .contains("dash", "the role metrics or admin");
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
                .isEqualTo(403);
    }

    @Test
    void sendsSecurityHeaders() {
        var headers = service.get("/api/configs", bearer(READER));

        assertThat(headers.header("X-Content-Type-Options")).isEqualTo("nosniff");
        assertThat(headers.header("X-Frame-Options")).isEqualTo("DENY");
        assertThat(headers.header("Content-Security-Policy"))
                .contains("default-src 'none'", "frame-ancestors 'none'");
        assertThat(headers.header("Referrer-Policy")).isEqualTo("no-referrer");
        assertThat(headers.header("Cache-Control")).contains("no-store");
        assertThat(headers.header("Cross-Origin-Resource-Policy")).isEqualTo("same-origin");
        assertThat(headers.header("Server")).isEmpty();
        assertThat(
                        service.get("/swagger-ui/index.html", bearer(READER))
                                .header("Content-Security-Policy"))
                .contains("default-src 'self'", "frame-ancestors 'none'");
    }

    /// An address bar sends no token: the page opens without one, asks for it, and shows it.
    @Test
    void givesABrowserWithoutATokenAPageThatTakesOne() {
        var start = service.get("/");
        assertThat(start.header("Location")).endsWith("/console/");
        var console = service.get("/console/");
        assertThat(console.header("Content-Type")).startsWith("text/html");
        assertThat(console.header("Content-Security-Policy"))
                .contains("default-src 'none'", "script-src 'self'", "frame-ancestors 'none'")
                .doesNotContain("unsafe");
        var page = service.get("/swagger-ui/index.html");
        assertThat(page.header("Content-Type")).startsWith("text/html");
        for (var file : List.of("swagger-ui.css", "index.css", "swagger-initializer.js")) {
            assertThat(page.body()).contains(file);
            assertThat(service.get("/swagger-ui/" + file).status()).as(file).isEqualTo(200);
        }
        var config = service.get("/v3/api-docs/swagger-config").json();
        var document = service.get(config.path("url").asString()).json();
        assertThat(document.at("/components/securitySchemes/bearer/scheme").asString())
                .isEqualTo("bearer");
        var listed = document.at("/paths/~1api~1sources/get/security/0").propertyNames();
        assertThat(listed).containsExactly("bearer");
        assertThat(service.get("/api/sources").status()).isEqualTo(401);
        String[] tried = {"Authorization", "Bearer " + READER, "Sec-Fetch-Site", "same-origin"};
        assertThat(service.get("/api/sources", tried).status()).isEqualTo(200);
    }

    @Test
    void letsPagesOfAllowedOriginsCall() {
        var preflight =
                service.send(
                        "OPTIONS",
                        "/api/configs",
                        null,
                        "Origin",
                        UI,
                        "Access-Control-Request-Method",
                        "DELETE",
                        "Access-Control-Request-Headers",
                        "authorization");

        assertThat(preflight.status()).isEqualTo(200);
        assertThat(preflight.header("Access-Control-Allow-Origin")).isEqualTo(UI);
        assertThat(preflight.header("Access-Control-Allow-Credentials")).isEqualTo("true");
        var cookie =
                service.post("/api/session", "{\"token\":\"" + READER + "\"}", "Origin", UI)
                        .header("Set-Cookie")
                        .split(";")[0];
        var answer = service.get("/api/configs", "Origin", UI, "Cookie", cookie);
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.header("Access-Control-Allow-Origin")).isEqualTo(UI);
    }

    @Test
    void letsPagesOfOtherOriginsNotCall() {
        for (var origin : List.of("https://evil.example", "http://ui.example.org", "null")) {
            var preflight =
                    service.send(
                            "OPTIONS",
                            "/api/configs",
                            null,
                            "Origin",
                            origin,
                            "Access-Control-Request-Method",
                            "GET");

            assertThat(preflight.status()).isEqualTo(403);
            assertThat(preflight.header("Content-Type")).startsWith("application/problem+json");
            assertThat(preflight.detail()).contains("fustor.web.allowed-origins");
            assertThat(preflight.header("Access-Control-Allow-Origin")).isEmpty();
        }
    }

    @Test
    void writesWhoChangedWhat() {
        var config =
                "{\"config\":{\"uri\":\"127.0.0.1:1\",\"disabled\":true,"
                        + "\"credential\":{\"user\":\"u\",\"passwd\":\"hush-hush\"}}}";
        assertThat(service.post("/api/configs/sources/audited", config, bearer(ADMIN)).status())
                .isEqualTo(201);
        service.post("/api/configs/sources/audited/_actions/enable", null, bearer(ADMIN));
        service.post("/api/configs/sources/audited/_actions/disable", null, bearer(READER));
        service.delete("/api/sources/audited/checkpoints/none", bearer(READER));
        service.delete("/api/configs/sources/audited", bearer(ADMIN));
        service.post("/api/session", "{\"token\":\"" + READER + "\"}");
        service.post("/api/session", "{\"token\":\"wrong-one\"}");
        service.get("/api/configs", bearer("wrong-one"));

        // A line is written when the answer may be here already.
        await().untilAsserted(
                        () ->
                                assertThat(audited())
                                        .contains(
                                                "action=create_source caller=ops target=audited",
                                                "action=enable caller=ops target=audited",
                                                "action=disable caller=dash target=-",
                                                "action=delete_checkpoint caller=dash"
                                                        + " target=audited/none",
                                                "action=delete_source caller=ops target=audited",
                                                "action=open_session caller=dash",
                                                "action=open_session caller=nobody",
                                                "action=authenticate caller=nobody"));
        assertThat(audited())
                .doesNotContain("hush-hush", "wrong-one", READER, ADMIN, "check_params");
    }

    private static String audited() {
        return List.copyOf(audit.list).stream()
                .map(ILoggingEvent::getFormattedMessage)
                .collect(Collectors.joining("\n"));
    }

    /// Every operation of the document, with the role that stands in it.
    @Test
    void letsEachRoleDoWhatTheDocumentSays() {
        var operations = documented();
        assertThat(operations).hasSizeGreaterThan(25);
        operations.forEach(AccessIT::letsIn);
    }

    /// Each call that changes a source stands in the list of those who run the service.
    @Test
    void configurationNamesEveryCallOfAdministratorsOnSources() throws IOException {
        var document = Files.readString(Path.of("docs/configuration.md"));

        assertThat(documented().entrySet())
                .filteredOn(operation -> operation.getValue().equals("admin"))
                .extracting(Map.Entry::getKey)
                .filteredOn(operation -> operation.matches("\\w+ /api/(configs|instances)/.*"))
                .hasSizeGreaterThan(6)
                .allSatisfy(operation -> assertThat(document).contains("`" + operation + "`"));
    }

    /// What is no operation of the API, with the role that it wants.
    @Test
    void letsEachRoleSeeWhatStandsInNoDocument() {
        UNDOCUMENTED.forEach(AccessIT::letsIn);
    }

    @Test
    void knowsTheRoleOfEveryPath() {
        var known = new TreeSet<>(UNDOCUMENTED.keySet());
        known.addAll(documented().keySet());
        var context = service.bean(DispatcherServlet.class).getWebApplicationContext();
        var mapped = new TreeSet<String>();
        context.getBeansOfType(RequestMappingInfoHandlerMapping.class)
                .values()
                .forEach(
                        mapping ->
                                mapping.getHandlerMethods()
                                        .keySet()
                                        .forEach(info -> addPaths(info, mapped)));
        context.getBeansOfType(AbstractUrlHandlerMapping.class)
                .values()
                .forEach(
                        mapping ->
                                mapping.getHandlerMap()
                                        .keySet()
                                        .forEach(path -> mapped.add("GET " + path)));

        assertThat(mapped).contains("GET /api/sources", "GET /actuator/info", "GET /**");
        mapped.removeAll(known);
        // Its files, by version: one rule has them all.
        mapped.removeIf(path -> path.matches("GET /(swagger-ui|webjars/\\*swagger-ui)/.*"));
        assertThat(mapped).isEmpty();
    }

    private static void addPaths(RequestMappingInfo info, Set<String> paths) {
        var methods = info.getMethodsCondition().getMethods();
        for (String path : info.getPatternValues()) {
            var whole = path.length() > 1 && path.endsWith("/") ? path.replaceAll("/$", "") : path;
            if (methods.isEmpty()) {
                paths.add("GET " + whole);
            }
            methods.forEach(method -> paths.add(method + " " + whole));
        }
    }

    /// `METHOD path` with the role, `none` where everybody may.
    private static Map<String, String> documented() {
        var operations = new TreeMap<String, String>();
        var paths = service.get("/v3/api-docs", bearer(READER)).json().path("paths");
        for (String path : paths.propertyNames()) {
            var item = paths.path(path);
            for (String method : item.propertyNames()) {
                var role = item.path(method).at("/security/0/bearer/0").asString("none");
                operations.put(
                        method.toUpperCase(Locale.ROOT) + " " + path.replaceAll("(?<=.)/$", ""),
                        role);
            }
        }
        return operations;
    }

    private static void letsIn(String operation, String role) {
        var method = operation.split(" ")[0];
        var path =
                operation
                        .split(" ")[1]
                        .replace("{driver}", "mysql")
                        .replace("{position}", "1")
                        .replaceAll("\\{\\w+:(\\w+)[^}]*}", "$1")
                        .replaceAll("\\{\\w+}", "x")
                        .replace("*", "x");
        var body = method.equals("GET") ? null : "{}";
        var anonymous = service.send(method, path, body);
        var metrics = service.send(method, path, body, bearer(METRICS));
        var reader = service.send(method, path, body, bearer(READER));
        var admin = service.send(method, path, body, bearer(ADMIN));

        assertThat(anonymous.status() == 401 && !path.equals("/api/session"))
                .as(operation)
                .isEqualTo(!role.equals("none") && !path.equals("/api/session"));
        assertThat(metrics.status() == 403)
                .as(operation)
                .isEqualTo(!role.equals("none") && !role.equals("metrics"));
        assertThat(reader.status() == 403)
                .as(operation)
                .isEqualTo(role.equals("admin") || role.equals("metrics"));
        assertThat(admin.status()).as(operation).isNotIn(401, 403).isLessThan(500);
        for (Answer answer : List.of(anonymous, metrics, reader, admin)) {
            if (answer.status() >= 400) {
                assertThat(answer.header("Content-Type"))
                        .as(operation)
                        .startsWith("application/problem+json");
            }
            assertThat(answer.header("X-Content-Type-Options")).isEqualTo("nosniff");
            assertThat(answer.header("Content-Security-Policy")).contains("frame-ancestors 'none'");
        }
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
