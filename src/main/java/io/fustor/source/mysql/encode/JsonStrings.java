package io.fustor.source.mysql.encode;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Objects;

/// Writes text as JSON strings. The escapes are MySQL's own: `\b`, `\t`, `\n`, `\f`, `\r`, `\"`,
/// `\\`, and four lower-case hexadecimal digits for the other characters below U+0020.
final class JsonStrings {

    private static final VarHandle LONGS =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private static final long EACH = 0x0101010101010101L;
    private static final long TOP_BITS = EACH << 7;

    /// Up to this length, copying text while checking it is faster than checking it all before one
    /// copy.
    private static final int SHORT = 64;

    /// How much JSON text is escaped before there is made room for more.
    private static final int BLOCK = 1024;

    private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] REPLACEMENT = "\uFFFD".getBytes(StandardCharsets.UTF_8);

    /// The escape of each character below 0x60; null if it needs none.
    private static final byte[][] ESCAPES = new byte[0x60][];

    static {
        for (int c = 0; c < 0x20; c++) {
            ESCAPES[c] = new byte[] {'\\', 'u', '0', '0', HEX[c >> 4], HEX[c & 15]};
        }
        String named = "\bb\tt\nn\ff\rr\"\"\\\\";
        for (int i = 0; i < named.length(); i += 2) {
            ESCAPES[named.charAt(i)] = new byte[] {'\\', (byte) named.charAt(i + 1)};
        }
    }

    private JsonStrings() {}

    static void quoteUtf8(byte[] text, int from, int length, JsonBuffer out) {
        Objects.checkFromIndexSize(from, length, text.length);
        if (length <= SHORT && quotePlain(text, from, length, out)) {
            return;
        }
        out.put('"');
        escapeUtf8(text, from, length, out);
        out.put('"');
    }

    /// Writes text that needs no escape, eight bytes at a time. Writes nothing and returns false if
    /// it needs one, or if it is too near to the array's end for reads of eight bytes.
    private static boolean quotePlain(byte[] text, int from, int length, JsonBuffer out) {
        if (from + length > text.length - 8) {
            return false;
        }
        out.ensure(length + 10);
        byte[] to = out.array();
        int at = out.size() + 1;
        for (int i = 0; i < length; i += 8) {
            long eight = (long) LONGS.get(text, from + i);
            int beyond = Math.max(8 - (length - i), 0);
            if ((notPlain(eight) << (8 * beyond)) != 0) {
                return false;
            }
            LONGS.set(to, at + i, eight);
        }
        to[at - 1] = '"';
        to[at + length] = '"';
        out.skip(length + 2);
        return true;
    }

    /// Copies runs of bytes that need no escape, and converts the bytes between them.
    static void escapeUtf8(byte[] text, int from, int length, JsonBuffer out) {
        Objects.checkFromIndexSize(from, length, text.length);
        int end = from + length;
        int run = from;
        int at = from;
        while ((at = plainEnd(text, at, end)) < end) {
            int lead = text[at];
            int valid = lead >= 0 ? 0 : validLength(text, at, end);
            if (valid > 0) {
                at += valid;
                continue;
            }
            out.write(text, run, at - run);
            if (lead >= 0) {
                out.write(ESCAPES[lead]);
                at++;
            } else {
                out.write(REPLACEMENT);
                at -= valid;
            }
            run = at;
        }
        out.write(text, run, end - run);
    }

    /// Writes JSON text as part of a JSON string, as [#escapeUtf8] does. It is full of quotes,
    /// before which only a backslash is put.
    static void escapeJson(byte[] text, int from, int length, JsonBuffer out) {
        Objects.checkFromIndexSize(from, length, text.length);
        int end = from + length;
        int at = from;
        while (at <= end - 8) {
            int next = escapeQuotes(text, at, Math.min(end, at + BLOCK), out);
            if (next == at) {
                break;
            }
            at = next;
        }
        escapeUtf8(text, at, end - at, out);
    }

    /// Writes eight bytes at a time, up to the first eight that are not all ASCII without control
    /// characters, or to the last ones before `end`.
    ///
    /// @return how far it came
    private static int escapeQuotes(byte[] text, int from, int end, JsonBuffer out) {
        out.ensure(2 * (end - from) + 8);
        byte[] to = out.array();
        int start = out.size();
        int size = start;
        int at = from;
        for (; at <= end - 8; at += 8) {
            long eight = (long) LONGS.get(text, at);
            if (((eight | (eight - (' ' * EACH))) & TOP_BITS) != 0) {
                break;
            }
            LONGS.set(to, size, eight);
            int done = 0;
            long marks = zeros(eight ^ ('"' * EACH)) | zeros(eight ^ ('\\' * EACH));
            for (; marks != 0; marks &= marks - 1) {
                int mark = Long.numberOfTrailingZeros(marks) >>> 3;
                size += mark - done;
                done = mark;
                to[size++] = '\\';
                LONGS.set(to, size, eight >>> (8 * mark));
            }
            size += 8 - done;
        }
        out.skip(size - start);
        return at;
    }

    /// The top bits of exactly those of eight bytes below 0x80 that are zero.
    private static long zeros(long eight) {
        return ~(eight + ~TOP_BITS) & TOP_BITS;
    }

    /// The offset of the first byte that is not ASCII or needs an escape; `end` if there is none.
    static int plainEnd(byte[] text, int from, int end) {
        int at = from;
        for (; at <= end - 8; at += 8) {
            long eight = (long) LONGS.get(text, at);
            long found = notPlain(eight);
            if (found != 0) {
                return at + (Long.numberOfTrailingZeros(found) >>> 3);
            }
        }
        while (at < end && text[at] >= ' ' && text[at] != '"' && text[at] != '\\') {
            at++;
        }
        return at;
    }

    /// The offset of the first byte that is no ASCII; `end` where there is none.
    static int asciiEnd(byte[] text, int from, int end) {
        int at = from;
        for (; at <= end - 8; at += 8) {
            long found = (long) LONGS.get(text, at) & TOP_BITS;
            if (found != 0) {
                return at + (Long.numberOfTrailingZeros(found) >>> 3);
            }
        }
        while (at < end && text[at] >= 0) {
            at++;
        }
        return at;
    }

    /// The top bit of the lowest of eight bytes that is not ASCII or needs an escape; 0 if there is
    /// none. Subtracting 0x20, and 1 from the difference to a quote and to a backslash, sets the
    /// top bit of exactly the lowest such byte (and perhaps of some above it, by borrowing).
    private static long notPlain(long eight) {
        long quote = (eight ^ ('"' * EACH)) - EACH;
        long backslash = (eight ^ ('\\' * EACH)) - EACH;
        return (eight | (eight - (' ' * EACH)) | quote | backslash) & TOP_BITS;
    }

    /// The number of bytes of the valid character of two to four bytes at `at`. If it is invalid,
    /// minus the number of bytes that one U+FFFD replaces. Source: table 3-7 of the Unicode
    /// standard, which limits the second byte by the first.
    static int validLength(byte[] text, int at, int end) {
        int lead = text[at] & 0xFF;
        if (lead < 0xC2 || lead > 0xF4) {
            return -1;
        }
        int length = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
        int second = at + 1 < end ? text[at + 1] & 0xFF : 0;
        int lowest = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
        int highest = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
        if (second < lowest || second > highest) {
            return -1;
        }
        for (int i = 2; i < length; i++) {
            if (at + i >= end || (text[at + i] & 0xC0) != 0x80) {
                return -i;
            }
        }
        return length;
    }

    static void quote(String text, JsonBuffer out) {
        out.put('"');
        escape(text, out);
        out.put('"');
    }

    static void escape(String text, JsonBuffer out) {
        int length = text.length();
        for (int i = 0; i < length; i++) {
            char c = text.charAt(i);
            boolean paired =
                    Character.isHighSurrogate(c)
                            && i + 1 < length
                            && Character.isLowSurrogate(text.charAt(i + 1));
            escape(paired ? Character.toCodePoint(c, text.charAt(++i)) : c, out);
        }
    }

    /// Writes one character of a string; an invalid character becomes U+FFFD.
    static void escape(int codePoint, JsonBuffer out) {
        if (codePoint < 0x80) {
            if (codePoint < ESCAPES.length && ESCAPES[codePoint] != null) {
                out.write(ESCAPES[codePoint]);
            } else {
                out.put((char) codePoint);
            }
            return;
        }
        out.utf8(isCharacter(codePoint) ? codePoint : 0xFFFD);
    }

    static boolean isCharacter(int codePoint) {
        return codePoint <= Character.MAX_CODE_POINT
                && (codePoint < Character.MIN_SURROGATE || codePoint > Character.MAX_SURROGATE);
    }
}
