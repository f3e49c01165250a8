package io.fustor.source.mysql.error;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.ResourceBundle;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.springframework.context.MessageSource;
import org.springframework.context.support.ResourceBundleMessageSource;

/// A sentence for people, by its key in the `messages` bundles (English and Simplified Chinese).
/// Every text that a response shows to a person is a sentence, so that each exists in both
/// languages. Any thread may ask for its text. Logs use the English text.
///
/// @param values the message arguments: sentences, which use the same language, or other objects,
///   which use their text
/// @param english the English text, word for word; null if the bundle has it
public record Sentence(String key, List<Object> values, @Nullable String english) {

    private static final MessageSource MESSAGES = messages();

    private static MessageSource messages() {
        ResourceBundleMessageSource bundles = new ResourceBundleMessageSource();
        bundles.setBundleClassLoader(Sentence.class.getClassLoader());
        bundles.setBasename("messages");
        bundles.setDefaultEncoding(StandardCharsets.UTF_8.name());
        // The request sets the language, not the machine's locale.
        bundles.setFallbackToSystemLocale(false);
        return bundles;
    }

    /// The patterns of all sentences whose keys begin with a prefix, by the rest of the key, for a
    /// page that makes its sentences itself.
    public static Map<String, String> patterns(String prefix, Locale language) {
        ResourceBundle bundle =
                ResourceBundle.getBundle(
                        "messages",
                        language,
                        Sentence.class.getClassLoader(),
                        ResourceBundle.Control.getNoFallbackControl(
                                ResourceBundle.Control.FORMAT_PROPERTIES));
        Map<String, String> patterns = new TreeMap<>();
        for (String key : bundle.keySet()) {
            if (key.startsWith(prefix)) {
                patterns.put(key.substring(prefix.length()), bundle.getString(key));
            }
        }
        return patterns;
    }

    /// The sentence with a key.
    public static Sentence of(String key, Object... values) {
        return new Sentence(key, List.of(values), null);
    }

    /// Describes a server's failure. English uses the failure's own message; Chinese explains its
    /// code and what to do, with that message in brackets.
    public static Sentence ofFailure(SourceException failure) {
        return quoting("failure." + failure.code().name(), failure.getMessage());
    }

    /// What a caller learns of a failure.
    ///
    /// @param isLimited whether the caller may not see every table: the failure's words may name
    ///   one, or the server and its user, so that the caller gets the code alone
    public static Sentence ofFailure(SourceException failure, boolean isLimited) {
        return isLimited && !failure.code().tellsPlacesOnly()
                ? of("problem.limited", failure.code().name())
                : ofFailure(failure);
    }

    /// Text that exists in English only. Other languages quote it in brackets.
    public static Sentence quoting(String key, String words, Object... further) {
        return new Sentence(key, with(words, further), words);
    }

    private static List<Object> with(String words, Object... further) {
        Object[] values = new Object[further.length + 1];
        values[0] = words;
        System.arraycopy(further, 0, values, 1, further.length);
        return List.of(values);
    }

    /// The name of an HTTP status.
    ///
    /// @param reason HTTP's reason phrase
    public static Sentence ofStatus(int status, String reason) {
        return new Sentence("status." + status, List.of(), reason);
    }

    /// The text.
    ///
    /// @param language English, or any Chinese
    public String in(Locale language) {
        if (english != null && language.getLanguage().equals(Locale.ENGLISH.getLanguage())) {
            return english;
        }
        Object[] told =
                values.stream()
                        .map(
                                value ->
                                        value instanceof Sentence sentence
                                                ? sentence.in(language)
                                                : String.valueOf(value))
                        .toArray();
        return MESSAGES.getMessage(key, told, language);
    }

    /// The English text.
    @Override
    public String toString() {
        return in(Locale.ENGLISH);
    }
}
