package io.fustor.source.mysql.encode;

import io.fustor.source.mysql.schema.Column;

/// Codecs of dates and times as numbers, for Debezium's format. A date is days since 1970, a time
/// microseconds. A date with time is milliseconds since 1970 with up to three digits of fraction,
/// and otherwise microseconds; it has no zone. Invalid dates such as `0000-00-00` or `2024-02-00`
/// have no number and are null. [TemporalCodecs] and [ResultTemporalCodecs] describe the cells.
final class EpochCodecs {

    private static final int[] DAYS = {0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    private static final long NO_DAY = Long.MIN_VALUE;
    private static final long SECONDS_A_DAY = 86_400;
    private static final int[] UNITS = {0, 10_000, 100, 1};

    private EpochCodecs() {}

    static CellCodec date() {
        return (row, at, out) -> {
            int packed = CellBytes.uint24(row, at);
            number(day(packed >> 9, (packed >> 5) & 15, packed & 31), out);
            return at + 3;
        };
    }

    static CellCodec time(Column column) {
        int fraction = Column.fractionBytes(column.scale());
        int width = 3 + fraction;
        long zero = 1L << (8 * width - 1);
        return (row, at, out) -> {
            long signed = CellBytes.bigEndian(row, at, width) - zero;
            out.number(TemporalCodecs.micros(signed, fraction));
            return at + width;
        };
    }

    static CellCodec datetime(Column column) {
        int fraction = Column.fractionBytes(column.scale());
        int unit = unit(column);
        return (row, at, out) -> {
            long packed = CellBytes.bigEndian(row, at, 5) - (1L << 39);
            if (packed < 0) {
                throw CellBytes.corrupt("a DATETIME is negative");
            }
            int micros = (int) CellBytes.bigEndian(row, at + 5, fraction) * UNITS[fraction];
            int months = (int) (packed >> 22);
            long day = day(months / 13, months % 13, (int) (packed >> 17) & 31);
            long clock =
                    TemporalText.micros(
                            (int) (packed >> 12) & 31, (int) (packed >> 6) & 63, (int) packed & 63);
            number(moment(day, clock + micros, unit), out);
            return at + 5 + fraction;
        };
    }

    /// The unit of the number in microseconds.
    private static int unit(Column column) {
        return column.scale() <= 3 ? 1000 : 1;
    }

    private static long moment(long day, long micros, int unit) {
        return day == NO_DAY ? NO_DAY : (day * SECONDS_A_DAY * TemporalText.SECOND + micros) / unit;
    }

    private static void number(long value, JsonBuffer out) {
        if (value == NO_DAY) {
            out.ascii("null");
        } else {
            out.number(value);
        }
    }

    /// The days since 1970 of a valid date, otherwise [#NO_DAY]. Counts in years that start in
    /// March, so that the leap day comes last, and in cycles of 400 years.
    private static long day(int year, int month, int day) {
        if (year > 9999 || month > 12) {
            throw CellBytes.corrupt("a date's cell has an invalid date");
        }
        boolean isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        if (month < 1 || day < 1 || day > DAYS[month] || (month == 2 && day == 29 && !isLeap)) {
            return NO_DAY;
        }
        // 400 years are added so that no number is negative.
        int marchYear = year + 400 - (month <= 2 ? 1 : 0);
        int monthFromMarch = month > 2 ? month - 3 : month + 9;
        int dayOfYear = (153 * monthFromMarch + 2) / 5 + day - 1;
        int leapDays = marchYear / 4 - marchYear / 100 + marchYear / 400;
        return 365L * marchYear + leapDays + dayOfYear - 719_468 - 146_097;
    }

    static CellCodec oldTime() {
        return (row, at, out) -> {
            int signed = CellBytes.int24(row, at);
            long micros = clock(Math.abs(signed));
            out.number(signed < 0 ? -micros : micros);
            return at + 3;
        };
    }

    static CellCodec oldDatetime() {
        return (row, at, out) -> {
            long digits = CellBytes.int64(row, at);
            int date = (int) Math.min(Math.max(digits / 1_000_000, 0), Integer.MAX_VALUE);
            long day = day(date / 10_000, date / 100 % 100, date % 100);
            number(moment(day, clock((int) (digits % 1_000_000)), 1000), out);
            return at + 8;
        };
    }

    /// The microseconds of a time with the decimal digits hhmmss.
    private static long clock(int digits) {
        return TemporalText.micros(digits / 10_000, digits / 100 % 100, digits % 100);
    }

    static CellCodec resultDate() {
        return (row, at, out) -> {
            int length = ResultTemporalCodecs.length(row, at);
            number(resultDay(row, at, length), out);
            return at + 1 + length;
        };
    }

    private static long resultDay(byte[] row, int at, int length) {
        return length == 0
                ? NO_DAY
                : day(CellBytes.uint16(row, at + 1), row[at + 3] & 0xFF, row[at + 4] & 0xFF);
    }

    static CellCodec resultTime() {
        return (row, at, out) -> {
            out.number(ResultTemporalCodecs.signedMicros(row, at));
            return at + 1 + row[at];
        };
    }

    static CellCodec resultDatetime(Column column) {
        int unit = unit(column);
        return (row, at, out) -> {
            int length = ResultTemporalCodecs.length(row, at);
            long micros = ResultTemporalCodecs.clockMicros(row, at, length);
            number(moment(resultDay(row, at, length), micros, unit), out);
            return at + 1 + length;
        };
    }
}
