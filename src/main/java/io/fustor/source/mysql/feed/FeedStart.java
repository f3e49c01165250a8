package io.fustor.source.mysql.feed;

import io.fustor.source.mysql.error.RequestException;
import io.fustor.source.mysql.position.FeedToken;
import io.fustor.source.mysql.position.GtidSet;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;

/// Where a subscriber wants to begin, as it said it.
sealed interface FeedStart {

    /// Behind everything that is committed when the request comes.
    record Now() implements FeedStart {}

    /// At the oldest change that the server still has.
    record Earliest() implements FeedStart {}

    /// Right behind an event.
    record Resume(FeedToken token) implements FeedStart {}

    /// Behind the changes up to a Fustor index.
    record AfterIndex(long index) implements FeedStart {}

    /// At the first transaction committed at a time or later.
    record AtTime(Instant time) implements FeedStart {}

    /// At the first transaction that a set lacks.
    record AfterGtids(GtidSet executed) implements FeedStart {}

    /// Reads the parameter `from`.
    ///
    /// @throws RequestException `INVALID` where it is none of what the parameter takes
    static FeedStart from(String text) {
        if (text.equals("now")) {
            return new Now();
        }
        if (text.equals("earliest")) {
            return new Earliest();
        }
        if (text.startsWith("gtid:")) {
            return afterGtids(text.substring("gtid:".length()));
        }
        if (text.chars().allMatch(c -> c >= '0' && c <= '9')) {
            return afterIndex(text);
        }
        if (text.length() > 10 && text.charAt(4) == '-' && text.charAt(7) == '-') {
            return atTime(text);
        }
        return resume("from", text);
    }

    /// Reads a token.
    ///
    /// @param parameter whose value it is
    /// @throws RequestException `INVALID` where it is not a token
    static Resume resume(String parameter, String token) {
        try {
            return new Resume(FeedToken.parse(token));
        } catch (IllegalArgumentException e) {
            String takes =
                    parameter.equals("from")
                            ? "from takes now, earliest, an event id, a Fustor index, an RFC 3339 time or gtid:<set>; as an"
                                    + " event id: "
                            : parameter + ": ";
            throw new RequestException(RequestException.Kind.INVALID, takes + e.getMessage(), e);
        }
    }

    private static FeedStart afterGtids(String set) {
        try {
            return new AfterGtids(GtidSet.parse(set));
        } catch (IllegalArgumentException e) {
            throw new RequestException(
                    RequestException.Kind.INVALID, "from=gtid:<set>: " + e.getMessage(), e);
        }
    }

    private static FeedStart afterIndex(String digits) {
        try {
            return new AfterIndex(Long.parseLong(digits));
        } catch (NumberFormatException e) {
            throw new RequestException(
                    RequestException.Kind.INVALID,
                    "from: the Fustor index is larger than any index can be",
                    e);
        }
    }

    /// A plus sign that came unescaped in a query is a blank here.
    private static FeedStart atTime(String text) {
        try {
            return new AtTime(OffsetDateTime.parse(text.replace(' ', '+')).toInstant());
        } catch (DateTimeException e) {
            throw new RequestException(
                    RequestException.Kind.INVALID,
                    "from: an RFC 3339 time reads like 2026-01-31T23:59:59Z or 2026-01-31T23:59:59+08:00",
                    e);
        }
    }
}
