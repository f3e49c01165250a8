package io.fustor.source.mysql.encode;

import io.fustor.source.mysql.schema.Column;

/// Codecs of dates and times. A fraction takes one byte for each two digits, in units of
/// hundredths, ten thousandths or millionths. Source: the server's `my_time.cc`
/// (`my_time_from_packed…`, `my_timestamp_from_binary`) and, for the formats before 5.6.4, the
/// manual's 'Date and Time Data Type Representation'.
final class TemporalCodecs {

    /// The unit of a fraction in microseconds, by its number of bytes.
    private static final int[] UNITS = {0, 10_000, 100, 1};

    private TemporalCodecs() {}

    /// Three bytes: five bits of day, four of month, the rest of year.
    static CellCodec date() {
        return (row, at, out) -> {
            int packed = CellBytes.uint24(row, at);
            out.put('"');
            TemporalText.date(packed >> 9, (packed >> 5) & 15, packed & 31, out);
            out.put('"');
            return at + 3;
        };
    }

    /// A number with the high byte first and an offset that makes it positive: ten bits of hours,
    /// six of minutes, six of seconds, fraction; negative times are negated as a whole.
    static CellCodec time(Column column) {
        int digits = column.scale();
        int fraction = Column.fractionBytes(digits);
        int width = 3 + fraction;
        long zero = 1L << (8 * width - 1);
        return (row, at, out) -> {
            long signed = CellBytes.bigEndian(row, at, width) - zero;
            out.put('"');
            TemporalText.time(micros(signed, fraction), digits, out);
            out.put('"');
            return at + width;
        };
    }

    /// The whole time of [#time(Column)] in microseconds.
    static long micros(long signed, int fraction) {
        long size = Math.abs(signed);
        int clock = (int) (size >> (8 * fraction));
        long afterPoint = size & ((1L << (8 * fraction)) - 1);
        long micros =
                TemporalText.micros(clock >> 12, (clock >> 6) & 63, clock & 63)
                        + afterPoint * UNITS[fraction];
        return signed < 0 ? -micros : micros;
    }

    /// A number with the high byte first: one bit that is always set, 17 of year * 13 + month, five
    /// each of day and hour, six each of minute and second, fraction.
    static CellCodec datetime(Column column) {
        int digits = column.scale();
        int fraction = Column.fractionBytes(digits);
        return (row, at, out) -> {
            long packed = CellBytes.bigEndian(row, at, 5) - (1L << 39);
            int micros = (int) CellBytes.bigEndian(row, at + 5, fraction) * UNITS[fraction];
            out.put('"');
            datetime(packed, 'T', out);
            TemporalText.fraction(micros, digits, out);
            out.put('"');
            return at + 5 + fraction;
        };
    }

    /// Writes date and time without fraction.
    ///
    /// @param packed the bits from the year down to the second
    static void datetime(long packed, char separator, JsonBuffer out) {
        if (packed < 0) {
            throw CellBytes.corrupt("a DATETIME is negative");
        }
        date(packed, out);
        out.put(separator);
        TemporalText.clock(
                (int) (packed >> 12) & 31, (int) (packed >> 6) & 63, (int) packed & 63, out);
    }

    /// Writes the date of a value for [#datetime(long, char, JsonBuffer)].
    static void date(long packed, JsonBuffer out) {
        int months = (int) Math.min(packed >> 22, Integer.MAX_VALUE);
        TemporalText.date(months / 13, months % 13, (int) (packed >> 17) & 31, out);
    }

    /// Seconds since 1970 in UTC with the high byte first, fraction.
    static CellCodec timestamp(Column column) {
        int digits = column.scale();
        int fraction = Column.fractionBytes(digits);
        return (row, at, out) -> {
            long seconds = CellBytes.bigEndian(row, at, 4);
            int micros = (int) CellBytes.bigEndian(row, at + 4, fraction) * UNITS[fraction];
            out.put('"');
            TemporalText.moment(seconds, micros, digits, out);
            out.put('"');
            return at + 4 + fraction;
        };
    }

    /// The decimal number hhmmss in three bytes.
    static CellCodec oldTime() {
        return (row, at, out) -> {
            int signed = CellBytes.int24(row, at);
            int digits = Math.abs(signed);
            long micros = TemporalText.micros(digits / 10_000, digits / 100 % 100, digits % 100);
            out.put('"');
            TemporalText.time(signed < 0 ? -micros : micros, 0, out);
            out.put('"');
            return at + 3;
        };
    }

    /// The decimal number yyyymmddhhmmss in eight bytes.
    static CellCodec oldDatetime() {
        return (row, at, out) -> {
            long digits = CellBytes.int64(row, at);
            int date = (int) Math.min(Math.max(digits / 1_000_000, 0), Integer.MAX_VALUE);
            int clock = (int) (digits % 1_000_000);
            out.put('"');
            TemporalText.date(date / 10_000, date / 100 % 100, date % 100, out);
            out.put('T');
            TemporalText.clock(clock / 10_000, clock / 100 % 100, clock % 100, out);
            out.put('"');
            return at + 8;
        };
    }

    /// Seconds since 1970 in UTC in four bytes.
    static CellCodec oldTimestamp() {
        return (row, at, out) -> {
            out.put('"');
            TemporalText.moment(CellBytes.uint32(row, at), 0, 0, out);
            out.put('"');
            return at + 4;
        };
    }
}
