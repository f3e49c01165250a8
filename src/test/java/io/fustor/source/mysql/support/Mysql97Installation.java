package io.fustor.source.mysql.support;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// The mysqld 9.7 of Debian, with an initialized data folder that every server starts on a copy of.
record Mysql97Installation(DebianPackages packages, Folder template) implements ServerInstallation {

    static Mysql97Installation ready() {
        return TestCache.use(
                cache -> {
                    var root = new Folder(cache.resolve("mysql-9.7"));
                    root.fillOnce(
                            folder -> DebianPackages.unpack("sid", "mysql-server-core", folder));
                    var installation =
                            new Mysql97Installation(
                                    new DebianPackages(root.path()),
                                    new Folder(cache.resolve("data-9.7")));
                    installation.template.fillOnce(installation::initialize);
                    return installation;
                });
    }

    private void initialize(Path data) {
        var words = new ArrayList<>(commandLine(data));
        words.addAll(List.of("--skip-log-bin", "--initialize-insecure"));
        MySqlInstallation.initialize(words, environment(), data);
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
        return TestMySql.OPTIONS;
    }

    @Override
    public List<String> commandLine(Path data) {
        var root = packages.root();
        var words = new ArrayList<>(packages.commandLine("usr/sbin/mysqld"));
        words.addAll(
                List.of(
                        "--no-defaults",
                        "--user=" + System.getProperty("user.name"),
                        "--basedir=" + root.resolve("usr"),
                        "--lc-messages-dir=" + root.resolve("usr/share/mysql"),
                        "--character-sets-dir=" + root.resolve("usr/share/mysql/charsets"),
                        "--plugin-dir=" + root.resolve("usr/lib/mysql/plugin"),
                        "--secure-file-priv=NULL",
                        "--datadir=" + data));
        return words;
    }
}
