package io.fustor.source.mysql.encode;

/// Writes a `FLOAT` or `DOUBLE` as the shortest number that reads back as the same value. The
/// layout is that of ECMAScript's `Number::toString`, but with `1e21` instead of `1e+21` and `-0`
/// for minus zero: `1.1`, `16777216`, `1e21`, `1.5e-7`. NaN and infinities, which no server stores,
/// become strings.
///
/// Most values are a short decimal, which takes no allocation. `value * 10^k` is rounded to an
/// integer m. For the least k at which `m / 10^k` equals `value`, m has the shortest digits,
/// provided that only one integer qualifies. That is certain below 10^15 (and for floats below
/// 2^53: the product is exact to far less than the distance of two candidates). All other values
/// use [Double#toString(double)], which also gives the shortest digits, but at least two of them.
final class FloatingText {

    private static final double[] POWERS = {
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
        1e17, 1e18, 1e19, 1e20, 1e21, 1e22
    };

    /// Between 10^15 and 2^53, two decimals of the same length may read back as the same double.
    private static final double UNAMBIGUOUS = 1e15;

    /// An integer below this is its own shortest decimal.
    private static final double EXACT_DOUBLE = 0x1p53;

    private static final float EXACT_FLOAT = 0x1p24f;

    /// The bits of a double after those of a float, if it is half-way between two floats.
    private static final long HALF_WAY = 0x1000_0000L;

    private static final long BELOW_FLOAT = 0x1FFF_FFFFL;

    /// Room for all digits of a number, and for a writer that writes eight bytes and keeps fewer.
    private static final int LONGEST = 40;

    /// The layout of digits, by the position of the point.
    ///
    /// @param lowest the lowest position of the point that is written without an exponent
    /// @param highest the highest such position for a whole number
    /// @param wholeSuffix the text after a whole number without an exponent
    private record Layout(int lowest, int highest, String wholeSuffix) {}

    private static final Layout ECMASCRIPT = new Layout(-5, 21, "");
    private static final Layout MYSQL_JSON = new Layout(-14, 15, ".0");

    private FloatingText() {}

    static void write(double value, JsonBuffer out) {
        write(value, ECMASCRIPT, out);
    }

    /// Writes a double as MySQL does in JSON documents, with the same digits: `1.0`, `1e15`,
    /// `0.00000015`. Source: the server's `my_gcvt`.
    static void writeAsMySqlJson(double value, JsonBuffer out) {
        write(value, MYSQL_JSON, out);
    }

    private static void write(double value, Layout layout, JsonBuffer out) {
        double size = Math.abs(value);
        if (startsLike(value, size, layout, out)) {
            return;
        }
        if (size < EXACT_DOUBLE && size == (long) size) {
            layOut((long) size, 0, layout, out);
            return;
        }
        for (int k = 1; k < POWERS.length; k++) {
            double scaled = size * POWERS[k];
            if (scaled >= UNAMBIGUOUS) {
                break;
            }
            double whole = Math.rint(scaled);
            if (Math.abs(scaled - whole) <= scaled * 0x1p-51 && whole / POWERS[k] == size) {
                layOut((long) whole, -k, layout, out);
                return;
            }
        }
        writeDigitsOf(Double.toString(size), size, false, layout, out);
    }

    static void write(float value, JsonBuffer out) {
        double size = Math.abs(value);
        if (startsLike(value, size, ECMASCRIPT, out)) {
            return;
        }
        if (size < EXACT_FLOAT && size == (long) size) {
            layOut((long) size, 0, ECMASCRIPT, out);
            return;
        }
        for (int k = 1; k < POWERS.length && size < EXACT_FLOAT; k++) {
            double scaled = size * POWERS[k];
            if (scaled >= UNAMBIGUOUS) {
                break;
            }
            double whole = Math.rint(scaled);
            double back = whole / POWERS[k];
            boolean halfWay = (Double.doubleToRawLongBits(back) & BELOW_FLOAT) == HALF_WAY;
            if ((float) back == (float) size && !halfWay) {
                layOut((long) whole, -k, ECMASCRIPT, out);
                return;
            }
        }
        writeDigitsOf(Float.toString((float) size), size, true, ECMASCRIPT, out);
    }

    /// Writes the sign, and the whole value if it is zero, NaN or infinite; returns whether it is
    /// complete.
    private static boolean startsLike(double value, double size, Layout layout, JsonBuffer out) {
        if (!(size < Double.POSITIVE_INFINITY)) {
            out.string(Double.toString(value));
            return true;
        }
        if (Double.doubleToRawLongBits(value) < 0) {
            out.put('-');
        }
        if (size == 0) {
            out.put('0');
            out.ascii(layout.wholeSuffix());
            return true;
        }
        return false;
    }

    /// Parses Java's `d.dddE±n` or `ddd.ddd`.
    private static void writeDigitsOf(
            String text, double size, boolean single, Layout layout, JsonBuffer out) {
        int e = text.indexOf('E');
        int exponent = e < 0 ? 0 : Integer.parseInt(text, e + 1, text.length(), 10);
        int end = e < 0 ? text.length() : e;
        int point = text.indexOf('.');
        long digits = 0;
        for (int i = 0; i < end; i++) {
            if (i != point) {
                digits = 10 * digits + (text.charAt(i) - '0');
            }
        }
        exponent -= end - point - 1;
        if (digits >= 10 && digits < 100) {
            long one = (digits + 5) / 10;
            if (readsBack(one, exponent + 1, size, single)) {
                layOut(one, exponent + 1, layout, out);
                return;
            }
        }
        layOut(digits, exponent, layout, out);
    }

    private static boolean readsBack(long digits, int exponent, double size, boolean single) {
        String text = digits + "E" + exponent;
        return single ? Float.parseFloat(text) == (float) size : Double.parseDouble(text) == size;
    }

    /// Writes `digits * 10^exponent`.
    private static void layOut(long digits, int exponent, Layout layout, JsonBuffer out) {
        long shortest = digits;
        int power = exponent;
        while (shortest % 10 == 0) {
            shortest /= 10;
            power++;
        }
        int count = JsonBuffer.digitCount(shortest);
        int point = count + power;
        if (point < layout.lowest() || (point > layout.highest() && power >= 0)) {
            pointed(shortest, count - 1, out);
            out.put('e');
            out.number(point - 1);
        } else if (power >= 0) {
            out.digits(shortest, count);
            zeros(power, out);
            out.ascii(layout.wholeSuffix());
        } else if (point > 0) {
            pointed(shortest, count - point, out);
        } else {
            out.put('0');
            out.put('.');
            zeros(-point, out);
            out.digits(shortest, count);
        }
    }

    /// Writes digits with a point before the last `decimals` of them; no point if that is 0.
    private static void pointed(long digits, int decimals, JsonBuffer out) {
        if (decimals == 0) {
            out.unsigned(digits);
            return;
        }
        if (decimals <= 8) {
            // Keeps the digits in the buffer until the point is put between them.
            out.ensure(LONGEST);
            out.unsigned(digits);
            out.pointBefore(decimals);
            return;
        }
        long power = JsonBuffer.powerOfTen(decimals);
        out.unsigned(digits / power);
        out.put('.');
        out.digits(digits % power, decimals);
    }

    private static void zeros(int count, JsonBuffer out) {
        for (int i = 0; i < count; i++) {
            out.put('0');
        }
    }
}
