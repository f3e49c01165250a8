package io.fustor.source.mysql.access;

import io.fustor.source.mysql.error.ConfigurationException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.regex.Pattern;

/// One of the configured tokens. Its secret is kept as a hash.
final class ApiToken {

    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,63}");
    private static final Pattern SECRET = Pattern.compile("[\\x21-\\x7e]+");

    private final Caller caller;
    private final byte[] hash;

    private ApiToken(Caller caller, byte[] hash) {
        this.caller = caller;
        this.hash = hash;
    }

    /// Reads `name:role:secret`; the secret may hold further colons.
    ///
    /// @param number its place in the configuration, from 0, for the message
    static ApiToken parse(String text, int number) {
        String property = "fustor.security.tokens[" + number + "]";
        String[] parts = text.strip().split(":", 3);
        if (parts.length < 3 || !NAME.matcher(parts[0]).matches()) {
            throw new ConfigurationException(
                    property
                            + " must be name:role:secret, such as dashboard:reader:a-long-secret.");
        }
        Role role = Role.named(parts[1]);
        if (role == null) {
            throw new ConfigurationException(
                    property + " must have the role metrics, reader or admin.");
        }
        if (!SECRET.matcher(parts[2]).matches()) {
            throw new ConfigurationException(
                    property + " must have a secret of printable ASCII characters.");
        }
        return new ApiToken(Caller.ofToken(parts[0], role), sha256(parts[2]));
    }

    Caller caller() {
        return caller;
    }

    /// Whether a text is this token's secret, in a time that does not depend on the text.
    boolean matches(String secret) {
        return MessageDigest.isEqual(hash, sha256(secret));
    }

    /// A key that only who knows the secret can have.
    byte[] sessionKey() {
        return Secrets.sha256(hash);
    }

    private static byte[] sha256(String text) {
        return Secrets.sha256(text.getBytes(StandardCharsets.UTF_8));
    }
}
