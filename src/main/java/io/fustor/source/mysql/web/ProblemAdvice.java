package io.fustor.source.mysql.web;

import io.fustor.source.mysql.error.FailureCode;
import io.fustor.source.mysql.error.Problem;
import io.fustor.source.mysql.error.RequestCode;
import io.fustor.source.mysql.error.RequestException;
import io.fustor.source.mysql.error.Sentence;
import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.grant.Sight;
import io.fustor.source.mysql.thread.InternalFailures;
import io.fustor.source.mysql.thread.Work;
import io.fustor.source.mysql.web.BodyLimitFilter.BodyTooLargeException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.time.Duration;
import java.util.UUID;
import java.util.stream.Collectors;
import org.apache.tomcat.util.http.InvalidParameterException;
import org.jspecify.annotations.Nullable;
import org.springframework.context.i18n.LocaleContextHolder;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.MediaType;
import org.springframework.http.ProblemDetail;
import org.springframework.http.ResponseEntity;
import org.springframework.http.converter.HttpMessageNotReadableException;
import org.springframework.security.web.firewall.RequestRejectedException;
import org.springframework.web.ErrorResponse;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.RestControllerAdvice;
import org.springframework.web.context.request.RequestAttributes;
import org.springframework.web.context.request.WebRequest;
import org.springframework.web.method.annotation.HandlerMethodValidationException;
import org.springframework.web.servlet.mvc.method.annotation.ResponseEntityExceptionHandler;
import org.springframework.web.servlet.resource.NoResourceFoundException;
import org.springframework.web.util.DisconnectedClientHelper;
import tools.jackson.core.JacksonException;

/// Turns every exception of a controller into a problem body, regardless of the media type that the
/// request accepts. The caller of a feed also receives its problem as JSON. Spring's own messages
/// are English; other languages show them in brackets.
@RestControllerAdvice
class ProblemAdvice extends ResponseEntityExceptionHandler {

    /// A request that a module refuses.
    @ExceptionHandler
    @Nullable ResponseEntity<Object> refused(RequestException e, WebRequest request) {
        Problem problem = Problem.of(e);
        HttpHeaders headers = new HttpHeaders();
        if (problem.status() == HttpStatus.UNAUTHORIZED.value()) {
            headers.set(HttpHeaders.WWW_AUTHENTICATE, "Bearer");
        }
        return answer(e, headers, problem, request);
    }

    /// A MySQL server that cannot serve the request, or a fault of the service.
    @ExceptionHandler
    @Nullable ResponseEntity<Object> unserved(SourceException e, WebRequest request) {
        Object sight = request.getAttribute(Sight.ATTRIBUTE, RequestAttributes.SCOPE_REQUEST);
        boolean isLimited = sight instanceof Sight known && known.isLimited();
        Problem problem = Problem.of(e.code(), Sentence.ofFailure(e, isLimited));
        return answer(e, new HttpHeaders(), problem, request);
    }

    /// A parameter that is not percent-encoded UTF-8, or too many parameters. Tomcat throws it when
    /// the first parameter is read.
    @ExceptionHandler
    @Nullable ResponseEntity<Object> undecodable(InvalidParameterException e, WebRequest request) {
        Sentence detail = Sentence.of("parameter.unreadable");
        Problem problem = Problem.of(RequestCode.INVALID_REQUEST, detail);
        return answer(e, new HttpHeaders(), problem, request);
    }

    /// A header or parameter with control characters. It is thrown when the value is read.
    @ExceptionHandler
    @Nullable ResponseEntity<Object> rejected(RequestRejectedException e, WebRequest request) {
        return answer(e, new HttpHeaders(), Problems.of(HttpStatus.BAD_REQUEST), request);
    }

