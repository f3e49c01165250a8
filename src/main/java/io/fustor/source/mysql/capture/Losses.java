package io.fustor.source.mysql.capture;

import io.fustor.source.mysql.error.Recovery;
import io.fustor.source.mysql.error.SourceException;
import java.util.function.BooleanSupplier;

/// The losses of the server that subscriptions meet on connections of their own: in a catch-up or a
/// snapshot. The state of a capture shows them, since it has no reader then that could tell.
///
/// Any thread may call.
public final class Losses {

    private final CaptureStatus status;
    private final Object lock;
    private final BooleanSupplier hasReader;

    /// @param lock under which the status changes
    /// @param hasReader whether the capture has a reader
    Losses(CaptureStatus status, Object lock, BooleanSupplier hasReader) {
        this.status = status;
        this.lock = lock;
        this.hasReader = hasReader;
    }

    /// A subscription's attempt failed. If another one follows, the state shows the loss until the
    /// subscription is [#recovered].
    ///
    /// @param attempts the subscription's
    /// @return whether the subscription is to make another attempt
    public boolean retryAfter(SourceException failure, Attempts attempts, Object subscription) {
        boolean isRetried = attempts.retryAfter(failure);
        if (failure.recovery() != Recovery.RETRY || !failure.code().isAboutServer()) {
            return isRetried;
        }
        synchronized (lock) {
            if (isRetried) {
                status.lost(subscription, failure, attempts.failures());
            } else {
                status.looked(failure, hasReader.getAsBoolean());
            }
        }
        return isRetried;
    }

    /// A subscription reached the server again, or makes no more attempts.
    public void recovered(Object subscription) {
        // Almost always there is none, and thousands may ask at once.
        if (!status.hasLoss()) {
            return;
        }
        synchronized (lock) {
            status.recovered(subscription);
        }
    }
}
