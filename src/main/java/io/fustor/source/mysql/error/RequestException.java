package io.fustor.source.mysql.error;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// A request that cannot be done as it was asked. Any module throws it; the web layer answers it
/// with the status of its kind and its message as the problem's detail, so the message is a
/// sentence for the person who asked: what is wrong, and what to do about it. It never holds a
/// password.
public final class RequestException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /// What kind of answer it is.
    public enum Kind {
        /// A parameter, a field or the body is wrong: 400.
        INVALID,
        /// What the request names does not exist: 404.
        NOT_FOUND,
        /// What the request names is in a state that does not allow it: 409.
        CONFLICT,
        /// What the request names existed and is gone for good: 410.
        GONE,
        /// The caller asks for more than its share: 429.
        TOO_MANY,
        /// Not now, perhaps later: 503.
        UNAVAILABLE
    }

    private final Kind kind;
    private final @Nullable Duration retryAfter;

    public RequestException(Kind kind, String detail) {
        this(kind, detail, null, null);
    }

    public RequestException(Kind kind, String detail, @Nullable Throwable cause) {
        this(kind, detail, null, cause);
    }

    private RequestException(
            Kind kind, String detail, @Nullable Duration retryAfter, @Nullable Throwable cause) {
        super(detail, cause);
        this.kind = kind;
        this.retryAfter = retryAfter;
    }

    public static RequestException invalid(String detail) {
        return new RequestException(Kind.INVALID, detail);
    }

    public static RequestException notFound(String detail) {
        return new RequestException(Kind.NOT_FOUND, detail);
    }

    public static RequestException conflict(String detail) {
        return new RequestException(Kind.CONFLICT, detail);
    }

    public static RequestException gone(String detail) {
        return new RequestException(Kind.GONE, detail);
    }

    /// The caller is over its share.
    ///
    /// @param retryAfter sent as `Retry-After`, in whole seconds
    public static RequestException tooMany(String detail, Duration retryAfter) {
        return new RequestException(Kind.TOO_MANY, detail, retryAfter, null);
    }

    /// The service cannot do it now.
    ///
    /// @param retryAfter sent as `Retry-After`, in whole seconds
    public static RequestException unavailable(String detail, Duration retryAfter) {
        return new RequestException(Kind.UNAVAILABLE, detail, retryAfter, null);
    }

    public Kind kind() {
        return kind;
    }

    /// When to ask again, or null where nothing is known about it.
    public @Nullable Duration retryAfter() {
        return retryAfter;
    }
}
