package io.fustor.source.mysql.support;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import tools.jackson.databind.json.JsonMapper;

/// The service as it is shipped, ready to be started: a folder, and the command line that starts it
/// there.
///
/// @param folder the command's working folder
/// @param command to which arguments of the service may be added
public record PackagedService(Path folder, List<String> command) {

    /// What is shipped with the jar for its start.
    static final Path OPTIONS = Path.of("src/image/java.options");

    static final Path TRAINING = Path.of("src/image/train.sh");

    private static final Path DOCKERFILE = Path.of("Dockerfile");
    private static final Pattern EXTRACTION =
            Pattern.compile("java (-Djarmode=tools .*?)\n\n", Pattern.DOTALL);
    private static final Pattern LAYER = Pattern.compile("COPY --from=build /build/(\\S+)/ \\./");
    private static final Pattern FILE = Pattern.compile("COPY --from=build /build/(\\S+[^/]) \\./");
    private static final Pattern ENTRYPOINT = Pattern.compile("ENTRYPOINT (\\[.*])");

    private static final Path GUIDE = Path.of("docs/operations.md");
    private static final Path UNIT = Path.of("deploy/systemd/fustor-source-mysql.service");
    private static final String HOME = "/opt/fustor-source-mysql";
    private static final Pattern INSTALLATION =
            Pattern.compile(
                    "^(java -Djarmode=tools .*?)^install -D", Pattern.DOTALL | Pattern.MULTILINE);
    private static final Pattern EXEC_START = Pattern.compile("ExecStart=(.*)");

    private static final Path JAVA_HOME = Path.of(System.getProperty("java.home"));

    /// The jar that this build made, of which `java -jar` is all.
    public static PackagedService jar() {
        return new PackagedService(
                Path.of("").toAbsolutePath(), List.of(java(), "-jar", built().toString()));
    }

    /// What the Dockerfile makes of the jar, by its own steps, without Docker: with the cache that
    /// the JVM wrote in the training run.
    ///
    /// @param folder an empty one
    public static PackagedService image(Path folder) throws IOException {
        String steps = Files.readString(DOCKERFILE);
        Path application = Files.createDirectories(folder.resolve("application"));
        Files.createSymbolicLink(folder.resolve("target"), built().getParent());
        run(folder, "java " + only(EXTRACTION, steps));
        for (Matcher layer = LAYER.matcher(steps); layer.find(); ) {
            run(folder, "cp -a " + layer.group(1) + "/. application");
        }
        for (Matcher file = FILE.matcher(steps); file.find(); ) {
            run(application, "cp '" + Path.of(file.group(1)).toAbsolutePath() + "' .");
        }
        run(application, "bash '" + TRAINING.toAbsolutePath() + "'");
        return imageIn(application);
    }

    /// As the image starts it.
    ///
    /// @param application the folder with the jar, its libraries and the cache
    static PackagedService imageIn(Path application) throws IOException {
        return new PackagedService(application, entrypoint(Files.readString(DOCKERFILE)));
    }

    /// What the operator's guide makes of the jar, by its own steps, as the unit starts it.
    ///
    /// @param folder an empty one
    public static PackagedService installed(Path folder) throws IOException {
        String guide = Files.readString(GUIDE);
        String jar = built().toString();
        Path home = home(folder);
        run(
                folder,
                only(INSTALLATION, guide)
                        .replace("fustor-source-mysql-*.jar", "'" + jar + "'")
                        .replace(" train.sh", " '" + TRAINING.toAbsolutePath() + "'")
                        .replace(" java.options", " '" + OPTIONS.toAbsolutePath() + "'")
                        .replace(HOME, home.toString()));
        List<String> words = new ArrayList<>();
        for (String word : unit()) {
            words.add(word.replace(HOME, home.toString()));
        }
        words.set(0, java());
        return new PackagedService(folder, List.copyOf(words));
    }

    /// Where [#installed] has the jar, its libraries and the cache.
    static Path home(Path folder) {
        return folder.resolve("installed");
    }

    /// The words of the unit's `ExecStart`.
    static List<String> unit() throws IOException {
        return List.of(only(EXEC_START, Files.readString(UNIT)).split(" ", -1));
    }

    /// The Dockerfile's, with this JVM's java.
    private static List<String> entrypoint(String steps) {
        List<String> words = new ArrayList<>();
        JsonMapper.shared()
                .readTree(only(ENTRYPOINT, steps))
                .forEach(word -> words.add(word.asString()));
        words.set(0, java());
        return List.copyOf(words);
    }

    /// The ENTRYPOINT's options of the JVM.
    static List<String> options() throws IOException {
        List<String> words = entrypoint(Files.readString(DOCKERFILE));
        return words.subList(1, words.indexOf("-jar"));
    }

    private static String only(Pattern pattern, String steps) {
        Matcher matcher = pattern.matcher(steps);
        if (!matcher.find()) {
            throw new IllegalStateException("The Dockerfile has no " + pattern);
        }
        return matcher.group(1);
    }

    static String java() {
        return JAVA_HOME.resolve("bin/java").toString();
    }

    private static void run(Path folder, String script) {
        Command.run(
                        List.of("bash", "-c", "cd '" + folder + "' && " + script),
                        Map.of("PATH", JAVA_HOME.resolve("bin") + ":" + System.getenv("PATH")),
                        Path.of("/dev/null"))
                .orFail(script + " failed");
    }

    /// In the folder of the classes of this build.
    private static Path built() {
        Path classes =
                Path.of(
                        PackagedService.class
                                .getProtectionDomain()
                                .getCodeSource()
                                .getLocation()
                                .getPath());
        try (Stream<Path> files = Files.list(classes.getParent())) {
            return files.filter(PackagedService::isJar)
                    .findAny()
                    .orElseThrow(
                            () -> new IllegalStateException("First: ./mvnw -DskipTests package"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean isJar(Path file) {
        String name = file.getFileName().toString();
        return name.startsWith("fustor-source-mysql-") && name.endsWith(".jar");
    }

    /// Starts it, with both of its outputs in a file, and does not wait for it.
    ///
    /// @param arguments of the service
    public Running start(Path dataDir, Path log, String... arguments) throws IOException {
        int port = FreePort.choose();
        List<String> words = new ArrayList<>(command);
        words.add("--server.port=" + port);
        words.add("--fustor.data-dir=" + dataDir);
        words.addAll(List.of(arguments));
        Watchdog watchdog = Watchdog.over(dataDir);
        Process process =
                new ProcessBuilder(words)
                        .directory(folder.toFile())
                        .redirectErrorStream(true)
                        .redirectOutput(log.toFile())
                        .start();
        watchdog.watch(process.pid());
        return new Running(process, port, log, watchdog);
    }

    /// A started one, gone when this JVM is.
    public static final class Running implements AutoCloseable {

        private final Process process;
        private final int port;
        private final Path log;
        private final Watchdog watchdog;

        private Running(Process process, int port, Path log, Watchdog watchdog) {
            this.process = process;
            this.port = port;
            this.log = log;
            this.watchdog = watchdog;
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

        /// All that it has written so far.
        public String written() throws IOException {
            return Files.readString(log);
        }

        /// Asks it to end; returns when it has.
        @Override
        public void close() {
            process.destroy();
            process.onExit().join();
            watchdog.forgetProcess();
            watchdog.end();
        }
    }
}
