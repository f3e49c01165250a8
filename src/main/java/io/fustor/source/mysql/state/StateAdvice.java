package io.fustor.source.mysql.state;

import io.fustor.source.mysql.error.Problem;
import io.fustor.source.mysql.error.RequestCode;
import io.fustor.source.mysql.error.Sentence;
import java.time.Duration;
import java.util.Locale;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.dao.DataAccessException;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.http.ProblemDetail;
import org.springframework.http.ResponseEntity;
import org.springframework.transaction.TransactionException;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.RestControllerAdvice;

/// Responds to requests for which the state database could not be read.
@RestControllerAdvice
@Order(Ordered.HIGHEST_PRECEDENCE)
class StateAdvice {

    private final StateCondition condition;

    StateAdvice(StateCondition condition) {
        this.condition = condition;
    }

    @ExceptionHandler({DataAccessException.class, TransactionException.class})
    ResponseEntity<ProblemDetail> unread(RuntimeException e, Locale language) {
        if (StateErrors.unfitValue(e) != null) {
            return unfit(language);
        }
        if (!StateErrors.isOfDatabase(e)) {
            throw e;
        }
        return answer(Problem.of(condition.failed(e)), language);
    }

    /// Does not show the value, which may be a password.
    private static ResponseEntity<ProblemDetail> unfit(Locale language) {
        return answer(
                Problem.of(RequestCode.INVALID_REQUEST, Sentence.of("state.unfit")), language);
    }

    private static ResponseEntity<ProblemDetail> answer(Problem problem, Locale language) {
        ResponseEntity.BodyBuilder answer =
                ResponseEntity.status(problem.status())
                        .contentType(MediaType.APPLICATION_PROBLEM_JSON);
        Duration pause = problem.retryAfter();
        if (pause != null) {
            answer.header(HttpHeaders.RETRY_AFTER, Long.toString(pause.toSeconds()));
        }
        return answer.body(problem.in(language));
    }
}
