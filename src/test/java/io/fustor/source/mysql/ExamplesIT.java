package io.fustor.source.mysql;

import static org.assertj.core.api.Assertions.assertThat;

import io.fustor.source.mysql.support.ServiceProcess;
import io.fustor.source.mysql.support.TestMySql;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// That the programs in `examples` do what they say: follow a feed over a restart of the service
/// and over one of their own, with each row once.
class ExamplesIT {

    private static final Duration LONGEST = Duration.ofSeconds(60);

    @TempDir static Path dataDir;
    private static TestMySql mysql;
    private static ServiceProcess service;

    @TempDir Path folder;

    @BeforeAll
    static void start() {
        mysql = TestMySql.start();
        service =
                ServiceProcess.start(
                        dataDir,
                        Map.of(
                                "fustor.sources.shop.driver_type", "mysql",
                                "fustor.sources.shop.uri", mysql.uri(),
                                "fustor.sources.shop.credential.user", TestMySql.CAPTURE.user(),
                                "fustor.sources.shop.credential.passwd",
                                        TestMySql.CAPTURE.password()));
    }

    @AfterAll
    static void end() {
        service.close();
        mysql.close();
    }

    @BeforeEach
    void createTable() {
        mysql.execute(
                "CREATE DATABASE IF NOT EXISTS shop",
                "DROP TABLE IF EXISTS shop.numbers",
                "CREATE TABLE shop.numbers (n INT PRIMARY KEY)");
    }

    @Test
    void javaReaderGetsEachRowOnce() {
        var command =
                List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "examples/Follow.java",
                        service.uri("/api/sources/shop").toString(),
                        "java-reader",
                        "tables=shop.numbers");

        followsWithEachRowOnce(command, () -> lagOf("java-reader"));
    }

    @Test
    void pythonReaderGetsEachRowOnce() throws Exception {
        requirePython();
        var position = folder.resolve("position");
        var command =
                List.of(
                        "python3",
                        "examples/follow.py",
                        service.uri("/api/sources/shop/events?tables=shop.numbers").toString(),
                        position.toString());

        followsWithEachRowOnce(
                command,
                () -> {
                    if (!Files.exists(position)) {
                        return OptionalLong.empty();
                    }
                    var body = "{\"position\":\"" + Files.readString(position) + "\"}";
                    send(
                            "/api/sources/shop/checkpoints/python-reader",
                            request ->
                                    request.header("Content-Type", "application/json")
                                            .PUT(BodyPublishers.ofString(body)));
                    return lagOf("python-reader");
                });
    }

    private static void requirePython() throws InterruptedException {
        try {
            var python =
                    new ProcessBuilder("python3", "--version")
                            .redirectOutput(Redirect.DISCARD)
                            .redirectError(Redirect.DISCARD)
                            .start();
            assertThat(python.waitFor()).isZero();
        } catch (IOException e) {
            throw new IllegalStateException(
                    "python3 is missing: the test of examples/follow.py needs Python 3 on the PATH",
                    e);
        }
    }

    /// @param lag bytes of binlog behind the position that the reader keeps for its next start;
    ///   empty where it keeps none yet
    private void followsWithEachRowOnce(List<String> command, Callable<OptionalLong> lag) {
        try (var reader = new Reader(command, folder)) {
            reader.await("position at the start", () -> lag.call().isPresent());
            insert(1, 20);
            reader.await("rows", () -> reader.rows().size() >= 20);

            service.terminate();
            insert(21, 40);
            service.startAgain();
            insert(41, 60);

            reader.await("rows behind a restart", () -> reader.rows().size() >= 60);
            reader.await("position at the end", () -> lag.call().orElse(-1) == 0);
        }
        insert(61, 80);
        try (var reader = new Reader(command, folder)) {
            reader.await("rows of its second run", () -> reader.rows().size() >= 80);

            assertThat(reader.rows()).isEqualTo(IntStream.rangeClosed(1, 80).boxed().toList());
        }
    }

    private static OptionalLong lagOf(String consumer) throws Exception {
        var answer = send("/api/sources/shop/checkpoints/" + consumer, HttpRequest.Builder::GET);
        var lag = Pattern.compile("\"lag_bytes\":(\\d+)").matcher(answer);
        return lag.find() ? OptionalLong.of(Long.parseLong(lag.group(1))) : OptionalLong.empty();
    }

    private static String send(String path, UnaryOperator<HttpRequest.Builder> method)
            throws Exception {
        try (var http = HttpClient.newHttpClient()) {
            var request = method.apply(HttpRequest.newBuilder(service.uri(path))).build();
            return http.send(request, BodyHandlers.ofString()).body();
        }
    }

    /// Ten rows a transaction.
    private static void insert(int from, int to) {
        for (int first = from; first <= to; first += 10) {
            var values =
                    IntStream.range(first, first + 10)
                            .mapToObj("(%d)"::formatted)
                            .collect(Collectors.joining(","));
            mysql.execute("INSERT INTO shop.numbers VALUES " + values);
        }
    }

    /// An example as a process that adds what it prints to a file, and what it complains about to
    /// another.
    private static final class Reader implements AutoCloseable {

        private static final Pattern ROW = Pattern.compile("\"n\": ?(\\d+)");

        private final Process process;
        private final Path changes;
        private final Path complaints;

        Reader(List<String> command, Path folder) {
            changes = folder.resolve("changes");
            complaints = folder.resolve("complaints");
            try {
                process =
                        new ProcessBuilder(command)
                                .redirectOutput(Redirect.appendTo(changes.toFile()))
                                .redirectError(Redirect.appendTo(complaints.toFile()))
                                .start();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        void await(String what, Callable<Boolean> happened) {
            try {
                Awaitility.await(what)
                        .atMost(LONGEST)
                        .ignoreExceptions()
                        .failFast("the reader ended", () -> !process.isAlive())
                        .until(happened);
            } catch (RuntimeException e) {
                throw new IllegalStateException(
                        what + ": " + rows() + " complaints: " + text(complaints), e);
            }
        }

        /// The numbers of all rows that were printed, in this run or before it.
        List<Integer> rows() {
            return ROW.matcher(text(changes))
                    .results()
                    .map(row -> row.group(1))
                    .map(Integer::valueOf)
                    .toList();
        }

        private static String text(Path file) {
            try {
                return Files.readString(file);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public void close() {
            process.destroyForcibly().onExit().join();
        }
    }
}
