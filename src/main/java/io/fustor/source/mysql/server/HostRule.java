package io.fustor.source.mysql.server;

import io.fustor.source.mysql.error.FailureCode;
import io.fustor.source.mysql.error.SourceException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/// Which hosts the service connects to, whoever asks it to, under `fustor.wizard`. Addresses that
/// are good for one link only, among them those where clouds keep their machines' secrets, are
/// refused unless they are listed as such.
///
/// @param allowedHosts names and addresses, `*` for any characters, such as `*.db.example.org` or
///   `10.1.*`; without any, every host but the link-local ones
@ConfigurationProperties("fustor.wizard")
public record HostRule(@DefaultValue List<String> allowedHosts) {

    /// The rule without configuration.
    static final HostRule DEFAULT = new HostRule(List.of());

    private static final Pattern FORM = Pattern.compile("[A-Za-z0-9*._:%-]+");

    /// Where clouds answer with a machine's credentials, outside of the link-local ranges.
    private static final Set<String> METADATA = Set.of("fd00:ec2::254", "100.100.100.200");

    public HostRule {
        for (String host : allowedHosts) {
            if (!FORM.matcher(host).matches()) {
                throw new IllegalArgumentException(
                        "fustor.wizard.allowed-hosts must list names or addresses, not " + host);
            }
        }
        allowedHosts = List.copyOf(allowedHosts);
    }

    /// Checks a host right before it is connected to. The JVM remembers what a name stood for, so
    /// that the connection goes where this has looked.
    ///
    /// @throws SourceException HOST_FORBIDDEN
    void require(ServerAddress address) {
        if (!allowedHosts.isEmpty() && !isListed(address.host())) {
            throw forbidden(address, "it is none of fustor.wizard.allowed-hosts");
        }
        for (InetAddress resolved : resolve(address.host())) {
            boolean isMetadata = METADATA.contains(text(resolved));
            if ((resolved.isLinkLocalAddress() || isMetadata) && !isNamed(resolved)) {
                throw forbidden(
                        address,
                        "link-local and metadata addresses have to be listed in"
                                + " fustor.wizard.allowed-hosts");
            }
        }
    }

    private boolean isListed(String host) {
        return allowedHosts.stream().anyMatch(pattern -> matches(pattern, host));
    }

    private static boolean matches(String pattern, String host) {
        String regex = Pattern.quote(pattern).replace("*", "\\E.*\\Q");
        return Pattern.compile(regex, Pattern.CASE_INSENSITIVE).matcher(host).matches();
    }

    /// Whether the address itself is listed, without wildcards.
    private boolean isNamed(InetAddress address) {
        return allowedHosts.stream().anyMatch(text(address)::equalsIgnoreCase);
    }

    private static InetAddress[] resolve(String host) {
        try {
            return InetAddress.getAllByName(host);
        } catch (UnknownHostException _) {
            // Connecting says so.
            return new InetAddress[0];
        }
    }

    /// The address as people write it: IPv6 with its longest run of zeros left out.
    private static String text(InetAddress address) {
        String text = address.getHostAddress().toLowerCase(Locale.ROOT);
        int zone = text.indexOf('%');
        return (zone < 0 ? text : text.substring(0, zone)).replaceFirst("(^|:)0(:0)+(:|$)", "::");
    }

    private static SourceException forbidden(ServerAddress address, String reason) {
        return new SourceException(
                FailureCode.HOST_FORBIDDEN,
                "The service may not connect to " + address.host() + ": " + reason + ".");
    }
}
