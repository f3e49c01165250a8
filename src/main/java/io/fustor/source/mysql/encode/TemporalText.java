package io.fustor.source.mysql.encode;

/// Writes dates and times as text, in parts, without quotes. Row images, result rows and JSON
/// documents all use it, so that their formats are the same. Zero and partial dates (`0000-00-00`,
/// `2024-00-00`) are written like any other.
final class TemporalText {

    static final int SECOND = 1_000_000;

    private static final int SECONDS_A_DAY = 86_400;

    private TemporalText() {}

    /// Writes `2024-02-29`.
    static void date(int year, int month, int day, JsonBuffer out) {
        if (year > 9999 || month > 12 || day > 31) {
            throw CellBytes.corrupt("a date's cell has an invalid date");
        }
        long century = Digits.two(year / 100);
        long yearAndMonth =
                century
                        | Digits.two(year % 100) << 16
                        | (long) '-' << 32
                        | Digits.two(month) << 40
                        | (long) '-' << 56;
        out.packed(yearAndMonth, 8);
        out.packed(Digits.two(day), 2);
    }

    /// Writes `23:59:59`; hours may have three digits.
    static void clock(int hours, int minutes, int seconds, JsonBuffer out) {
        requireTime(hours, minutes, seconds);
        int hundreds = hours / 100;
        if (hundreds > 0) {
            out.put((char) ('0' + hundreds));
        }
        long clock =
                Digits.two(hours - 100 * hundreds)
                        | (long) ':' << 16
                        | Digits.two(minutes) << 24
                        | (long) ':' << 40
                        | Digits.two(seconds) << 48;
        out.packed(clock, 8);
    }

    private static void requireTime(int hours, int minutes, int seconds) {
        if ((hours | minutes | seconds) < 0 || hours > 838 || minutes > 59 || seconds > 59) {
            throw CellBytes.corrupt("a time's cell has an invalid time");
        }
    }

    /// Writes `.123` for 123456 microseconds and 3 digits, nothing for 0 digits.
    static void fraction(int micros, int digits, JsonBuffer out) {
        if (digits > 0) {
            out.packed('.' | Digits.last(micros, 6) << 8, 1 + digits);
        }
    }

    /// The number of microseconds of hours, minutes and seconds.
    static long micros(int hours, int minutes, int seconds) {
        requireTime(hours, minutes, seconds);
        return (long) SECOND * (3600 * hours + 60 * minutes + seconds);
    }

    /// Writes a time from `-838:59:59.999999` to `838:59:59.999999`.
    ///
    /// @param micros the whole time in microseconds, negative for negative times
    static void time(long micros, int digits, JsonBuffer out) {
        long size = Math.abs(micros);
        if (micros < 0) {
            out.put('-');
        }
        int seconds = (int) (size / SECOND);
        clock(seconds / 3600, seconds / 60 % 60, seconds % 60, out);
        fraction((int) (size % SECOND), digits, out);
    }

    /// Writes a moment as `2024-02-29T23:59:59.123Z`. The moment zero is the zero date and becomes
    /// `0000-00-00T00:00:00.000`, without a zone.
    ///
    /// @param epochSecond seconds since 1970 in UTC
    static void moment(long epochSecond, int micros, int digits, JsonBuffer out) {
        if (epochSecond == 0) {
            out.ascii("0000-00-00T00:00:00");
            fraction(0, digits, out);
            return;
        }
        dayOf(epochSecond / SECONDS_A_DAY, out);
        out.put('T');
        int second = (int) (epochSecond % SECONDS_A_DAY);
        clock(second / 3600, second / 60 % 60, second % 60, out);
        fraction(micros, digits, out);
        out.put('Z');
    }

    /// Writes the date of a day since 1970. Counts in years that start in March, so that the leap
    /// day comes last, and in cycles of 400 years (146,097 days).
    private static void dayOf(long epochDay, JsonBuffer out) {
        int sinceYearZero = (int) epochDay + 719_468;
        int cycle = sinceYearZero / 146_097;
        int day = sinceYearZero % 146_097;
        int yearOfCycle = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
        day -= 365 * yearOfCycle + yearOfCycle / 4 - yearOfCycle / 100;
        int monthFromMarch = (5 * day + 2) / 153;
        int dayOfMonth = day - (153 * monthFromMarch + 2) / 5 + 1;
        int month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9;
        int year = 400 * cycle + yearOfCycle + (month <= 2 ? 1 : 0);
        date(year, month, dayOfMonth, out);
    }
}
