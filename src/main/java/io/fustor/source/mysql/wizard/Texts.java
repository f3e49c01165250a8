package io.fustor.source.mysql.wizard;

import io.fustor.source.mysql.error.Sentence;
import io.fustor.source.mysql.error.SourceException;
import java.util.Locale;
import java.util.regex.Pattern;

/// The sentences of the wizard in the language of one request.
record Texts(Locale language) {

    private static final Pattern CONTROLS = Pattern.compile("[\\p{Cntrl}\\u2028\\u2029]+");

    /// A sentence.
    ///
    /// @param values for its placeholders; numbers are written without separators
    String get(String key, Object... values) {
        return Sentence.of("wizard." + key, values).in(language);
    }

    /// Replaces line breaks and other control characters with spaces. An interface shows a message
    /// on one line, and names and server messages may contain such characters.
    static String oneLine(String text) {
        return CONTROLS.matcher(text).replaceAll(" ");
    }

    /// The sentence for a failure of a server.
    String failure(SourceException e) {
        return failed(e).in(language);
    }

    /// The sentence for a failure of a server. English has no full stop in the failure's own words.
    static Sentence failed(SourceException e) {
        return Sentence.of("wizard.failed", Sentence.ofFailure(e));
    }
}
