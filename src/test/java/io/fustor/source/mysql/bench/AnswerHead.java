package io.fustor.source.mysql.bench;

import java.io.IOException;
import java.time.Duration;
import java.util.Locale;

/// The head of an answer while it arrives. A service without room says when to come again, and its
/// clients do as they are told.
final class AnswerHead {

    private static final String RETRY_AFTER = "\nretry-after: ";

    private final StringBuilder text = new StringBuilder();
    private int lineFeeds;

    /// Takes what belongs to the head.
    ///
    /// @return the offset after it
    int take(byte[] piece, int from, int to) {
        int at = from;
        while (at < to && !isComplete()) {
            byte next = piece[at++];
            text.append((char) next);
            lineFeeds = next == '\n' ? lineFeeds + 1 : next == '\r' ? lineFeeds : 0;
        }
        return at;
    }

    boolean isComplete() {
        return lineFeeds == 2;
    }

    /// How long the client has to wait before it asks again; zero if its stream begins.
    ///
    /// @throws IOException if the answer is neither
    Duration pause() throws IOException {
        if (text.indexOf("HTTP/1.1 200") == 0) {
            return Duration.ZERO;
        }
        String lower = text.toString().toLowerCase(Locale.ROOT);
        int at = lower.indexOf(RETRY_AFTER);
        if (!lower.startsWith("http/1.1 503") || at < 0) {
            throw new IOException("answered " + text);
        }
        int from = at + RETRY_AFTER.length();
        return Duration.ofSeconds(Long.parseLong(lower.substring(from, lower.indexOf('\r', from))));
    }

    @Override
    public String toString() {
        return text.toString();
    }
}
