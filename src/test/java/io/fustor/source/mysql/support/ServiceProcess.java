package io.fustor.source.mysql.support;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;

/// The service in a JVM of its own, for tests of what only a process shows: its end by a signal,
/// its start on another one's data, its memory. It listens on a free port of 127.0.0.1, and is gone
/// when this JVM is.
public final class ServiceProcess implements AutoCloseable {

    private static final String MAIN_CLASS = "io.fustor.source.mysql.FustorSourceMysqlApplication";
    private static final String SERIAL = "-XX:+UseSerialGC";
    private static final Duration LONGEST_START = Duration.ofSeconds(300);
    private static final Duration LONGEST_END = Duration.ofSeconds(180);

    private static final Pattern USED_HEAP = Pattern.compile("used (\\d+)K");

    /// The last line of a histogram of classes: number of objects, and their bytes.
    private static final Pattern TOTAL_OF_OBJECTS = Pattern.compile("Total +\\d+ +(\\d+)");

    private final Folder folder;
    private final int port;
    private final Watchdog watchdog;
    private List<String> commandLine;
    private Process process;

    private ServiceProcess(
            List<String> before,
            List<String> classes,
            Path dataDir,
            Map<String, String> properties,
            String... jvmArguments) {
        this.folder = Folder.temporary("fustor-service-");
        this.port = FreePort.choose();
        this.watchdog = Watchdog.over(folder.path());
        var words = new ArrayList<>(before);
        words.addAll(commandLine(classes, dataDir, properties, jvmArguments));
        this.commandLine = List.copyOf(words);
        this.process = run(commandLine);
    }

    /// The service's classes, which the first caller prepares.
    private static final class Classes {

        static final ServiceClasses INSTANCE =
                ServiceClasses.ready(ServiceProcess::train, compilerOptions());
    }

    /// One start and end, of which the JVM remembers the classes.
    private static void train(String classPath, Path archive) {
        Folder data = Folder.temporary("fustor-training-");
        List<String> classes = new ArrayList<>();
        if (!isShort()) {
            // As in the training run of what is shipped: rows are slower with profiles.
            classes.addAll(List.of("-XX:+UnlockDiagnosticVMOptions", "-XX:-AOTRecordTraining"));
        }
        classes.addAll(List.of("-XX:AOTCacheOutput=" + archive, "-cp", classPath));
        try (var service = new ServiceProcess(List.of(), classes, data.path(), Map.of(), SERIAL)) {
            service.awaitReadiness();
            service.terminate();
        } finally {
            data.delete();
        }
    }

    /// Starts the service and returns when it says that it is ready.
    ///
    /// @param dataDir where it keeps its state; it stays there after `close`
    /// @param properties configuration, given as arguments: `fustor.feed.heartbeat` to `1s`
    /// @param jvmArguments what the JVM is given, such as `-Xmx128m`; without any it has 512 MB and
    ///   the collector that takes the least processor time
    public static ServiceProcess start(
            Path dataDir, Map<String, String> properties, String... jvmArguments) {
        return ready(
                new ServiceProcess(
                        List.of(),
                        classes(""),
                        dataDir,
                        properties,
                        jvmArguments.length == 0 ? new String[] {SERIAL} : jvmArguments));
    }

    /// As [#start], in a process that may have so many file descriptors.
    public static ServiceProcess startWithDescriptors(
            int most, Path dataDir, Map<String, String> properties) {
        var limit = List.of("sh", "-c", "ulimit -n " + most + " && exec \"$0\" \"$@\"");
        return ready(new ServiceProcess(limit, classes(""), dataDir, properties, SERIAL));
    }

    /// What a JVM is given to find the service's classes, and those of this JVM's tests after them.
    public static List<String> classesWithTests() {
        return classes(File.pathSeparator + System.getProperty("java.class.path"));
    }

    private static List<String> classes(String further) {
        var classes = Classes.INSTANCE;
        return List.of(
                "-XX:AOTCache=" + classes.archive(),
                // The JVM's own archive was made without --enable-native-access, and it says so.
                "-Xlog:cds=off",
                "-Xlog:aot=off",
                "-cp",
                classes.path() + further);
    }

