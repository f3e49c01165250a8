package io.fustor.source.mysql.support;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/// An installation by the operator's guide. The JVM says in its log, and only there, that a cache
/// does not fit, and starts without it.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PackagedServiceIT {

    private static final int POLLS = 40;

    private final Folder folder = Folder.temporary("fustor-installation-");
    private PackagedService installed;

    @BeforeAll
    void install() throws IOException {
        installed = PackagedService.installed(folder.path());
    }

    @AfterAll
    void remove() {
        folder.delete();
    }

    /// The unit's working folder is that of the settings.
    @Test
    void unitStartsWithTheCache() throws IOException {
        assertUsesItsCache(installed);
    }

    /// The image starts in the folder of the jar, and names it without the folder.
    @Test
    void imageStartsWithTheCache() throws IOException {
        assertUsesItsCache(PackagedService.imageIn(PackagedService.home(folder.path())));
    }

    /// What java is started with decides what a waiting virtual thread holds: with reflection by
    /// native code, as many long polls as there are carriers kept everyone else waiting.
    @Test
    void longPollsKeepNoOneElseWaiting() throws Exception {
        Path log = folder.path().resolve("polls.log");
        Path data = folder.path().resolve("polls");
        try (TestMySql mysql = TestMySql.start();
                HttpClient http = HttpClient.newHttpClient();
                var running = installed.start(data, log, "--fustor.pages.long-poll=10s")) {
            await().until(() -> running.written().contains(" ready console="));
            URI service = URI.create("http://127.0.0.1:" + running.port());
            mysql.execute("CREATE DATABASE quiet", "CREATE TABLE quiet.one (id INT PRIMARY KEY)");
            new ServiceApi(service).addSource("quiet", mysql);
            URI page = service.resolve("/api/sources/quiet/stream?offset=now&live=long-poll");

            List<CompletableFuture<HttpResponse<Void>>> polls =
                    Stream.generate(
                                    () ->
                                            http.sendAsync(
                                                    get(page, Duration.ofSeconds(90)),
                                                    BodyHandlers.discarding()))
                            .limit(POLLS)
                            .toList();
            do {
                // Waiting for a poll to end would take longer.
                HttpRequest health =
                        get(service.resolve("/actuator/health/readiness"), Duration.ofSeconds(8));
                assertThat(http.send(health, BodyHandlers.discarding()).statusCode())
                        .isEqualTo(200);
            } while (polls.stream().noneMatch(CompletableFuture::isDone));

            assertThat(polls)
                    .allSatisfy(poll -> assertThat(poll.join().statusCode()).isEqualTo(204));
        }
    }

    private static HttpRequest get(URI uri, Duration patience) {
        return HttpRequest.newBuilder(uri).timeout(patience).build();
    }

    private void assertUsesItsCache(PackagedService service) throws IOException {
        Path log = folder.path().resolve("log");
        try (var running = service.start(folder.path().resolve("data"), log)) {
            await().until(
                            () ->
                                    running.written().contains(" ready console=")
                                            || !running.isAlive());

            assertThat(running.written()).contains(" ready console=").doesNotContain("[aot");
        }
    }
}
