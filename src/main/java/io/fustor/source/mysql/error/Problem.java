package io.fustor.source.mysql.error;

import java.net.URI;
import java.time.Duration;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.http.ProblemDetail;

/// The response to a refused request (RFC 9457). Controllers, filters and the embedded server all
/// use it. No other class maps a failure to a status and a code.
///
/// @param status the HTTP status, 400 or more
/// @param code the name of a [RequestCode] or a [FailureCode], for programs
/// @param detail what is wrong and what to do, for a person
/// @param retryAfter when to ask again; null if unknown
public record Problem(int status, String code, Sentence detail, @Nullable Duration retryAfter) {

    /// The type of every problem; the code tells them apart.
    public static final URI TYPE = URI.create("about:blank");

    private static final Duration RETRY_AFTER = Duration.ofSeconds(5);

    /// A problem of a MySQL server or the state database, or a fault of the service.
    public static Problem of(SourceException failure) {
        return of(failure.code(), Sentence.ofFailure(failure));
    }

    /// As [#of(SourceException)], with another detail.
    public static Problem of(FailureCode code, Sentence detail) {
        Duration pause = code.recovery() == Recovery.RETRY ? RETRY_AFTER : null;
        return new Problem(status(code), code.name(), detail, pause);
    }

    /// A request that a module refuses. If a server's failure is the reason, `code` names that
    /// failure.
    public static Problem of(RequestException refusal) {
        String code =
                refusal.getCause() instanceof SourceException failure
                        ? failure.code().name()
                        : refusal.code().name();
        return new Problem(refusal.code().status(), code, refusal.sentence(), refusal.retryAfter());
    }

    public static Problem of(RequestCode code, Sentence detail) {
        return new Problem(code.status(), code.name(), detail, null);
    }

    /// A refusal of which only the status is known.
    public static Problem ofStatus(int status, Sentence detail) {
        return new Problem(status, code(status), detail, null);
    }

    /// The HTTP status of a failure, the same in every module.
    public static int status(FailureCode code) {
        if (code == FailureCode.INTERNAL) {
            return 500;
        }
        return switch (code.recovery()) {
            case RETRY -> 503;
            case REPOSITION -> 410;
            case STOP -> 409;
        };
    }

    /// The code for a bare status.
    private static String code(int status) {
        return switch (status) {
            case 401 -> RequestCode.TOKEN_MISSING.name();
            case 403 -> RequestCode.FORBIDDEN.name();
            case 404 -> RequestCode.NOT_FOUND.name();
            case 405 -> RequestCode.METHOD_NOT_ALLOWED.name();
            case 406 -> RequestCode.NOT_ACCEPTABLE.name();
            case 408 -> RequestCode.REQUEST_TIMEOUT.name();
            case 413 -> RequestCode.BODY_TOO_LARGE.name();
            case 414 -> RequestCode.PATH_TOO_LONG.name();
            case 415 -> RequestCode.MEDIA_TYPE_UNSUPPORTED.name();
            case 429 -> RequestCode.TOO_MANY_REQUESTS.name();
            case 431 -> RequestCode.HEAD_TOO_LARGE.name();
            case 503 -> RequestCode.NOT_READY.name();
            default ->
                    status < 500 ? RequestCode.INVALID_REQUEST.name() : FailureCode.INTERNAL.name();
        };
    }

    /// The name of the status.
    public Sentence title() {
        return title(status);
    }

    /// The name of a status.
    public static Sentence title(int status) {
        HttpStatus known = HttpStatus.resolve(status);
        return Sentence.ofStatus(status, known == null ? "" : known.getReasonPhrase());
    }

    /// The detail with escapes, since it may quote the request.
    public String detail(Locale language) {
        return PlainText.detail(detail.in(language));
    }

    /// The body, without the path of the request.
    public ProblemDetail in(Locale language) {
        ProblemDetail body =
                ProblemDetail.forStatusAndDetail(HttpStatus.valueOf(status), detail(language));
        body.setType(TYPE);
        body.setTitle(title().in(language));
        body.setProperty("code", code);
        return body;
    }
}
