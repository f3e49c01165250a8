package io.fustor.source.mysql.support;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// A mysqld with an initialized data folder that every server starts on a copy of. Several JVMs may
/// come at the same time; one of them does the work and the others wait.
///
/// @param program the words that run it, with the options that name its files
/// @param environment what it needs to find its libraries
/// @param template an initialized data folder; nothing writes to it
record MySqlInstallation(List<String> program, Map<String, String> environment, Folder template)
        implements ServerInstallation {

    /// Options that hold for the whole life of a data folder, from its initialization on.
    private static final List<String> OPTIONS_FOR_LIFE =
            List.of("--lower-case-table-names", "--lower_case_table_names", "--innodb-page-size");

    private static final String LOGINS = String.join(";\n", TestMySql.CREATE_LOGINS) + ";\n";

    /// A server whose files are in a jar of the test class path.
    ///
    /// @param jar what the name of the jar begins with
    static MySqlInstallation ofJar(String version, String jar) {
        return TestCache.use(
                "data-" + version,
                cache -> {
                    var base = cache.resolve("mysql-" + version);
                    new Folder(base).fillOnce(folder -> unpack(jar, folder));
                    var program = base.resolve("bin/mysqld");
                    return new MySqlInstallation(
                                    List.of(
                                            program.toString(),
                                            "--no-defaults",
                                            "--basedir=" + base,
                                            "--lc-messages-dir=" + base.resolve("share")),
                                    NativeLibraries.environment(program, cache.resolve("lib")),
                                    template(cache, version))
                            .initialized();
                });
    }

    /// A server of Debian.
    ///
    /// @param packages that bring it
    static MySqlInstallation ofDebian(String version, String release, String... packages) {
        var installed = DebianPackages.ready("mysql-" + version, release, packages);
        var usr = installed.root().resolve("usr");
        var program = new ArrayList<>(installed.commandLine("usr/sbin/mysqld"));
        program.addAll(
                List.of(
                        "--no-defaults",
                        "--basedir=" + usr,
                        "--lc-messages-dir=" + usr.resolve("share/mysql"),
                        "--character-sets-dir=" + usr.resolve("share/mysql/charsets"),
                        "--plugin-dir=" + usr.resolve("lib/mysql/plugin"),
                        "--secure-file-priv=NULL"));
        return TestCache.use(
                "data-" + version,
                cache ->
                        new MySqlInstallation(
                                        List.copyOf(program), Map.of(), template(cache, version))
                                .initialized());
    }

    private static Folder template(Path cache, String version) {
        return new Folder(cache.resolve("data-%s-%08x".formatted(version, LOGINS.hashCode())));
    }

    private MySqlInstallation initialized() {
        template.fillOnce(data -> initialize(data, List.of()));
        return this;
    }

    private static void unpack(String jar, Path folder) {
        try {
            var archive = folder.resolve("mysql.tar.gz");
            JarOfServer.copy(jar, archiveName(), archive);
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
        var forLife = forLife(options);
        if (!forLife.isEmpty()) {
            initialize(data, forLife);
            return;
        }
        template.copyTo(data);
    }

    /// Those of a server's options that have to hold when its data folder is initialized.
    private static List<String> forLife(List<String> options) {
        return options.stream()
                .filter(option -> OPTIONS_FOR_LIFE.stream().anyMatch(option::startsWith))
                .toList();
    }

    /// Makes a data folder with the logins of tests in it.
    private void initialize(Path data, List<String> forLife) {
        var words = new ArrayList<>(commandLine(data));
        words.addAll(TestMySql.OPTIONS);
        words.addAll(forLife);
        words.addAll(List.of("--skip-log-bin", "--initialize-insecure"));
        try {
            var logins = Files.createTempFile("fustor-logins-", ".sql");
            try {
                // One statement a line is what mysqld reads there.
                Files.writeString(logins, LOGINS);
                words.add("--init-file=" + logins);
                Command.run(words, environment, Path.of("/dev/null"))
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
        var words = new ArrayList<>(program);
        words.add("--user=" + System.getProperty("user.name"));
        words.add("--innodb-use-native-aio=0");
        words.add("--datadir=" + data);
        return words;
    }
}
