package io.fustor.source.mysql.server;

import java.net.InetAddress;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/// Which hosts the wizard and sources may connect to, under `fustor.wizard`. Judged is the address
/// that a name led to, right before that very address is connected to, so that a name cannot lead
/// elsewhere in between.
///
/// @param allowedHosts names, in which `*` stands for any run of characters, addresses, or networks
///   such as `10.0.0.0/8`; none for every host. A link-local address, or one at which a cloud keeps
///   its machines' secrets, is reached only where an address or network here has it
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

    /// Whether a host may be connected to at one of its addresses.
    public boolean allow(String host, InetAddress address) {
        boolean reserved = Network.isReserved(address);
        if (allowedHosts.isEmpty()) {
            return !reserved;
        }
        for (String pattern : allowedHosts) {
            boolean allowed =
                    Network.isNetwork(pattern)
                            ? Network.parse(pattern).contains(address)
                            : !reserved && matches(pattern, host);
            if (allowed) {
                return true;
            }
        }
        return false;
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
