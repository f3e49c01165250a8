package io.fustor.source.mysql.page;

import java.time.Duration;
import java.time.Instant;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/// The cursor of live answers. Clients echo it, so that all of them ask for the same address within
/// an interval, and for another one later. The protocol defines it: the number of the interval of
/// twenty seconds since a moment, and never the client's own or less.
final class PageCursor {

    private static final Instant FIRST = Instant.parse("2024-10-09T00:00:00Z");
    private static final Duration INTERVAL = Duration.ofSeconds(20);
    private static final int MOST_JITTER = 180;
    private static final int LONGEST = 18;

    private PageCursor() {}

    /// The cursor of an answer.
    ///
    /// @param given the client's, or null; what is no number is ignored
    static String next(@Nullable String given, Instant now, Random random) {
        long current = Duration.between(FIRST, now).dividedBy(INTERVAL);
        long of = number(given);
        long next = of < current ? current : of + 1 + random.nextInt(MOST_JITTER);
        return Long.toString(next);
    }

    private static long number(@Nullable String given) {
        boolean isNumber =
                given != null
                        && !given.isEmpty()
                        && given.length() <= LONGEST
                        && given.chars().allMatch(c -> c >= '0' && c <= '9');
        return isNumber ? Long.parseLong(given) : -1;
    }
}
