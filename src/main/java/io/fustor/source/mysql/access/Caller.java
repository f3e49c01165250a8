package io.fustor.source.mysql.access;

import io.fustor.source.mysql.grant.Sight;
import java.security.Principal;
import org.jspecify.annotations.Nullable;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.security.web.authentication.preauth.PreAuthenticatedAuthenticationToken;

/// Who asks: the name of a token, of a reader or of a JWT's subject, with its role and what it may
/// see.
record Caller(String name, Role role, Sight sight) implements Principal {

    /// Everybody, where no tokens are configured.
    static final Caller WITHOUT_TOKENS = ofToken("anybody", Role.ADMIN);

    /// The caller that shows a configured token.
    static Caller ofToken(String name, Role role) {
        Sight sight =
                switch (role) {
                    case METRICS -> Sight.NOTHING;
                    case READER -> Sight.OF_TOKEN;
                    case ADMIN -> Sight.OF_ADMINISTRATOR;
                };
        return new Caller(name, role, sight);
    }

    @Override
    public String getName() {
        return name;
    }

    Authentication authentication() {
        return new PreAuthenticatedAuthenticationToken(this, null, role.authorities());
    }

    /// The caller of the current request, or null where it showed no token.
    static @Nullable Caller current() {
        Authentication authentication = SecurityContextHolder.getContext().getAuthentication();
        return authentication != null && authentication.getPrincipal() instanceof Caller caller
                ? caller
                : null;
    }
}
