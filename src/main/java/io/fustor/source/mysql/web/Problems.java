package io.fustor.source.mysql.web;

import jakarta.servlet.RequestDispatcher;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import tools.jackson.databind.json.JsonMapper;

/// Writes problem bodies (RFC 9457) where no controller is reached: in filters, and in the server
/// below them.
final class Problems {

    private static final JsonMapper MAPPER = JsonMapper.shared();

    /// The control characters that JSON does not escape.
    private static final Pattern CONTROLS = Pattern.compile("[\\x7F-\\x9F]");

    private Problems() {}

    /// Answers with a problem, unless an answer is already on its way.
    static void write(
            HttpServletRequest request,
            HttpServletResponse response,
            HttpStatus status,
            String detail)
            throws IOException {
        if (response.isCommitted()) {
            return;
        }
        response.setStatus(status.value());
        AnswerHeaders.add(response, AnswerHeaders.DATA_POLICY);
        response.setContentType(MediaType.APPLICATION_PROBLEM_JSON_VALUE);
        byte[] body = body(status, detail, path(request));
        response.setContentLength(body.length);
        response.getOutputStream().write(body);
        response.flushBuffer();
    }

    /// The path that the client asked for, also where the request is on its way to the error page.
    private static @Nullable String path(HttpServletRequest request) {
        Object original = request.getAttribute(RequestDispatcher.ERROR_REQUEST_URI);
        return original instanceof String path ? path : request.getRequestURI();
    }

    /// The JSON of a problem.
    static byte[] body(HttpStatus status, String detail, @Nullable String instance) {
        Map<String, Object> problem = new LinkedHashMap<>();
        problem.put("type", "about:blank");
        problem.put("title", status.getReasonPhrase());
        problem.put("status", status.value());
        problem.put("detail", printable(detail));
        if (instance != null) {
            problem.put("instance", instance);
        }
        return MAPPER.writeValueAsString(problem).getBytes(StandardCharsets.UTF_8);
    }

    /// A detail that may quote the request, without control characters.
    static String printable(String detail) {
        return CONTROLS.matcher(detail).replaceAll("\uFFFD");
    }

    /// What there is to say where only the status is known.
    static String detail(HttpStatus status) {
        return switch (status) {
            case BAD_REQUEST -> "The request is malformed: its line, path or a header is not HTTP.";
            case UNAUTHORIZED -> "The request needs a token.";
            case FORBIDDEN -> "The request is not allowed.";
            case NOT_FOUND -> "There is nothing at this path.";
            case METHOD_NOT_ALLOWED -> "This path does not know the request's method.";
            case REQUEST_TIMEOUT -> "The request did not come in time.";
            case CONTENT_TOO_LARGE -> "The request's body is larger than 1 MiB.";
            case URI_TOO_LONG -> "The request's path is too long.";
            case REQUEST_HEADER_FIELDS_TOO_LARGE ->
                    "The request's line and headers are larger than the service takes"
                            + " (server.max-http-request-header-size).";
            case SERVICE_UNAVAILABLE -> "The service is starting or stopping; try again soon.";
            default ->
                    status.is5xxServerError()
                            ? "The service failed to answer; its log says why."
                            : "The request cannot be answered: " + status.getReasonPhrase() + ".";
        };
    }
}
