package io.fustor.source.mysql.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import io.fustor.source.mysql.error.FailureCode;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class ClusterSilenceTests {

    private final AtomicLong now = new AtomicLong(Long.MAX_VALUE - 1);
    private final ClusterSilence silence = new ClusterSilence(now::get);

    private void pass(Duration time) {
        now.addAndGet(time.toNanos());
    }

    @Test
    void clusterThatOwesNothingIsNotSilent() {
        pass(Duration.ofHours(1));

        assertThat(silence.length()).isZero();
        assertThat(silence.failure()).isNull();
    }

    @Test
    void longCommitIsToldWithItsAge() {
        silence.blocks("a commit");
        pass(ClusterSilence.LONGEST.minusMillis(1));
        assertThat(silence.failure()).isNull();

        pass(Duration.ofSeconds(3));

        assertThat(silence.failure())
                .satisfies(
                        failure -> {
                            assertThat(failure.code()).isEqualTo(FailureCode.KAFKA_UNAVAILABLE);
                            assertThat(failure)
                                    .hasMessageContaining("7 s")
                                    .hasMessageContaining("a commit");
                        });
        silence.goesOn();
        assertThat(silence.failure()).isNull();
    }

    @Test
    void laterQuestionsDoNotMakeTheFirstOneYounger() {
        silence.asks("a sign");
        pass(Duration.ofSeconds(4));
        silence.asks("a sign");
        pass(Duration.ofSeconds(4));

        assertThat(silence.length()).isEqualTo(Duration.ofSeconds(8));
        silence.answers();
        assertThat(silence.length()).isZero();
    }

    @Test
    void oldestDebtCounts() {
        silence.asks("a sign");
        pass(Duration.ofSeconds(6));
        silence.blocks("a commit");
        pass(Duration.ofSeconds(1));

        assertThat(silence.failure()).hasMessageContaining("a sign");
        silence.answers();
        assertThat(silence.length()).isEqualTo(Duration.ofSeconds(1));
    }

    @Test
    void recordThatTheProducerDoesNotTakeIsTold() {
        silence.sends();
        silence.sent();
        pass(Duration.ofSeconds(6));
        assertThat(silence.failure()).isNull();

        silence.sends();
        pass(Duration.ofSeconds(6));

        assertThat(silence.failure()).hasMessageContaining("a record");
    }

    @Test
    void newAttemptOwesNothing() {
        silence.asks("a sign");
        silence.sends();
        silence.blocks("a commit");
        pass(Duration.ofMinutes(1));

        silence.begin();

        assertThat(silence.failure()).isNull();
    }
}
