package io.fustor.source.mysql.web;

import java.net.URI;
import java.time.Duration;
import java.util.List;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/// How long clients may take, and which pages may call, under `fustor.web`.
///
/// @param headTimeout until the line and the headers of a request are here, however they come; then
///   the connection is closed
/// @param bodyTimeout until the body of a request is here
/// @param writeTimeout how long a client may take nothing of an answer that is not a stream
/// @param stallTimeout how long a subscriber may take nothing of its stream
/// @param reservedConnections how many connections there are beyond those of subscribers
///   (`fustor.feed.max-subscribers`); `server.tomcat.max-connections` is raised to the sum. When
///   all are taken, those go first that keep the service waiting for a request
/// @param allowedOrigins the sites, such as `https://ui.example.org`, whose pages may call the
///   service from a browser (CORS); none by default
@ConfigurationProperties("fustor.web")
public record WebProperties(
        @DefaultValue("20s") Duration headTimeout,
        @DefaultValue("30s") Duration bodyTimeout,
        @DefaultValue("1m") Duration writeTimeout,
        @DefaultValue("10m") Duration stallTimeout,
        @DefaultValue("1000") int reservedConnections,
        @DefaultValue List<String> allowedOrigins) {

    public WebProperties {
        check("head-timeout", headTimeout);
        check("body-timeout", bodyTimeout);
        check("write-timeout", writeTimeout);
        check("stall-timeout", stallTimeout);
        if (reservedConnections < 10) {
            throw new IllegalArgumentException(
                    "fustor.web.reserved-connections must be 10 or more");
        }
        allowedOrigins = List.copyOf(allowedOrigins);
        allowedOrigins.forEach(WebProperties::checkOrigin);
    }

    private static void check(String name, Duration time) {
        if (time.toMillis() < 100 || time.toHours() > 24) {
            throw new IllegalArgumentException(
                    "fustor.web." + name + " must be between 100ms and 24h");
        }
    }

    /// No wildcard: an origin that may call with a visitor's cookie is named.
    private static void checkOrigin(String origin) {
        if (!isOrigin(origin)) {
            throw new IllegalArgumentException(
                    "fustor.web.allowed-origins takes origins such as https://ui.example.org,"
                            + " without a path and without wildcards, not "
                            + origin);
        }
    }

    private static boolean isOrigin(String text) {
        try {
            URI uri = URI.create(text);
            String whole = uri.getScheme() + "://" + uri.getRawAuthority();
            return uri.getHost() != null
                    && uri.getUserInfo() == null
                    && ("http".equals(uri.getScheme()) || "https".equals(uri.getScheme()))
                    && whole.equals(text);
        } catch (IllegalArgumentException _) {
            return false;
        }
    }
}
