package io.fustor.source.mysql.source;

import io.fustor.source.mysql.error.Sentence;
import io.swagger.v3.oas.annotations.media.Schema;
import java.util.Locale;

/// The message of an action.
@Schema(description = "The message of an action.")
public record Message(
        @Schema(description = "A sentence for people.", example = "The source shop is started.")
                String message) {

    /// A message in the caller's language.
    ///
    /// @param key of the sentence
    /// @param values for its placeholders
    public static Message of(Locale language, String key, Object... values) {
        return new Message(Sentence.of(key, values).in(language));
    }
}
