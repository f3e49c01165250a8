package io.fustor.source.mysql.support;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.awaitility.Awaitility;

/// A real PostgreSQL server for tests of a state database that instances share, on a free port of
/// 127.0.0.1. It is gone when this JVM is, even if that is killed.
public final class TestPostgres implements AutoCloseable {

    static final String USER = "state";

    private final PostgresInstallation installation = PostgresInstallation.ready();
    private final Folder folder = Folder.temporary("fustor-postgres-");
    private final Folder logs = Folder.temporary("fustor-postgres-log-");
    private final int port = FreePort.choose();
    private final Watchdog watchdog = Watchdog.over(folder.path());
    private final boolean isShared;
    private final Path data;
    private Process process;

    private TestPostgres(boolean isShared) {
        this.isShared = isShared;
        this.data = installation.prepareData(folder.path());
        this.process = run();
    }

    private static final class Shared {
        static final TestPostgres INSTANCE = new TestPostgres(true);
    }

    /// The one server of this JVM; `close` leaves it running. Tests keep to databases of their own.
    public static TestPostgres shared() {
        return Shared.INSTANCE;
    }

    /// A server of one's own.
    public static TestPostgres start() {
        return new TestPostgres(false);
    }

    private Process run() {
        try {
            var started =
                    new ProcessBuilder(installation.commandLine(data, port))
                            .directory(folder.path().toFile())
                            .redirectErrorStream(true)
                            .redirectOutput(Redirect.appendTo(logFile().toFile()))
                            .start();
            watchdog.watch(started.pid());
            awaitAnswer(started);
            return started;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void awaitAnswer(Process started) {
        try {
            Awaitility.await("PostgreSQL")
                    .atMost(Duration.ofSeconds(60))
                    .pollInterval(Duration.ofMillis(20))
                    .failFast("PostgreSQL ended", () -> !started.isAlive())
                    .until(this::answers);
        } catch (RuntimeException e) {
            throw new IllegalStateException("PostgreSQL did not start: " + log().strip(), e);
        }
    }

    private boolean answers() {
        try (var _ = connect("postgres")) {
            return true;
        } catch (SQLException _) {
            return false;
        }
    }

    private Path logFile() {
        return logs.path().resolve("log");
    }

    private String log() {
        try {
            return Files.readString(logFile());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Makes a database anew, and answers the settings of a service that uses it.
    public Map<String, String> database(String name) {
        execute("postgres", "DROP DATABASE IF EXISTS " + name, "CREATE DATABASE " + name);
        return Map.of(
                "spring.datasource.url",
                url(name),
                "spring.datasource.username",
                USER,
                "spring.datasource.password",
                "");
    }

    private String url(String database) {
        return "jdbc:postgresql://127.0.0.1:" + port + "/" + database;
    }

    public int port() {
        return port;
    }

    /// A new connection to a database; the caller closes it.
    public Connection connect(String database) throws SQLException {
        return DriverManager.getConnection(url(database), USER, "");
    }

    /// Runs statements, each committed by itself.
    public void execute(String database, String... statements) {
        try (var connection = connect(database);
                var statement = connection.createStatement()) {
            for (var sql : statements) {
                statement.execute(sql);
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e.getMessage(), e);
        }
    }

    /// Ends the server as a power cut would; returns when all of its processes are gone.
    public void kill() {
        var all = processes();
        all.forEach(ProcessHandle::destroyForcibly);
        all.forEach(one -> one.onExit().join());
        watchdog.forgetProcess();
    }

    private List<ProcessHandle> processes() {
        return Stream.concat(Stream.of(process.toHandle()), process.descendants()).toList();
    }

    /// Starts the server after `kill`, with the same data, on the same port.
    public void startAgain() {
        process = run();
    }

    /// Lets all of the server's processes stand still until [#thaw].
    public void freeze() {
        signal("STOP");
    }

    public void thaw() {
        signal("CONT");
    }

    private void signal(String name) {
        for (var one : processes()) {
            Command.run(List.of("sh", "-c", "kill -" + name + " \"$0\"", Long.toString(one.pid())))
                    .orFail("PostgreSQL could not be sent " + name);
        }
    }

    @Override
    public void close() {
        if (isShared || !Files.exists(folder.path())) {
            return;
        }
        kill();
        folder.delete();
        logs.delete();
        watchdog.end();
    }
}
