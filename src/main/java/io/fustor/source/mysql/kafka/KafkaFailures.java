package io.fustor.source.mysql.kafka;

import io.fustor.source.mysql.error.FailureCode;
import io.fustor.source.mysql.error.SourceException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.common.InvalidRecordException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.InvalidConfigurationException;
import org.apache.kafka.common.errors.InvalidProducerEpochException;
import org.apache.kafka.common.errors.InvalidTxnTimeoutException;
import org.apache.kafka.common.errors.PolicyViolationException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.UnsupportedVersionException;

/// Tells by the type of Kafka's exceptions what they mean for a writer.
final class KafkaFailures {

    private KafkaFailures() {}

    /// Whether another producer with the same transactional id has begun.
    static boolean isFenced(Throwable thrown) {
        return is(thrown, ProducerFencedException.class)
                || is(thrown, InvalidProducerEpochException.class);
    }

    /// The failure that an exception of Kafka's stands for.
    static SourceException of(Throwable thrown) {
        if (thrown instanceof SourceException known) {
            return known;
        }
        if (is(thrown, RecordTooLargeException.class)) {
            return new SourceException(
                    FailureCode.KAFKA_RECORD_TOO_LARGE,
                    "a row makes a record that is too large: "
                            + words(thrown)
                            + "; raise max.request.size of the producer"
                            + " (spring.kafka.producer.properties) and max.message.bytes of the"
                            + " topic",
                    thrown);
        }
        boolean isRefused =
                is(thrown, AuthenticationException.class)
                        || is(thrown, AuthorizationException.class)
                        || is(thrown, UnsupportedVersionException.class)
                        || is(thrown, InvalidRecordException.class)
                        || is(thrown, PolicyViolationException.class)
                        || is(thrown, InvalidConfigurationException.class)
                        || is(thrown, InvalidTxnTimeoutException.class)
                        || is(thrown, ConfigException.class);
        return new SourceException(
                isRefused ? FailureCode.KAFKA_REFUSED : FailureCode.KAFKA_UNAVAILABLE,
                (isRefused ? "Kafka refuses the writer: " : "Kafka cannot be used now: ")
                        + words(thrown),
                thrown);
    }

    private static boolean is(Throwable thrown, Class<? extends Throwable> type) {
        for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
            if (type.isInstance(cause)) {
                return true;
            }
        }
        return false;
    }

    /// The innermost message: what is around it names the client's own steps.
    private static String words(Throwable thrown) {
        Throwable cause = thrown;
        while (isWrapper(cause) && cause.getCause() != null) {
            cause = cause.getCause();
        }
        String message = cause.getMessage();
        return cause.getClass().getSimpleName() + (message == null ? "" : ": " + message);
    }

    private static boolean isWrapper(Throwable thrown) {
        return thrown instanceof ExecutionException
                || thrown instanceof CompletionException
                || thrown.getClass() == KafkaException.class;
    }
}
