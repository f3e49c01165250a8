package io.fustor.source.mysql.web;

import jakarta.servlet.http.HttpServletResponse;
import java.util.Map;
import java.util.function.BiConsumer;

/// The headers of every response, including responses that the server sends before the application
/// sees a request. With them, a browser does not execute, frame or sniff the response, and sends no
/// referrer to other sites.
public final class AnswerHeaders {

    /// The policy for data: a browser that displays it loads and executes nothing.
    public static final String DATA_POLICY = "default-src 'none'; frame-ancestors 'none'";

    /// The policy for pages: scripts and styles come only from the service itself. Swagger UI has
    /// styles in its markup and images in data URLs.
    public static final String PAGE_POLICY =
            "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:;"
                    + " object-src 'none'; base-uri 'none'; form-action 'self';"
                    + " frame-ancestors 'none'";

    /// The policy for the console: nothing that is not a file of the service's own.
    public static final String CONSOLE_POLICY =
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self';"
                    + " connect-src 'self'; object-src 'none'; base-uri 'none';"
                    + " form-action 'self'; frame-ancestors 'none'";

    private static final Map<String, String> ALWAYS =
            Map.of(
                    "X-Content-Type-Options", "nosniff",
                    "X-Frame-Options", "DENY",
                    "Referrer-Policy", "no-referrer",
                    "Cross-Origin-Resource-Policy", "same-origin");

    private AnswerHeaders() {}

    /// Sets headers that are not set yet. A feed sets its own caching headers.
    ///
    /// @param policy the content security policy
    public static void add(HttpServletResponse response, String policy) {
        ALWAYS.forEach((name, value) -> addIfMissing(response, name, value));
        addIfMissing(response, "Content-Security-Policy", policy);
        addIfMissing(response, "Cache-Control", "no-store");
    }

    /// Adds the headers to a response without a body that has none of them yet.
    static void add(BiConsumer<String, String> answer) {
        ALWAYS.forEach(answer);
        answer.accept("Content-Security-Policy", DATA_POLICY);
        answer.accept("Cache-Control", "no-store");
    }

    private static void addIfMissing(HttpServletResponse response, String name, String value) {
        if (!response.containsHeader(name)) {
            response.setHeader(name, value);
        }
    }
}
