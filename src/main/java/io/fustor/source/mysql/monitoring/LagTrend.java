package io.fustor.source.mysql.monitoring;

import org.jspecify.annotations.Nullable;

/// Detects a lag that grows from check to check. For one thread at a time.
final class LagTrend {

    /// The number of consecutive checks in which the lag must grow.
    private static final int LOOKS = 6;

    /// A smaller lag is ignored, in milliseconds.
    private static final long LEAST = 60_000;

    private long first;
    private long last;
    private int grown;

    /// Adds the lag of a check.
    void add(long millis) {
        if (grown > 0 && millis > last) {
            grown++;
        } else {
            first = millis;
            grown = 1;
        }
        last = millis;
    }

    /// A phrase that continues after the owner's name; null while the lag does not grow steadily.
    @Nullable String growth() {
        return grown > LOOKS && last >= LEAST
                ? "lags more and more: its lag grew from "
                        + first / 1_000
                        + " s to "
                        + last / 1_000
                        + " s"
                : null;
    }
}
