package io.fustor.source.mysql.capture;

import io.fustor.source.mysql.error.FailureCode;
import io.fustor.source.mysql.error.SourceException;
import java.time.Duration;
import java.util.random.RandomGenerator;

/// How often and how fast a lost connection is tried again.
///
/// @param maxRetries attempts in a row that may fail before the capture gives up
/// @param firstDelay before the second attempt; doubled for each further one, up to [#CAP]
public record RetryPolicy(int maxRetries, Duration firstDelay) {

    private static final Duration CAP = Duration.ofSeconds(60);

    /// Whether there is no further attempt. A server that lags is not given up by their number, but
    /// when it got nothing for as long as they take.
    ///
    /// @param failures attempts in a row that failed
    public boolean isOver(int failures, SourceException last) {
        return failures > maxRetries && last.code() != FailureCode.SERVER_LAGS;
    }

    /// The pause before an attempt, by what failed: a server that lags answers, and asking it again
    /// is cheap.
    public Duration delay(int failures, SourceException last, RandomGenerator random) {
        return delay(last.code() == FailureCode.SERVER_LAGS ? 1 : failures, random);
    }

    /// How long all attempts together wait, without jitter.
    public Duration patience() {
        long millis = 0;
        for (int failures = 1; failures <= maxRetries; failures++) {
            millis += base(failures);
        }
        return Duration.ofMillis(millis);
    }

    /// The pause before an attempt: exponential, with a quarter of jitter, so that a restarted
    /// server is not met by everybody at once.
    ///
    /// @param failures attempts in a row that failed, 1 or more
    public Duration delay(int failures, RandomGenerator random) {
        return Duration.ofMillis((long) (base(failures) * (0.75 + random.nextDouble() * 0.5)));
    }

    private long base(int failures) {
        long doubled = firstDelay.toMillis() << Math.min(failures - 1, 10);
        return Math.min(doubled, Math.max(CAP.toMillis(), firstDelay.toMillis()));
    }
}
