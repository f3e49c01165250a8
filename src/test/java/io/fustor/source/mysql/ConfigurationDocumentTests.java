package io.fustor.source.mysql;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// That `docs/configuration.md` lists every property `fustor.*` with its default, as the build's
/// own metadata have it. With `-Dfustor.docs.write=true` the test writes the list anew.
class ConfigurationDocumentTests {

    private static final Path DOCUMENT = Path.of("docs/configuration.md");
    private static final String METADATA = "/META-INF/spring-configuration-metadata.json";
    private static final String BEGIN = "<!-- generated: begin -->\n";
    private static final String END = "<!-- generated: end -->";

    @Test
    void listsEveryPropertyWithItsDefault() throws IOException {
        var present = Files.readString(DOCUMENT);
        int begin = present.indexOf(BEGIN) + BEGIN.length();
        int end = present.indexOf(END);
        var wanted = present.substring(0, begin) + tables() + present.substring(end);

        if (Boolean.getBoolean("fustor.docs.write")) {
            Files.writeString(DOCUMENT, wanted);
        } else {
            assertThat(present)
                    .as(
                            "%s is stale; ./mvnw test -Dtest=ConfigurationDocumentTests"
                                    + " -Dfustor.docs.write=true writes it anew",
                            DOCUMENT)
                    .isEqualTo(wanted);
        }
    }

    /// A table a group: `fustor`, `fustor.feed`, and so on.
    private static String tables() {
        var groups =
                properties().stream()
                        .sorted(Comparator.comparing(property -> text(property, "name")))
                        .collect(
                                Collectors.groupingBy(
                                        property -> group(text(property, "name")),
                                        TreeMap::new,
                                        Collectors.toList()));
        var text = new StringBuilder("\n");
        groups.forEach(
                (group, members) -> {
                    text.append("### ").append(group).append("\n\n");
                    text.append("| property | what it is | type | default |\n");
                    text.append("| --- | --- | --- | --- |\n");
                    members.forEach(property -> text.append(row(property)));
                    text.append('\n');
                });
        return text.toString();
    }

    private static List<JsonNode> properties() {
        try (var metadata = ConfigurationDocumentTests.class.getResourceAsStream(METADATA)) {
            assertThat(metadata).as(METADATA).isNotNull();
            return JsonMapper.shared().readTree(metadata).get("properties").valueStream().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String group(String name) {
        return name.substring(0, name.lastIndexOf('.'));
    }

    private static String row(JsonNode property) {
        return "| `%s` | %s | %s | %s |\n"
                .formatted(
                        text(property, "name"),
                        text(property, "description").replace("|", "\\|"),
                        type(text(property, "type")),
                        value(text(property, "defaultValue")));
    }

    private static String type(String type) {
        var name =
                type.replaceAll("[a-z0-9]+\\.", "")
                        .replaceAll("<.*\\$.*", "<")
                        .replaceAll(".*\\$", "");
        return switch (name) {
            case "Duration" -> "duration";
            case "DataSize" -> "size";
            case "Integer", "Long" -> "number";
            case "Boolean" -> "`true` or `false`";
            case "String" -> "text";
            case "Path" -> "file or folder";
            case "Resource" -> "file or address";
            case "List<String>" -> "list";
            case "TlsMode" -> "mode, see below";
            default -> name.startsWith("Map<") ? "see below" : name.toLowerCase(Locale.ROOT);
        };
    }

    private static String value(String value) {
        return value.isEmpty() ? "none" : "`" + value + "`";
    }

    private static String text(JsonNode property, String field) {
        return property.path(field).asString("");
    }
}
