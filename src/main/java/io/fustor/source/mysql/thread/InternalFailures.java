package io.fustor.source.mysql.thread;

import io.fustor.source.mysql.error.FailureCode;
import io.fustor.source.mysql.error.SourceException;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The one rule for unexpected failures of the service's threads. Every Throwable becomes a failure
/// with a code, is counted, and is logged with its stack trace. Only an [OutOfMemoryError] is
/// rethrown, since it has to end the process.
public final class InternalFailures {

    private static final Logger log = LoggerFactory.getLogger(InternalFailures.class);

    private InternalFailures() {}

    /// Any thread may call this.
    ///
    /// @param name of the thread, task or client, for the log
    /// @return a [SourceException] as it is; for everything else one with the code `INTERNAL`
    public static SourceException contain(Work work, String name, Throwable thrown) {
        throwIfFatal(thrown);
        if (thrown instanceof SourceException known) {
            return known;
        }
        work.failed();
        log.error("internal={} name={} failed", work.text(), name, thrown);
        return new SourceException(
                FailureCode.INTERNAL,
                "the service failed in its "
                        + work.text()
                        + ": "
                        + thrown.getClass().getName()
                        + "; its log has the stack trace",
                thrown);
    }

    /// Contains what the closing of something threw during a known failure; only the known failure
    /// reaches the caller. Any thread may call this.
    public static void containSuppressed(Work work, String name, Throwable known) {
        for (Throwable hidden : known.getSuppressed()) {
            if (hidden instanceof Error || hidden instanceof RuntimeException) {
                contain(work, name, hidden);
            }
        }
    }

    private static void throwIfFatal(Throwable thrown) {
        for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
            if (cause instanceof OutOfMemoryError fatal) {
                throw fatal;
            }
        }
    }

    /// How many failures of a kind of work were contained since the process began.
    public static long count(Work work) {
        return work.failures();
    }

    /// When the last of them was contained; null if there was none.
    public static @Nullable Instant last(Work work) {
        return work.lastFailure();
    }
}
