package io.fustor.source.mysql.support;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// systemd's own judge of unit files, of Debian's package. It needs no running systemd.
public final class SystemdAnalyze {

    private static final String RELEASE = "bookworm";

    private SystemdAnalyze() {}

    /// What `systemd-analyze verify` objects to, a line each.
    ///
    /// @param unit whose programs exist on this machine
    public static List<String> objections(Path unit) {
        return run("verify", "--man=no", unit.toString());
    }

    /// What `systemd-analyze security` says of each restriction, and of the whole last.
    public static List<String> security(Path unit) {
        return run("security", "--offline=yes", "--no-pager", unit.toString());
    }

    private static List<String> run(String... arguments) {
        var packages =
                DebianPackages.ready("systemd-" + RELEASE, RELEASE, "systemd", "libsystemd-shared");
        var words = new ArrayList<>(packages.commandLine("usr/bin/systemd-analyze"));
        words.addAll(List.of(arguments));
        // Not the units of this machine, which may have none.
        var units = packages.root().resolve("lib/systemd/system").toString();
        return Command.run(words, Map.of("SYSTEMD_UNIT_PATH", units), Path.of("/dev/null"))
                .output()
                .lines()
                .toList();
    }
}
