package io.fustor.source.mysql;

import static org.assertj.core.api.Assertions.assertThat;

import io.fustor.source.mysql.support.FeedRequest;
import io.fustor.source.mysql.support.LocalService;
import io.fustor.source.mysql.support.Nginx;
import io.fustor.source.mysql.support.TestMySql;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The configuration of nginx in `deploy/`, run by Debian's nginx, in both of its forms.
class NginxIT {

    private static final String SECRET = "a-secret-of-an-administrator";
    private static final String PASSWORD = "the-password-of-a-person";
    private static final TestMySql MYSQL = TestMySql.shared();

    @BeforeAll
    static void create() {
        MYSQL.execute(
                "DROP DATABASE IF EXISTS nginx_it",
                "CREATE DATABASE nginx_it",
                "CREATE TABLE nginx_it.orders (id INT PRIMARY KEY)");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void interfaceAndFeedPassAndOthersDoNot(boolean withTokens) {
        Map<String, String> security =
                withTokens
                        ? Map.of(
                                "fustor.security.tokens",
                                "ui:admin:" + SECRET,
                                "server.address",
                                "127.0.0.1")
                        : Map.of();
        try (var service = LocalService.start(security);
                var nginx = Nginx.start((folder, port) -> site(folder, port, service, withTokens));
                var http = HttpClient.newHttpClient()) {
            var browser = new Browser(nginx, http);
            assertThat(browser.send("GET", "/", null, "Authorization", "").statusCode())
                    .isEqualTo(401);
            assertThat(browser.send("GET", "/", null).body()).isEqualTo("the interface");
            assertThat(browser.send("GET", "/a/page/of/it", null).body())
                    .isEqualTo("the interface");
            assertThat(browser.send("GET", "/api/configs/", null).body())
                    .startsWith("{\"sources\"");
            assertThat(browser.send("GET", "/swagger-ui/index.html", null).statusCode())
                    .isEqualTo(200);
            save(browser);
            refuseOtherSites(browser);
            deliverAtOnce(nginx);
        }
    }

    /// As the interface does, with some megabytes of fields.
    private static void save(Browser browser) {
        var field = "\"%d.b.c\":{\"type\":\"string\",\"comment\":\"" + "x".repeat(1_000) + "\"}";
        var fields = new StringBuilder(field.formatted(0));
        for (int i = 1; i < 9_000; i++) {
            fields.append(',').append(field.formatted(i));
        }
        var body =
                """
                {"config": {"uri": "%s", "credential": {"user": "%s", "passwd": "%s"}},
                 "discovered_fields": {"properties": {%s}}}
                """
                        .formatted(
                                MYSQL.uri(),
                                TestMySql.CAPTURE.user(),
                                TestMySql.CAPTURE.password(),
                                fields);
        var saved =
                browser.send(
                        "POST",
                        "/api/configs/sources/shop",
                        body,
                        "Sec-Fetch-Site",
                        "same-origin",
                        "Origin",
                        browser.origin());
        assertThat(saved.statusCode()).as(saved.body()).isEqualTo(201);
    }

    /// An old browser says a page's address only.
    private static void refuseOtherSites(Browser browser) {
        var cleanup = "/api/configs/sources/_actions/cleanup";
        String own = browser.origin();
        assertThat(status(browser, cleanup, "Origin", own)).isEqualTo(200);
        assertThat(status(browser, cleanup, "Referer", own + "/page")).isEqualTo(200);
        assertThat(status(browser, cleanup, "Sec-Fetch-Site", "none")).isEqualTo(200);
        for (var foreign : new String[] {"cross-site", "same-site", "own|"}) {
            assertThat(status(browser, cleanup, "Sec-Fetch-Site", foreign)).isEqualTo(403);
        }
        for (var header : new String[] {"Origin", "Referer"}) {
            assertThat(status(browser, cleanup, header, "http://evil.example")).isEqualTo(403);
            assertThat(status(browser, cleanup, header, own + ".evil.example")).isEqualTo(403);
            assertThat(status(browser, cleanup, header, "http://evil.example/|" + own))
                    .isEqualTo(403);
        }
    }

    private static int status(Browser browser, String path, String header, String value) {
        return browser.send("POST", path, "", header, value).statusCode();
    }

    /// One small event, which a proxy that buffers would keep.
    private static void deliverAtOnce(Nginx nginx) {
        MYSQL.execute("DELETE FROM nginx_it.orders");
        try (var client =
                FeedRequest.to(nginx.uri("/api/sources/shop/events"))
                        .with("tables", "nginx_it.orders")
                        .header("Authorization", basic())
                        .patience(Duration.ofSeconds(5))
                        .open()) {
            client.hello();
            MYSQL.execute("INSERT INTO nginx_it.orders VALUES (7)");
            assertThat(client.change().row(0).path("id").asInt()).isEqualTo(7);
        }
    }

    /// The file as it is, but for what an installation changes in it.
    private static String site(Path folder, int port, LocalService service, boolean withTokens)
            throws IOException {
        var root = Files.createDirectories(folder.resolve("interface"));
        Files.writeString(root.resolve("index.html"), "the interface");
        var password = folder.resolve("htpasswd");
        Files.writeString(password, "a-user:{PLAIN}" + PASSWORD + "\n");
        var text = Files.readString(Path.of("deploy/nginx.conf"));
        text = replaced(text, "server 127.0.0.1:8080;", "server 127.0.0.1:" + service.port() + ";");
        text = replaced(text, "listen 127.0.0.1:8088;", "listen 127.0.0.1:" + port + ";");
        text = replaced(text, "/etc/nginx/fustor.htpasswd", password.toString());
        text = replaced(text, "/usr/share/fustor-web-ui", root.toString());
        if (withTokens) {
            text = replaced(text, "        proxy_set_header Host localhost;\n", "");
            text = replaced(text, "        proxy_set_header Authorization \"\";\n", "");
            text = replaced(text, "# proxy_set_header Host", "proxy_set_header Host");
            text = replaced(text, "# proxy_set_header Auth", "proxy_set_header Auth");
            text = replaced(text, "the-secret-of-the-token", SECRET);
        }
        return text;
    }

    private static String replaced(String text, String what, String by) {
        assertThat(text).containsOnlyOnce(what);
        return text.replace(what, by);
    }

    private static String basic() {
        var pair = ("a-user:" + PASSWORD).getBytes(StandardCharsets.UTF_8);
        return "Basic " + Base64.getEncoder().encodeToString(pair);
    }

    /// What a person's browser sends, who has typed the password.
    private record Browser(Nginx nginx, HttpClient http) {

        String origin() {
            return "http://127.0.0.1:" + nginx.port();
        }

        HttpResponse<String> send(String method, String path, String body, String... headers) {
            var request =
                    HttpRequest.newBuilder(nginx.uri(path))
                            .method(
                                    method,
                                    body == null
                                            ? BodyPublishers.noBody()
                                            : BodyPublishers.ofString(body))
                            .setHeader("Content-Type", "application/json")
                            .setHeader("Authorization", basic());
            for (int i = 0; i < headers.length; i += 2) {
                request.setHeader(headers[i], headers[i + 1]);
            }
            try {
                return http.send(request.build(), BodyHandlers.ofString());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException(e);
            }
        }
    }
}
