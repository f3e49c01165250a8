package io.fustor.source.mysql.web;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.URI;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.web.filter.OncePerRequestFilter;

/// Keeps pages of other sites from acting through a visitor's browser. A request that changes
/// something is refused where the browser says that another site's page sends it; a bearer token
/// vouches for itself, for no browser adds it by itself. Where only this machine may use the
/// service, the host has to be this machine's too, or a name that some site lets point here would
/// make its pages look like ours.
final class OriginFilter extends OncePerRequestFilter {

    private static final Set<String> SAFE_METHODS = Set.of("GET", "HEAD", "OPTIONS", "TRACE");
    private static final Set<String> OWN_SITE = Set.of("same-origin", "none");
    private static final Pattern THIS_MACHINE =
            Pattern.compile("(?i)(localhost|127(\\.\\d{1,3}){3}|\\[[0:]*1])(:\\d+)?");

    private final Tokens tokens;
    private final List<String> allowedOrigins;

    OriginFilter(Tokens tokens, List<String> allowedOrigins) {
        this.tokens = tokens;
        this.allowedOrigins = allowedOrigins;
    }

    @Override
    protected void doFilterInternal(
            HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        String host = request.getHeader(HttpHeaders.HOST);
        if (tokens.isLocal() && host != null && !THIS_MACHINE.matcher(host).matches()) {
            Problems.write(
                    request,
                    response,
                    HttpStatus.FORBIDDEN,
                    "Without tokens the service answers on localhost only, not as "
                            + host
                            + "; set fustor.security.tokens to use it under other names.");
            return;
        }
        if (!SAFE_METHODS.contains(request.getMethod())
                && TokenFilter.bearer(request) == null
                && isForeign(request, host)) {
            Problems.write(
                    request,
                    response,
                    HttpStatus.FORBIDDEN,
                    "A page of another site sent this request; it needs a bearer token.");
            return;
        }
        chain.doFilter(request, response);
    }

    private boolean isForeign(HttpServletRequest request, @Nullable String host) {
        String origin = request.getHeader(HttpHeaders.ORIGIN);
        if (origin != null && allowedOrigins.contains(origin)) {
            return false;
        }
        String site = request.getHeader("Sec-Fetch-Site");
        if (site != null) {
            return !OWN_SITE.contains(site);
        }
        return origin != null && !authority(origin).equalsIgnoreCase(host);
    }

    private static String authority(String origin) {
        try {
            String authority = URI.create(origin).getRawAuthority();
            return authority == null ? "" : authority;
        } catch (IllegalArgumentException _) {
            return "";
        }
    }
}