    private static ServiceProcess ready(ServiceProcess service) {
        service.awaitReadiness();
        return service;
    }

    private List<String> commandLine(
            List<String> classes,
            Path dataDir,
            Map<String, String> properties,
            String... jvmArguments) {
        var words = new ArrayList<String>();
        words.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        words.add("--enable-native-access=ALL-UNNAMED");
        words.add("-Xmx512m");
        words.addAll(compilerOptions());
        words.addAll(Arrays.asList(jvmArguments));
        words.addAll(classes);
        words.add(MAIN_CLASS);
        words.add("--server.port=" + port);
        words.add("--fustor.data-dir=" + dataDir);
        words.add("--fustor.health-file=" + healthFile());
        properties.forEach((name, value) -> words.add("--" + name + "=" + value));
        return words;
    }

    /// It is compiled as this JVM is: in short runs by the first compiler alone, and in others as
    /// it is shipped.
    private static List<String> compilerOptions() {
        List<String> own = firstCompilerAlone();
        return own.isEmpty() ? List.of("@" + PackagedService.OPTIONS.toAbsolutePath()) : own;
    }

    private static boolean isShort() {
        return !firstCompilerAlone().isEmpty();
    }

    /// The option of this JVM that keeps the second compiler out; empty where it has both.
    static List<String> firstCompilerAlone() {
        return ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(argument -> argument.startsWith("-XX:TieredStopAtLevel"))
                .toList();
    }

    private Process run(List<String> words) {
        try {
            // Of a process that was killed.
            Files.deleteIfExists(healthFile());
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
        try {
            Awaitility.await("readiness of the service")
                    .atMost(LONGEST_START)
                    .pollDelay(Duration.ZERO)
                    .pollInterval(Duration.ofMillis(50))
                    .failFast("the service ended", () -> !isAlive())
                    .until(() -> Files.exists(healthFile()));
        } catch (RuntimeException e) {
            var log = log();
            close();
            throw new IllegalStateException("The service did not start: " + log.strip(), e);
        }
    }

    /// Where the service writes the address of its health once it is ready.
    public Path healthFile() {
        return folder.path().resolve("health");
    }

    /// What the image's health check says of the service; empty where that is healthy.
    public String checkHealth() {
        var check = Command.run(List.of("bash", "src/image/health.sh", healthFile().toString()));
        return check.succeeded() ? "" : check.exitValue() + " " + check.output();
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
        jcmd("GC.run");
    }

    /// How much of its heap the service's JVM uses, in bytes.
    public long usedHeap() {
        Matcher used = USED_HEAP.matcher(jcmd("GC.heap_info"));
        if (!used.find()) {
            throw new IllegalStateException("jcmd does not say how much of the heap is used");
        }
        return 1024 * Long.parseLong(used.group(1));
    }

    /// What the objects of the service's JVM take that are not garbage, in bytes.
    public long liveObjects() {
        Matcher total = TOTAL_OF_OBJECTS.matcher(jcmd("GC.class_histogram"));
        if (!total.find()) {
            throw new IllegalStateException("jcmd does not say how much the objects take");
        }
        return Long.parseLong(total.group(1));
    }

    private String jcmd(String command) {
        String jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd").toString();
        return Command.run(List.of(jcmd, Long.toString(pid()), command))
                .orFail(command + " failed")
                .output();
    }

    /// Asks the service to end (SIGTERM), waits until it has, and says how long that took.
    public Duration terminate() {
        long start = System.nanoTime();
        process.destroy();
        awaitEnd();
        return Duration.ofNanos(System.nanoTime() - start);
    }

    /// Lets the service stand still, with its connections open, until [#thaw].
    public void freeze() {
        signal("STOP");
    }

    public void thaw() {
        signal("CONT");
    }

    private void signal(String name) {
        Command.run(List.of("sh", "-c", "kill -" + name + " \"$0\"", Long.toString(pid())))
                .orFail("The service could not be sent " + name);
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

    /// As [#startAgain], with other classes; they stay the service's.
    public void startAgain(NewerBuild build) {
        commandLine = build.instead(Classes.INSTANCE, commandLine);
        startAgain();
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
