package io.fustor.source.mysql.grant;

import jakarta.servlet.http.HttpServletRequest;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;

/// The token that a request shows in its header `Authorization` (RFC 6750). It wins over a session
/// cookie, so that a request with one has the same caller wherever the same header comes from.
public final class BearerToken {

    private static final String SCHEME = "Bearer ";

    private BearerToken() {}

    /// The token, or null. Another scheme, such as that of a proxy's own users, shows none.
    public static @Nullable String of(HttpServletRequest request) {
        String header = request.getHeader(HttpHeaders.AUTHORIZATION);
        return header != null && header.regionMatches(true, 0, SCHEME, 0, SCHEME.length())
                ? header.substring(SCHEME.length()).strip()
                : null;
    }
}
