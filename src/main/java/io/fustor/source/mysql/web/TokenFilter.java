package io.fustor.source.mysql.web;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.Cookie;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.security.core.context.SecurityContext;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.web.filter.OncePerRequestFilter;
import org.springframework.web.util.WebUtils;

/// Says who asks, by the bearer token or the session cookie; without either, nobody does, and the
/// rules decide whether that is enough. A bearer token wins over a cookie.
final class TokenFilter extends OncePerRequestFilter {

    /// The request's attribute that says who asks, also when the answer is out.
    static final String CALLER = "fustor.caller";

    private static final String BEARER = "Bearer ";

    private final Tokens tokens;
    private final SessionCookie sessions;

    TokenFilter(Tokens tokens, SessionCookie sessions) {
        this.tokens = tokens;
        this.sessions = sessions;
    }

    @Override
    protected void doFilterInternal(
            HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        Caller caller = tokens.areWanted() ? caller(request) : Caller.ANYBODY;
        if (caller != null) {
            request.setAttribute(CALLER, caller);
            SecurityContext context = SecurityContextHolder.createEmptyContext();
            context.setAuthentication(caller.authentication());
            SecurityContextHolder.setContext(context);
        }
        chain.doFilter(request, response);
    }

    /// An error is dispatched anew, and its page looks at who asks as well.
    @Override
    protected boolean shouldNotFilterErrorDispatch() {
        return false;
    }

    private @Nullable Caller caller(HttpServletRequest request) {
        String secret = bearer(request);
        if (secret != null) {
            ApiToken token = tokens.find(secret);
            return token == null ? null : token.caller();
        }
        Cookie cookie = WebUtils.getCookie(request, SessionCookie.NAME);
        return cookie == null ? null : sessions.read(cookie.getValue());
    }

    /// The secret that a request brings in its `Authorization` header, or null.
    static @Nullable String bearer(HttpServletRequest request) {
        String header = request.getHeader(HttpHeaders.AUTHORIZATION);
        return header != null && header.regionMatches(true, 0, BEARER, 0, BEARER.length())
                ? header.substring(BEARER.length()).strip()
                : null;
    }
}
