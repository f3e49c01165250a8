package io.fustor.source.mysql.connection;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

/// The IPv4 addresses that an IPv6 address contains. A translator or a tunnel finally connects to
/// one of them, so each is checked like the address itself.
final class EmbeddedAddresses {

    /// IPv4-mapped; the resolver returns it as it is in an AAAA record.
    private static final byte[] MAPPED = HexFormat.of().parseHex("00000000000000000000ffff");

    /// IPv4-compatible.
    private static final byte[] COMPATIBLE = new byte[12];

    /// IPv4-translated (SIIT, RFC 2765).
    private static final byte[] TRANSLATED = HexFormat.of().parseHex("0000000000000000ffff0000");

    /// The well-known prefix of NAT64 (RFC 6052), and the local-use prefix (RFC 8215).
    private static final byte[] NAT64 = HexFormat.of().parseHex("0064ff9b0000000000000000");

    private static final byte[] LOCAL_NAT64 = HexFormat.of().parseHex("0064ff9b0001");
    private static final byte[] SIX_TO_FOUR = HexFormat.of().parseHex("2002");
    private static final byte[] TEREDO = HexFormat.of().parseHex("20010000");
    private static final byte[] ISATAP = HexFormat.of().parseHex("5efe");

    /// Where RFC 6052 puts the four bytes after prefixes of 48, 56, 64 and 96 bits; byte 8 is never
    /// used.
    private static final int[][] LOCAL_PLACES = {
        {6, 7, 9, 10}, {7, 9, 10, 11}, {9, 10, 11, 12}, {12, 13, 14, 15}
    };

    private EmbeddedAddresses() {}

    /// Converts an IPv4-mapped address to the IPv4 address that a socket connects to.
    static InetAddress normal(InetAddress address) {
        byte[] bytes = address.getAddress();
        return startsWith(bytes, MAPPED) ? four(bytes, 12) : address;
    }

    /// The embedded addresses; none for an IPv4 address.
    static List<InetAddress> of(InetAddress address) {
        byte[] bytes = address.getAddress();
        if (bytes.length != 16 || address.isLoopbackAddress() || address.isAnyLocalAddress()) {
            return List.of();
        }
        List<InetAddress> found = new ArrayList<>();
        if (startsWith(bytes, MAPPED)
                || startsWith(bytes, COMPATIBLE)
                || startsWith(bytes, TRANSLATED)
                || startsWith(bytes, NAT64)
                || isIsatap(bytes)) {
            found.add(four(bytes, 12));
        }
        if (startsWith(bytes, SIX_TO_FOUR)) {
            found.add(four(bytes, 2));
        }
        if (startsWith(bytes, TEREDO)) {
            found.add(four(bytes, 4));
            found.add(four(inverted(bytes), 12));
        }
        if (startsWith(bytes, LOCAL_NAT64)) {
            addLocal(bytes, found);
        }
        return found;
    }

    /// The prefix length is known only to the network, so each is tried; zeros are padding.
    private static void addLocal(byte[] bytes, List<InetAddress> found) {
        for (int[] places : LOCAL_PLACES) {
            if (bytes[places[0]] != 0) {
                found.add(
                        address(
                                bytes[places[0]],
                                bytes[places[1]],
                                bytes[places[2]],
                                bytes[places[3]]));
            }
        }
    }

    private static boolean isIsatap(byte[] bytes) {
        return (bytes[8] == 0 || bytes[8] == 2)
                && bytes[9] == 0
                && Arrays.equals(bytes, 10, 12, ISATAP, 0, 2);
    }

    private static boolean startsWith(byte[] bytes, byte[] prefix) {
        return bytes.length == 16
                && Arrays.equals(bytes, 0, prefix.length, prefix, 0, prefix.length);
    }

    private static byte[] inverted(byte[] bytes) {
        byte[] inverted = new byte[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            inverted[i] = (byte) ~bytes[i];
        }
        return inverted;
    }

    private static InetAddress four(byte[] bytes, int at) {
        return address(bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]);
    }

    private static InetAddress address(byte... four) {
        try {
            return InetAddress.getByAddress(four);
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(e);
        }
    }
}
