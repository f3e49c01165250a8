package io.fustor.source.mysql.web;

import io.fustor.source.mysql.error.RequestException;
import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.web.BodyLimitFilter.BodyTooLargeException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.net.URI;
import java.time.Duration;
import java.util.UUID;
import java.util.stream.Collectors;
import org.apache.tomcat.util.http.InvalidParameterException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.MediaType;
import org.springframework.http.ProblemDetail;
import org.springframework.http.ResponseEntity;
import org.springframework.http.converter.HttpMessageNotReadableException;
import org.springframework.security.web.firewall.RequestRejectedException;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.RestControllerAdvice;
import org.springframework.web.context.request.WebRequest;
import org.springframework.web.method.annotation.HandlerMethodValidationException;
import org.springframework.web.servlet.mvc.method.annotation.ResponseEntityExceptionHandler;
import org.springframework.web.servlet.resource.NoResourceFoundException;
import org.springframework.web.util.DisconnectedClientHelper;
import tools.jackson.core.JacksonException;

/// Turns every exception of a controller into a problem body, whatever media type the request
/// accepts: a caller of a feed gets its problem as JSON too.
@RestControllerAdvice
class ProblemAdvice extends ResponseEntityExceptionHandler {

    private static final Logger LOG = LoggerFactory.getLogger(ProblemAdvice.class);

    /// A request that a module refuses.
    @ExceptionHandler
    @Nullable ResponseEntity<Object> refused(RequestException e, WebRequest request) {
        HttpStatus status =
                switch (e.kind()) {
                    case INVALID -> HttpStatus.BAD_REQUEST;
                    case NOT_FOUND -> HttpStatus.NOT_FOUND;
                    case CONFLICT -> HttpStatus.CONFLICT;
                    case GONE -> HttpStatus.GONE;
                    case TOO_MANY -> HttpStatus.TOO_MANY_REQUESTS;
                    case UNAVAILABLE -> HttpStatus.SERVICE_UNAVAILABLE;
                };
        return answer(e, status, retryAfter(e.retryAfter()), problem(status, e), request);
    }

    /// A MySQL server that cannot serve the request; `code` says to programs what `detail` says to
    /// people.
    @ExceptionHandler
    @Nullable ResponseEntity<Object> unserved(SourceException e, WebRequest request) {
        HttpStatus status =
                switch (e.recovery()) {
                    case RETRY -> HttpStatus.SERVICE_UNAVAILABLE;
                    case REPOSITION -> HttpStatus.GONE;
                    case STOP -> HttpStatus.BAD_GATEWAY;
                };
        Duration pause = status == HttpStatus.SERVICE_UNAVAILABLE ? Duration.ofSeconds(5) : null;
        ProblemDetail problem = problem(status, e);
        problem.setProperty("code", e.code().name());
        return answer(e, status, retryAfter(pause), problem, request);
    }

    /// A parameter that is not percent-encoded UTF-8, or one of too many; thrown where the first is
    /// asked for.
    @ExceptionHandler
    @Nullable ResponseEntity<Object> undecodable(InvalidParameterException e, WebRequest request) {
        HttpStatus status = HttpStatus.BAD_REQUEST;
        String detail =
                "The request's parameters cannot be read: they are percent-encoded UTF-8, and at"
                        + " most 1000.";
        return answer(
                e,
                status,
                new HttpHeaders(),
                ProblemDetail.forStatusAndDetail(status, detail),
                request);
    }

    /// A header or parameter with control characters; thrown where it is asked for.
    @ExceptionHandler
    @Nullable ResponseEntity<Object> rejected(RequestRejectedException e, WebRequest request) {
        HttpStatus status = HttpStatus.BAD_REQUEST;
        return answer(
                e,
                status,
                new HttpHeaders(),
                ProblemDetail.forStatusAndDetail(status, Problems.detail(status)),
                request);
    }

