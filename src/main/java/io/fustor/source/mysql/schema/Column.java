package io.fustor.source.mysql.schema;

import java.util.List;

/// One column of a table, as of one position.
///
/// @param size by type: `DECIMAL` the precision; `BIT` the number of bits; `CHAR`, `VARCHAR`,
///   `BINARY`, `VARBINARY`, `UUID`, `INET6`, `INET4`, `UNCLEAR` the longest value in bytes; `TEXT`,
///   `BLOB`, `JSON`, `GEOMETRY`, `VECTOR`, `COMPRESSED` the number of bytes of the length before a
///   value (1 to 4); `ENUM`, `SET` the bytes that a value takes; else 0
/// @param scale `DECIMAL`: digits after the point; `TIME`, `DATETIME`, `TIMESTAMP`: digits of a
///   second's fraction; else 0
/// @param unsigned whether a numeric column is declared `UNSIGNED`
/// @param collation the collation's id (`information_schema.COLLATIONS.ID`) of text, `ENUM` and
///   `SET` columns; 63 is `binary`; 0 if the type has none
/// @param labels the values of `ENUM` and `SET` in the order of their numbers; empty for other
///   types
public record Column(
        String name,
        ColumnType type,
        int size,
        int scale,
        boolean unsigned,
        int collation,
        List<String> labels) {

    /// The size of MariaDB's old time types, by the number of fractional digits. Source: its
    /// `Type_handler_time::m_hires_bytes`, `Type_handler_datetime::m_hires_bytes` and
    /// `Type_handler_timestamp::m_sec_part_bytes`. Without a fraction they are the same as MySQL's.
    private static final int[] OLD_TIMES = {3, 4, 4, 5, 5, 5, 6};

    private static final int[] OLD_DATETIMES = {8, 6, 6, 7, 7, 7, 8};
    private static final int[] OLD_TIMESTAMPS = {4, 5, 5, 6, 6, 7, 7};

    public Column {
        labels = List.copyOf(labels);
    }

    /// The size of a value in a row image: a number of bytes if it is fixed, or `-n` if n bytes of
    /// little-endian length precede the value.
    ///
    /// Source: the manual's 'Data Type Storage Requirements' and the server's
    /// `table_def::calc_field_size`.
    public int cellWidth() {
        return switch (type) {
            case TINYINT, YEAR -> 1;
            case SMALLINT -> 2;
            case MEDIUMINT, DATE -> 3;
            case INT, FLOAT -> 4;
            case BIGINT, DOUBLE -> 8;
            case OLD_TIME -> OLD_TIMES[scale];
            case OLD_DATETIME -> OLD_DATETIMES[scale];
            case OLD_TIMESTAMP -> OLD_TIMESTAMPS[scale];
            case TIME -> 3 + fractionBytes(scale);
            case TIMESTAMP -> 4 + fractionBytes(scale);
            case DATETIME -> 5 + fractionBytes(scale);
            case DECIMAL -> decimalBytes(size - scale) + decimalBytes(scale);
            case BIT -> (size + 7) / 8;
            case ENUM, SET -> size;
            case CHAR, VARCHAR, BINARY, VARBINARY, UUID, INET6, INET4, UNCLEAR ->
                    -lengthBytes(size);
            case TEXT, BLOB, JSON, GEOMETRY, VECTOR, COMPRESSED -> -size;
        };
    }

    /// How many bytes hold the length of a value of up to `longest` bytes that is not `TEXT` or
    /// `BLOB`.
    public static int lengthBytes(int longest) {
        return longest > 255 ? 2 : 1;
    }

    public Column named(String other) {
        return new Column(other, type, size, scale, unsigned, collation, labels);
    }

    /// The same column with another type of the same bytes.
    public Column as(ColumnType other, int otherSize) {
        return new Column(name, other, otherSize, scale, unsigned, collation, labels);
    }

    /// The size of a fraction of a second with this many digits, in bytes.
    public static int fractionBytes(int digits) {
        return (digits + 1) / 2;
    }

    /// The size of this many digits on one side of a `DECIMAL`'s point, in bytes: 4 for each nine
    /// digits, fewer for the rest.
    public static int decimalBytes(int digits) {
        return digits / 9 * 4 + (digits % 9 + 1) / 2;
    }
}
