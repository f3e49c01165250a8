package io.fustor.source.mysql.encode;

/// Decimal digits as ASCII, eight at a time in one `long` whose lowest byte is the first character,
/// so that storing it with the low byte first writes them in order. A number is split into halves,
/// quarters and single digits side by side in the lanes of the `long`, by multiplications with
/// rounded reciprocals that are exact in their range; so it takes the same time for all numbers.
final class Digits {

    /// Numbers below have at most eight digits.
    static final long EIGHT = 100_000_000;

    private static final long ZEROS = 0x3030_3030_3030_3030L;
    private static final long FIRST_OF_TWO = 0x7F_0000_007FL;
    private static final long FIRST_OF_FOUR = 0xF_000F_000F_000FL;

    private Digits() {}

    /// The eight digits of a number below 10^8, with zeros in front.
    static long eight(long value) {
        long high = value / 10_000;
        long halves = high | ((value - 10_000 * high) << 32);
        long hundreds = ((halves * 10_486) >>> 20) & FIRST_OF_TWO;
        long quarters = ((halves - 100 * hundreds) << 16) + hundreds;
        long tens = ((quarters * 103) >>> 10) & FIRST_OF_FOUR;
        return tens + ((quarters - 10 * tens) << 8) + ZEROS;
    }

    /// How many of eight digits are zeros in front of a number; of zero, the last digit is none of
    /// them.
    static int leadingZeros(long eight) {
        return Long.numberOfTrailingZeros((eight ^ ZEROS) | 1L << 56) >>> 3;
    }

    /// The last `count` digits of such a number, 1 to 8.
    static long last(long value, int count) {
        return eight(value) >>> (8 * (8 - count));
    }

    /// The two digits of a number below 100.
    static long two(int value) {
        int tens = (value * 103) >>> 10;
        return tens + ((value - 10L * tens) << 8) + 0x3030;
    }
}
