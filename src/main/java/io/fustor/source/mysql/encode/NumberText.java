package io.fustor.source.mysql.encode;

import java.math.BigDecimal;

/// Numbers as JSON. If big numbers are written as strings, an integer that JavaScript calls unsafe
/// (beyond ±(2^53-1)) is quoted.
final class NumberText {

    private static final long LARGEST_SAFE = 1L << 53;

    private NumberText() {}

    static void signed(long value, boolean bigAsString, JsonBuffer out) {
        if (bigAsString && (value > LARGEST_SAFE || value < -LARGEST_SAFE)) {
            out.put('"');
            out.number(value);
            out.put('"');
        } else {
            out.number(value);
        }
    }

    /// Whether the text of a number survives a conversion to a double and back.
    static boolean fitsDouble(String text) {
        BigDecimal value = new BigDecimal(text);
        if (text.indexOf('.') < 0 && text.indexOf('e') < 0) {
            return value.abs().compareTo(BigDecimal.valueOf(LARGEST_SAFE)) <= 0;
        }
        double nearest = value.doubleValue();
        return Double.isFinite(nearest) && BigDecimal.valueOf(nearest).compareTo(value) == 0;
    }

    static void unsigned(long value, boolean bigAsString, JsonBuffer out) {
        if (bigAsString && (value > LARGEST_SAFE || value < 0)) {
            out.put('"');
            out.unsigned(value);
            out.put('"');
        } else {
            out.unsigned(value);
        }
    }
}
