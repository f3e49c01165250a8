package io.fustor.source.mysql.encode;

import java.nio.charset.StandardCharsets;

/// Converts a JSON document as printed by a server to the form that [BinaryJson] writes: without
/// the blanks after `:` and `,`, numbers unchanged, strings with the same escapes.
///
/// One value differs: MySQL 8.0 prints the hours of a `TIME` in a document modulo 32 (fixed in
/// MySQL 9), and the lost part cannot be restored.
final class PrintedJson {

    private PrintedJson() {}

    /// Writes a document; an empty one is `null`, as in [BinaryJson].
    static void write(byte[] text, int from, int length, boolean bigAsString, JsonBuffer out) {
        if (length == 0) {
            out.ascii("null");
            return;
        }
        int end = from + length;
        int at = from;
        while (at < end) {
            byte next = text[at];
            if (next == '"') {
                at = string(text, at + 1, end, out);
            } else if (next == '-' || isDigit(next)) {
                at = number(text, at, end, bigAsString, out);
            } else {
                if (next != ' ') {
                    requirePlain(next);
                    out.write(next);
                }
                at++;
            }
        }
    }

    /// Brackets, commas, colons and the letters of `true`, `false` and `null`.
    private static void requirePlain(byte next) {
        boolean isLetter = next >= 'a' && next <= 'z';
        boolean isMark =
                next == ','
                        || next == ':'
                        || next == '{'
                        || next == '}'
                        || next == '['
                        || next == ']';
        if (!isLetter && !isMark) {
            throw corrupt();
        }
    }

    private static boolean isDigit(byte next) {
        return next >= '0' && next <= '9';
    }

    /// Only doubles have an exponent, and doubles are never quoted.
    private static int number(byte[] text, int from, int end, boolean bigAsString, JsonBuffer out) {
        int at = from + 1;
        boolean hasExponent = false;
        for (; at < end && isInNumber(text[at]); at++) {
            hasExponent |= text[at] == 'e';
        }
        if (bigAsString && !hasExponent && at - from > DecimalText.SAFE_DIGITS) {
            String digits = new String(text, from, at - from, StandardCharsets.US_ASCII);
            if (!NumberText.fitsDouble(digits)) {
                out.string(digits);
                return at;
            }
        }
        out.write(text, from, at - from);
        return at;
    }

    private static boolean isInNumber(byte next) {
        return isDigit(next) || next == '.' || next == 'e' || next == '-' || next == '+';
    }

    /// Writes the string whose first character is at `from`: the text between escapes in pieces,
    /// and each escape in the form for its character.
    ///
    /// @return the offset after the closing quote
    private static int string(byte[] text, int from, int end, JsonBuffer out) {
        out.put('"');
        int at = from;
        while (true) {
            int stop = stop(text, at, end);
            JsonStrings.escapeUtf8(text, at, stop - at, out);
            if (text[stop] == '"') {
                out.put('"');
                return stop + 1;
            }
            at = escape(text, stop + 1, end, out);
        }
    }

    /// The offset of the next quote or backslash.
    private static int stop(byte[] text, int from, int end) {
        int at = from;
        while ((at = JsonStrings.plainEnd(text, at, end)) < end) {
            if (text[at] == '"' || text[at] == '\\') {
                return at;
            }
            at++;
        }
        throw corrupt();
    }

    /// Writes the character of the escape whose letter is at `at`.
    private static int escape(byte[] text, int at, int end, JsonBuffer out) {
        if (at == end) {
            throw corrupt();
        }
        byte letter = text[at];
        if (letter == 'u') {
            return hexadecimal(text, at + 1, end, out);
        }
        int character =
                switch (letter) {
                    case 'b' -> '\b';
                    case 't' -> '\t';
                    case 'n' -> '\n';
                    case 'f' -> '\f';
                    case 'r' -> '\r';
                    case '"', '\\', '/' -> letter;
                    default -> throw corrupt();
                };
        JsonStrings.escape(character, out);
        return at + 1;
    }

    private static int hexadecimal(byte[] text, int at, int end, JsonBuffer out) {
        int first = unit(text, at, end);
        boolean isPair =
                Character.isHighSurrogate((char) first)
                        && end - at >= 10
                        && text[at + 4] == '\\'
                        && text[at + 5] == 'u'
                        && Character.isLowSurrogate((char) unit(text, at + 6, end));
        if (!isPair) {
            JsonStrings.escape(first, out);
            return at + 4;
        }
        int second = unit(text, at + 6, end);
        JsonStrings.escape(Character.toCodePoint((char) first, (char) second), out);
        return at + 10;
    }

    private static int unit(byte[] text, int at, int end) {
        if (end - at < 4) {
            throw corrupt();
        }
        int unit = 0;
        for (int i = 0; i < 4; i++) {
            int digit = Character.digit(text[at + i], 16);
            if (digit < 0) {
                throw corrupt();
            }
            unit = unit << 4 | digit;
        }
        return unit;
    }

    private static RuntimeException corrupt() {
        return CellBytes.corrupt("a JSON document is not valid MySQL output");
    }
}
