package io.fustor.source.mysql.support;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import kafka.tools.StorageTool;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.Uuid;
import org.awaitility.Awaitility;
import org.slf4j.LoggerFactory;

/// A real Kafka broker of one node (KRaft) in a process of its own, from the jars of the build. It
/// listens on a free port of 127.0.0.1, can be killed and started again on the same data, and is
/// gone when this JVM is.
public final class TestKafka implements AutoCloseable {

    private static final Duration LONGEST_START = Duration.ofSeconds(300);

    static {
        // Without Spring's configuration, the log has every step of Kafka's clients.
        if (LoggerFactory.getLogger("org.apache.kafka") instanceof Logger clients) {
            clients.setLevel(Level.WARN);
        }
    }

    private final Folder folder = Folder.temporary("fustor-kafka-");
    private final Watchdog watchdog = Watchdog.over(folder.path());
    private final int port = FreePort.choose();
    private final boolean isShared;
    private Process process;

    private TestKafka(Map<String, String> further, boolean isShared) {
        this.isShared = isShared;
        try {
            write(further);
            format();
            process = run();
            awaitAnswer();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// A broker of one's own.
    ///
    /// @param further settings of the broker, such as `auto.create.topics.enable`
    public static TestKafka start(Map<String, String> further) {
        return new TestKafka(further, false);
    }

    /// The one broker of this JVM, which `close` leaves running.
    public static TestKafka shared() {
        return Shared.INSTANCE;
    }

    private static final class Shared {
        static final TestKafka INSTANCE = new TestKafka(Map.of(), true);
    }

    private void write(Map<String, String> further) throws IOException {
        int controller = FreePort.choose();
        Properties broker = new Properties();
        broker.putAll(
                Map.of(
                        "process.roles", "broker,controller",
                        "node.id", "1",
                        "controller.quorum.voters", "1@127.0.0.1:" + controller,
                        "listeners",
                                "PLAINTEXT://127.0.0.1:"
                                        + port
                                        + ",CONTROLLER://127.0.0.1:"
                                        + controller,
                        "advertised.listeners", "PLAINTEXT://127.0.0.1:" + port,
                        "controller.listener.names", "CONTROLLER",
                        "listener.security.protocol.map",
                                "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
                        "log.dirs", data().toString(),
                        "num.partitions", "3",
                        "auto.create.topics.enable", "false"));
        broker.putAll(
                Map.of(
                        "offsets.topic.num.partitions", "1",
                        "offsets.topic.replication.factor", "1",
                        "transaction.state.log.num.partitions", "2",
                        "transaction.state.log.replication.factor", "1",
                        "transaction.state.log.min.isr", "1",
                        "share.coordinator.state.topic.replication.factor", "1",
                        "share.coordinator.state.topic.min.isr", "1",
                        "group.initial.rebalance.delay.ms", "0",
                        "group.min.session.timeout.ms", "1000",
                        "log.cleaner.dedupe.buffer.size", "2097152"));
        broker.putAll(further);
        try (var out = Files.newOutputStream(settings())) {
            broker.store(out, null);
        }
        Files.writeString(
                folder.path().resolve("logback.xml"),
                """
                <configuration>
                  <appender name="out" class="ch.qos.logback.core.ConsoleAppender">
                    <encoder><pattern>%d %-5level %logger{20} %msg%n</pattern></encoder>
                  </appender>
                  <root level="WARN"><appender-ref ref="out"/></root>
                </configuration>
                """);
    }

    private Path data() {
        return folder.path().resolve("data");
    }

    private Path settings() {
        return folder.path().resolve("server.properties");
    }

    private Path logFile() {
        return folder.path().resolve("broker.log");
    }

    private void format() {
        var said = new ByteArrayOutputStream();
        String[] words = {
            "format",
            "--cluster-id",
            Uuid.randomUuid().toString(),
            "--config",
            settings().toString()
        };
        if (StorageTool.execute(words, new PrintStream(said, true)) != 0) {
            throw new IllegalStateException("The broker's folder cannot be made: " + said);
        }
    }

    private Process run() throws IOException {
        List<String> words = new ArrayList<>();
        words.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        words.add("-Xmx512m");
        words.add("-XX:+UseSerialGC");
        words.addAll(ServiceProcess.firstCompilerAlone());
        words.add("-Dlogback.configurationFile=" + folder.path().resolve("logback.xml"));
        words.add("-cp");
        words.add(System.getProperty("java.class.path"));
        words.add("kafka.Kafka");
        words.add(settings().toString());
        Process started =
                new ProcessBuilder(words)
                        .directory(folder.path().toFile())
                        .redirectErrorStream(true)
                        .redirectOutput(Redirect.appendTo(logFile().toFile()))
                        .start();
        watchdog.watch(started.pid());
        return started;
    }

    private void awaitAnswer() {
        try {
            Awaitility.await("the broker's port")
                    .atMost(LONGEST_START)
                    .pollInterval(Duration.ofMillis(50))
                    .failFast("the broker ended", () -> !process.isAlive())
                    .until(this::isOpen);
        } catch (RuntimeException e) {
            throw failed(e);
        }
        try (Admin admin = admin()) {
            Awaitility.await("the broker")
                    .atMost(LONGEST_START)
                    .pollInterval(Duration.ofMillis(50))
                    .failFast("the broker ended", () -> !process.isAlive())
                    .ignoreExceptions()
                    .until(
                            () ->
                                    !admin.describeCluster()
                                            .nodes()
                                            .get(5, TimeUnit.SECONDS)
                                            .isEmpty());
        } catch (RuntimeException e) {
            throw failed(e);
        }
    }

    private IllegalStateException failed(RuntimeException e) {
        String log = log();
        process.destroyForcibly();
        return new IllegalStateException("The broker did not start: " + log.strip(), e);
    }

    /// The client of Kafka would ask again without a pause.
    private boolean isOpen() {
        try (var _ = new Socket(InetAddress.ofLiteral("127.0.0.1"), port)) {
            return true;
        } catch (IOException _) {
            return false;
        }
    }

    /// `host:port`, as `spring.kafka.bootstrap-servers` has it.
    public String address() {
        return "127.0.0.1:" + port;
    }

    /// A client for what tests do to the cluster; the caller closes it.
    public Admin admin() {
        return Admin.create(Map.of("bootstrap.servers", address()));
    }

    public long pid() {
        return process.pid();
    }

    /// Ends the broker as a power cut would; returns when it is gone.
    public void kill() {
        process.destroyForcibly();
        try {
            process.waitFor(30, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            throw new IllegalStateException("interrupted", e);
        }
        watchdog.forgetProcess();
    }

    /// Starts the broker after [#kill], on the same port and data; returns when it answers.
    public void startAgain() {
        try {
            process = run();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        awaitAnswer();
    }

    /// What the broker has written about itself.
    public String log() {
        try {
            return Files.readString(logFile());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        if (!isShared) {
            kill();
            folder.delete();
            watchdog.end();
        }
    }
}
