package io.fustor.source.mysql.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.LocalDate;
import java.time.ZoneOffset;

/// Where figures go: to the console, and to the file that `bench.report` names, if it does.
final class Report {

    private static final String FILE = System.getProperty("bench.report", "");

    private Report() {}

    /// Begins the file anew.
    static void begin(BenchmarkSize size) throws IOException {
        if (!FILE.isEmpty()) {
            Files.deleteIfExists(Path.of(FILE));
        }
        Runtime runtime = Runtime.getRuntime();
        add(
                "%s, %d cores, %s %s, Java %s%n%n%s%n"
                        .formatted(
                                LocalDate.now(ZoneOffset.UTC),
                                runtime.availableProcessors(),
                                System.getProperty("os.name"),
                                System.getProperty("os.version"),
                                Runtime.version(),
                                size));
    }

    static void add(String text) throws IOException {
        System.out.println(text);
        if (!FILE.isEmpty()) {
            Files.writeString(
                    Path.of(FILE),
                    text + "\n",
                    StandardOpenOption.CREATE,
                    StandardOpenOption.APPEND);
        }
    }
}
