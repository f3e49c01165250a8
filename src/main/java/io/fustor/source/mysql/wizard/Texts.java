package io.fustor.source.mysql.wizard;

import io.fustor.source.mysql.error.SourceException;
import jakarta.servlet.http.HttpServletRequest;
import java.util.Arrays;
import java.util.Collections;
import java.util.Locale;
import org.springframework.context.MessageSource;

/// The wizard's sentences in the language of one request: Simplified Chinese where the caller
/// prefers any Chinese to English, English otherwise.
final class Texts {

    private final MessageSource messages;
    private final Locale locale;

    private Texts(MessageSource messages, Locale locale) {
        this.messages = messages;
        this.locale = locale;
    }

    static Texts of(HttpServletRequest request, MessageSource messages) {
        for (Locale wanted : Collections.list(request.getLocales())) {
            switch (wanted.getLanguage()) {
                case "zh" -> {
                    return new Texts(messages, Locale.SIMPLIFIED_CHINESE);
                }
                case "en" -> {
                    return english(messages);
                }
                default -> {
                    // The next best may be one of ours.
                }
            }
        }
        return english(messages);
    }

    static Texts english(MessageSource messages) {
        return new Texts(messages, Locale.ENGLISH);
    }

    /// A sentence.
    ///
    /// @param values what stands in its gaps; numbers are written without separators
    String get(String key, Object... values) {
        Object[] plain = Arrays.stream(values).map(String::valueOf).toArray();
        return messages.getMessage("wizard." + key, plain, locale);
    }

    /// What went wrong with a server. English says it in the failure's own words.
    String failure(SourceException e) {
        return get("failure." + e.code().name(), e.getMessage());
    }
}
