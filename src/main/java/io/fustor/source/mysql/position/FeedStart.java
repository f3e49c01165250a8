package io.fustor.source.mysql.position;

import io.fustor.source.mysql.error.RequestCode;
import io.fustor.source.mysql.error.RequestException;
import io.fustor.source.mysql.error.Sentence;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;

/// Where a subscriber asks to begin.
public sealed interface FeedStart {

    /// After everything that is committed when the request arrives.
    record Now() implements FeedStart {}

    /// At the oldest change that the server still has.
    record Earliest() implements FeedStart {}

    /// Right after an event.
    record Resume(FeedToken token) implements FeedStart {}

    /// After the changes up to a Fustor index.
    record AfterIndex(long index) implements FeedStart {}

    /// At the first transaction committed at a time or later.
    record AtTime(Instant time) implements FeedStart {}

    /// At the first transaction that is not in a GTID set.
    record AfterGtids(GtidSet executed) implements FeedStart {}

    /// Parses the parameter `from`.
    ///
    /// @throws RequestException `INVALID_REQUEST` if the parameter does not accept the text
    static FeedStart from(String text) {
        if (text.equals("now")) {
            return new Now();
        }
        if (text.equals("earliest")) {
            return new Earliest();
        }
        if (text.startsWith("gtid:")) {
            return afterGtids("from", text.substring("gtid:".length()));
        }
        if (text.chars().allMatch(c -> c >= '0' && c <= '9')) {
            return afterIndex(text);
        }
        if (isTime(text)) {
            return atTime("from", text);
        }
        return resume("from", text);
    }

    /// Parses the parameter `until`, which takes a part of what `from` takes.
    ///
    /// @throws RequestException as [#from]
    static FeedStart until(String text) {
        if (text.equals("now")) {
            return new Now();
        }
        if (text.startsWith("gtid:")) {
            return afterGtids("until", text.substring("gtid:".length()));
        }
        return isTime(text) ? atTime("until", text) : resume("until", text);
    }

    private static boolean isTime(String text) {
        return text.length() > 10 && text.charAt(4) == '-' && text.charAt(7) == '-';
    }

    /// Parses a token.
    ///
    /// @param parameter the parameter that has the value
    /// @throws RequestException `POSITION_INVALID` if it is not a token
    static Resume resume(String parameter, String token) {
        try {
            return new Resume(FeedToken.parse(token));
        } catch (IllegalArgumentException e) {
            String words = String.valueOf(e.getMessage());
            Sentence sentence =
                    switch (parameter) {
                        case "from" -> Sentence.of("feed.from-takes", words);
                        case "until" -> Sentence.of("feed.until-takes", words);
                        default -> Sentence.of("feed.token", parameter, words);
                    };
            throw new RequestException(RequestCode.POSITION_INVALID, sentence, e);
        }
    }

    private static FeedStart afterGtids(String parameter, String set) {
        try {
            return new AfterGtids(GtidSet.parse(set));
        } catch (IllegalArgumentException e) {
            throw new RequestException(
                    RequestCode.INVALID_REQUEST,
                    Sentence.of("feed.gtids", parameter, String.valueOf(e.getMessage())),
                    e);
        }
    }

    private static FeedStart afterIndex(String digits) {
        try {
            return new AfterIndex(Long.parseLong(digits));
        } catch (NumberFormatException e) {
            throw new RequestException(
                    RequestCode.INVALID_REQUEST, Sentence.of("feed.from-index"), e);
        }
    }

    /// An unescaped plus sign in a query arrives as a blank.
    private static FeedStart atTime(String parameter, String text) {
        try {
            return new AtTime(OffsetDateTime.parse(text.replace(' ', '+')).toInstant());
        } catch (DateTimeException e) {
            throw new RequestException(
                    RequestCode.INVALID_REQUEST, Sentence.of("feed.time", parameter), e);
        }
    }
}
