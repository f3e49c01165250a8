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

/// The mariadbd 10.11 of Debian, with an initialized data folder that every server starts on a copy
/// of.
record MariaDbInstallation(DebianPackages packages, Folder template) implements ServerInstallation {

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
                    "--innodb-buffer-pool-size=64M");

    static MariaDbInstallation ready() {
        return TestCache.use(
                cache -> {
                    var root = new Folder(cache.resolve("mariadb-10.11"));
                    root.fillOnce(
                            folder ->
                                    DebianPackages.unpack(
                                            "bookworm", "mariadb-server-core", folder));
                    var installation =
                            new MariaDbInstallation(
                                    new DebianPackages(root.path()),
                                    new Folder(cache.resolve("data-mariadb-10.11")));
                    installation.template.fillOnce(installation::initialize);
                    return installation;
                });
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
        var scripts =
                Stream.of(
                                "mysql_system_tables.sql",
                                "mysql_performance_tables.sql",
                                "mysql_system_tables_data.sql",
                                "maria_add_gis_sp_bootstrap.sql")
                        .map(this::script)
                        .collect(Collectors.joining("\n"));
        return "CREATE DATABASE mysql;\nUSE mysql;\n"
                + scripts
                // It makes logins without passwords, which would come before ours.
                + "\nDELETE FROM global_priv WHERE Host <> 'localhost';"
                + "\nFLUSH PRIVILEGES;\n"
                + String.join(";\n", TestMySql.CREATE_LOGINS)
                + ";\n";
    }

    private String script(String name) {
        try {
            return Files.readString(packages.root().resolve("usr/share/mysql").resolve(name));
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
        var root = packages.root();
        var words = new ArrayList<>(packages.commandLine("usr/sbin/mariadbd"));
        words.addAll(
                List.of(
                        "--no-defaults",
                        "--user=" + System.getProperty("user.name"),
                        "--basedir=" + root.resolve("usr"),
                        "--lc-messages-dir=" + root.resolve("usr/share/mysql"),
                        "--character-sets-dir=" + root.resolve("usr/share/mysql/charsets"),
                        "--plugin-dir=" + root.resolve("usr/lib/mysql/plugin"),
                        "--innodb-use-native-aio=0",
                        "--datadir=" + data));
        return words;
    }
}
