package io.fustor.source.mysql.source;

import io.swagger.v3.oas.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/// One check of a server or a user.
@Schema(description = "One check.")
public record Check(
        @Schema(description = "The name of the check.", example = "binlog_format") String name,
        @Schema(description = "Whether a source requires it.") boolean required,
        @Schema(description = "The value found.", example = "MIXED") String actual,
        @Schema(description = "The expected value.", example = "ROW") String expected,
        @Schema(description = "Whether the check passed.") boolean passed,
        @Schema(description = "Why it matters.") String explanation,
        @Schema(
                        description =
                                "The exact statements or options that fix it, in one line"
                                        + " that can be pasted; null if it passed or has no"
                                        + " fix.",
                        example = "SET PERSIST binlog_format = 'ROW';")
                @Nullable String fix) {

    /// The same check, with an additional sentence in its explanation.
    public Check with(String sentence) {
        return new Check(name, required, actual, expected, passed, explanation + sentence, fix);
    }
}
