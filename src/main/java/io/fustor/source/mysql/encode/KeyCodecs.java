package io.fustor.source.mysql.encode;

import io.fustor.source.mysql.schema.Column;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;

/// The codecs of the columns in a record's key. The bytes of a key decide its partition, so that
/// they are exactly Debezium's: where Debezium and Jackson lay out a value otherwise than our
/// values, a key has theirs.
final class KeyCodecs {

    private static final int YEAR_ZERO_OF_BINLOG = 1900;
    private static final byte[] ZERO_MOMENT = CellBytes.ascii("\"1970-01-01T00:00:00Z\"");

    private KeyCodecs() {}

    /// @param values the codec of the column's values in Debezium's format
    static CellCodec of(Column column, CellCodec values) {
        return switch (column.type()) {
            case FLOAT ->
                    (row, at, out) -> {
                        out.ascii(Float.toString(Float.intBitsToFloat(CellBytes.int32(row, at))));
                        return at + 4;
                    };
            case DOUBLE ->
                    (row, at, out) -> {
                        out.ascii(
                                Double.toString(Double.longBitsToDouble(CellBytes.int64(row, at))));
                        return at + 8;
                    };
            case CHAR, VARCHAR, TEXT, ENUM, SET, JSON, UNCLEAR, COMPRESSED -> text(values);
            case DATE, DATETIME, OLD_DATETIME -> notNull(values, new byte[] {'0'});
            case TIMESTAMP, OLD_TIMESTAMP -> notNull(values, ZERO_MOMENT);
            case YEAR -> year(values);
            default -> values;
        };
    }

    /// Jackson escapes control characters with upper-case digits, and characters beyond the basic
    /// plane as two halves.
    private static CellCodec text(CellCodec values) {
        return (row, at, out) -> {
            int from = out.size();
            int end = values.write(row, at, out);
            if (isEscaped(out.array(), from, out.size())) {
                writeAsJackson(Arrays.copyOfRange(out.array(), from, out.size()), from, out);
            }
            return end;
        };
    }

    private static boolean isEscaped(byte[] bytes, int from, int to) {
        for (int at = from; at < to; at++) {
            if (bytes[at] == '\\' || isFirstOfFour(bytes[at])) {
                return true;
            }
        }
        return false;
    }

    private static boolean isFirstOfFour(byte one) {
        return (one & 0xF8) == 0xF0;
    }

    /// @param from where the text is in the output, to be replaced
    private static void writeAsJackson(byte[] text, int from, JsonBuffer out) {
        out.truncate(from);
        int at = 0;
        while (at < text.length) {
            if (isFirstOfFour(text[at])) {
                int point = (text[at] & 7) << 18;
                point |= (text[at + 1] & 63) << 12 | (text[at + 2] & 63) << 6 | (text[at + 3] & 63);
                for (char half : Character.toChars(point)) {
                    out.ascii("\\u%04X".formatted((int) half));
                }
                at += 4;
            } else if (text[at] == '\\') {
                int length = text[at + 1] == 'u' ? 6 : 2;
                String escape = new String(text, at + 2, length - 2, StandardCharsets.US_ASCII);
                out.write(text, at, 2);
                out.ascii(escape.toUpperCase(Locale.ROOT));
                at += length;
            } else {
                out.write(text[at]);
                at++;
            }
        }
    }

    /// In a column that is never NULL, Debezium takes what is no date for the first of 1970.
    private static CellCodec notNull(CellCodec values, byte[] fallback) {
        return (row, at, out) -> {
            int from = out.size();
            int end = values.write(row, at, out);
            if (out.array()[from] == 'n') {
                out.truncate(from);
                out.write(fallback);
            }
            return end;
        };
    }

    private static CellCodec year(CellCodec values) {
        byte[] zero = Integer.toString(YEAR_ZERO_OF_BINLOG).getBytes(StandardCharsets.US_ASCII);
        return (row, at, out) -> {
            int from = out.size();
            int end = values.write(row, at, out);
            if (out.size() == from + 1) {
                out.truncate(from);
                out.write(zero);
            }
            return end;
        };
    }
}
