package io.fustor.source.mysql.source;

import io.fustor.source.mysql.error.RequestException;
import java.util.regex.Pattern;

/// One configured source.
///
/// @param isDeclared whether the service's own configuration declares it, so that the API cannot
///   change it
public record Source(String id, SourceConfig config, boolean isDeclared) {

    /// The form of ids, as a regular expression.
    static final String ID_FORM = "[A-Za-z0-9][A-Za-z0-9._-]{0,63}";

    private static final Pattern ID = Pattern.compile(ID_FORM);

    /// Checks the form of an id.
    ///
    /// @throws RequestException INVALID
    static String checkId(String id) {
        if (!ID.matcher(id).matches()) {
            throw RequestException.invalid("source.id");
        }
        return id;
    }
}
