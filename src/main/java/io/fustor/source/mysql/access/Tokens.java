package io.fustor.source.mysql.access;

import io.fustor.source.mysql.error.ConfigurationException;
import io.fustor.source.mysql.settings.SecurityProperties;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/// The configured tokens, and whether callers have to show one.
@Component
class Tokens {

    private static final Logger LOG = LoggerFactory.getLogger(Tokens.class);

    private final List<ApiToken> tokens;
    private final boolean isOpen;
    private final boolean areWanted;

    Tokens(SecurityProperties properties) {
        this.isOpen = properties.open();
        this.areWanted = properties.wantsTokens();
        this.tokens = parse(properties.tokens());
        if (!areWanted && isOpen) {
            LOG.warn(
                    "security=open: no tokens are configured, everybody who reaches it may do all");
        } else if (!areWanted) {
            LOG.info("security=local: no fustor.security.tokens, so it listens on 127.0.0.1 only");
        }
    }

    private static List<ApiToken> parse(List<String> texts) {
        List<ApiToken> tokens = new ArrayList<>();
        Set<String> names = new HashSet<>();
        for (int number = 0; number < texts.size(); number++) {
            ApiToken token = ApiToken.parse(texts.get(number), number);
            if (!names.add(token.caller().name())) {
                throw new ConfigurationException(
                        "fustor.security.tokens has the name "
                                + token.caller().name()
                                + " twice; names tell tokens apart.");
            }
            tokens.add(token);
        }
        return List.copyOf(tokens);
    }

    /// Whether callers have to show one, a reader's secret or a JWT.
    boolean areWanted() {
        return areWanted;
    }

    /// Whether only this machine is meant to reach the service.
    boolean isLocal() {
        return !areWanted && !isOpen;
    }

    /// The token with this secret. Looks at all of them, so that the time says nothing.
    @Nullable ApiToken find(String secret) {
        ApiToken found = null;
        for (ApiToken token : tokens) {
            if (token.matches(secret)) {
                found = token;
            }
        }
        return found;
    }

    /// The token of this name.
    @Nullable ApiToken named(String name) {
        for (ApiToken token : tokens) {
            if (token.caller().name().equals(name)) {
                return token;
            }
        }
        return null;
    }
}
