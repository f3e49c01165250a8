package io.fustor.source.mysql.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fustor.source.mysql.support.LocalService;
import io.fustor.source.mysql.support.ServiceProcess;
import io.fustor.source.mysql.support.TestMySql;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// What the service keeps on disk, over its end and its start.
class StateIT {

    private static final String SECRET = "a-password-nobody-sees";
    private static final String CONFIG =
            "{\"config\":{\"uri\":\"127.0.0.1:1\",\"credential\":{\"user\":\"u\",\"passwd\":\""
                    + SECRET
                    + "\"}}}";

    @TempDir private Path folder;

    private final HttpClient http = HttpClient.newHttpClient();

    @Test
    void survivesKillRightAfterTheAnswer() throws Exception {
        var answered = new AtomicInteger();
        try (var service = ServiceProcess.start(folder, Map.of());
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            // Several at a time, and the kill in the middle of them.
            for (int thread = 0; thread < 4; thread++) {
                String prefix = "s" + thread + "-";
                threads.submit(() -> createUntilItEnds(service, prefix, answered));
            }
            org.awaitility.Awaitility.await().until(() -> answered.get() >= 40);
            service.kill();
        }
        assertThat(created).hasSizeGreaterThanOrEqualTo(40);

        try (var service = ServiceProcess.start(folder, Map.of())) {
            var ids = json(get(service, "/api/configs/sources")).propertyNames();
            assertThat(ids).containsAll(created);
        }
    }

    private final java.util.Set<String> created =
            java.util.concurrent.ConcurrentHashMap.newKeySet();

    private void createUntilItEnds(ServiceProcess service, String prefix, AtomicInteger answered) {
        try {
            for (int i = 0; ; i++) {
                String id = prefix + i;
                if (post(service, "/api/configs/sources/" + id, CONFIG).statusCode() == 201) {
                    created.add(id);
                    answered.incrementAndGet();
                }
            }
        } catch (IOException | InterruptedException _) {
            // It was killed, as it should be.
        }
    }

    @Test
    void keepsSourcesAndSwitchesOverAStart() {
        try (var service = LocalService.on(folder, Map.of())) {
            service.post("/api/configs/sources/a", CONFIG);
            service.post("/api/configs/sources/b", CONFIG);
            service.post("/api/configs/sources/b/_actions/disable", null);
            service.post("/api/instances/sources/a/_actions/stop", null);
        }
        try (var service = LocalService.on(folder, Map.of())) {
            var sources = service.bean(Sources.class);
            assertThat(sources.ids()).containsExactly("a", "b");
            assertThat(sources.isRunning("a")).isTrue();
            assertThat(sources.isRunning("b")).isFalse();
            assertThat(sources.require("a").config().credential().password()).isEqualTo(SECRET);
        }
    }

    @Test
    void writesNoPasswordToDiskOrLog() throws IOException {
        String log;
        try (var service =
                ServiceProcess.start(
                        folder,
                        Map.of(
                                "fustor.sources.declared.uri", "127.0.0.1:1",
                                "fustor.sources.declared.credential.user", "u",
                                "fustor.sources.declared.credential.passwd", SECRET,
                                "fustor.security.tokens", "ops:admin:" + SECRET + "2",
                                "server.address", "127.0.0.1",
                                "logging.level.io.fustor", "DEBUG",
                                "logging.level.org.springframework.web", "DEBUG"))) {
            var admin = "Bearer " + SECRET + "2";
            post(service, "/api/configs/sources/a", CONFIG, admin);
            post(service, "/api/configs/sources/a", CONFIG.replace("uri", "iru"), admin);
            post(service, "/api/configs/sources/b", CONFIG.replace("}}}", "}"), admin);
            post(
                    service,
                    "/api/configs/sources/a/_actions/discover_and_cache_fields",
                    "{\"admin_creds\":{\"user\":\"root\",\"passwd\":\"" + SECRET + "\"}}",
                    admin);
            log = service.log();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }

        assertThat(log).contains("source=a").doesNotContain(SECRET);
        try (var files = Files.walk(folder)) {
            for (var file : files.filter(Files::isRegularFile).toList()) {
                var content = new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
                assertThat(content).as(file.toString()).doesNotContain(SECRET);
                var wide = new String(Files.readAllBytes(file), StandardCharsets.UTF_16BE);
                assertThat(wide).as(file.toString()).doesNotContain(SECRET);
            }
        }
    }

    @Test
    void doesNotStartWithAnotherKey() {
        try (var service =
                ServiceProcess.start(folder, Map.of("fustor.security.encryption-key", key(1)))) {
            assertThat(service.isAlive()).isTrue();
        }

        assertThatThrownBy(
                        () ->
                                ServiceProcess.start(
                                        folder, Map.of("fustor.security.encryption-key", key(2))))
                .hasMessageContaining("encrypted with another key")
                .hasMessageNotContaining("\tat ")
                .hasMessageNotContaining(key(2));
    }

