package io.fustor.source.mysql.support;

import java.util.List;
import java.util.stream.Stream;

/// QuickJS of Debian, which runs what a page runs, for tests of JavaScript.
public final class QuickJs {

    private QuickJs() {}

    /// The words that run a script.
    public static List<String> commandLine(String... words) {
        var packages = DebianPackages.ready("quickjs-sid", "sid", "quickjs");
        var program = packages.commandLine("usr/bin/qjs");
        return Stream.concat(program.stream(), Stream.of(words)).toList();
    }
}
