package io.fustor.source.mysql.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Where figures go: to the console, and after what is in the file that `bench.report` names, if it
/// does.
public final class Report {

    private static final String FILE = System.getProperty("bench.report", "");

    private Report() {}

    /// Says when, on what and how much: what a figure is nothing without.
    static void begin(Record... sizes) {
        write(
                "%n## %s, %d cores, %s %s, Java %s%n%n%s%n"
                        .formatted(
                                LocalDate.now(ZoneOffset.UTC),
                                Runtime.getRuntime().availableProcessors(),
                                System.getProperty("os.name"),
                                System.getProperty("os.version"),
                                Runtime.version(),
                                Stream.of(sizes)
                                        .map(Record::toString)
                                        .collect(Collectors.joining("\n"))));
    }

    /// A table, or its beginning.
    public static void table(String text) {
        write("\n" + text);
    }

    /// The next line of a table.
    static void line(String text) {
        write(text);
    }

    private static void write(String text) {
        System.out.print(text);
        if (FILE.isEmpty()) {
            return;
        }
        try {
            Files.writeString(
                    Path.of(FILE), text, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
