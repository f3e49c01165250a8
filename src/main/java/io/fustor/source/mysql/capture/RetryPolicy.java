package io.fustor.source.mysql.capture;

import io.fustor.source.mysql.error.FailureCode;
import io.fustor.source.mysql.error.SourceException;
import java.time.Duration;
import java.util.random.RandomGenerator;

/// How often and how fast a lost connection is retried.
///
/// @param maxRetries consecutive attempts that may fail before the capture gives up
/// @param firstDelay before the second attempt; doubled for each further one, up to [#CAP]
public record RetryPolicy(int maxRetries, Duration firstDelay) {

    private static final Duration CAP = Duration.ofSeconds(60);

    /// Whether no further attempt follows. The number of attempts does not count for a server that
    /// lags: its failure becomes another one when it receives nothing for [#patience].
    ///
    /// @param failures the number of attempts in a row that failed
    boolean isOver(int failures, SourceException last) {
        return failures > maxRetries && last.code() != FailureCode.SERVER_LAGS;
    }

    /// The pause before the next attempt. It stays short for a server that lags: that server
    /// answers, and asking it again is cheap.
    Duration delay(int failures, SourceException last, RandomGenerator random) {
        return delay(last.code() == FailureCode.SERVER_LAGS ? 1 : failures, random);
    }

    /// The sum of all pauses, without jitter.
    Duration patience() {
        long millis = 0;
        for (int failures = 1; failures <= maxRetries; failures++) {
            millis += base(failures);
        }
        return Duration.ofMillis(millis);
    }

    /// The exponential pause with a quarter of jitter, so that not all clients connect to a
    /// restarted server at the same moment.
    private Duration delay(int failures, RandomGenerator random) {
        return Duration.ofMillis((long) (base(failures) * (0.75 + random.nextDouble() * 0.5)));
    }

    private long base(int failures) {
        long doubled = firstDelay.toMillis() << Math.min(failures - 1, 10);
        return Math.min(doubled, Math.max(CAP.toMillis(), firstDelay.toMillis()));
    }
}
