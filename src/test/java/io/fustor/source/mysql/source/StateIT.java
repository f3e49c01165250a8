package io.fustor.source.mysql.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fustor.source.mysql.support.LocalService;
import io.fustor.source.mysql.support.ServiceApi;
import io.fustor.source.mysql.support.ServiceProcess;
import io.fustor.source.mysql.support.TestMySql;
import io.fustor.source.mysql.support.TestPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/// What the service keeps on disk, over its end and its start.
@ExtendWith(OutputCaptureExtension.class)
class StateIT {

    private static final String KEY = "fustor.security.encryption-key";
    private static final Map<String, String> OFTEN_BACKED_UP =
            Map.of("fustor.state.backup-interval", "1s");

    private static final String SECRET = "a-password-never-seen";
    private static final String CONFIG =
            "{\"config\":{\"uri\":\"127.0.0.1:1\",\"credential\":{\"user\":\"u\",\"passwd\":\""
                    + SECRET
                    + "\"}}}";

    @TempDir private Path folder;

    private final HttpClient http = HttpClient.newHttpClient();

    @Test
    void survivesKillRightAfterTheAnswer() throws Exception {
        var answered = new AtomicInteger();
        try (var service =
                        ServiceProcess.start(
                                folder, Map.of(), "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC");
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

        try (var service = LocalService.on(folder, Map.of())) {
            var sources = service.bean(Sources.class);
            assertThat(sources.ids()).containsAll(created);
            assertThat(sources.all())
                    .allSatisfy(
                            source ->
                                    assertThat(source.config().credential().password())
                                            .isEqualTo(SECRET));
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
            service.post("/api/configs/sources/c", CONFIG);
            service.post("/api/configs/sources/b/_actions/disable", null);
            service.post("/api/instances/sources/c/_actions/stop", null);
        }
        try (var service = LocalService.on(folder, Map.of())) {
            var sources = service.bean(Sources.class);
            assertThat(sources.ids()).containsExactly("a", "b", "c");
            assertThat(sources.isRunning("a")).isTrue();
            assertThat(sources.isRunning("b")).isFalse();
            assertThat(sources.isRunning("c")).isFalse();
            assertThat(sources.require("a").config().credential().password()).isEqualTo(SECRET);
            service.post("/api/instances/sources/c/_actions/start", null);
        }
        try (var service = LocalService.on(folder, Map.of())) {
            assertThat(service.bean(Sources.class).isRunning("c")).isTrue();
        }
    }

    @Test
    void writesNoPasswordToDiskOrLog(CapturedOutput console) throws IOException {
        try (var service =
                LocalService.on(
                        folder,
                        Map.of(
                                "fustor.sources.declared.uri", "127.0.0.1:1",
                                "fustor.sources.declared.credential.user", "u",
                                "fustor.sources.declared.credential.passwd", SECRET,
                                "fustor.security.tokens", "ops:admin:" + SECRET + "2",
                                "server.address", "127.0.0.1",
                                "fustor.state.backup-interval", "1s",
                                "logging.level.io.fustor", "DEBUG",
                                "logging.level.org.springframework.web", "DEBUG"))) {
            String[] admin = {"Authorization", "Bearer " + SECRET + "2"};
            service.post("/api/configs/sources/a", CONFIG, admin);
            service.post("/api/configs/sources/a", CONFIG.replace("uri", "iru"), admin);
            service.post("/api/configs/sources/b", CONFIG.replace("}}}", "}"), admin);
            service.post(
                    "/api/configs/sources/a/_actions/discover_and_cache_fields",
                    "{\"admin_creds\":{\"user\":\"root\",\"passwd\":\"" + SECRET + "\"}}",
                    admin);
            awaitBackup(service, admin);
        }

        assertThat(console).contains("source=a").doesNotContain(SECRET);
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
    void doesNotStartWithAnotherKeyUnlessTheFormerIsGiven(CapturedOutput console) {
        LocalService.on(folder, Map.of(KEY, key(1))).close();

        assertThat(refusal(console, Map.of(KEY, key(2))))
                .contains("encrypted with another key")
                .doesNotContain(key(2));
        var both = Map.of(KEY, key(2), "fustor.security.previous-encryption-keys", key(1));
        LocalService.on(folder, both).close();
    }

    @Test
    void doesNotStartWithABadDeclaration(CapturedOutput console) {
        var declaration =
                Map.of(
                        "fustor.sources.shop.uri", "nowhere",
                        "fustor.sources.shop.credential.user", "u",
                        "fustor.sources.shop.credential.passwd", SECRET);

        assertThat(refusal(console, declaration))
                .contains("fustor.sources.shop: uri must be host:port")
                .doesNotContain(SECRET);
    }

    /// The first one's file is locked here as another process would lock it.
    @Test
    void doesNotStartOnAnothersData(CapturedOutput console) throws IOException {
        var database = Files.writeString(folder.resolve("fustor.mv.db"), "another's");
        try (var file = FileChannel.open(database, StandardOpenOption.WRITE);
                var _ = file.lock()) {
            assertThat(refusal(console, Map.of("fustor.state.restore", "true")))
                    .contains("Another process");
        }
        assertThat(database).hasContent("another's");
    }

    @Test
    void doesNotStartOnABrokenDatabase(CapturedOutput console) throws IOException {
        try (var service = LocalService.on(folder, OFTEN_BACKED_UP)) {
            service.post("/api/configs/sources/a", CONFIG);
            awaitBackup(service);
        }
        Files.writeString(folder.resolve("fustor.mv.db"), "garbage".repeat(5000));

        assertThat(refusal(console, Map.of()))
                .contains(folder.resolve("fustor.mv.db") + " cannot be read")
                .contains("--fustor.state.restore=true")
                .contains(folder.resolve("backup").toString());
        try (var service = LocalService.on(folder, Map.of("fustor.state.restore", "true"))) {
            assertThat(service.bean(Sources.class).ids()).containsExactly("a", "last");
            var source = service.bean(Sources.class).require("a");
            assertThat(source.config().credential().password()).isEqualTo(SECRET);
        }
    }

    @Test
    void doesNotStartOnAnotherAddressWithoutTokens(CapturedOutput console) {
        assertThat(refusal(console, Map.of("server.address", "0.0.0.0")))
                .contains("fustor.security.tokens");
    }

    @Test
    void doesNotStartWithABadToken(CapturedOutput console) {
        assertThat(refusal(console, Map.of("fustor.security.tokens", "ops:chief:" + SECRET)))
                .contains("fustor.security.tokens[0]")
                .doesNotContain(SECRET);
    }

    /// One that has all that was stored before this call: it has what is stored now.
    private void awaitBackup(LocalService service, String... headers) {
        service.post("/api/configs/sources/last", CONFIG, headers);
        org.awaitility.Awaitility.await()
                .until(() -> backups().stream().anyMatch(StateIT::hasTheLastSource));
    }

    private static boolean hasTheLastSource(Path backup) {
        try (var in = new GZIPInputStream(Files.newInputStream(backup))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8).contains("'last'");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private List<Path> backups() {
        try (var files = Files.list(Files.createDirectories(folder.resolve("backup")))) {
            return files.filter(file -> file.toString().endsWith(".gz")).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// What the console says of a start that is refused.
    private String refusal(CapturedOutput console, Map<String, String> properties) {
        int before = console.toString().length();
        assertThatThrownBy(() -> LocalService.on(folder, properties)).isNotNull();
        var said = console.toString().substring(before);
        assertThat(said).contains("APPLICATION FAILED TO START").doesNotContain("\tat ");
        return said;
    }

    private static Map<String, String> mySql() {
        var mysql = TestMySql.shared();
        mysql.execute("DROP DATABASE IF EXISTS state_it", "CREATE DATABASE state_it");
        return Map.of(
                "spring.datasource.url",
                "jdbc:mysql://" + mysql.uri() + "/state_it?allowPublicKeyRetrieval=true",
                "spring.datasource.username",
                mysql.user(),
                "spring.datasource.password",
                mysql.password());
    }

    private Map<String, String> shared(StateKind kind) {
        Map<String, String> database =
                switch (kind) {
                    case H2 ->
                            Map.of(
                                    "spring.datasource.url",
                                    "jdbc:h2:file:"
                                            + folder.resolve("shared")
                                            + ";AUTO_SERVER=TRUE");
                    case MYSQL -> mySql();
                    case POSTGRESQL -> TestPostgres.shared().database("state_it");
                };
        var all = new java.util.HashMap<>(database);
        all.put(KEY, key(1));
        return all;
    }

    /// The databases that instances can share.
    private enum StateKind {
        H2,
        MYSQL,
        POSTGRESQL
    }

    @ParameterizedTest
    @EnumSource
    void takesOverWhatAnotherInstanceStores(StateKind kind) {
        var shared = shared(kind);
        shared.put("fustor.refresh", "100ms");
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

    @ParameterizedTest
    @EnumSource(names = {"MYSQL", "POSTGRESQL"})
    void sharesADatabaseWithOtherInstances(StateKind kind) {
        var shared = shared(kind);
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

    /// Checkpoints of many names, in the order of their characters' codes, over all pages; and
    /// readers.
    @ParameterizedTest
    @EnumSource
    void keepsCheckpointsAndReaders(StateKind kind) {
        var mysql = TestMySql.shared();
        var names = List.of("A", "B-1", "B1", "B_1", "Z", "a", "a-a", "aa", "b", "z");
        try (var service = LocalService.on(folder, shared(kind))) {
            var api = new ServiceApi(URI.create("http://127.0.0.1:" + service.port()));
            api.addSource("kept", mysql);
            var token = Map.of("position", api.tokenOfNow("kept"));
            names.forEach(
                    name -> api.put("/api/sources/kept/checkpoints/" + name, token).expect(200));
            assertThat(consumers(service)).isEqualTo(names.stream().sorted().toList());
            assertThat(api.put("/api/sources/kept/checkpoints/a", token).status()).isEqualTo(200);

            String secret = api.addReader("partner", Map.of("sources", List.of("kept")));
            var partner = api.as(secret);
            partner.put("/api/sources/kept/checkpoints/a", token).expect(200);
            assertThat(api.post("/api/readers/partner", Map.of()).status()).isEqualTo(409);
            api.put("/api/readers/partner", Map.of("sources", List.of("none"))).expect(200);
            assertThat(partner.get("/api/sources/kept").status()).isEqualTo(404);
            api.delete("/api/readers/partner").expect(204);
            assertThat(api.get("/api/readers").body()).doesNotContain("partner");
        }
    }

    private static List<String> consumers(LocalService service) {
        var consumers = new java.util.ArrayList<String>();
        String path = "/api/sources/kept/checkpoints?limit=3";
        while (!path.isEmpty()) {
            var answer = service.get(path);
            answer.json().forEach(one -> consumers.add(one.path("consumer").asString()));
            String link = answer.header("Link");
            path = link.isEmpty() ? "" : link.substring(1, link.indexOf('>'));
        }
        return consumers;
    }

    /// A value that does not fit is the request's fault in every database.
    @ParameterizedTest
    @EnumSource
    void refusesAValueThatDoesNotFit(StateKind kind) {
        try (var service = LocalService.on(folder, shared(kind))) {
            var state = service.bean(io.fustor.source.mysql.state.StateDatabase.class);
            assertThatThrownBy(
                            () ->
                                    state.write(
                                            write ->
                                                    write.update(
                                                            "INSERT INTO feed_reader (name, secret_hash, document, created)"
                                                                    + " VALUES (?, 'h', '{}', 0)",
                                                            "n".repeat(65))))
                    .isInstanceOf(org.springframework.dao.DataIntegrityViolationException.class);
            assertThat(service.get("/actuator/health").status()).isEqualTo(200);
        }
    }

    private HttpResponse<String> post(ServiceProcess service, String path, String json)
            throws IOException, InterruptedException {
        URI uri = service.uri(path);
        var request =
                HttpRequest.newBuilder(uri)
                        .header("Content-Type", "application/json")
                        .POST(BodyPublishers.ofString(json));
        return http.send(request.build(), BodyHandlers.ofString());
    }

    private static String key(int seed) {
        var bytes = new byte[32];
        IntStream.range(0, 32).forEach(i -> bytes[i] = (byte) (seed + i));
        return Base64.getEncoder().encodeToString(bytes);
    }
}
