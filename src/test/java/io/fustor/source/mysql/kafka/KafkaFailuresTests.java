package io.fustor.source.mysql.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import io.fustor.source.mysql.error.FailureCode;
import java.util.concurrent.ExecutionException;
import java.util.stream.Stream;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InvalidProducerEpochException;
import org.apache.kafka.common.errors.InvalidTimestampException;
import org.apache.kafka.common.errors.InvalidTopicException;
import org.apache.kafka.common.errors.InvalidTxnTimeoutException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.SaslAuthenticationException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.errors.UnknownServerException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class KafkaFailuresTests {

    static Stream<Arguments> failures() {
        return Stream.of(
                Arguments.of(new TimeoutException("words"), FailureCode.KAFKA_UNAVAILABLE),
                Arguments.of(new UnknownServerException("words"), FailureCode.KAFKA_UNAVAILABLE),
                // A clock that jumped comes back, by itself or by a person who sets it.
                Arguments.of(new InvalidTimestampException("words"), FailureCode.KAFKA_UNAVAILABLE),
                Arguments.of(new TopicAuthorizationException("words"), FailureCode.KAFKA_REFUSED),
                Arguments.of(new SaslAuthenticationException("words"), FailureCode.KAFKA_REFUSED),
                Arguments.of(new InvalidTopicException("words"), FailureCode.KAFKA_REFUSED),
                // transaction.timeout.ms is longer than the cluster allows.
                Arguments.of(new InvalidTxnTimeoutException("words"), FailureCode.KAFKA_REFUSED),
                Arguments.of(
                        new RecordTooLargeException("words"), FailureCode.KAFKA_RECORD_TOO_LARGE));
    }

    @ParameterizedTest
    @MethodSource("failures")
    void typeTellsWhatItMeans(Exception thrown, FailureCode code) {
        assertThat(KafkaFailures.of(thrown).code()).isEqualTo(code);
        assertThat(KafkaFailures.of(new ExecutionException(new KafkaException(thrown))))
                .hasMessageContaining("words")
                .satisfies(failure -> assertThat(failure.code()).isEqualTo(code));
    }

    @Test
    void newerProducerFences() {
        assertThat(KafkaFailures.isFenced(new KafkaException(new ProducerFencedException(""))))
                .isTrue();
        assertThat(KafkaFailures.isFenced(new InvalidProducerEpochException(""))).isTrue();
        assertThat(KafkaFailures.isFenced(new TimeoutException(""))).isFalse();
    }
}
