package io.fustor.source.mysql.web;

import io.fustor.source.mysql.error.PlainText;
import io.fustor.source.mysql.error.Problem;
import io.fustor.source.mysql.error.Sentence;
import jakarta.servlet.RequestDispatcher;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import tools.jackson.databind.json.JsonMapper;

/// Writes problem bodies (RFC 9457) outside of controllers: in filters and in the server.
public final class Problems {

    private static final JsonMapper MAPPER = JsonMapper.shared();

    private Problems() {}

    /// Responds with a problem, unless a response has already started.
    public static void write(
            HttpServletRequest request, HttpServletResponse response, Problem problem)
            throws IOException {
        if (response.isCommitted()) {
            return;
        }
        response.setStatus(problem.status());
        AnswerHeaders.add(response, AnswerHeaders.DATA_POLICY);
        response.setContentType(MediaType.APPLICATION_PROBLEM_JSON_VALUE);
        byte[] body = body(problem, path(request), language(request));
        response.setContentLength(body.length);
        response.getOutputStream().write(body);
        response.flushBuffer();
    }

    /// The language of the caller. In an incomplete head the last header may have no value, on
    /// which Tomcat's own parsing of languages fails.
    private static Locale language(HttpServletRequest request) {
        boolean isWhole =
                Collections.list(request.getHeaders(HttpHeaders.ACCEPT_LANGUAGE)).stream()
                        .allMatch(Objects::nonNull);
        return isWhole ? Languages.OF_CALLER.resolveLocale(request) : Locale.ENGLISH;
    }

    /// The path of the client's request, even if the request was forwarded to the error page.
    private static @Nullable String path(HttpServletRequest request) {
        Object original = request.getAttribute(RequestDispatcher.ERROR_REQUEST_URI);
        return original instanceof String path ? path : request.getRequestURI();
    }

    /// The JSON of a problem.
    static byte[] body(Problem problem, @Nullable String instance, Locale language) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("type", Problem.TYPE.toString());
        json.put("title", problem.title().in(language));
        json.put("status", problem.status());
        json.put("detail", problem.detail(language));
        if (instance != null) {
            json.put("instance", instance);
        }
        json.put("code", problem.code());
        return MAPPER.writeValueAsString(json).getBytes(StandardCharsets.UTF_8);
    }

    /// A detail that may quote the request.
    static String printable(String detail) {
        return PlainText.detail(detail);
    }

    /// The problem for a status without further information.
    public static Problem of(HttpStatus status) {
        return Problem.ofStatus(status.value(), detail(status));
    }

    /// The detail for a status without further information.
    private static Sentence detail(HttpStatus status) {
        return switch (status) {
            case BAD_REQUEST -> Sentence.of("problem.malformed");
            case UNAUTHORIZED -> Sentence.of("problem.no-token");
            case FORBIDDEN -> Sentence.of("problem.forbidden");
            case NOT_FOUND -> Sentence.of("problem.nothing");
            case METHOD_NOT_ALLOWED -> Sentence.of("problem.method");
            case REQUEST_TIMEOUT -> Sentence.of("problem.late");
            case CONTENT_TOO_LARGE -> Sentence.of("problem.large");
            case URI_TOO_LONG -> Sentence.of("problem.long-path");
            case REQUEST_HEADER_FIELDS_TOO_LARGE -> Sentence.of("problem.large-head");
            case SERVICE_UNAVAILABLE -> Sentence.of("problem.not-now");
            default ->
                    status.is5xxServerError()
                            ? Sentence.of("problem.unanswered")
                            : Sentence.of("problem.unanswerable", Problem.title(status.value()));
        };
    }
}
