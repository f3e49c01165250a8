package io.fustor.source.mysql.support;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// The mysqld that the build brings along as a file of the test class path, unpacked once into the
/// user's cache folder, with an initialized data folder beside it that every server starts on a
/// copy of. Several JVMs may come at the same time; one of them does the work and the others wait.
///
/// @param program the mysqld to run
/// @param environment what it needs to find its libraries
/// @param template an initialized data folder; nobody writes to it
record MySqlInstallation(Path program, Map<String, String> environment, Folder template)
        implements ServerInstallation {

    private static final String VERSION = "8.0.31";

    /// Options that only matter to whoever initializes a data folder, and to them a lot.
    private static final List<String> OPTIONS_FOR_LIFE =
            List.of("--lower-case-table-names", "--lower_case_table_names", "--innodb-page-size");

    /// Finds the installation, or makes it first.
    static synchronized MySqlInstallation ready() {
        return TestCache.use(MySqlInstallation::ready);
    }

    private static MySqlInstallation ready(Path cache) {
        var unpacked = cache.resolve("mysql-" + VERSION);
        new Folder(unpacked).fillOnce(MySqlInstallation::unpack);
        var program = unpacked.resolve("bin/mysqld");
        var environment = NativeLibraries.environment(program, cache.resolve("lib"));
        var logins = String.join(";\n", TestMySql.CREATE_LOGINS) + ";\n";
        var template =
                new Folder(cache.resolve("data-%s-%08x".formatted(VERSION, logins.hashCode())));
        var installation = new MySqlInstallation(program, environment, template);
        template.fillOnce(data -> installation.initialize(data, List.of()));
        return installation;
    }

    private static void unpack(Path folder) {
        try {
            var archive = folder.resolve("mysql.tar.gz");
            try (var packed = ClassLoader.getSystemResourceAsStream(archiveName())) {
                if (packed == null) {
                    throw new IllegalStateException(archiveName() + " is not on the class path");
                }
                Files.copy(packed, archive, StandardCopyOption.REPLACE_EXISTING);
            }
            Command.run(List.of("tar", "-xzf", archive.toString(), "-C", folder.toString()))
                    .orFail("The MySQL server could not be unpacked, which needs the program tar");
            Files.delete(archive);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String archiveName() {
        var system = System.getProperty("os.name").toLowerCase(Locale.ROOT);
        var processor = System.getProperty("os.arch");
        if (system.equals("linux") && processor.equals("amd64")) {
            return "mysql-Linux-amd64.tar.gz";
        }
        if (system.startsWith("mac")) {
            return "mysql-Mac_OS_X-x86_64.tar.gz";
        }
        throw new IllegalStateException(
                "The build brings no MySQL server for %s on %s: install Docker, or name a server of your own in %s."
                        .formatted(system, processor, GivenMySql.VARIABLE));
    }

    @Override
    public void prepareData(Path data, List<String> options) {
        var forLife =
                options.stream()
                        .filter(option -> OPTIONS_FOR_LIFE.stream().anyMatch(option::startsWith))
                        .toList();
        if (!forLife.isEmpty()) {
            initialize(data, forLife);
            return;
        }
        template.copyTo(data);
    }

    private void initialize(Path data, List<String> forLife) {
        var words = new ArrayList<>(commandLine(data));
        words.addAll(TestMySql.OPTIONS);
        words.addAll(forLife);
        words.addAll(List.of("--skip-log-bin", "--initialize-insecure"));
        initialize(words, environment, data);
    }

    /// Runs a mysqld that makes its data folder, with the logins of tests in it.
    static void initialize(List<String> words, Map<String, String> environment, Path data) {
        try {
            var logins = Files.createTempFile("fustor-logins-", ".sql");
            try {
                // One statement a line is what mysqld reads there.
                Files.writeString(logins, String.join(";\n", TestMySql.CREATE_LOGINS) + ";\n");
                var all = new ArrayList<>(words);
                all.add("--init-file=" + logins);
                Command.run(all, environment, Path.of("/dev/null"))
                        .orFail("The MySQL server could not initialize its data");
                // Each server that starts on a copy gives itself a UUID of its own.
                Files.deleteIfExists(data.resolve("auto.cnf"));
            } finally {
                Files.delete(logins);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public List<String> options() {
        return TestMySql.OPTIONS;
    }

    @Override
    public List<String> commandLine(Path data) {
        var base = program.getParent().getParent();
        var words = new ArrayList<String>();
        words.add(program.toString());
        words.add("--no-defaults");
        words.add("--basedir=" + base);
        words.add("--lc-messages-dir=" + base.resolve("share"));
        words.add("--datadir=" + data);
        words.add("--innodb-use-native-aio=0");
        if (System.getProperty("user.name").equals("root")) {
            words.add("--user=root");
        }
        return words;
    }
}
