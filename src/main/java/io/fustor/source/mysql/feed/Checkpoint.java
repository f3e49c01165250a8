package io.fustor.source.mysql.feed;

import io.fustor.source.mysql.error.RequestException;
import java.time.Instant;
import java.util.regex.Pattern;

/// How far a consumer has processed a source.
///
/// @param token the place, as it stands in the feed's event ids
record Checkpoint(String source, String consumer, String token, Instant updated) {

    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,63}");

    /// @throws RequestException `INVALID` where the text is no consumer's name
    static void requireConsumer(String name) {
        if (!NAME.matcher(name).matches()) {
            throw RequestException.invalid(
                    "consumer takes a name of up to 64 letters, digits, dots, underscores and"
                            + " hyphens that begins with a letter or a digit");
        }
    }
}