    /// An unexpected exception. The response contains a number that the log also contains.
    @ExceptionHandler
    @Nullable ResponseEntity<Object> failed(
            Exception e, WebRequest request, HttpServletRequest http, HttpServletResponse response)
            throws Exception {
        if (DisconnectedClientHelper.isClientDisconnectedException(e)) {
            return null;
        }
        String number = UUID.randomUUID().toString().substring(0, 8);
        String name = number + " " + http.getMethod() + " " + http.getRequestURI();
        InternalFailures.contain(Work.REQUEST, Problems.printable(name), e);
        if (response.isCommitted()) {
            // A part of the response was sent, so only closing the connection informs the client.
            throw e;
        }
        Sentence detail = Sentence.of("problem.failed", number);
        Problem problem = Problem.of(FailureCode.INTERNAL, detail);
        return answer(e, new HttpHeaders(), problem, request);
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
            return answer(e, headers, Problems.of(HttpStatus.CONTENT_TOO_LARGE), request);
        }
        JacksonException unreadable = cause(e, JacksonException.class);
        Sentence detail =
                unreadable == null ? Sentence.of("body.missing") : BodyProblem.describe(unreadable);
        return answer(e, headers, problem(status, detail), request);
    }

    @Override
    protected @Nullable ResponseEntity<Object> handleNoResourceFoundException(
            NoResourceFoundException e,
            HttpHeaders headers,
            HttpStatusCode status,
            WebRequest request) {
        Sentence detail = Sentence.of("problem.nothing-at", "/" + e.getResourcePath());
        return answer(e, headers, problem(status, detail), request);
    }

    @Override
    protected @Nullable ResponseEntity<Object> handleHandlerMethodValidationException(
            HandlerMethodValidationException e,
            HttpHeaders headers,
            HttpStatusCode status,
            WebRequest request) {
        String words =
                e.getParameterValidationResults().stream()
                        .map(
                                result ->
                                        result.getMethodParameter().getParameterName()
                                                + " "
                                                + result.getResolvableErrors()
                                                        .getFirst()
                                                        .getDefaultMessage())
                        .collect(Collectors.joining("; "));
        return answer(e, headers, problem(status, inBrackets(status, words)), request);
    }

    /// Every response to a request that Spring itself refuses passes through here.
    @Override
    protected @Nullable ResponseEntity<Object> handleExceptionInternal(
            Exception e,
            @Nullable Object body,
            HttpHeaders headers,
            HttpStatusCode status,
            WebRequest request) {
        String words = words(e, body);
        Problem problem =
                words == null
                        ? Problems.of(HttpStatus.valueOf(status.value()))
                        : problem(status, inBrackets(status, words));
        return answer(e, headers, problem, request);
    }

    /// Spring's English message for a failure.
    private static @Nullable String words(Exception e, @Nullable Object body) {
        if (body instanceof ProblemDetail problem) {
            return problem.getDetail();
        }
        return e instanceof ErrorResponse refused ? refused.getBody().getDetail() : null;
    }

    private static Sentence inBrackets(HttpStatusCode status, String words) {
        return Sentence.quoting("problem.in-brackets", words, Problem.title(status.value()));
    }

    /// Every response passes through here. It sets the content type, so that no negotiation takes
    /// place.
    @Override
    protected ResponseEntity<Object> createResponseEntity(
            @Nullable Object body, HttpHeaders headers, HttpStatusCode status, WebRequest request) {
        HttpHeaders all = new HttpHeaders(headers);
        all.setContentType(MediaType.APPLICATION_PROBLEM_JSON);
        return new ResponseEntity<>(body, all, status);
    }

    private @Nullable ResponseEntity<Object> answer(
            Exception e, HttpHeaders headers, Problem problem, WebRequest request) {
        HttpHeaders all = new HttpHeaders(headers);
        Duration pause = problem.retryAfter();
        if (pause != null) {
            all.set(HttpHeaders.RETRY_AFTER, Long.toString(Math.max(1, pause.toSeconds())));
        }
        Object body = problem.in(LocaleContextHolder.getLocale());
        return super.handleExceptionInternal(
                e, body, all, HttpStatusCode.valueOf(problem.status()), request);
    }

    private static Problem problem(HttpStatusCode status, Sentence detail) {
        return Problem.ofStatus(status.value(), detail);
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
