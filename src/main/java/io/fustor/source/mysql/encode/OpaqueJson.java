package io.fustor.source.mysql.encode;

import static io.fustor.source.mysql.schema.Column.decimalBytes;

import java.nio.charset.StandardCharsets;

/// Values in MySQL's binary JSON for which JSON has no type, as the server prints them.
///
/// Times of 32 hours and more are printed correctly, as by MySQL 9; MySQL 8.0 prints their hours
/// modulo 32.
final class OpaqueJson {

    // Numbers from the server's enum_field_types.
    private static final int TIMESTAMP = 7;
    private static final int DATE = 10;
    private static final int TIME = 11;
    private static final int DATETIME = 12;
    private static final int DECIMAL = 246;

    private static final int FRACTION_BITS = 24;

    /// Nine groups of nine digits: the precision counts whole groups before the point.
    private static final int LARGEST_PRECISION = 81;

    private static final byte[] BASE64 = "\"base64:type".getBytes(StandardCharsets.US_ASCII);

    private OpaqueJson() {}

    /// Writes the value of a type, whose bytes are known to exist.
    static void write(
            int type, byte[] bytes, int from, int length, boolean bigAsString, JsonBuffer out) {
        switch (type) {
            case DECIMAL -> decimal(bytes, from, length, bigAsString, out);
            case DATE, TIME, DATETIME, TIMESTAMP -> temporal(type, bytes, from, length, out);
            default -> {
                out.write(BASE64);
                out.number(type);
                out.put(':');
                Base64Text.writeLines(bytes, from, length, out);
                out.put('"');
            }
        }
    }

    /// Precision, scale, packed digits. If big numbers are written as strings, a decimal that a
    /// double represents digit by digit stays a number. A double and a decimal with the same text
    /// are then written alike.
    private static void decimal(
            byte[] bytes, int from, int length, boolean bigAsString, JsonBuffer out) {
        int precision = length > 2 ? bytes[from] : 0;
        int scale = length > 2 ? bytes[from + 1] : 0;
        if (precision < 1 || precision > LARGEST_PRECISION || scale < 0 || scale > precision) {
            throw corrupt();
        }
        if (2 + decimalBytes(precision - scale) + decimalBytes(scale) > length) {
            throw corrupt();
        }
        // Keeps the digits at their offset.
        out.ensure(LARGEST_PRECISION + 8);
        int start = out.size();
        DecimalText.write(bytes, from + 2, precision, scale, false, out);
        if (bigAsString && out.size() - start > DecimalText.SAFE_DIGITS) {
            quoteIfBig(start, out);
        }
    }

    private static void quoteIfBig(int start, JsonBuffer out) {
        String text = new String(out.array(), start, out.size() - start, StandardCharsets.US_ASCII);
        if (!NumberText.fitsDouble(text)) {
            out.truncate(start);
            out.string(text);
        }
    }

    /// Eight bytes with the low one first: the packed form of `DATETIME` and `TIME` columns without
    /// their offset, with 24 bits of microseconds.
    private static void temporal(int type, byte[] bytes, int from, int length, JsonBuffer out) {
        if (length != 8) {
            throw corrupt();
        }
        long packed = CellBytes.int64(bytes, from);
        long size = Math.abs(packed);
        int micros = (int) size & ((1 << FRACTION_BITS) - 1);
        long whole = size >> FRACTION_BITS;
        out.put('"');
        if (type == TIME) {
            if (packed < 0) {
                out.put('-');
            }
            TemporalText.clock(
                    (int) (whole >> 12) & 1023, (int) (whole >> 6) & 63, (int) whole & 63, out);
            TemporalText.fraction(micros, 6, out);
        } else if (type == DATE) {
            TemporalCodecs.date(whole, out);
        } else {
            TemporalCodecs.datetime(whole, ' ', out);
            TemporalText.fraction(micros, 6, out);
        }
        out.put('"');
    }

    private static RuntimeException corrupt() {
        return CellBytes.corrupt("an opaque value in a JSON document does not match its type");
    }
}
