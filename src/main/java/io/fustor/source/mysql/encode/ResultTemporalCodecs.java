package io.fustor.source.mysql.encode;

import io.fustor.source.mysql.schema.Column;

/// Codecs of dates and times in result rows: a length byte, then the fields without those at the
/// end that are zero. Source: the manual's 'Binary Protocol Value'.
final class ResultTemporalCodecs {

    /// The lengths of values that end with the date, the second or the microseconds.
    private static final int TO_DAY = 4;

    private static final int TO_SECOND = 7;
    private static final int TO_MICROS = 11;

    private static final int TIME_TO_SECOND = 8;
    private static final int TIME_TO_MICROS = 12;

    private static final int MOST_DAYS = 34;

    private ResultTemporalCodecs() {}

    static CellCodec date() {
        return (row, at, out) -> {
            int length = length(row, at);
            out.put('"');
            date(row, at, length, out);
            out.put('"');
            return at + 1 + length;
        };
    }

    static CellCodec datetime(Column column) {
        int digits = column.scale();
        return (row, at, out) -> {
            int length = length(row, at);
            out.put('"');
            datetime(row, at, length, digits, out);
            out.put('"');
            return at + 1 + length;
        };
    }

    /// A moment in the session's time zone, which is UTC; the zero date has no zone.
    static CellCodec timestamp(Column column) {
        int digits = column.scale();
        return (row, at, out) -> {
            int length = length(row, at);
            out.put('"');
            datetime(row, at, length, digits, out);
            if (length > 0) {
                out.put('Z');
            }
            out.put('"');
            return at + 1 + length;
        };
    }

    static int length(byte[] row, int at) {
        int length = row[at];
        if (length != 0 && length != TO_DAY && length != TO_SECOND && length != TO_MICROS) {
            throw CellBytes.corrupt("a date in a result row has an invalid length");
        }
        return length;
    }

    private static void date(byte[] row, int at, int length, JsonBuffer out) {
        if (length == 0) {
            TemporalText.date(0, 0, 0, out);
        } else {
            TemporalText.date(
                    CellBytes.uint16(row, at + 1), row[at + 3] & 0xFF, row[at + 4] & 0xFF, out);
        }
    }

    /// The time of day after the date, in microseconds.
    static long clockMicros(byte[] row, int at, int length) {
        if (length < TO_SECOND) {
            return 0;
        }
        return TemporalText.micros(row[at + 5], row[at + 6], row[at + 7])
                + (length < TO_MICROS ? 0 : micros(row, at + 8));
    }

    private static void datetime(byte[] row, int at, int length, int digits, JsonBuffer out) {
        date(row, at, length, out);
        out.put('T');
        if (length < TO_SECOND) {
            TemporalText.clock(0, 0, 0, out);
        } else {
            TemporalText.clock(row[at + 5], row[at + 6], row[at + 7], out);
        }
        TemporalText.fraction(length < TO_MICROS ? 0 : micros(row, at + 8), digits, out);
    }

    private static int micros(byte[] row, int at) {
        int micros = CellBytes.int32(row, at);
        if (micros < 0 || micros >= TemporalText.SECOND) {
            throw CellBytes.corrupt("a fraction of a second is more than a second");
        }
        return micros;
    }

    /// A byte that is 1 for negative times, days in four bytes, hours, minutes, seconds,
    /// microseconds.
    static CellCodec time(Column column) {
        int digits = column.scale();
        return (row, at, out) -> {
            out.put('"');
            TemporalText.time(signedMicros(row, at), digits, out);
            out.put('"');
            return at + 1 + row[at];
        };
    }

    /// The whole time of [#time(Column)] in microseconds.
    static long signedMicros(byte[] row, int at) {
        int length = row[at];
        if (length == 0) {
            return 0;
        }
        if (length != TIME_TO_SECOND && length != TIME_TO_MICROS) {
            throw CellBytes.corrupt("a TIME in a result row has an invalid length");
        }
        long days = CellBytes.uint32(row, at + 2);
        if (days > MOST_DAYS) {
            throw CellBytes.corrupt("a TIME has too many days");
        }
        int hours = (int) days * 24 + row[at + 6];
        long micros = TemporalText.micros(hours, row[at + 7], row[at + 8]);
        micros += length == TIME_TO_MICROS ? micros(row, at + 9) : 0;
        return row[at + 1] == 0 ? micros : -micros;
    }
}
