package io.fustor.source.mysql.encode;

import io.fustor.source.mysql.schema.Column;

/// Codecs of integers, `YEAR`, `BIT`, `FLOAT` and `DOUBLE`. In a row image all except `BIT` have
/// the low byte first.
final class NumberCodecs {

    private NumberCodecs() {}

    static CellCodec tinyint(boolean unsigned) {
        return unsigned
                ? (row, at, out) -> {
                    out.number(row[at] & 0xFF);
                    return at + 1;
                }
                : (row, at, out) -> {
                    out.number(row[at]);
                    return at + 1;
                };
    }

    static CellCodec smallint(boolean unsigned) {
        return unsigned
                ? (row, at, out) -> {
                    out.number(CellBytes.uint16(row, at));
                    return at + 2;
                }
                : (row, at, out) -> {
                    out.number(CellBytes.int16(row, at));
                    return at + 2;
                };
    }

    static CellCodec mediumint(boolean unsigned) {
        return unsigned
                ? (row, at, out) -> {
                    out.number(CellBytes.uint24(row, at));
                    return at + 3;
                }
                : (row, at, out) -> {
                    out.number(CellBytes.int24(row, at));
                    return at + 3;
                };
    }

    static CellCodec integer(boolean unsigned) {
        return unsigned
                ? (row, at, out) -> {
                    out.number(CellBytes.uint32(row, at));
                    return at + 4;
                }
                : (row, at, out) -> {
                    out.number(CellBytes.int32(row, at));
                    return at + 4;
                };
    }

    static CellCodec bigint(boolean unsigned, boolean bigAsString) {
        return unsigned
                ? (row, at, out) -> {
                    NumberText.unsigned(CellBytes.int64(row, at), bigAsString, out);
                    return at + 8;
                }
                : (row, at, out) -> {
                    NumberText.signed(CellBytes.int64(row, at), bigAsString, out);
                    return at + 8;
                };
    }

    /// The years 1901 to 2155 are stored as 1 to 255; 0 is the year 0000.
    static CellCodec year() {
        return (row, at, out) -> {
            int year = row[at] & 0xFF;
            out.number(year == 0 ? 0 : 1900 + year);
            return at + 1;
        };
    }

    static CellCodec bit(Column column, boolean bigAsString) {
        int width = column.cellWidth();
        return (row, at, out) -> {
            NumberText.unsigned(CellBytes.bigEndian(row, at, width), bigAsString, out);
            return at + width;
        };
    }

    static CellCodec real32() {
        return (row, at, out) -> {
            FloatingText.write(Float.intBitsToFloat(CellBytes.int32(row, at)), out);
            return at + 4;
        };
    }

    static CellCodec real64() {
        return (row, at, out) -> {
            FloatingText.write(Double.longBitsToDouble(CellBytes.int64(row, at)), out);
            return at + 8;
        };
    }
}
