package io.fustor.source.mysql;

import static org.assertj.core.api.Assertions.assertThat;

import io.fustor.source.mysql.error.FailureCode;
import io.fustor.source.mysql.error.RequestCode;
import io.fustor.source.mysql.support.Codes;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// That `docs/errors.md` says of every failure what it means and what to do.
class ErrorsDocumentTests {

    private final String text = Codes.document();

    @Test
    void everyCodeHasOneSectionAndNothingElseHas() {
        assertThat(Codes.explained()).containsExactlyInAnyOrderElementsOf(Codes.all());
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

    @ParameterizedTest
    @EnumSource
    void sectionSaysMeaningStatusAndRemedy(RequestCode code) {
        var section = section(code);

        assertThat(List.of("**Means**", "**Status**: " + code.status() + ".", "**Do**"))
                .allMatch(section::contains);
    }

    private String section(Enum<?> code) {
        int start = text.indexOf("### " + code.name() + "\n");
        assertThat(start).isNotNegative();
        int end = text.indexOf("\n#", start + 4);
        return text.substring(start, end < 0 ? text.length() : end);
    }
}
