package io.fustor.source.mysql.state;

import io.fustor.source.mysql.error.SourceException;
import java.net.URI;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.dao.DataAccessException;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ProblemDetail;
import org.springframework.http.ResponseEntity;
import org.springframework.transaction.TransactionException;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.RestControllerAdvice;

/// Answers requests for which the state database could not be read.
@RestControllerAdvice
@Order(Ordered.HIGHEST_PRECEDENCE)
class StateAdvice {

    private final StateCondition condition;

    StateAdvice(StateCondition condition) {
        this.condition = condition;
    }

    @ExceptionHandler({DataAccessException.class, TransactionException.class})
    ResponseEntity<ProblemDetail> unread(RuntimeException e) {
        SourceException failure = condition.failed(e);
        HttpStatus status = HttpStatus.SERVICE_UNAVAILABLE;
        ProblemDetail problem = ProblemDetail.forStatusAndDetail(status, failure.getMessage());
        problem.setType(URI.create("about:blank"));
        problem.setProperty("code", failure.code().name());
        return ResponseEntity.status(status)
                .header(HttpHeaders.RETRY_AFTER, "5")
                .contentType(MediaType.APPLICATION_PROBLEM_JSON)
                .body(problem);
    }
}
