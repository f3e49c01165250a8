package io.fustor.source.mysql.server;

/// How long the rows of a result are, by the types of its columns and the beginning of a row. For
/// one thread.
///
/// Source: the manual's 'Binary Protocol Resultset Row' and 'Protocol::ColumnDefinition41'.
final class ResultRow {

    /// The lengths of texts of which a column's definition begins with so many: catalog, schema,
    /// table, its own name, name, its own name.
    private static final int NAMES = 6;

    /// Behind them: a length, the character set of two bytes and the column's length of four.
    private static final int TYPE_BEHIND_NAMES = 1 + 2 + 4;

    private final byte[] types;
    private int known;

    ResultRow(int columns) {
        types = new byte[columns];
    }

    /// Takes the definition of the next column.
    void define(byte[] bytes, int from, int to) {
        long at = from;
        for (int i = 0; i < NAMES && at < to; i++) {
            at = behindText(bytes, (int) at, to);
        }
        at += TYPE_BEHIND_NAMES;
        if (known < types.length && at < to) {
            types[known++] = bytes[(int) at];
        }
    }

    /// How many bytes a row has at least whose beginning is there.
    ///
    /// @param from where the row starts in the array
    /// @param to where what is there of it ends
    long atLeast(byte[] bytes, int from, int to) {
        int nulls = from + 1;
        long at = nulls + (types.length + 2L + 7) / 8;
        for (int column = 0; column < known && at < to; column++) {
            int bit = column + 2;
            if ((bytes[nulls + (bit >> 3)] & (1 << (bit & 7))) == 0) {
                at = behindCell(types[column], bytes, (int) at, to);
            }
        }
        return at - from;
    }

    private static long behindCell(byte type, byte[] bytes, int at, int to) {
        // The server's enum_field_types.
        return switch (type) {
            case 1 -> at + 1L; // TINY
            case 2, 13 -> at + 2L; // SHORT, YEAR
            case 3, 4, 9 -> at + 4L; // LONG, FLOAT, INT24
            case 5, 8 -> at + 8L; // DOUBLE, LONGLONG
            default -> behindText(bytes, at, to);
        };
    }

    /// Behind bytes that follow their length, as far as that is there.
    private static long behindText(byte[] bytes, int at, int to) {
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
