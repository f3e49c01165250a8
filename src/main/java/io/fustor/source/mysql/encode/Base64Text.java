package io.fustor.source.mysql.encode;

import java.nio.charset.StandardCharsets;
import java.util.Objects;

/// Writes bytes as base64 with padding (RFC 4648, section 4), without quotes and line breaks.
final class Base64Text {

    private static final byte[] DIGITS =
            "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
                    .getBytes(StandardCharsets.US_ASCII);

    /// The number of bytes in a line of 76 characters.
    private static final int LINE = 57;

    private static final int PIECE = 3 << 14;

    private Base64Text() {}

    static void write(byte[] source, int from, int length, JsonBuffer out) {
        Objects.checkFromIndexSize(from, length, source.length);
        int whole = length - length % 3;
        // Room is made in pieces: four thirds of a large value may exceed an int, and the buffer of
        // a writer with an outlet.
        for (int done = 0; done < whole; ) {
            int piece = Math.min(whole - done, PIECE);
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

    /// Writes base64 with an escaped line feed after every 76 characters, as MySQL does for base64
    /// in a JSON string.
    static void writeLines(byte[] source, int from, int length, JsonBuffer out) {
        for (int done = 0; done < length; done += LINE) {
            if (done > 0) {
                out.put('\\');
                out.put('n');
            }
            write(source, from + done, Math.min(LINE, length - done), out);
        }
    }

    /// Writes bytes followed by `zeros` zero bytes.
    static void writePadded(byte[] source, int from, int length, int zeros, JsonBuffer out) {
        int whole = zeros > 0 ? length - length % 3 : length;
        write(source, from, whole, out);
        int left = length - whole + Math.max(zeros, 0);
        int at = from + whole;
        int end = from + length;
        for (; left > 0; left -= 3, at += 3) {
            int bits = (at(source, at, end) << 16) | (at(source, at + 1, end) << 8);
            bits |= at(source, at + 2, end);
            out.ensure(4);
            out.four(
                    DIGITS[bits >>> 18],
                    DIGITS[(bits >>> 12) & 63],
                    left > 1 ? DIGITS[(bits >>> 6) & 63] : (byte) '=',
                    left > 2 ? DIGITS[bits & 63] : (byte) '=');
        }
    }

    /// Writes up to eight bytes in reverse order.
    static void writeReversed(byte[] source, int from, int length, JsonBuffer out) {
        for (int done = 0; done < length; done += 3) {
            int left = length - done;
            int last = from + left - 1;
            int bits = (source[last] & 0xFF) << 16;
            bits |= left > 1 ? (source[last - 1] & 0xFF) << 8 : 0;
            bits |= left > 2 ? source[last - 2] & 0xFF : 0;
            out.ensure(4);
            out.four(
                    DIGITS[bits >>> 18],
                    DIGITS[(bits >>> 12) & 63],
                    left > 1 ? DIGITS[(bits >>> 6) & 63] : (byte) '=',
                    left > 2 ? DIGITS[bits & 63] : (byte) '=');
        }
    }

    private static int at(byte[] source, int at, int end) {
        return at < end ? source[at] & 0xFF : 0;
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
