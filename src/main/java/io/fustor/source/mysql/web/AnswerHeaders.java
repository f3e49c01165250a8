package io.fustor.source.mysql.web;

import jakarta.servlet.http.HttpServletResponse;
import java.util.Map;

/// The headers that every answer carries, also those that the server gives before the application
/// sees a request: nothing in an answer is run, framed, guessed at, or told to other sites.
final class AnswerHeaders {

    /// For data: a browser that shows it loads and runs nothing.
    static final String DATA_POLICY = "default-src 'none'; frame-ancestors 'none'";

    /// For pages: scripts and styles come from the service itself only; Swagger UI has styles in
    /// its markup and pictures in data URLs.
    static final String PAGE_POLICY =
            "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:;"
                    + " object-src 'none'; base-uri 'none'; form-action 'self';"
                    + " frame-ancestors 'none'";

    private static final Map<String, String> ALWAYS =
            Map.of(
                    "X-Content-Type-Options", "nosniff",
                    "X-Frame-Options", "DENY",
                    "Referrer-Policy", "no-referrer",
                    "Cross-Origin-Resource-Policy", "same-origin");

    private AnswerHeaders() {}

    /// Sets those that are not set yet; a feed says by itself how it is cached.
    ///
    /// @param policy the content security policy
    static void add(HttpServletResponse response, String policy) {
        ALWAYS.forEach((name, value) -> addIfMissing(response, name, value));
        addIfMissing(response, "Content-Security-Policy", policy);
        addIfMissing(response, "Cache-Control", "no-store");
    }

    private static void addIfMissing(HttpServletResponse response, String name, String value) {
        if (!response.containsHeader(name)) {
            response.setHeader(name, value);
        }
    }
}
