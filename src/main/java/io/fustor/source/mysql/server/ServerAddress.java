package io.fustor.source.mysql.server;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Host and port of a MySQL server, read by grammar: a DNS name, an IPv4 address or a bracketed
/// IPv6 address, a colon and a port.
///
/// @param host without brackets
/// @param port 1 to 65535
public record ServerAddress(String host, int port) {

    private static final Pattern HOST_AND_PORT =
            Pattern.compile(
                    "(?:\\[(?<six>[0-9A-Fa-f:.]{2,45}(?:%[0-9A-Za-z_.-]{1,32})?)]|(?<name>[A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,253}[A-Za-z0-9_.])?))"
                            + ":(?<port>[0-9]{1,5})");

    /// Reads `host:port` or `[address]:port`.
    ///
    /// @throws IllegalArgumentException with a sentence for the person who wrote it
    public static ServerAddress parse(String text) {
        Matcher matcher = HOST_AND_PORT.matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException(
                    "uri must be host:port, such as db.example.org:3306 or [::1]:3306");
        }
        int port = Integer.parseInt(matcher.group("port"));
        if (port < 1 || port > 65_535) {
            throw new IllegalArgumentException("uri must have a port from 1 to 65535, not " + port);
        }
        String six = matcher.group("six");
        return new ServerAddress(six != null ? six : matcher.group("name"), port);
    }

    /// `host:port`, with brackets around an IPv6 address.
    @Override
    public String toString() {
        return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
    }
}
