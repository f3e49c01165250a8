package io.fustor.source.mysql.wizard;

import io.swagger.v3.oas.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/// One thing that a wizard's step looked at.
///
/// @param required whether a source cannot do without it
/// @param fix the exact statements or option that mend it; null where it passed or nothing does
@Schema(description = "One thing that was looked at")
record Check(
        @Schema(example = "binlog_format") String name,
        boolean required,
        @Schema(example = "MIXED") String actual,
        @Schema(example = "ROW") String expected,
        boolean passed,
        String explanation,
        @Schema(example = "SET PERSIST binlog_format = 'ROW';") @Nullable String fix) {

    /// A check that the server's version or flavour makes pointless.
    static Check notApplicable(
            String name, boolean required, String expected, String explanation, Texts texts) {
        return new Check(
                name, required, texts.get("not-applicable"), expected, true, explanation, null);
    }
}
