package io.fustor.source.mysql.support;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.Awaitility;

/// A mysqld or mariadbd of this machine, started by this JVM on a free port of 127.0.0.1, with its
/// data in a temporary folder. It is gone when the JVM is, even if that is killed.
final class MySqlProcess implements ServerHandle {

    private final ServerInstallation installation;
    private final Folder folder;
    private final List<String> options;
    private final int port;
    private final Watchdog watchdog;
    private Process process;

    private MySqlProcess(ServerInstallation installation, Folder folder, List<String> options) {
        this.installation = installation;
        this.folder = folder;
        this.options = options;
        this.port = FreePort.choose();
        this.watchdog = Watchdog.over(folder.path());
        installation.prepareData(data(), options);
        this.process = run(options);
    }

    static MySqlProcess start(ServerInstallation installation, List<String> furtherOptions) {
        var options = new ArrayList<>(installation.options());
        options.addAll(furtherOptions);
        var server =
                new MySqlProcess(
                        installation, Folder.temporary("fustor-mysql-"), List.copyOf(options));
        server.awaitGreeting();
        return server;
    }

    private Process run(List<String> options) {
        var words = new ArrayList<>(installation.commandLine(data()));
        words.addAll(
                List.of(
                        "--bind-address=127.0.0.1",
                        "--port=" + port,
                        "--socket=" + folder.path().resolve("socket"),
                        "--pid-file=" + folder.path().resolve("pid"),
                        // A MariaDB that starts deletes what looks temporary in this folder.
                        "--tmpdir=" + temporaryFiles()));
        words.addAll(options);
        var builder =
                new ProcessBuilder(words)
                        .redirectErrorStream(true)
                        .redirectOutput(Redirect.appendTo(logFile().toFile()));
        builder.environment().putAll(installation.environment());
        try {
            var started = builder.start();
            watchdog.watch(started.pid());
            return started;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void awaitGreeting() {
        try {
            Greeting.await(host(), port, process::isAlive);
        } catch (RuntimeException e) {
            var log = log();
            close();
            throw new IllegalStateException("The MySQL server did not start: " + log.strip(), e);
        }
    }

    private Path data() {
        return folder.path().resolve("data");
    }

    private Path temporaryFiles() {
        try {
            return Files.createDirectories(folder.path().resolve("tmp"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Path logFile() {
        return folder.path().resolve("mysqld.log");
    }

    /// The folder that holds all that this server writes.
    Path folder() {
        return folder.path();
    }

    @Override
    public String host() {
        return "127.0.0.1";
    }

    @Override
    public int port() {
        return port;
    }

    @Override
    public String user() {
        return TestMySql.ROOT.user();
    }

    @Override
    public String password() {
        return TestMySql.ROOT.password();
    }

    @Override
    public long pid() {
        return process.pid();
    }

    @Override
    public void stop() {
        process.destroy();
        awaitEnd();
    }

    @Override
    public void kill() {
        process.destroyForcibly();
        awaitEnd();
    }

    private void awaitEnd() {
        try {
            if (!process.waitFor(60, TimeUnit.SECONDS)) {
                throw new IllegalStateException("The MySQL server does not end: " + log().strip());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
        watchdog.forgetProcess();
    }

    @Override
    public void startAgain(List<String> furtherOptions) {
        if (process.isAlive()) {
            throw new IllegalStateException("The MySQL server still runs: stop or kill it first");
        }
        var all = new ArrayList<>(options);
        all.addAll(furtherOptions);
        process = run(all);
        awaitGreeting();
    }

    @Override
    public void freeze() {
        signal("STOP");
        // The signal is on its way when `kill` returns; the server stands still a moment later.
        Awaitility.await()
                .atMost(Duration.ofSeconds(60))
                .pollInterval(Duration.ofMillis(5))
                .until(this::isFrozen);
    }

    /// Whether the kernel shows every thread of the server as stopped, `T` after its name.
    private boolean isFrozen() throws IOException {
        try (Stream<Path> threads = Files.list(Path.of("/proc", Long.toString(pid()), "task"))) {
            for (Path thread : threads.toList()) {
                String stat = Files.readString(thread.resolve("stat"));
                if (stat.charAt(stat.lastIndexOf(')') + 2) != 'T') {
                    return false;
                }
            }
            return true;
        }
    }

    @Override
    public void thaw() {
        signal("CONT");
    }

    private void signal(String name) {
        Command.run(List.of("sh", "-c", "kill -" + name + " \"$0\"", Long.toString(pid())))
                .orFail("The MySQL server could not be sent " + name);
    }

    @Override
    public String log() {
        try {
            return Files.readString(logFile());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

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
