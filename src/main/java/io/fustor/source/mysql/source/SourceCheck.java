package io.fustor.source.mysql.source;

import java.util.Locale;

/// Checks whether a source that was just saved can be captured. The wizard implements it.
public interface SourceCheck {

    /// Checks the source's server as the source's user. Blocks for a few seconds at most,
    /// regardless of the server. Never throws: a failure of the check is its result.
    ///
    /// @param language of the sentences
    CheckReport check(SourceConfig config, Locale language);
}
