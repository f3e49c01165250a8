package io.fustor.source.mysql.access;

import io.fustor.source.mysql.error.RequestException;
import io.fustor.source.mysql.grant.BearerToken;
import io.fustor.source.mysql.grant.Sight;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.Cookie;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.springframework.security.core.context.SecurityContext;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.web.filter.OncePerRequestFilter;
import org.springframework.web.util.WebUtils;

/// Finds the caller by the bearer token or the session cookie. Without either, a request has no
/// caller, and the rules decide whether that is enough. A bearer token wins over a cookie.
final class TokenFilter extends OncePerRequestFilter {

    /// The request's attribute that says who asks, also when the answer is out.
    static final String CALLER = "fustor.caller";

    /// The request's attribute that says why its token is refused, where more is known than that
    /// the token is unknown.
    static final String REFUSAL = "fustor.refusal";

    private final Callers callers;
    private final SessionCookie sessions;

    TokenFilter(Callers callers, SessionCookie sessions) {
        this.callers = callers;
        this.sessions = sessions;
    }

    @Override
    protected void doFilterInternal(
            HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        Caller caller = caller(request);
        boolean isRefused = request.getAttribute(REFUSAL) != null;
        if (caller == null && !isRefused && !callers.areWanted()) {
            caller = Caller.WITHOUT_TOKENS;
        }
        if (caller != null) {
            request.setAttribute(CALLER, caller);
            request.setAttribute(Sight.ATTRIBUTE, caller.sight());
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

    /// A token that is refused for a reason is none; the reason stays with the request.
    private @Nullable Caller caller(HttpServletRequest request) {
        try {
            return find(request);
        } catch (RequestException e) {
            request.setAttribute(REFUSAL, e);
            return null;
        }
    }

    private @Nullable Caller find(HttpServletRequest request) {
        String secret = BearerToken.of(request);
        if (secret != null) {
            return callers.find(secret);
        }
        Cookie cookie = WebUtils.getCookie(request, SessionCookie.NAME);
        return cookie == null ? null : sessions.read(cookie.getValue());
    }
}
