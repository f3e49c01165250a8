package io.fustor.source.mysql;

import static org.assertj.core.api.Assertions.assertThat;

import io.fustor.source.mysql.error.FailureCode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// That `docs/errors.md` says of every failure what it means and what to do.
class ErrorsDocumentTests {

    private static final Path DOCUMENT = Path.of("docs/errors.md");

    private final String text = read();

    @Test
    void everyCodeHasOneSectionAndNothingElseHas() {
        var sections =
                Pattern.compile("(?m)^### `?([A-Z_]+)`?$")
                        .matcher(text)
                        .results()
                        .map(heading -> heading.group(1))
                        .toList();

        assertThat(sections)
                .containsExactlyInAnyOrderElementsOf(
                        Arrays.stream(FailureCode.values()).map(Enum::name).toList());
    }

    @ParameterizedTest
    @EnumSource
    void sectionSaysMeaningReactionAndRemedy(FailureCode code) {
        var section = section(code);

        assertThat(List.of("**Means**", "**Service**", "**Do**")).allMatch(section::contains);
        assertThat(section)
                .as("the reaction that the code has")
                .contains("`" + code.recovery().name().toLowerCase(Locale.ROOT) + "`");
    }

    private String section(FailureCode code) {
        int start = text.indexOf("### " + code.name() + "\n");
        assertThat(start).isNotNegative();
        int end = text.indexOf("\n#", start + 4);
        return text.substring(start, end < 0 ? text.length() : end);
    }

    private static String read() {
        try {
            return Files.readString(DOCUMENT);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
