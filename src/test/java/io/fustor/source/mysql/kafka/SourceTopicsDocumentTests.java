package io.fustor.source.mysql.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.springframework.boot.context.properties.bind.DefaultValue;

/// The settings of a source that is written, which Spring's metadata does not list.
class SourceTopicsDocumentTests {

    private static final Pattern ROW = Pattern.compile("(?m)^\\| `([a-z-]+)` \\|.*\\| (.*) \\|$");
    private static final List<String> IN_WORDS = List.of("all", "none", "the source's id");

    private record Row(String key, String value) {}

    @Test
    void theDocumentListsEachSettingWithItsDefault() throws IOException {
        String document = Files.readString(Path.of("docs/configuration.md"));
        String begun = document.substring(document.indexOf("\n## fustor.kafka.sources\n") + 1);
        String section = begun.substring(0, begun.indexOf("\n## "));
        List<Row> rows =
                ROW.matcher(section)
                        .results()
                        .map(row -> new Row(row.group(1), text(row.group(2))))
                        .toList();

        assertThat(rows)
                .isEqualTo(
                        Arrays.stream(
                                        KafkaWriterProperties.SourceTopics.class
                                                .getRecordComponents())
                                .map(one -> new Row(key(one), value(one)))
                                .toList());
    }

    /// A default that is told in words is none of the code.
    private static String text(String value) {
        return IN_WORDS.contains(value) ? "" : value.replace("`", "");
    }

    private static String key(RecordComponent component) {
        return component.getName().replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
    }

    private static String value(RecordComponent component) {
        Class<?> settings = component.getDeclaringRecord();
        var of =
                Arrays.stream(settings.getDeclaredConstructors()[0].getParameters())
                        .filter(one -> one.getName().equals(component.getName()))
                        .findFirst()
                        .orElseThrow()
                        .getAnnotation(DefaultValue.class);
        return of == null ? "" : String.join(",", of.value());
    }
}
