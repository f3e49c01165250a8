package io.fustor.source.mysql.encode;

/// Decimal digits as ASCII, eight in one `long` whose lowest byte is the first character. Storing
/// it with the low byte first therefore writes them in order. A number is split into halves,
/// quarters and single digits in the lanes of the `long`, by multiplications with rounded
/// reciprocals that are exact in their range. All numbers take the same time.
final class Digits {

    /// Smaller numbers have at most eight digits.
    static final long EIGHT = 100_000_000;

    private static final long ZEROS = 0x3030_3030_3030_3030L;
    private static final long FIRST_OF_TWO = 0x7F_0000_007FL;
    private static final long FIRST_OF_FOUR = 0xF_000F_000F_000FL;

    private Digits() {}

    /// The eight digits of a number below 10^8, with leading zeros.
    static long eight(long value) {
        long high = value / 10_000;
        long halves = high | ((value - 10_000 * high) << 32);
        long hundreds = ((halves * 10_486) >>> 20) & FIRST_OF_TWO;
        long quarters = ((halves - 100 * hundreds) << 16) + hundreds;
        long tens = ((quarters * 103) >>> 10) & FIRST_OF_FOUR;
        return tens + ((quarters - 10 * tens) << 8) + ZEROS;
    }

    /// The number of leading zeros among eight digits; for zero, the last digit does not count.
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
