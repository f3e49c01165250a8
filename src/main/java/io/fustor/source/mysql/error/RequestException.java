package io.fustor.source.mysql.error;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// A request that cannot be fulfilled as it is. Any module throws it. The web layer responds with
/// the status of its code and with its sentence as the problem's detail: what is wrong and what to
/// do. It never contains a password.
public final class RequestException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final RequestCode code;
    private final transient Sentence sentence;
    private final @Nullable Duration retryAfter;

    public RequestException(RequestCode code, Sentence sentence, @Nullable Throwable cause) {
        this(code, sentence, null, cause);
    }

    /// @param retryAfter sent as `Retry-After`, in whole seconds; null if unknown
    public RequestException(
            RequestCode code,
            Sentence sentence,
            @Nullable Duration retryAfter,
            @Nullable Throwable cause) {
        super(PlainText.detail(sentence.toString()), cause);
        this.code = code;
        this.sentence = sentence;
        this.retryAfter = retryAfter;
    }

    /// A parameter, a field or the body is invalid.
    ///
    /// @param key the message key of the sentence
    /// @param values the message arguments
    public static RequestException invalid(String key, Object... values) {
        return refused(RequestCode.INVALID_REQUEST, key, values);
    }

    /// The request cannot be fulfilled as it is.
    ///
    /// @param key the message key of the sentence
    /// @param values the message arguments
    public static RequestException refused(RequestCode code, String key, Object... values) {
        return new RequestException(code, Sentence.of(key, values), null);
    }

    /// The service cannot fulfil the request now.
    ///
    /// @param retryAfter sent as `Retry-After`, in whole seconds
    public static RequestException later(
            RequestCode code, Duration retryAfter, String key, Object... values) {
        return new RequestException(code, Sentence.of(key, values), retryAfter, null);
    }

    /// The detail for a person; the exception's message is its English text.
    public Sentence sentence() {
        return sentence;
    }

    public RequestCode code() {
        return code;
    }

    /// When to ask again, or null if unknown.
    public @Nullable Duration retryAfter() {
        return retryAfter;
    }
}
