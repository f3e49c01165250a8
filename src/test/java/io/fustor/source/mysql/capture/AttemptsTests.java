package io.fustor.source.mysql.capture;

import static org.assertj.core.api.Assertions.assertThat;

import io.fustor.source.mysql.error.FailureCode;
import io.fustor.source.mysql.error.SourceException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class AttemptsTests {

    private static final SourceException LOST = failure(FailureCode.CONNECTION_LOST);
    private static final SourceException LAGS = failure(FailureCode.SERVER_LAGS);

    private RetryPolicy policy = new RetryPolicy(2, Duration.ofSeconds(4));
    private final List<Long> asked = new ArrayList<>();
    private final Attempts attempts =
            new Attempts(
                    () -> policy,
                    failed -> {
                        asked.add(failed);
                        return true;
                    });

    private static SourceException failure(FailureCode code) {
        return new SourceException(code, "for a test");
    }

    @Test
    void givesUpAfterTheLastRetry() {
        assertThat(attempts.retryAfter(LOST)).isTrue();
        assertThat(attempts.retryAfter(LOST)).isTrue();
        assertThat(attempts.retryAfter(LOST)).isFalse();
        assertThat(attempts.failures()).isEqualTo(3);
    }

    @Test
    void countsFromZeroAfterASuccess() {
        attempts.retryAfter(LOST);
        attempts.retryAfter(LOST);
        attempts.succeeded();

        assertThat(attempts.failures()).isZero();
        assertThat(attempts.retryAfter(LOST)).isTrue();
        assertThat(attempts.failures()).isEqualTo(1);
    }

    @Test
    void makesNoAttemptThatCannotHelp() {
        assertThat(attempts.retryAfter(failure(FailureCode.ACCESS_DENIED))).isFalse();
        assertThat(attempts.retryAfter(failure(FailureCode.POSITION_PURGED))).isFalse();
    }

    @Test
    void asksALaggingServerAgainWithoutEndAndWithoutLongerPauses() {
        for (int i = 0; i < 20; i++) {
            assertThat(attempts.retryAfter(LAGS)).isTrue();
            assertThat(attempts.delay()).isBetween(Duration.ofSeconds(3), Duration.ofSeconds(5));
        }
    }

    @Test
    void doublesThePauseUpToAMinute() {
        policy = new RetryPolicy(10, Duration.ofSeconds(4));
        for (int seconds : new int[] {4, 8, 16, 32, 60, 60}) {
            attempts.retryAfter(LOST);
            assertThat(attempts.delay())
                    .isBetween(
                            Duration.ofMillis(seconds * 750L), Duration.ofMillis(seconds * 1250L));
        }
    }

    @Test
    void appliesAPolicyThatChanged() {
        attempts.retryAfter(LOST);
        policy = new RetryPolicy(1, Duration.ofSeconds(1));

        assertThat(attempts.retryAfter(LOST)).isFalse();
    }

    @Test
    void looksForAServerOnlyIfItWasUnreachable() {
        assertThat(attempts.isServerBack()).isFalse();
        attempts.retryAfter(LAGS);
        assertThat(attempts.isServerBack()).isFalse();
        assertThat(asked).isEmpty();

        long before = System.nanoTime();
        attempts.retryAfter(LOST);
        assertThat(attempts.isServerBack()).isTrue();
        assertThat(asked).singleElement().satisfies(at -> assertThat(at - before).isNotNegative());
    }
}
