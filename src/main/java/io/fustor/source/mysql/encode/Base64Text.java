package io.fustor.source.mysql.encode;

import java.nio.charset.StandardCharsets;
import java.util.Objects;

/// Bytes as base64 with padding (RFC 4648, section 4), without quotes and without line breaks.
final class Base64Text {

    private static final byte[] DIGITS =
            "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
                    .getBytes(StandardCharsets.US_ASCII);

    private Base64Text() {}

    static void write(byte[] source, int from, int length, JsonBuffer out) {
        Objects.checkFromIndexSize(from, length, source.length);
        int whole = length - length % 3;
        // Room is made in pieces, since four thirds of a large value may not fit into an int.
        for (int done = 0; done < whole; ) {
            int piece = Math.min(whole - done, 3 << 20);
            out.ensure(piece / 3 * 4);
            for (int at = from + done, end = at + piece; at < end; at += 3) {
                group(source, at, out);
            }
            done += piece;
        }
        if (whole < length) {
            tail(source, from + whole, length - whole, out);
        }
    }

    private static void group(byte[] source, int at, JsonBuffer out) {
        int bits =
                (source[at] & 0xFF) << 16 | (source[at + 1] & 0xFF) << 8 | (source[at + 2] & 0xFF);
        out.four(
                DIGITS[bits >>> 18],
                DIGITS[(bits >>> 12) & 63],
                DIGITS[(bits >>> 6) & 63],
                DIGITS[bits & 63]);
    }

    private static void tail(byte[] source, int at, int length, JsonBuffer out) {
        int second = length == 2 ? source[at + 1] & 0xFF : 0;
        int bits = ((source[at] & 0xFF) << 16) | (second << 8);
        byte third = length == 2 ? DIGITS[(bits >>> 6) & 63] : (byte) '=';
        out.ensure(4);
        out.four(DIGITS[bits >>> 18], DIGITS[(bits >>> 12) & 63], third, (byte) '=');
    }
}
