package io.fustor.source.mysql.server;

import java.net.InetAddress;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/// A range of addresses: those that begin with the same bits.
///
/// @param first its first address, 4 or 16 bytes
/// @param bits how many of its bits count
record Network(InetAddress first, int bits) {

    /// Where clouds keep what only their machines may read, beside the link-local 169.254.169.254.
    private static final List<Network> METADATA =
            Stream.of(
                            "100.100.100.200",
                            "168.63.129.16",
                            "192.0.0.192",
                            "fd00:ec2::/32",
                            "fd20:ce::254")
                    .map(Network::parse)
                    .toList();

    /// Where an IPv6 address stands for an IPv4 one, by the number of the byte where that begins.
    private static final Network TRANSLATED = parse("64:ff9b::/96");

    private static final Network COMPATIBLE = parse("::/96");
    private static final Network SIX_TO_FOUR = parse("2002::/16");

    /// Whether a text is an address, or one with a slash and a number of bits behind it.
    static boolean isNetwork(String text) {
        try {
            parse(text);
            return true;
        } catch (IllegalArgumentException _) {
            return false;
        }
    }

    /// Never asks a name server.
    ///
    /// @throws IllegalArgumentException where the text is no network
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

    boolean contains(InetAddress address) {
        byte[] mine = first.getAddress();
        byte[] other = address.getAddress();
        if (mine.length != other.length) {
            return false;
        }
        int whole = bits / 8;
        int rest = 0xFF00 >> bits % 8;
        return Arrays.equals(mine, 0, whole, other, 0, whole)
                && (bits % 8 == 0 || ((mine[whole] ^ other[whole]) & rest & 0xFF) == 0);
    }

    /// Whether an address is link-local, metadata's, or none of one machine, also where an IPv6
    /// address leads to such an IPv4 one.
    static boolean isReserved(InetAddress address) {
        return address.isLinkLocalAddress()
                || address.isMulticastAddress()
                || address.isAnyLocalAddress()
                || METADATA.stream().anyMatch(network -> network.contains(address))
                || leadsToReserved(address);
    }

    private static boolean leadsToReserved(InetAddress address) {
        if (TRANSLATED.contains(address)
                || (COMPATIBLE.contains(address) && !address.isLoopbackAddress())) {
            return isReserved(embedded(address, 12));
        }
        return SIX_TO_FOUR.contains(address) && isReserved(embedded(address, 2));
    }

    private static InetAddress embedded(InetAddress address, int at) {
        byte[] four = Arrays.copyOfRange(address.getAddress(), at, at + 4);
        return InetAddress.ofLiteral(
                (four[0] & 0xFF)
                        + "."
                        + (four[1] & 0xFF)
                        + "."
                        + (four[2] & 0xFF)
                        + "."
                        + (four[3] & 0xFF));
    }
}
