package io.fustor.source.mysql;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// That the documents' tables are tables wherever they are shown, and say each thing once.
class DocumentTablesTests {

    private static final Path CONFIGURATION = Path.of("docs/configuration.md");

    /// `| --- | --- |`: what makes the line before it a heading and the lines after it rows.
    private static final Pattern RULE = Pattern.compile("\\|( *:?-+:? *\\|)+");

    /// A bar that is not escaped, wherever it stands: also code is cut at it.
    private static final Pattern BAR = Pattern.compile("(?<!\\\\)\\|");

    private static final Pattern PROPERTY =
            Pattern.compile("`((?:fustor|server|management|spring|logging)\\.[a-z0-9.*-]+)`");

    @Test
    void everyRowHasTheCellsOfItsHeading() {
        assertThat(documents().flatMap(DocumentTablesTests::faults)).isEmpty();
    }

    @Test
    void findsWhatIsNoTable() {
        assertThat(faults("a", List.of("| a | b |", "| --- | --- |", "| 1 | 2 |", "", "| 3 | 4 |")))
                .containsExactly("a:5 stands outside of a table");
        assertThat(faults("a", List.of("| a | b |", "| --- | --- |", "| 1 | `x|y` |")))
                .containsExactly("a:3 has 3 cells, its heading 2");
        assertThat(faults("a", List.of("| a | b |", "| --- | --- |", "| 1 | 2 |", "and more")))
                .containsExactly("a:4 goes on from a row");
        assertThat(faults("a", List.of("| a | b |", "| --- |", "| 1 | 2 |")))
                .containsExactly(
                        "a:2 has 1 cells, its heading 2", "a:3 has 2 cells, its heading 1");
        assertThat(faults("a", List.of("```", "| no | table", "```", "| a |", "| --- |", "| 1 |")))
                .isEmpty();
    }

    @Test
    void everyPropertyIsListedOnce() throws IOException {
        var seen = new TreeSet<String>();
        var twice =
                Files.readAllLines(CONFIGURATION).stream()
                        .filter(line -> line.startsWith("| "))
                        .map(line -> BAR.split(line)[1])
                        .flatMap(cell -> PROPERTY.matcher(cell).results())
                        .map(property -> property.group(1))
                        .filter(property -> !seen.add(property))
                        .toList();

        assertThat(twice).isEmpty();
        assertThat(seen).contains("fustor.feed.window", "management.server.port");
    }

    private static Stream<String> faults(Path document) {
        try {
            return faults(document.toString(), Files.readAllLines(document)).stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<String> faults(String name, List<String> lines) {
        var faults = new ArrayList<String>();
        boolean isCode = false;
        int width = 0;
        for (int i = 0; i < lines.size(); i++) {
            var line = lines.get(i);
            var place = name + ":" + (i + 1);
            if (line.startsWith("```")) {
                isCode = !isCode;
            } else if (isCode) {
                continue;
            } else if (line.startsWith("|")) {
                boolean isHeading =
                        i + 1 < lines.size() && RULE.matcher(lines.get(i + 1)).matches();
                if (isHeading) {
                    width = cells(line);
                } else if (width == 0) {
                    faults.add(place + " stands outside of a table");
                } else if (cells(line) != width) {
                    faults.add(place + " has " + cells(line) + " cells, its heading " + width);
                    width = RULE.matcher(line).matches() ? cells(line) : width;
                }
            } else if (width > 0 && !line.isBlank() && !line.startsWith("#")) {
                faults.add(place + " goes on from a row");
                width = 0;
            } else {
                width = 0;
            }
        }
        return faults;
    }

    private static int cells(String row) {
        return BAR.split(row.strip() + " ").length - 2;
    }

    private static Stream<Path> documents() {
        try (var root = Files.list(Path.of(""));
                var docs = Files.walk(Path.of("docs"));
                var examples = Files.walk(Path.of("examples"))) {
            return Stream.of(root, docs, examples)
                    .flatMap(Function.identity())
                    .filter(path -> path.toString().endsWith(".md"))
                    .sorted()
                    .toList()
                    .stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
