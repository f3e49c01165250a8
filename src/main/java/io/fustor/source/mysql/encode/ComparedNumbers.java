package io.fustor.source.mysql.encode;

import io.fustor.source.mysql.condition.Moments;
import io.fustor.source.mysql.condition.PackedDecimal;
import io.fustor.source.mysql.condition.ValueForm;
import io.fustor.source.mysql.schema.Column;

/// Reads cells as the numbers by which values of the form
/// [io.fustor.source.mysql.condition.ValueForm#NUMBER] compare, and as doubles.
final class ComparedNumbers {

    /// How many microseconds a fraction of as many bytes counts.
    private static final int[] UNITS = {0, 10_000, 100, 1};

    private static final long SECOND = 1_000_000;

    private ComparedNumbers() {}

    /// Reads the number of the cell that starts at `at`.
    interface NumberReader {
        long read(byte[] row, int at);
    }

    /// Reads the double of the cell that starts at `at`.
    interface RealReader {
        double read(byte[] row, int at);
    }

    /// Of a `FLOAT` or `DOUBLE`, which stands alike in row images and result rows.
    static RealReader reals(Column column) {
        return switch (column.type()) {
            case FLOAT -> (row, at) -> Float.intBitsToFloat(CellBytes.int32(row, at));
            default -> (row, at) -> Double.longBitsToDouble(CellBytes.int64(row, at));
        };
    }

    /// Of a column's cells in row images.
    static NumberReader ofImage(Column column) {
        int width = column.cellWidth();
        boolean unsigned = column.unsigned();
        int fraction = Column.fractionBytes(column.scale());
        return switch (column.type()) {
            case DECIMAL -> {
                long offset = ValueForm.offset(column);
                yield (row, at) -> CellBytes.bigEndian(row, at, width) ^ offset;
            }
            case TINYINT -> tinyint(unsigned);
            case SMALLINT -> smallint(unsigned);
            case MEDIUMINT -> unsigned ? CellBytes::uint24 : CellBytes::int24;
            case INT -> integer(unsigned);
            case BIGINT -> bigint(unsigned);
            case BIT -> (row, at) -> CellBytes.bigEndian(row, at, width) ^ Long.MIN_VALUE;
            case YEAR -> (row, at) -> row[at] == 0 ? 0 : 1900 + (row[at] & 0xFF);
            // Year, month and day stand in the bits that Moments gives them.
            case DATE -> CellBytes::uint24;
            case TIME -> {
                long zero = 1L << (8 * width - 1);
                yield (row, at) ->
                        TemporalCodecs.micros(CellBytes.bigEndian(row, at, width) - zero, fraction);
            }
            case DATETIME -> (row, at) -> datetime(row, at, fraction);
            case TIMESTAMP ->
                    (row, at) ->
                            moment(
                                    CellBytes.bigEndian(row, at, 4),
                                    CellBytes.bigEndian(row, at + 4, fraction) * UNITS[fraction]);
            default -> ofOldImage(column);
        };
    }

    private static NumberReader ofOldImage(Column column) {
        CellCodecs.requireWholeSeconds(column);
        return switch (column.type()) {
            case OLD_TIME ->
                    (row, at) -> {
                        int signed = CellBytes.int24(row, at);
                        int digits = Math.abs(signed);
                        long micros =
                                TemporalText.micros(
                                        digits / 10_000, digits / 100 % 100, digits % 100);
                        return signed < 0 ? -micros : micros;
                    };
            case OLD_DATETIME ->
                    (row, at) -> {
                        long digits = CellBytes.int64(row, at);
                        int date = (int) (digits / SECOND);
                        int clock = (int) (digits % SECOND);
                        return Moments.datetime(
                                date / 10_000,
                                date / 100 % 100,
                                date % 100,
                                TemporalText.micros(
                                        clock / 10_000, clock / 100 % 100, clock % 100));
                    };
            default -> (row, at) -> moment(CellBytes.uint32(row, at), 0);
        };
    }

