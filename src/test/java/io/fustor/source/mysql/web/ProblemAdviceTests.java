package io.fustor.source.mysql.web;

import static org.assertj.core.api.Assertions.assertThat;

import io.fustor.source.mysql.error.FailureCode;
import io.fustor.source.mysql.error.RequestCode;
import io.fustor.source.mysql.error.RequestException;
import io.fustor.source.mysql.error.Sentence;
import io.fustor.source.mysql.error.SourceException;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.http.MediaType;
import org.springframework.test.web.servlet.assertj.MockMvcTester;
import org.springframework.test.web.servlet.assertj.MvcTestResult;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.context.request.async.AsyncRequestNotUsableException;

/// What a controller's exceptions are answered with.
class ProblemAdviceTests {

    @RestController
    static class Failing {

        private Exception failure = new IllegalStateException();

        @GetMapping(
                path = "/fails",
                produces = {"text/event-stream", "application/json"})
        Map<String, String> fails() throws Exception {
            throw failure;
        }

        @GetMapping("/number")
        int number(@RequestParam int value) {
            return value;
        }
    }

    private final Failing failing = new Failing();
    private final MockMvcTester mvc =
            MockMvcTester.of(
                    java.util.List.of(failing),
                    builder -> builder.setControllerAdvice(new ProblemAdvice()).build());

    @ParameterizedTest
    @EnumSource
    void givesEachRefusalItsStatusAndItsCode(RequestCode code) {
        var answer = answerTo(new RequestException(code, Sentence.of("source.none", "x"), null));

        int status = code.status();
        assertThat(answer).bodyJson().extractingPath("$.code").isEqualTo(code.name());
        assertThat(answer).hasStatus(status).hasContentType(MediaType.APPLICATION_PROBLEM_JSON);
        assertThat(answer).bodyJson().extractingPath("$.detail").isEqualTo("There is no source x.");
        assertThat(answer).bodyJson().extractingPath("$.status").isEqualTo(status);
        assertThat(answer).bodyJson().extractingPath("$.instance").isEqualTo("/fails");
    }

    @Test
    void saysWhenToComeAgain() {
        assertThat(
                        answerTo(
                                RequestException.later(
                                        RequestCode.SUBSCRIBERS_FULL,
                                        Duration.ofSeconds(7),
                                        "feed.full",
                                        1)))
                .hasHeader("Retry-After", "7");
        assertThat(
                        answerTo(
                                RequestException.later(
                                        RequestCode.TOO_MANY_REQUESTS,
                                        Duration.ofMillis(10),
                                        "wizard.busy",
                                        4)))
                .hasHeader("Retry-After", "1");
        assertThat(
                        answerTo(
                                        RequestException.refused(
                                                RequestCode.SOURCE_EXISTS, "source.taken", "x"))
                                .getResponse()
                                .getHeader("Retry-After"))
                .isNull();
    }

    @ParameterizedTest
    @CsvSource({
        "CONNECTION_REFUSED, 503",
        "CONNECTION_LOST, 503",
        "POSITION_PURGED, 410",
        "ACCESS_DENIED, 409",
        "HOST_FORBIDDEN, 409",
        "INTERNAL, 500"
    })
    void saysWhatASourceSuffersFrom(FailureCode code, int status) {
        var answer = answerTo(new SourceException(code, "what is wrong"));

        assertThat(answer).hasStatus(status).hasContentType(MediaType.APPLICATION_PROBLEM_JSON);
        assertThat(answer).bodyJson().extractingPath("$.code").isEqualTo(code.name());
        assertThat(answer.getResponse().getHeader("Retry-After") != null).isEqualTo(status == 503);
    }

    @Test
    void namesTheFailureThatCausedARefusal() {
        var lost = new SourceException(FailureCode.POSITION_AHEAD, "what is wrong");
        var refusal =
                new RequestException(RequestCode.INVALID_REQUEST, Sentence.ofFailure(lost), lost);

        assertThat(answerTo(refusal)).hasStatus(400);
        assertThat(answerTo(refusal))
                .bodyJson()
                .extractingPath("$.code")
                .isEqualTo("POSITION_AHEAD");
    }

    @Test
    void keepsTheInsideOfAFailureToItself() throws Exception {
        var answer = answerTo(new IllegalStateException("select * from secrets"));

        assertThat(answer).hasStatus(500).hasContentType(MediaType.APPLICATION_PROBLEM_JSON);
        assertThat(answer.getResponse().getContentAsString())
                .doesNotContain("secrets", "IllegalState")
                .contains("under the number", "INTERNAL");
    }

    @Test
    void answersAWrongParameterByItsName() {
        var answer = mvc.get().uri("/number?value=many").exchange();

        assertThat(answer).hasStatus(400);
        assertThat(answer).bodyJson().extractingPath("$.code").isEqualTo("INVALID_REQUEST");
        assertThat(answer).bodyJson().extractingPath("$.detail").asString().contains("value");
        assertThat(mvc.get().uri("/number").exchange()).hasStatus(400);
    }

    @Test
    void isSilentWhereTheClientHasGone() throws Exception {
        var answer = answerTo(new IOException("Broken pipe"));

        assertThat(answer.getResponse().getContentAsString()).isEmpty();
        assertThat(
                        answerTo(new AsyncRequestNotUsableException("gone"))
                                .getResponse()
                                .getContentAsString())
                .isEmpty();
    }

    private MvcTestResult answerTo(Exception failure) {
        failing.failure = failure;
        return mvc.get().uri("/fails").accept(MediaType.TEXT_EVENT_STREAM).exchange();
    }
}
