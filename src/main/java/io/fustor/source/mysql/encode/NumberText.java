package io.fustor.source.mysql.encode;

/// Numbers as JSON. Where big numbers are to be strings, an integer that JavaScript calls unsafe
/// (beyond ±(2^53-1)) is put in quotes.
final class NumberText {

    private static final long LARGEST_SAFE = (1L << 53) - 1;

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