    @Test
    void doesNotStartWithABadDeclaration() {
        assertThatThrownBy(
                        () ->
                                ServiceProcess.start(
                                        folder,
                                        Map.of(
                                                "fustor.sources.shop.uri", "nowhere",
                                                "fustor.sources.shop.credential.user", "u",
                                                "fustor.sources.shop.credential.passwd", SECRET)))
                .hasMessageContaining("fustor.sources.shop: uri must be host:port")
                .hasMessageNotContaining("\tat ")
                .hasMessageNotContaining(SECRET);
    }

    @Test
    void doesNotStartOnAnothersData() {
        try (var _ = LocalService.on(folder, Map.of())) {
            assertThatThrownBy(() -> ServiceProcess.start(folder, Map.of()))
                    .hasMessageContaining("Another process")
                    .hasMessageNotContaining("\tat ");
        }
    }

    @Test
    void doesNotStartOnAnotherAddressWithoutTokens() {
        assertThatThrownBy(() -> ServiceProcess.start(folder, Map.of("server.address", "0.0.0.0")))
                .hasMessageContaining("fustor.security.tokens")
                .hasMessageNotContaining("\tat ");
    }

    @Test
    void doesNotStartWithABadToken() {
        assertThatThrownBy(
                        () ->
                                ServiceProcess.start(
                                        folder,
                                        Map.of("fustor.security.tokens", "ops:chief:" + SECRET)))
                .hasMessageContaining("fustor.security.tokens[0]")
                .hasMessageNotContaining("\tat ")
                .hasMessageNotContaining(SECRET);
    }

    @Test
    void takesOverWhatAnotherInstanceStores() {
        var shared =
                Map.of(
                        "spring.datasource.url",
                        "jdbc:h2:file:" + folder.resolve("shared") + ";AUTO_SERVER=TRUE",
                        "fustor.security.encryption-key",
                        key(1),
                        "fustor.refresh",
                        "100ms");
        try (var one = LocalService.on(folder, shared);
                var other = LocalService.on(folder, shared)) {
            one.post("/api/configs/sources/a", CONFIG);
            var theirs = other.bean(Sources.class);

            assertThat(theirs.run("a").config().credential().password()).isEqualTo(SECRET);
            one.post("/api/configs/sources/a/_actions/disable", null);
            org.awaitility.Awaitility.await().until(() -> !theirs.isRunning("a"));
            one.post("/api/configs/sources/a/_actions/enable", null);
            org.awaitility.Awaitility.await().until(() -> theirs.isRunning("a"));
            var run = theirs.run("a");
            one.delete("/api/configs/sources/a");
            org.awaitility.Awaitility.await().until(() -> theirs.ids().isEmpty());
            assertThat(run.endReason()).contains("deleted");
        }
    }

    @Test
    void sharesAMySqlWithOtherInstances() {
        var mysql = TestMySql.shared();
        mysql.execute("DROP DATABASE IF EXISTS state_it", "CREATE DATABASE state_it");
        var shared =
                Map.of(
                        "spring.datasource.url",
                        "jdbc:mysql://" + mysql.uri() + "/state_it?allowPublicKeyRetrieval=true",
                        "spring.datasource.username",
                        mysql.user(),
                        "spring.datasource.password",
                        mysql.password(),
                        "fustor.security.encryption-key",
                        key(1));
        try (var one = LocalService.on(folder, shared);
                var other = LocalService.on(folder, shared)) {
            one.post("/api/configs/sources/a", CONFIG);
            one.post("/api/configs/sources/A", CONFIG);

            assertThat(other.bean(Sources.class).run("A").id()).isEqualTo("A");
            assertThat(other.bean(Sources.class).run("a").id()).isEqualTo("a");
            assertThat(other.post("/api/configs/sources/a", CONFIG).status()).isEqualTo(409);
            assertThat(folder.resolve("fustor.mv.db")).doesNotExist();
        }
    }

    private HttpResponse<String> get(ServiceProcess service, String path)
            throws IOException, InterruptedException {
        return http.send(
                HttpRequest.newBuilder(service.uri(path)).build(), BodyHandlers.ofString());
    }

    private HttpResponse<String> post(
            ServiceProcess service, String path, String json, String... authorization)
            throws IOException, InterruptedException {
        URI uri = service.uri(path);
        var request =
                HttpRequest.newBuilder(uri)
                        .header("Content-Type", "application/json")
                        .POST(BodyPublishers.ofString(json));
        for (var value : authorization) {
            request.header("Authorization", value);
        }
        return http.send(request.build(), BodyHandlers.ofString());
    }

    private static JsonNode json(HttpResponse<String> answer) {
        return JsonMapper.shared().readTree(answer.body());
    }

    private static String key(int seed) {
        var bytes = new byte[32];
        IntStream.range(0, 32).forEach(i -> bytes[i] = (byte) (seed + i));
        return Base64.getEncoder().encodeToString(bytes);
    }
}
