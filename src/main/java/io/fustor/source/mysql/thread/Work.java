package io.fustor.source.mysql.thread;

import java.time.Instant;
import java.util.Locale;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/// The kind of work that a thread does; the meter of internal failures distinguishes these kinds.
@SuppressWarnings("ImmutableEnumChecker") // each counts its failures
public enum Work {
    /// Reads a server's binlog for all live subscribers.
    READER,
    /// Serves one client.
    SUBSCRIPTION,
    /// Encodes for a subscription.
    ENCODING,
    /// Connects to a server, queries it or ends a connection, for another thread.
    QUESTION,
    /// Checks whether a source can be served.
    LOOK,
    /// Runs every few seconds or minutes.
    TASK,
    /// Answers a request that is not a stream.
    REQUEST;

    private final LongAdder failures = new LongAdder();
    private volatile @Nullable Instant lastFailure;

    void failed() {
        lastFailure = Instant.now();
        failures.increment();
    }

    @Nullable Instant lastFailure() {
        return lastFailure;
    }

    long failures() {
        return failures.sum();
    }

    /// The name in meters and logs.
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }
}
