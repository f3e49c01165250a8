package io.fustor.source.mysql.access;

import io.fustor.source.mysql.error.RequestException;
import io.fustor.source.mysql.grant.Grant;
import java.time.Instant;
import java.util.regex.Pattern;

/// A caller with a secret and a grant of its own, which an administrator made.
///
/// @param hash SHA-256 of the secret in hexadecimal digits
/// @param created when the secret was made; the epoch for a declared reader
/// @param isDeclared whether the service's own configuration declares it
record Reader(String name, String hash, Grant grant, Instant created, boolean isDeclared) {

    /// What a reader's name looks like, as a regular expression.
    static final String NAME_FORM = "[A-Za-z0-9][A-Za-z0-9._-]{0,63}";

    private static final Pattern NAME = Pattern.compile(NAME_FORM);

    /// @throws RequestException `INVALID_REQUEST` where the text is no reader's name
    static void requireName(String name) {
        if (!NAME.matcher(name).matches()) {
            throw RequestException.invalid("reader.name");
        }
    }

    /// To whom checkpoints and streams of the reader belong.
    String owner() {
        return owner(name);
    }

    static String owner(String name) {
        return "reader:" + name;
    }
}
