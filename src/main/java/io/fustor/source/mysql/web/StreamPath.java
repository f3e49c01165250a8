package io.fustor.source.mysql.web;

import jakarta.servlet.http.HttpServletRequest;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.http.server.PathContainer;
import org.springframework.http.server.RequestPath;
import org.springframework.web.util.pattern.PathPattern;
import org.springframework.web.util.pattern.PathPatternParser;

/// The addresses of streams of changes, for the filters that treat streams otherwise than the rest
/// of the interface. They are matched as those of the controllers are: after the context path, and
/// however their characters are encoded.
enum StreamPath {
    /// The feed.
    EVENTS("/api/sources/{id}/events"),
    /// The feed in pages.
    PAGES("/api/sources/{id}/stream");

    private final List<PathPattern> spellings;

    StreamPath(String path) {
        PathPatternParser parser = PathPatternParser.defaultInstance;
        // Some filters come before the one that takes the slash away.
        spellings = List.of(parser.parse(path), parser.parse(path + "/"));
    }

    /// The stream that a request is for; null if it is for something else.
    static @Nullable StreamPath of(HttpServletRequest request) {
        PathContainer path =
                RequestPath.parse(request.getRequestURI(), request.getContextPath())
                        .pathWithinApplication();
        for (StreamPath stream : values()) {
            for (PathPattern spelling : stream.spellings) {
                if (spelling.matches(path)) {
                    return stream;
                }
            }
        }
        return null;
    }
}
