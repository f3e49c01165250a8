package io.fustor.source.mysql.connection;

import java.net.InetAddress;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/// Which hosts the wizard and sources may connect to, under `fustor.wizard`. The rule checks the
/// address that a name resolved to, right before the connection to that same address, so that a
/// name cannot change its address in between.
///
/// @param allowedHosts names (`*` matches any sequence of characters), addresses, or networks such
///   as `10.0.0.0/8`; empty allows every host. Link-local addresses and the addresses of cloud
///   metadata services are allowed only if an address or network here includes them
@ConfigurationProperties("fustor.wizard")
public record HostRule(@DefaultValue List<String> allowedHosts) {

    /// Every host but link-local and metadata addresses.
    public static final HostRule DEFAULT = new HostRule(List.of());

    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_.*-]{1,253}");

    public HostRule {
        allowedHosts = List.copyOf(allowedHosts);
        for (String pattern : allowedHosts) {
            if (!Network.isNetwork(pattern) && !NAME.matcher(pattern).matches()) {
                throw new IllegalArgumentException(
                        "fustor.wizard.allowed-hosts takes names such as *.example.org, addresses"
                                + " and networks such as 10.0.0.0/8, not "
                                + pattern);
            }
        }
    }

    /// Whether a connection to a host is allowed at one of its addresses.
    public boolean allow(String host, InetAddress address) {
        boolean reserved = Network.isReserved(address);
        if (allowedHosts.isEmpty()) {
            return !reserved;
        }
        for (String pattern : allowedHosts) {
            boolean allowed =
                    Network.isNetwork(pattern)
                            ? Network.parse(pattern).contains(address) && !leadsElsewhere(address)
                            : !reserved && matches(pattern, host);
            if (allowed) {
                return true;
            }
        }
        return false;
    }

    /// A network of IPv6 addresses permits their embedded IPv4 addresses only if a network includes
    /// these too, or if they are not reserved.
    private boolean leadsElsewhere(InetAddress address) {
        return Network.reservedIn(address).stream()
                .anyMatch(
                        embedded ->
                                allowedHosts.stream()
                                        .filter(Network::isNetwork)
                                        .map(Network::parse)
                                        .noneMatch(network -> network.contains(embedded)));
    }

    private static boolean matches(String pattern, String host) {
        String regex = Pattern.quote(canonical(pattern)).replace("*", "\\E.*\\Q");
        return Pattern.matches(regex, canonical(host));
    }

    private static String canonical(String name) {
        String lower = name.toLowerCase(Locale.ROOT);
        return lower.endsWith(".") ? lower.substring(0, lower.length() - 1) : lower;
    }
}
