package io.fustor.source.mysql.connection;

import java.net.InetAddress;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/// A range of addresses that begin with the same bits.
///
/// @param first the first address, 4 or 16 bytes
/// @param bits the length of the prefix, in bits
record Network(InetAddress first, int bits) {

    /// The addresses of cloud metadata services, beside the link-local 169.254.169.254.
    private static final List<Network> METADATA =
            Stream.of(
                            "100.100.100.200",
                            "168.63.129.16",
                            "192.0.0.192",
                            "fd00:ec2::/32",
                            "fd20:ce::254")
                    .map(Network::parse)
                    .toList();

    /// Addresses of this host, of all hosts of a network, or of none.
    private static final List<Network> OF_NO_HOST =
            Stream.of("0.0.0.0/8", "240.0.0.0/4").map(Network::parse).toList();

    /// Whether a text is an address, or an address with a slash and a prefix length.
    static boolean isNetwork(String text) {
        try {
            parse(text);
            return true;
        } catch (IllegalArgumentException _) {
            return false;
        }
    }

    /// Parses a network without asking a name server.
    ///
    /// @throws IllegalArgumentException if the text is not a network
    static Network parse(String text) {
        int slash = text.indexOf('/');
        InetAddress first = InetAddress.ofLiteral(slash < 0 ? text : text.substring(0, slash));
        int most = first.getAddress().length * 8;
        int bits = slash < 0 ? most : Integer.parseInt(text.substring(slash + 1));
        if (bits < 0 || bits > most) {
            throw new IllegalArgumentException("a network has 0 to " + most + " bits");
        }
        return new Network(first, bits);
    }

    /// Whether an address is in the range, in any form that the resolver returns.
    boolean contains(InetAddress address) {
        byte[] mine = first.getAddress();
        byte[] other = EmbeddedAddresses.normal(address).getAddress();
        if (mine.length != other.length) {
            return false;
        }
        int whole = bits / 8;
        int rest = 0xFF00 >> bits % 8;
        return Arrays.equals(mine, 0, whole, other, 0, whole)
                && (bits % 8 == 0 || ((mine[whole] ^ other[whole]) & rest & 0xFF) == 0);
    }

    /// Whether an address, or an IPv4 address embedded in it, is link-local, a metadata address, or
    /// not the address of one machine.
    static boolean isReserved(InetAddress address) {
        return isReservedItself(address) || !reservedIn(address).isEmpty();
    }

    /// The reserved IPv4 addresses that an IPv6 address contains.
    static List<InetAddress> reservedIn(InetAddress address) {
        return EmbeddedAddresses.of(address).stream().filter(Network::isReservedItself).toList();
    }

    private static boolean isReservedItself(InetAddress given) {
        InetAddress address = EmbeddedAddresses.normal(given);
        return address.isLinkLocalAddress()
                || address.isMulticastAddress()
                || address.isAnyLocalAddress()
                || OF_NO_HOST.stream().anyMatch(network -> network.contains(address))
                || METADATA.stream().anyMatch(network -> network.contains(address));
    }
}
