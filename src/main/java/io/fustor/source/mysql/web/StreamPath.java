package io.fustor.source.mysql.web;

import jakarta.servlet.http.HttpServletRequest;
import java.util.List;
import org.apache.coyote.Request;
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
    EVENTS("events"),
    /// The feed in pages.
    PAGES("stream");

    /// Some filters come before the one that takes the slash away.
    private static final List<PathPattern> SPELLINGS =
            List.of(
                    PathPatternParser.defaultInstance.parse("/api/sources/{id}/{stream}"),
                    PathPatternParser.defaultInstance.parse("/api/sources/{id}/{stream}/"));

    private final String segment;

    StreamPath(String segment) {
        this.segment = segment;
    }

    /// The stream that a request is for; null if it is for something else.
    static @Nullable StreamPath of(HttpServletRequest request) {
        PathContainer path =
                RequestPath.parse(request.getRequestURI(), request.getContextPath())
                        .pathWithinApplication();
        for (PathPattern spelling : SPELLINGS) {
            PathPattern.PathMatchInfo match = spelling.matchAndExtract(path);
            if (match != null) {
                return named(match.getUriVariables().get("stream"));
            }
        }
        return null;
    }

    /// Whether a request may be for the feed, before anything was made of its path.
    static boolean isFeed(Request request) {
        String path = request.requestURI().toString();
        return path != null && (path.endsWith("/events") || path.endsWith("/events/"));
    }

    private static @Nullable StreamPath named(@Nullable String segment) {
        for (StreamPath stream : values()) {
            if (stream.segment.equals(segment)) {
                return stream;
            }
        }
        return null;
    }
}
