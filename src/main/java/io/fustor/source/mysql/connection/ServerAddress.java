package io.fustor.source.mysql.connection;

import java.net.InetAddress;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Host and port of a MySQL server, parsed by a grammar: a DNS name, an IPv4 address or a bracketed
/// IPv6 address, then a colon and a port.
///
/// @param host without brackets
/// @param port 1 to 65535
public record ServerAddress(String host, int port) {

    private static final Pattern HOST_AND_PORT =
            Pattern.compile("(?:\\[(?<six>[^]]+)]|(?<name>[^:]+)):(?<port>[0-9]{1,5})");

    /// Names by RFC 1123, and the underscore that container names have.
    private static final Pattern NAME =
            Pattern.compile(
                    "(?=.{1,253}$)(?:[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?\\.)*"
                            + "[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?\\.?");

    /// A name whose last part is a number is an IPv4 address in some notation; only one is
    /// accepted.
    private static final Pattern NUMBER =
            Pattern.compile("(?:.*\\.)?(?:[0-9]+|0[xX][0-9A-Fa-f]*)\\.?");

    private static final Pattern FOUR =
            Pattern.compile("(?:(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])(?:\\.(?!$)|$)){4}");

    private static final Pattern SIX =
            Pattern.compile("[0-9A-Fa-f:.]{2,45}(?:%[0-9A-Za-z_.-]{1,32})?");

    /// Parses `host:port` or `[address]:port`.
    ///
    /// @throws IllegalArgumentException with a sentence for the person who wrote it
    public static ServerAddress parse(String text) {
        Matcher matcher = HOST_AND_PORT.matcher(text);
        if (!matcher.matches()) {
            throw malformed();
        }
        String six = matcher.group("six");
        String host = six != null ? six : matcher.group("name");
        if (six != null ? !isSix(six) : !isNameOrFour(host)) {
            throw malformed();
        }
        int port = Integer.parseInt(matcher.group("port"));
        if (port < 1 || port > 65_535) {
            throw new IllegalArgumentException("uri must have a port from 1 to 65535, not " + port);
        }
        return new ServerAddress(host, port);
    }

    private static boolean isNameOrFour(String host) {
        return NUMBER.matcher(host).matches()
                ? FOUR.matcher(host).matches()
                : NAME.matcher(host).matches();
    }

    private static boolean isSix(String host) {
        if (!SIX.matcher(host).matches() || host.indexOf(':') < 0) {
            return false;
        }
        int zone = host.indexOf('%');
        try {
            // This looks nothing up. The zone is an interface's name and may be unknown to this
            // host.
            InetAddress.ofLiteral(zone < 0 ? host : host.substring(0, zone));
            return true;
        } catch (IllegalArgumentException _) {
            return false;
        }
    }

    private static IllegalArgumentException malformed() {
        return new IllegalArgumentException(
                "uri must be host:port, such as db.example.org:3306 or [::1]:3306");
    }

    /// `host:port`, with brackets around an IPv6 address.
    @Override
    public String toString() {
        return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
    }
}
