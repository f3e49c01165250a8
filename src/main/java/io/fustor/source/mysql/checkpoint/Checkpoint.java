package io.fustor.source.mysql.checkpoint;

import io.fustor.source.mysql.error.RequestException;
import java.time.Instant;
import java.util.regex.Pattern;

/// How far a consumer has processed a source.
///
/// @param owner the caller that stored it, as [io.fustor.source.mysql.grant.Sight#owner] has it
/// @param token the place, as in the event ids of the feed
public record Checkpoint(
        String source, String consumer, String owner, String token, Instant updated) {

    /// The form of consumer names, as a regular expression.
    public static final String NAME_FORM = "[A-Za-z0-9][A-Za-z0-9._-]{0,63}";

    private static final Pattern NAME = Pattern.compile(NAME_FORM);

    /// The size of the column in the state database; every token is shorter.
    private static final int LONGEST_TOKEN = 16_000;

    /// @throws RequestException `INVALID` if the text is longer than any token
    static void requireStorable(String token) {
        if (token.length() > LONGEST_TOKEN) {
            throw RequestException.invalid(
                    "checkpoint.long-position", token.length(), LONGEST_TOKEN);
        }
    }

    /// The consumer's name, with its owner's before it unless the checkpoint is shared: unique
    /// within the source.
    public String label() {
        return owner.isEmpty() ? consumer : owner + "/" + consumer;
    }

    /// Refuses a text that is not a consumer name.
    ///
    /// @throws RequestException `INVALID` if it is not
    public static void requireConsumer(String name) {
        if (!NAME.matcher(name).matches()) {
            throw RequestException.invalid("checkpoint.consumer");
        }
    }
}
