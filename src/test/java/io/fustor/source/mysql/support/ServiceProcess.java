package io.fustor.source.mysql.support;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;

/// The service in a JVM of its own, for tests of what only a process shows: its end by a signal,
/// its start on another one's data, its memory. It listens on a free port of 127.0.0.1, and is gone
/// when this JVM is.
public final class ServiceProcess implements AutoCloseable {

    private static final String MAIN_CLASS = "io.fustor.source.mysql.FustorSourceMysqlApplication";
    private static final Duration LONGEST_START = Duration.ofSeconds(120);
    private static final Duration LONGEST_END = Duration.ofSeconds(90);

    private final Folder folder;
    private final int port;
    private final Watchdog watchdog;
    private final List<String> commandLine;
    private Process process;

    private ServiceProcess(Path dataDir, Map<String, String> properties, String... jvmArguments) {
        this.folder = Folder.temporary("fustor-service-");
        this.port = FreePort.choose();
        this.watchdog = Watchdog.over(folder.path());
        this.commandLine = commandLine(dataDir, properties, jvmArguments);
        this.process = run(commandLine);
    }

    /// Starts the service and returns when it says that it is ready.
    ///
    /// @param dataDir where it keeps its state; it stays there after `close`
    /// @param properties configuration, given as arguments: `fustor.feed.heartbeat` to `1s`
    /// @param jvmArguments what the JVM is given, such as `-Xmx128m`; without that it has 512 MB
    public static ServiceProcess start(
            Path dataDir, Map<String, String> properties, String... jvmArguments) {
        var service = new ServiceProcess(dataDir, properties, jvmArguments);
        service.awaitReadiness();
        return service;
    }

    private List<String> commandLine(
            Path dataDir, Map<String, String> properties, String... jvmArguments) {
        var words = new ArrayList<String>();
        words.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        words.add("--enable-native-access=ALL-UNNAMED");
        words.add("-Xmx512m");
        words.addAll(Arrays.asList(jvmArguments));
        words.addAll(List.of("-cp", classPath(), MAIN_CLASS));
        words.add("--server.port=" + port);
        words.add("--fustor.data-dir=" + dataDir);
        properties.forEach((name, value) -> words.add("--" + name + "=" + value));
        return words;
    }

    /// This JVM's class path without the tests.
    private static String classPath() {
        return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator, -1))
                .filter(entry -> !Path.of(entry).endsWith("test-classes"))
                .collect(Collectors.joining(File.pathSeparator));
    }

    private Process run(List<String> words) {
        try {
            var started =
                    new ProcessBuilder(words)
                            .directory(folder.path().toFile())
                            .redirectErrorStream(true)
                            .redirectOutput(Redirect.appendTo(logFile().toFile()))
                            .start();
            watchdog.watch(started.pid());
            return started;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void awaitReadiness() {
        try (var http = HttpClient.newHttpClient()) {
            Awaitility.await("readiness of the service")
                    .atMost(LONGEST_START)
                    .pollDelay(Duration.ZERO)
                    .pollInterval(Duration.ofMillis(50))
                    .failFast("the service ended", () -> !isAlive())
                    .until(() -> isReady(http));
        } catch (RuntimeException e) {
            var log = log();
            close();
            throw new IllegalStateException("The service did not start: " + log.strip(), e);
        }
    }

    private boolean isReady(HttpClient http) throws InterruptedException {
        var request =
                HttpRequest.newBuilder(uri("/actuator/health/readiness"))
                        .timeout(Duration.ofSeconds(5))
                        .build();
        try {
            return http.send(request, BodyHandlers.discarding()).statusCode() == 200;
        } catch (IOException _) {
            return false;
        }
    }

    /// The service's address with this path, which begins with a slash.
    public URI uri(String path) {
        return URI.create("http://127.0.0.1:" + port + path);
    }

    public int port() {
        return port;
    }

    public long pid() {
        return process.pid();
    }

    public boolean isAlive() {
        return process.isAlive();
    }

    /// Makes the service's JVM collect all garbage; returns when it has.
    public void collectGarbage() {
        String jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd").toString();
        Command.run(List.of(jcmd, Long.toString(pid()), "GC.run"))
                .orFail("the garbage was not collected");
    }

    /// Asks the service to end (SIGTERM), waits until it has, and says how long that took.
    public Duration terminate() {
        long start = System.nanoTime();
        process.destroy();
        awaitEnd();
        return Duration.ofNanos(System.nanoTime() - start);
    }

    /// Ends the service as a power cut would (SIGKILL); returns when it is gone.
    public void kill() {
        process.destroyForcibly();
        awaitEnd();
    }

    /// Starts the service after `terminate` or `kill`, on the same port and data, and returns when
    /// it says that it is ready.
    public void startAgain() {
        process = run(commandLine);
        awaitReadiness();
    }

    private void awaitEnd() {
        try {
            if (!process.waitFor(LONGEST_END.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new IllegalStateException("The service does not end: " + log().strip());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
        watchdog.forgetProcess();
    }

    /// What the ended service said to its caller: 0, its own code, or 128 and the signal's number.
    public int exitValue() {
        return process.exitValue();
    }

    /// All that the service has written to its console so far.
    public String log() {
        try {
            return Files.readString(logFile());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Path logFile() {
        return folder.path().resolve("service.log");
    }

    /// Ends the service, if it still runs, and forgets what it wrote to its console.
    @Override
    public void close() {
        if (!Files.exists(folder.path())) {
            return;
        }
        kill();
        folder.delete();
        watchdog.end();
    }
}
