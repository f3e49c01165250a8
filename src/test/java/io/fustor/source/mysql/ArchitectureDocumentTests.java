package io.fustor.source.mysql;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/// That docs/architecture.md says what the code does, where both name a figure or a list.
class ArchitectureDocumentTests {

    private static final Path MIGRATIONS = Path.of("src/main/resources/db");
    private static final Path SUBSCRIPTIONS =
            Path.of("src/main/java/io/fustor/source/mysql/feed/Subscriptions.java");

    private static final Pattern TABLE =
            Pattern.compile("(?i)create table (?:if not exists )?(\\w+)");
    private static final Pattern GOODBYE =
            Pattern.compile("GOODBYE = Duration\\.ofSeconds\\((\\d+)\\)");

    /// What the document calls that which a table of the state database holds.
    private static final Map<String, String> KEPT =
            Map.ofEntries(
                    Map.entry("sources", "saved sources"),
                    Map.entry("source_fields", "discovered fields"),
                    Map.entry("stopped_source", "the sources that an operator stopped"),
                    Map.entry("stream_epoch", "the epochs of sources"),
                    Map.entry("encryption_check", "encrypted passwords"),
                    Map.entry("checkpoint", "checkpoints"),
                    Map.entry("feed_reader", "readers with their grants"),
                    Map.entry("feed_reader_change", "the number of their changes"),
                    Map.entry("schema_history", "schema histories"),
                    Map.entry("schema_version", "schema histories"),
                    Map.entry("schema_file", "schema histories"),
                    Map.entry("service_instance", "the instances that share it"),
                    Map.entry("budget_lease", "leases"),
                    Map.entry("state_change", "notices"),
                    Map.entry("instance_notice", "notices"),
                    Map.entry("instance_view", "views of each other"),
                    Map.entry("state_write", "the number of its writes"));

    @Test
    void shutdownHasTheSecondsOfTheCode() throws IOException {
        var goodbye = GOODBYE.matcher(Files.readString(SUBSCRIPTIONS));

        assertThat(goodbye.find()).isTrue();
        assertThat(section("### Shutdown")).contains("has " + goodbye.group(1) + " s to take it");
    }

    @Test
    void everyTableOfTheStateIsSaidToBeKept() throws IOException {
        var tables = new TreeSet<String>();
        try (var files = Files.walk(MIGRATIONS)) {
            for (var file : files.filter(path -> path.toString().endsWith(".sql")).toList()) {
                TABLE.matcher(Files.readString(file))
                        .results()
                        .forEach(table -> tables.add(table.group(1)));
            }
        }

        assertThat(KEPT.keySet()).containsExactlyInAnyOrderElementsOf(tables);
        assertThat(section("## What is kept")).contains(KEPT.values());
    }

    /// The text below a heading, on one line.
    private static String section(String heading) throws IOException {
        var text = Files.readString(Path.of("docs/architecture.md"));
        int begin = text.indexOf(heading + "\n");
        assertThat(begin).as(heading).isNotNegative();
        int end = text.indexOf("\n#", begin + heading.length());
        return text.substring(begin, end).replaceAll("\\s+", " ");
    }
}
