package io.fustor.source.mysql.encode;

import io.fustor.source.mysql.schema.Column;

/// Writes a `DECIMAL` as a number with all its declared digits, directly from the server's packed
/// format: four bytes for each nine digits counted from the point, fewer for the rest; the top bit
/// of the first byte flipped; all bits inverted if the number is negative. Source: the manual's
/// 'DECIMAL Data Type Characteristics' and the server's `decimal2bin`.
final class DecimalText {

    /// A double does not represent every number with more digits.
    static final int SAFE_DIGITS = 15;

    private static final int GROUP = 9;

    private DecimalText() {}

    /// Writes the number whose packed digits start at `start`.
    ///
    /// @param bigAsString whether a number of more than 15 digits, counted from its first to its
    ///   last digit that is not zero, is quoted
    static void write(
            byte[] row, int start, int precision, int scale, boolean bigAsString, JsonBuffer out) {
        boolean quoted =
                bigAsString
                        && precision > SAFE_DIGITS
                        && significantDigits(row, start, precision, scale) > SAFE_DIGITS;
        if (quoted) {
            out.put('"');
        }
        if (row[start] >= 0 && significantDigits(row, start, precision, scale) > 0) {
            out.put('-');
        }
        int at = integerPart(row, start, precision - scale, out);
        if (scale > 0) {
            out.put('.');
            fraction(row, start, at, scale, out);
        }
        if (quoted) {
            out.put('"');
        }
    }

    /// Counts the digits from the first to the last that is not zero; 0 for zero.
    private static int significantDigits(byte[] row, int start, int precision, int scale) {
        int at = start;
        for (int left = precision - scale, digits; left > 0; left -= digits) {
            digits = leadingGroup(left);
            long value = group(row, start, at, digits);
            if (value != 0) {
                return JsonBuffer.digitCount(value) + left - digits + scale;
            }
            at += Column.decimalBytes(digits);
        }
        for (int left = scale, digits; left > 0; left -= digits) {
            digits = Math.min(left, GROUP);
            long value = group(row, start, at, digits);
            if (value != 0) {
                return JsonBuffer.digitCount(value) + left - digits;
            }
            at += Column.decimalBytes(digits);
        }
        return 0;
    }

    private static int integerPart(byte[] row, int start, int count, JsonBuffer out) {
        int at = start;
        boolean started = false;
        for (int left = count, digits; left > 0; left -= digits) {
            digits = leadingGroup(left);
            long value = group(row, start, at, digits);
            if (started) {
                out.digits(value, digits);
            } else if (value != 0) {
                out.unsigned(value);
                started = true;
            }
            at += Column.decimalBytes(digits);
        }
        if (!started) {
            out.put('0');
        }
        return at;
    }

    private static void fraction(byte[] row, int start, int from, int scale, JsonBuffer out) {
        int at = from;
        for (int left = scale, digits; left > 0; left -= digits) {
            digits = Math.min(left, GROUP);
            out.digits(group(row, start, at, digits), digits);
            at += Column.decimalBytes(digits);
        }
    }

    /// Before the point, the incomplete group comes first.
    private static int leadingGroup(int left) {
        int incomplete = left % GROUP;
        return incomplete == 0 ? GROUP : incomplete;
    }

    private static long group(byte[] row, int start, int at, int digits) {
        int width = Column.decimalBytes(digits);
        long mask = (1L << (8 * width)) - 1;
        long value = CellBytes.bigEndian(row, at, width);
        if (row[start] >= 0) {
            value ^= mask;
        }
        if (at == start) {
            value ^= 1L << (8 * width - 1);
        }
        if (value >= JsonBuffer.powerOfTen(digits)) {
            throw CellBytes.corrupt("a DECIMAL has a group of more than nine digits");
        }
        return value;
    }
}
