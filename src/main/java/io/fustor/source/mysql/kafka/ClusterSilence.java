package io.fustor.source.mysql.kafka;

import io.fustor.source.mysql.error.FailureCode;
import io.fustor.source.mysql.error.SourceException;
import java.time.Duration;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// For how long the cluster has owed a writer an answer. Kafka's clients wait for a minute before
/// they report a failure. What there is to see of the writer must not wait that long.
///
/// The writer's thread says what it waits for; any thread may ask. It never ends the waiting.
final class ClusterSilence {

    /// A commit of a large transaction may take some seconds.
    static final Duration LONGEST = Duration.ofSeconds(5);

    private final LongSupplier nanoTime;

    /// What the writer's thread is blocked by.
    private volatile @Nullable Debt blocking;

    /// What was asked without waiting for the answer.
    private volatile @Nullable Debt asked;

    /// Since when a record waits to be taken; zero if none does. No object, since there is one step
    /// of it for each record.
    private volatile long sending;

    private record Debt(String step, long since) {}

    /// @param nanoTime as [System#nanoTime]
    ClusterSilence(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    /// The writer's thread blocks now until the cluster answers.
    ///
    /// @param step what it waits for, as a noun
    void blocks(String step) {
        blocking = new Debt(step, nanoTime.getAsLong());
    }

    void goesOn() {
        blocking = null;
    }

    /// A record is handed to the producer, which blocks if it has no room for it or does not know
    /// its topic.
    void sends() {
        sending = nanoTime.getAsLong() | 1;
    }

    void sent() {
        sending = 0;
    }

    /// The cluster was asked something. Questions after it do not make it younger.
    void asks(String step) {
        if (asked == null) {
            asked = new Debt(step, nanoTime.getAsLong());
        }
    }

    void answers() {
        asked = null;
    }

    /// A new attempt owes nothing yet.
    void begin() {
        blocking = null;
        asked = null;
        sending = 0;
    }

    /// How long the oldest answer is owed; zero if none is.
    Duration length() {
        Debt oldest = oldest();
        return oldest == null
                ? Duration.ZERO
                : Duration.ofNanos(Math.max(0, nanoTime.getAsLong() - oldest.since()));
    }

    private @Nullable Debt oldest() {
        long since = sending;
        return older(
                older(blocking, asked), since == 0 ? null : new Debt("room for a record", since));
    }

    private static @Nullable Debt older(@Nullable Debt one, @Nullable Debt other) {
        if (one == null || other == null) {
            return one == null ? other : one;
        }
        return one.since() - other.since() < 0 ? one : other;
    }

    /// The failure that the silence stands for; null if it is not long enough to tell.
    @Nullable SourceException failure() {
        Debt oldest = oldest();
        Duration length = length();
        if (oldest == null || length.compareTo(LONGEST) < 0) {
            return null;
        }
        return new SourceException(
                FailureCode.KAFKA_UNAVAILABLE,
                "the cluster has not answered for "
                        + length.toSeconds()
                        + " s; the writer waits for "
                        + oldest.step());
    }
}