    private static long datetime(byte[] row, int at, int fraction) {
        long packed = CellBytes.bigEndian(row, at, 5) - (1L << 39);
        int months = (int) (packed >> 22);
        long micros =
                TemporalText.micros(
                                (int) (packed >> 12) & 31,
                                (int) (packed >> 6) & 63,
                                (int) packed & 63)
                        + CellBytes.bigEndian(row, at + 5, fraction) * UNITS[fraction];
        return Moments.datetime(months / 13, months % 13, (int) (packed >> 17) & 31, micros);
    }

    private static long moment(long epochSecond, long micros) {
        return epochSecond == 0 ? Long.MIN_VALUE : epochSecond * SECOND + micros;
    }

    /// Of a column's cells in result rows.
    static NumberReader ofResult(Column column) {
        boolean unsigned = column.unsigned();
        return switch (column.type()) {
            case DECIMAL -> decimal(column);
            case TINYINT -> tinyint(unsigned);
            case SMALLINT -> smallint(unsigned);
            case YEAR -> smallint(true);
            case MEDIUMINT, INT -> integer(unsigned);
            case BIGINT -> bigint(unsigned);
            case BIT ->
                    (row, at) -> {
                        int from = at + CellBytes.packedWidth(row, at);
                        int length = CellBytes.packedLength(row, at, from - at);
                        return CellBytes.bigEndian(row, from, length) ^ Long.MIN_VALUE;
                    };
            case DATE -> (row, at) -> date(row, at, ResultTemporalCodecs.length(row, at));
            case DATETIME, OLD_DATETIME ->
                    (row, at) -> {
                        int length = ResultTemporalCodecs.length(row, at);
                        long micros = ResultTemporalCodecs.clockMicros(row, at, length);
                        return date(row, at, length) << 37 | micros;
                    };
            case TIMESTAMP, OLD_TIMESTAMP -> ComparedNumbers::resultMoment;
            default -> ResultTemporalCodecs::signedMicros;
        };
    }

    /// Servers print it; it is packed into room that is kept.
    private static NumberReader decimal(Column column) {
        NumberReader packed = ofImage(column);
        byte[] room = new byte[column.cellWidth()];
        return (row, at) -> {
            int from = at + CellBytes.packedWidth(row, at);
            int length = CellBytes.packedLength(row, at, from - at);
            PackedDecimal.pack(row, from, from + length, column, room);
            return packed.read(room, 0);
        };
    }

    private static long date(byte[] row, int at, int length) {
        return length == 0
                ? 0
                : Moments.date(
                        CellBytes.uint16(row, at + 1), row[at + 3] & 0xFF, row[at + 4] & 0xFF);
    }

    private static long resultMoment(byte[] row, int at) {
        int length = ResultTemporalCodecs.length(row, at);
        if (length == 0) {
            return Long.MIN_VALUE;
        }
        long day = epochDay(CellBytes.uint16(row, at + 1), row[at + 3], row[at + 4]);
        return day * 86_400 * SECOND + ResultTemporalCodecs.clockMicros(row, at, length);
    }

    /// The day since 1970, counted in years that start in March, so that the leap day comes last.
    private static long epochDay(int year, int month, int day) {
        int marchYear = month <= 2 ? year - 1 : year;
        int monthFromMarch = month <= 2 ? month + 9 : month - 3;
        int dayOfYear = (153 * monthFromMarch + 2) / 5 + day - 1;
        return 365L * marchYear
                + marchYear / 4
                - marchYear / 100
                + marchYear / 400
                + dayOfYear
                - 719_468;
    }

    private static NumberReader tinyint(boolean unsigned) {
        return unsigned ? (row, at) -> row[at] & 0xFF : (row, at) -> row[at];
    }

    private static NumberReader smallint(boolean unsigned) {
        return unsigned ? CellBytes::uint16 : CellBytes::int16;
    }

    private static NumberReader integer(boolean unsigned) {
        return unsigned ? CellBytes::uint32 : CellBytes::int32;
    }

    private static NumberReader bigint(boolean unsigned) {
        return unsigned ? (row, at) -> CellBytes.int64(row, at) ^ Long.MIN_VALUE : CellBytes::int64;
    }
}
