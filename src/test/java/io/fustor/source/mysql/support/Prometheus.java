package io.fustor.source.mysql.support;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// Debian's Prometheus with one configuration of ours, on a free port of 127.0.0.1, until it is
/// closed.
public final class Prometheus implements AutoCloseable {

    private static final String RELEASE = "bookworm";
    private static final Duration LONGEST_START = Duration.ofSeconds(60);

    private final Folder folder;
    private final URI base;
    private final Watchdog watchdog;
    private final Process process;
    private final HttpClient http = HttpClient.newHttpClient();

    private Prometheus(Folder folder, int port) throws IOException {
        this.folder = folder;
        this.base = URI.create("http://127.0.0.1:" + port);
        this.watchdog = Watchdog.over(folder.path());
        var words = new ArrayList<>(packages().commandLine("usr/bin/prometheus"));
        words.add("--config.file=" + folder.path().resolve("prometheus.yml"));
        words.add("--storage.tsdb.path=" + folder.path().resolve("data"));
        words.add("--web.listen-address=127.0.0.1:" + port);
        this.process =
                new ProcessBuilder(words)
                        .redirectErrorStream(true)
                        .redirectOutput(folder.path().resolve("log").toFile())
                        .start();
        watchdog.watch(process.pid());
    }

    static DebianPackages packages() {
        return DebianPackages.ready("prometheus-" + RELEASE, RELEASE, "prometheus");
    }

    /// What a configuration is made of, once there is a folder for it.
    public interface Setup {

        /// Writes `prometheus.yml`, and the files that it names.
        void into(Path folder) throws IOException;
    }

    /// Starts it, and waits until it is ready to answer.
    public static Prometheus start(Setup setup) {
        var folder = Folder.temporary("fustor-prometheus-");
        try {
            setup.into(folder.path());
            var prometheus = new Prometheus(folder, FreePort.choose());
            prometheus.awaitReadiness();
            return prometheus;
        } catch (IOException e) {
            folder.delete();
            throw new UncheckedIOException(e);
        }
    }

    private void awaitReadiness() throws IOException {
        try {
            await("Prometheus at " + base)
                    .atMost(LONGEST_START)
                    .failFast("it ended", () -> !process.isAlive())
                    .until(() -> get("/-/ready") != null);
        } catch (RuntimeException e) {
            var log = Files.readString(folder.path().resolve("log"));
            close();
            throw new IllegalStateException("Prometheus did not start: " + log.strip(), e);
        }
    }

    /// The series that an expression has now.
    ///
    /// @throws AssertionError where it is no expression
    public List<JsonNode> query(String expression) {
        var encoded = URLEncoder.encode(expression, StandardCharsets.UTF_8);
        return elements(answer("/api/v1/query?query=" + encoded).path("result"));
    }

    /// The alerts that it evaluates, each with its `name` and `health`.
    public List<JsonNode> alertRules() {
        return elements(answer("/api/v1/rules?type=alert").path("groups").path(0).path("rules"));
    }

    private static List<JsonNode> elements(JsonNode array) {
        return array.valueStream().toList();
    }

    private JsonNode answer(String path) {
        var body = get(path);
        if (body == null) {
            throw new AssertionError("Prometheus refuses " + path);
        }
        return ChangeEvent.JSON.readTree(body).path("data");
    }

    /// The body of an answer with 200; null for any other, and without one.
    private @Nullable String get(String path) {
        try {
            var request = HttpRequest.newBuilder(base.resolve(path)).timeout(LONGEST_START).build();
            var response = http.send(request, BodyHandlers.ofString());
            return response.statusCode() == 200 ? response.body() : null;
        } catch (IOException _) {
            return null;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    @Override
    public void close() {
        http.close();
        process.destroy();
        process.onExit().join();
        watchdog.forgetProcess();
        folder.delete();
        watchdog.end();
    }
}
