package io.fustor.source.mysql.condition;

import io.fustor.source.mysql.schema.Column;

/// Packs the digits of a `DECIMAL` as servers store them: four bytes for each nine digits counted
/// from the point, fewer for the rest; the top bit of the first byte flipped; all bits inverted
/// where the number is negative. Packed numbers of one column compare as their bytes do. Source:
/// the server's `decimal2bin`.
public final class PackedDecimal {

    private static final int GROUP = 9;

    private PackedDecimal() {}

    /// Packs a number.
    ///
    /// @param text holds its digits: a sign perhaps, digits, a point and digits perhaps; never more
    ///   of them than the column has
    /// @param out takes as many bytes as [Column#cellWidth] says
    public static void pack(byte[] text, int from, int to, Column column, byte[] out) {
        int scale = column.scale();
        int start = text[from] == '-' || text[from] == '+' ? from + 1 : from;
        int point = start;
        while (point < to && text[point] != '.') {
            point++;
        }
        boolean isZero = true;
        int at = 0;
        for (int left = column.size() - scale, digits; left > 0; left -= digits) {
            digits = left % GROUP == 0 ? GROUP : left % GROUP;
            long group = 0;
            for (int i = 0; i < digits; i++) {
                int index = point - left + i;
                group = 10 * group + (index < start ? 0 : text[index] - '0');
            }
            isZero &= group == 0;
            at = write(group, Column.decimalBytes(digits), out, at);
        }
        for (int done = 0, digits; done < scale; done += digits) {
            digits = Math.min(scale - done, GROUP);
            long group = 0;
            for (int i = 0; i < digits; i++) {
                int index = point + 1 + done + i;
                group = 10 * group + (index < to ? text[index] - '0' : 0);
            }
            isZero &= group == 0;
            at = write(group, Column.decimalBytes(digits), out, at);
        }
        boolean isNegative = text[from] == '-' && !isZero;
        for (int i = 0; isNegative && i < at; i++) {
            out[i] = (byte) ~out[i];
        }
        out[0] ^= (byte) 0x80;
    }

    /// The packed bytes as one number, the first byte the highest one.
    ///
    /// @param packed eight bytes at the most
    static long number(byte[] packed) {
        long number = 0;
        for (byte one : packed) {
            number = number << 8 | (one & 0xFF);
        }
        return number;
    }

    private static int write(long group, int width, byte[] out, int at) {
        for (int i = 0; i < width; i++) {
            out[at + i] = (byte) (group >>> (8 * (width - 1 - i)));
        }
        return at + width;
    }
}
