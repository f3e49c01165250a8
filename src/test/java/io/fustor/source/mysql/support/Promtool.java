package io.fustor.source.mysql.support;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// Prometheus's own judge of what it scrapes and is configured with, of Debian's package.
public final class Promtool {

    private Promtool() {}

    /// What `promtool check metrics` objects to, a line for each meter and reason.
    ///
    /// @param scrape in Prometheus's text format
    public static List<String> objections(String scrape) {
        try {
            var input = Files.createTempFile("fustor-scrape-", ".txt");
            try {
                Files.writeString(input, scrape);
                var check = Command.run(commandLine("check", "metrics"), Map.of(), input);
                // 3 where it read all and has something to say.
                if (check.exitValue() != 0 && check.exitValue() != 3) {
                    check.orFail("promtool cannot read the scrape");
                }
                return check.output().lines().toList();
            } finally {
                Files.delete(input);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// What `promtool check rules` says of a file without a fault.
    ///
    /// @throws IllegalStateException with the faults
    public static String checkRules(Path rules) {
        return Command.run(commandLine("check", "rules", rules.toString()))
                .orFail("promtool refuses the rules")
                .output();
    }

    /// Runs `promtool test rules`.
    ///
    /// @throws IllegalStateException with the differences
    public static void testRules(Path tests) {
        Command.run(commandLine("test", "rules", tests.toString())).orFail("an alert is wrong");
    }

    private static List<String> commandLine(String... arguments) {
        var words = new ArrayList<>(Prometheus.packages().commandLine("usr/bin/promtool"));
        words.addAll(List.of(arguments));
        return words;
    }
}