    /// What nobody expected. The answer names a number that the log has too.
    @ExceptionHandler
    @Nullable ResponseEntity<Object> failed(
            Exception e, WebRequest request, HttpServletRequest http, HttpServletResponse response)
            throws Exception {
        if (DisconnectedClientHelper.isClientDisconnectedException(e)) {
            return null;
        }
        if (response.isCommitted()) {
            // Half an answer went out; only cutting the connection tells the client.
            throw e;
        }
        String number = UUID.randomUUID().toString().substring(0, 8);
        LOG.error("error={} method={} path={}", number, http.getMethod(), http.getRequestURI(), e);
        HttpStatus status = HttpStatus.INTERNAL_SERVER_ERROR;
        ProblemDetail problem =
                ProblemDetail.forStatusAndDetail(
                        status,
                        "The service failed; its log says why, under the number " + number + ".");
        return answer(e, status, new HttpHeaders(), problem, request);
    }

    @Override
    protected @Nullable ResponseEntity<Object> handleHttpMessageNotReadable(
            HttpMessageNotReadableException e,
            HttpHeaders headers,
            HttpStatusCode status,
            WebRequest request) {
        RequestException refused = cause(e, RequestException.class);
        if (refused != null) {
            return refused(refused, request);
        }
        if (cause(e, BodyTooLargeException.class) != null) {
            HttpStatus tooLarge = HttpStatus.CONTENT_TOO_LARGE;
            ProblemDetail problem =
                    ProblemDetail.forStatusAndDetail(tooLarge, Problems.detail(tooLarge));
            return answer(e, tooLarge, headers, problem, request);
        }
        JacksonException unreadable = cause(e, JacksonException.class);
        String detail =
                unreadable == null
                        ? "The request needs a JSON body."
                        : BodyProblem.describe(unreadable);
        return answer(
                e, status, headers, ProblemDetail.forStatusAndDetail(status, detail), request);
    }

    @Override
    protected @Nullable ResponseEntity<Object> handleNoResourceFoundException(
            NoResourceFoundException e,
            HttpHeaders headers,
            HttpStatusCode status,
            WebRequest request) {
        String detail = "There is nothing at /" + e.getResourcePath() + ".";
        return answer(
                e, status, headers, ProblemDetail.forStatusAndDetail(status, detail), request);
    }

    @Override
    protected @Nullable ResponseEntity<Object> handleHandlerMethodValidationException(
            HandlerMethodValidationException e,
            HttpHeaders headers,
            HttpStatusCode status,
            WebRequest request) {
        String detail =
                e.getParameterValidationResults().stream()
                        .map(
                                result ->
                                        result.getMethodParameter().getParameterName()
                                                + " "
                                                + result.getResolvableErrors()
                                                        .getFirst()
                                                        .getDefaultMessage())
                        .collect(Collectors.joining("; "));
        return answer(
                e, status, headers, ProblemDetail.forStatusAndDetail(status, detail), request);
    }

    /// Every answer comes through here. The content type is set, so that nothing is negotiated.
    @Override
    protected ResponseEntity<Object> createResponseEntity(
            @Nullable Object body, HttpHeaders headers, HttpStatusCode status, WebRequest request) {
        if (body instanceof ProblemDetail problem) {
            problem.setType(
                    problem.getType() == null ? URI.create("about:blank") : problem.getType());
            String detail = problem.getDetail();
            problem.setDetail(detail == null ? null : Problems.printable(detail));
        }
        HttpHeaders all = new HttpHeaders(headers);
        all.setContentType(MediaType.APPLICATION_PROBLEM_JSON);
        return new ResponseEntity<>(body, all, status);
    }

    private @Nullable ResponseEntity<Object> answer(
            Exception e,
            HttpStatusCode status,
            HttpHeaders headers,
            ProblemDetail problem,
            WebRequest request) {
        return handleExceptionInternal(e, problem, headers, status, request);
    }

    private static ProblemDetail problem(HttpStatus status, Exception e) {
        return ProblemDetail.forStatusAndDetail(status, String.valueOf(e.getMessage()));
    }

    private static HttpHeaders retryAfter(@Nullable Duration pause) {
        HttpHeaders headers = new HttpHeaders();
        if (pause != null) {
            headers.set(HttpHeaders.RETRY_AFTER, Long.toString(Math.max(1, pause.toSeconds())));
        }
        return headers;
    }

    private static <T extends Throwable> @Nullable T cause(Throwable e, Class<T> type) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (type.isInstance(cause)) {
                return type.cast(cause);
            }
        }
        return null;
    }
}
