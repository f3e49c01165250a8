package io.fustor.source.mysql.capture;

import io.fustor.source.mysql.connection.ServerAddress;
import io.fustor.source.mysql.error.FailureCode;
import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.thread.SupervisedThread;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Finds a reader that makes no progress: its thread is gone without a failure, or it has made no
/// step for longer than any step takes. Called every few seconds by one thread at a time.
///
/// A long time between two looks counts as a short one, so that a process that was suspended finds
/// no fault with readers that were suspended too.
final class ReaderWatch {

    /// The time between two looks.
    private static final Duration INTERVAL = Duration.ofSeconds(2);

    /// The factor for the time before the first event.
    private static final int STARTING = 10;

    private static final Logger log = LoggerFactory.getLogger(Capture.class);

    private final Duration longest;

    private @Nullable SupervisedThread watched;
    private long beats;
    private long lastLook;
    private long withoutStepNanos;

    /// @param longest time without progress while the reader follows the binlog
    ReaderWatch(Duration longest) {
        this.longest = longest;
    }

    /// The failure of a reader that makes no progress, which is logged with its stack; or null.
    @Nullable SourceException failure(CaptureReader reader, ServerAddress address) {
        SupervisedThread thread = reader.thread();
        if (thread == null) {
            return null;
        }
        Duration limit = reader.isReading() ? longest : longest.multipliedBy(STARTING);
        String trouble = thread.isAlive() ? trouble(thread, limit) : "its thread is gone";
        if (trouble == null) {
            return null;
        }
        log.error("capture server={} reader stalled: {}{}", address, trouble, thread.stack());
        return new SourceException(
                FailureCode.READER_STALLED,
                "the reader of " + address + " does not live: " + trouble);
    }

    private @Nullable String trouble(SupervisedThread thread, Duration limit) {
        long now = System.nanoTime();
        long before = lastLook;
        long seen = thread.beats();
        lastLook = now;
        if (thread != watched || seen != beats) {
            watched = thread;
            beats = seen;
            withoutStepNanos = 0;
            return null;
        }
        withoutStepNanos += Math.min(now - before, 2 * INTERVAL.toNanos());
        return withoutStepNanos < limit.toNanos()
                ? null
                : "it has made no progress for "
                        + Duration.ofNanos(withoutStepNanos).toSeconds()
                        + " s; the log contains its stack";
    }
}
