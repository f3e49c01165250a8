package io.fustor.source.mysql.web;

import java.time.Duration;
import java.util.List;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/// Who may use the service, under `fustor.security`.
///
/// @param tokens API tokens, each `name:role:secret` with the role `reader` or `admin`; without
///   any, the service listens on 127.0.0.1 only
/// @param open lets everybody in on every address, without tokens
/// @param session how long the cookie of a browser's session is good for
@ConfigurationProperties("fustor.security")
public record SecurityProperties(
        @DefaultValue List<String> tokens,
        @DefaultValue("false") boolean open,
        @DefaultValue("24h") Duration session) {

    /// Whether callers need a token.
    boolean wantsTokens() {
        return !tokens.isEmpty();
    }

    @Override
    public String toString() {
        return "SecurityProperties[tokens=" + tokens.size() + ", open=" + open + "]";
    }
}
