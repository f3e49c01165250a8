package io.fustor.source.mysql.web;

import java.net.URI;
import java.time.Duration;
import java.util.List;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/// Time limits for clients, and the pages that may call the service, under `fustor.web`.
///
/// @param headTimeout time limit for the request line and headers, regardless of how the bytes
///   arrive; then the connection is closed
/// @param bodyTimeout time limit for the body of a request
/// @param writeTimeout write timeout for ordinary responses
/// @param stallTimeout write timeout for streams: how long a subscriber may read nothing
/// @param drain over which time streams end when the service stops, each with a time of its own
///   after which its client returns; by default all end at once
/// @param reservedConnections number of connections in addition to those of subscribers
///   (`fustor.feed.max-subscribers`); `server.tomcat.max-connections` is raised to the sum. If all
///   are in use, the service closes those that have waited longest for a request
/// @param allowedOrigins sites, such as `https://ui.example.org`, whose pages may call the service
///   from a browser (CORS); none by default
/// @param allowedHosts names under which the service responds (`Host`), such as
///   `fustor.example.org`; addresses and `localhost` are always allowed. By default, every name is
///   allowed. Set it if `fustor.security.open` admits callers without a token. Otherwise a site
///   whose name resolves to the service could call it as if it were the service itself
@ConfigurationProperties("fustor.web")
public record WebProperties(
        @DefaultValue("20s") Duration headTimeout,
        @DefaultValue("30s") Duration bodyTimeout,
        @DefaultValue("1m") Duration writeTimeout,
        @DefaultValue("10m") Duration stallTimeout,
        @DefaultValue("0s") Duration drain,
        @DefaultValue("1000") int reservedConnections,
        @DefaultValue List<String> allowedOrigins,
        @DefaultValue List<String> allowedHosts) {

    public WebProperties {
        check("head-timeout", headTimeout);
        check("body-timeout", bodyTimeout);
        check("write-timeout", writeTimeout);
        check("stall-timeout", stallTimeout);
        if (drain.isNegative() || drain.toMinutes() > 10) {
            throw new IllegalArgumentException("fustor.web.drain must be between 0s and 10m");
        }
        if (reservedConnections < 10) {
            throw new IllegalArgumentException(
                    "fustor.web.reserved-connections must be 10 or more");
        }
        allowedOrigins = List.copyOf(allowedOrigins);
        allowedOrigins.forEach(WebProperties::checkOrigin);
        allowedHosts = List.copyOf(allowedHosts);
    }

    private static void check(String name, Duration time) {
        if (time.toMillis() < 100 || time.toHours() > 24) {
            throw new IllegalArgumentException(
                    "fustor.web." + name + " must be between 100ms and 24h");
        }
    }

    /// Wildcards are not allowed: an origin that may call with a visitor's cookie must be named.
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
