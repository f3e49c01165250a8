package io.fustor.source.mysql.access;

import io.fustor.source.mysql.error.Problem;
import io.fustor.source.mysql.error.RequestCode;
import io.fustor.source.mysql.error.Sentence;
import io.fustor.source.mysql.grant.BearerToken;
import io.fustor.source.mysql.web.Problems;
import io.fustor.source.mysql.web.WebProperties;
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
import org.springframework.web.filter.OncePerRequestFilter;

/// Keeps pages of other sites from acting through a visitor's browser. A request of the API is
/// refused where the browser says that another site's page sends it, also one that only reads: a
/// subscription or a snapshot costs the service and its server, even if no page sees the answer. A
/// bearer token vouches for itself, for no browser adds it by itself. Names are judged too, or one
/// that some site lets point here would make its pages look like ours.
final class OriginFilter extends OncePerRequestFilter {

    private static final Set<String> SAFE_METHODS = Set.of("GET", "HEAD", "OPTIONS", "TRACE");
    private static final String API = "/api/";
    private static final Set<String> OWN_SITE = Set.of("same-origin", "none");
    private static final Pattern THIS_MACHINE =
            Pattern.compile("(?i)(localhost|127(\\.\\d{1,3}){3}|\\[[0:]*1])(:\\d+)?");

    /// What no name server can let point elsewhere.
    private static final Pattern ADDRESS =
            Pattern.compile("(\\d{1,3}(\\.\\d{1,3}){3}|\\[[0-9A-Fa-f:.]+])(:\\d+)?");

    private final Tokens tokens;
    private final List<String> allowedOrigins;
    private final List<String> allowedHosts;

    OriginFilter(Tokens tokens, WebProperties properties) {
        this.tokens = tokens;
        this.allowedOrigins = properties.allowedOrigins();
        this.allowedHosts = properties.allowedHosts();
    }

    @Override
    protected void doFilterInternal(
            HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        String host = host(request);
        if (tokens.isLocal() && host != null && !THIS_MACHINE.matcher(host).matches()) {
            Problems.write(
                    request,
                    response,
                    Problem.of(
                            RequestCode.HOST_NAME_FORBIDDEN,
                            Sentence.of("problem.local-only", host)));
            return;
        }
        if (host != null && !isKnown(host)) {
            Problems.write(
                    request,
                    response,
                    Problem.of(
                            RequestCode.HOST_NAME_FORBIDDEN,
                            Sentence.of("problem.other-host", host)));
            return;
        }
        if (isGuarded(request) && BearerToken.of(request) == null && isForeign(request, host)) {
            Problems.write(
                    request,
                    response,
                    Problem.of(RequestCode.ORIGIN_FORBIDDEN, Sentence.of("problem.other-site")));
            return;
        }
        chain.doFilter(request, response);
    }

    /// The host that the client names: HTTP/2 has it in `:authority`, and no header `Host`.
    private static @Nullable String host(HttpServletRequest request) {
        String host = request.getHeader(HttpHeaders.HOST);
        if (host != null || !request.getProtocol().startsWith("HTTP/2")) {
            return host;
        }
        int port = request.getServerPort();
        boolean isDefault = port == (request.isSecure() ? 443 : 80);
        return isDefault ? request.getServerName() : request.getServerName() + ":" + port;
    }

    private boolean isKnown(String host) {
        return allowedHosts.isEmpty()
                || THIS_MACHINE.matcher(host).matches()
                || ADDRESS.matcher(host).matches()
                || allowedHosts.stream()
                        .anyMatch(
                                name ->
                                        host.equalsIgnoreCase(name)
                                                || host.regionMatches(
                                                        true, 0, name + ":", 0, name.length() + 1));
    }

    /// Whether a request may change something or cost something.
    private static boolean isGuarded(HttpServletRequest request) {
        return !SAFE_METHODS.contains(request.getMethod())
                || (request.getRequestURI().startsWith(API)
                        && !request.getMethod().equals("OPTIONS"));
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
        // Without it, an old browser or one that does not trust the connection: these send a
        // page's address in one of two other headers.
        String page = origin == null ? request.getHeader(HttpHeaders.REFERER) : origin;
        return page != null && !authority(page).equalsIgnoreCase(host);
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
