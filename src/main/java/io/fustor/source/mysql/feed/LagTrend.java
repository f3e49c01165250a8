package io.fustor.source.mysql.feed;

import org.jspecify.annotations.Nullable;

/// Whether somebody's lag grows from look to look. For one thread at a time.
final class LagTrend {

    /// How many looks in a row have to find it grown.
    private static final int LOOKS = 6;

    /// Less is no lag to speak of, in milliseconds.
    private static final long LEAST = 60_000;

    private long first;
    private long last;
    private int grown;

    /// Takes a look's lag in.
    void add(long millis) {
        if (grown > 0 && millis > last) {
            grown++;
        } else {
            first = millis;
            grown = 1;
        }
        last = millis;
    }

    /// In words that go on from its owner's name; null while it does not grow steadily.
    @Nullable String growth() {
        return grown > LOOKS && last >= LEAST
                ? "falls behind steadily: its lag grew from "
                        + first / 1_000
                        + " s to "
                        + last / 1_000
                        + " s"
                : null;
    }
}
