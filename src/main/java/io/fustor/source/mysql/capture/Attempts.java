package io.fustor.source.mysql.capture;

import io.fustor.source.mysql.error.Recovery;
import io.fustor.source.mysql.error.SourceException;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.LongPredicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// The attempts of one task that needs the server: counts those that failed in a row, decides
/// whether another one follows, and says how long to wait before it.
///
/// The caller waits itself, since a subscription sends heartbeats during a pause and a reader looks
/// whether it is stopped. For one thread.
public final class Attempts {

    private final Supplier<RetryPolicy> policy;
    private final LongPredicate isBackSince;

    private int failures;
    private long failedAt;
    private @Nullable SourceException last;

    /// @param policy asked after each failure, since it may change
    /// @param isBackSince whether a server that was unreachable at a time by [System#nanoTime] is
    ///   back
    Attempts(Supplier<RetryPolicy> policy, LongPredicate isBackSince) {
        this.policy = policy;
        this.isBackSince = isBackSince;
    }

    /// The number of attempts in a row that failed.
    public int failures() {
        return failures;
    }

    /// An attempt succeeded: the next failure is the first one again.
    public void succeeded() {
        failures = 0;
    }

    /// Counts a failed attempt.
    ///
    /// @return whether to make another attempt, after [#delay]
    public boolean retryAfter(SourceException failure) {
        failures++;
        failedAt = System.nanoTime();
        last = failure;
        return failure.recovery() == Recovery.RETRY && !policy.get().isOver(failures, failure);
    }

    /// The pause before the next attempt, from the last failure on.
    public Duration delay() {
        return last == null
                ? Duration.ZERO
                : policy.get().delay(failures, last, ThreadLocalRandom.current());
    }

    /// Whether the pause can end early: the server was unreachable and is back. May ask the server,
    /// which takes a second at most.
    public boolean isServerBack() {
        return last != null && last.code().isUnreachable() && isBackSince.test(failedAt);
    }
}
