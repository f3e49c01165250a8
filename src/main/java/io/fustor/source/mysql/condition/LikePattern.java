package io.fustor.source.mysql.condition;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// A pattern of `LIKE` over text in UTF-8: `%` stands for any run of characters, `_` for one. Takes
/// at most the product of both lengths in steps, and no memory.
final class LikePattern {

    /// How long a pattern may be, in characters.
    static final int LONGEST = 1_000;

    private static final VarHandle LONGS =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private static final long EACH = 0x0101010101010101L;
    private static final long TOP_BITS = EACH << 7;

    private static final int ANY = -1;
    private static final int ONE = -2;

    /// Bytes that are meant as they are, from 0 to 255, and the two signs.
    private final int[] signs;

    private final boolean readsCharacters;

    /// @param escape the character before one that is meant literally; empty for none
    LikePattern(String pattern, String escape) {
        int escaping = escape.isEmpty() ? -1 : escape.codePointAt(0);
        int[] made = new int[4 * pattern.length()];
        int count = 0;
        boolean hasOne = false;
        int[] characters = pattern.codePoints().toArray();
        for (int i = 0; i < characters.length; i++) {
            boolean isEscaped = characters[i] == escaping && i + 1 < characters.length;
            int character = isEscaped ? characters[++i] : characters[i];
            if (!isEscaped && character == '%') {
                if (count == 0 || made[count - 1] != ANY) {
                    made[count++] = ANY;
                }
            } else if (!isEscaped && character == '_') {
                made[count++] = ONE;
                hasOne = true;
            } else {
                for (byte one : Character.toString(character).getBytes(StandardCharsets.UTF_8)) {
                    made[count++] = one & 0xFF;
                }
            }
        }
        signs = Arrays.copyOf(made, count);
        readsCharacters = hasOne || pattern.indexOf('\uFFFD') >= 0;
    }

    /// Whether it matters what bytes become that are no characters. Else the bytes of a text may be
    /// compared as they are: each part between two `%` begins and ends where characters do.
    boolean readsCharacters() {
        return readsCharacters;
    }

    /// The only text that matches, in UTF-8; null where the pattern has signs.
    byte @Nullable [] onlyText() {
        byte[] text = new byte[signs.length];
        for (int i = 0; i < signs.length; i++) {
            if (signs[i] < 0) {
                return null;
            }
            text[i] = (byte) signs[i];
        }
        return text;
    }

    /// Whether the text matches as a whole: goes on without a run as long as it can, and else one
    /// character further in the last run.
    boolean matches(byte[] text, int from, int to) {
        Objects.checkFromToIndex(from, to, text.length);
        int sign = 0;
        int at = from;
        int run = -1;
        int resume = from;
        while (at < to) {
            int wanted = sign < signs.length ? signs[sign] : Integer.MIN_VALUE;
            if (wanted == (text[at] & 0xFF)) {
                sign++;
                at++;
            } else if (wanted == ANY) {
                run = ++sign;
                if (run == signs.length) {
                    return true;
                }
                at = next(text, at, to, signs[run]);
                resume = at;
            } else if (wanted == ONE) {
                sign++;
                at = after(text, at, to);
            } else if (run >= 0) {
                resume = next(text, after(text, resume, to), to, signs[run]);
                at = resume;
                sign = run;
            } else {
                return false;
            }
        }
        while (sign < signs.length && signs[sign] == ANY) {
            sign++;
        }
        return sign == signs.length;
    }

    /// Where a byte stands next that the pattern goes on with; where another sign goes on, here.
    private static int next(byte[] text, int from, int to, int sign) {
        if (sign < 0) {
            return from;
        }
        int at = from;
        for (; at <= to - Long.BYTES; at += Long.BYTES) {
            long different = (long) LONGS.get(text, at) ^ (sign * EACH);
            // The lowest byte that is 0 is the lowest one whose top bit is set.
            long found = (different - EACH) & ~different & TOP_BITS;
            if (found != 0) {
                return at + (Long.numberOfTrailingZeros(found) >>> 3);
            }
        }
        while (at < to && (text[at] & 0xFF) != sign) {
            at++;
        }
        return at;
    }

    /// Where the next character starts.
    private static int after(byte[] text, int at, int to) {
        int next = at + 1;
        while (next < to && (text[next] & 0xC0) == 0x80) {
            next++;
        }
        return next;
    }
}
