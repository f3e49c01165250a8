package io.fustor.source.mysql.web;

import java.security.Principal;
import org.jspecify.annotations.Nullable;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.security.web.authentication.preauth.PreAuthenticatedAuthenticationToken;

/// Who asks: a token's name and role.
record Caller(String name, Role role) implements Principal {

    /// Everybody, where no tokens are configured.
    static final Caller ANYBODY = new Caller("anybody", Role.ADMIN);

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
