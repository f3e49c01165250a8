package io.fustor.source.mysql.snapshot;

/// Computes the length of a result's rows from the types of its columns and the beginning of a row.
/// For one thread.
///
/// Source: the manual's 'Binary Protocol Resultset Row' and 'Protocol::ColumnDefinition41'.
final class ResultRow {

    /// The number of texts at the start of a column's definition: catalog, schema, table, original
    /// table, name, original name.
    private static final int NAMES = 6;

    /// After the names: a length, the character set of two bytes and the column's length of four.
    private static final int TYPE_AFTER_NAMES = 1 + 2 + 4;

    private final byte[] types;
    private int known;

    ResultRow(int columns) {
        types = new byte[columns];
    }

    /// Adds the definition of the next column.
    void define(byte[] bytes, int from, int to) {
        long at = from;
        for (int i = 0; i < NAMES && at < to; i++) {
            at = afterText(bytes, (int) at, to);
        }
        at += TYPE_AFTER_NAMES;
        if (known < types.length && at < to) {
            types[known++] = bytes[(int) at];
        }
    }

    /// The minimum length of a row, from its beginning.
    ///
    /// @param from where the row starts in the array
    /// @param to the end of its beginning
    long atLeast(byte[] bytes, int from, int to) {
        int nulls = from + 1;
        long at = nulls + (types.length + 2L + 7) / 8;
        for (int column = 0; column < known && at < to; column++) {
            int bit = column + 2;
            if ((bytes[nulls + (bit >> 3)] & (1 << (bit & 7))) == 0) {
                at = afterCell(types[column], bytes, (int) at, to);
            }
        }
        return at - from;
    }

    private static long afterCell(byte type, byte[] bytes, int at, int to) {
        // The server's enum_field_types.
        return switch (type) {
            case 1 -> at + 1L; // TINY
            case 2, 13 -> at + 2L; // SHORT, YEAR
            case 3, 4, 9 -> at + 4L; // LONG, FLOAT, INT24
            case 5, 8 -> at + 8L; // DOUBLE, LONGLONG
            default -> afterText(bytes, at, to);
        };
    }

    /// The offset after bytes that follow their length, as far as they have arrived.
    private static long afterText(byte[] bytes, int at, int to) {
        int first = bytes[at] & 0xFF;
        int width = first < 0xFC ? 0 : first == 0xFC ? 2 : first == 0xFD ? 3 : 8;
        if (width == 0) {
            return at + 1L + first;
        }
        if (to - at <= width) {
            return to;
        }
        long length = 0;
        for (int i = width; i > 0; i--) {
            length = length << 8 | (bytes[at + i] & 0xFF);
        }
        return at + 1L + width + length;
    }
}
