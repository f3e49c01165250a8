package io.fustor.source.mysql.condition;

import java.time.DateTimeException;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Dates and times as numbers that are in their order, and the reading of those that are written in
/// the feed's form. Zero and partial dates have their place before the dates that they could be.
public final class Moments {

    private static final Pattern DATE = Pattern.compile("(\\d{4})-(\\d{2})-(\\d{2})");
    private static final Pattern DATETIME =
            Pattern.compile(
                    "(\\d{4})-(\\d{2})-(\\d{2})T(\\d{2}):(\\d{2}):(\\d{2})(?:\\.(\\d{1,6}))?(Z?)");
    private static final Pattern TIME =
            Pattern.compile("(-?)(\\d{2,3}):(\\d{2}):(\\d{2})(?:\\.(\\d{1,6}))?");
    private static final long SECOND = 1_000_000;
    private static final int MOST_HOURS = 838;

    private Moments() {}

    /// The number of a day.
    public static long date(int year, int month, int day) {
        return (long) year << 9 | month << 5 | day;
    }

    /// The number of a moment in no zone.
    ///
    /// @param micros of the day
    public static long datetime(int year, int month, int day, long micros) {
        // A day has fewer than 2^37 microseconds.
        return date(year, month, day) << 37 | micros;
    }

    /// The number of what is written `2024-02-29`; null where it is not.
    static @Nullable Long readDate(String text) {
        Matcher read = DATE.matcher(text);
        return read.matches() && isDate(read)
                ? (Long) date(part(read, 1), part(read, 2), part(read, 3))
                : null;
    }

    /// The number of what is written `2024-02-29T23:59:59.123`; null where it is not.
    static @Nullable Long readDatetime(String text) {
        Matcher read = DATETIME.matcher(text);
        boolean isRead = read.matches() && isDate(read) && isClock(read, 4);
        if (!isRead || !read.group(8).isEmpty()) {
            return null;
        }
        return datetime(part(read, 1), part(read, 2), part(read, 3), micros(read, 4));
    }

    /// The number of what is written `2024-02-29T23:59:59.123Z`, or as the zero date without Z;
    /// null where it is not.
    static @Nullable Long readTimestamp(String text) {
        Matcher read = DATETIME.matcher(text);
        if (!read.matches() || !isClock(read, 4)) {
            return null;
        }
        if (read.group(8).isEmpty()) {
            Long zero = readDatetime(text);
            return zero != null && zero == 0 ? (Long) Long.MIN_VALUE : null;
        }
        try {
            long second =
                    LocalDateTime.of(part(read, 1), part(read, 2), part(read, 3), 0, 0)
                            .toEpochSecond(ZoneOffset.UTC);
            return second * SECOND + micros(read, 4);
        } catch (DateTimeException _) {
            return null;
        }
    }

    /// The microseconds of what is written `-838:59:59.123`; null where it is not.
    static @Nullable Long readTime(String text) {
        Matcher read = TIME.matcher(text);
        boolean isRead =
                read.matches()
                        && part(read, 2) <= MOST_HOURS
                        && part(read, 3) < 60
                        && part(read, 4) < 60;
        if (!isRead) {
            return null;
        }
        long micros = micros(read, 2);
        return read.group(1).isEmpty() ? (Long) micros : (Long) (-micros);
    }

    private static boolean isDate(Matcher read) {
        return part(read, 2) <= 12 && part(read, 3) <= 31;
    }

    private static boolean isClock(Matcher read, int hours) {
        return part(read, hours) < 24 && part(read, hours + 1) < 60 && part(read, hours + 2) < 60;
    }

    /// Of hours, minutes, seconds and fraction in groups one after the other.
    private static long micros(Matcher read, int hours) {
        long seconds =
                3600L * part(read, hours) + 60L * part(read, hours + 1) + part(read, hours + 2);
        String fraction = read.group(hours + 3);
        long micros = fraction == null ? 0 : Long.parseLong((fraction + "00000").substring(0, 6));
        return seconds * SECOND + micros;
    }

    private static int part(Matcher read, int group) {
        return Integer.parseInt(read.group(group));
    }
}
