package io.fustor.source.mysql.schema;

import java.util.List;

/// One column of a table as of one position.
///
/// @param size by type: `DECIMAL` the precision; `BIT` the number of bits; `CHAR`, `VARCHAR`,
///   `BINARY`, `VARBINARY` the longest value in bytes; `TEXT`, `BLOB`, `JSON`, `GEOMETRY`, `VECTOR`
///   the number of bytes of the length in front of a value (1 to 4); `ENUM`, `SET` the bytes that a
///   value takes; else 0
/// @param scale `DECIMAL`: digits behind the point; `TIME`, `DATETIME`, `TIMESTAMP`: digits of a
///   second's fraction; else 0
/// @param unsigned whether a numeric column is declared `UNSIGNED`
/// @param collation the collation's id (`information_schema.COLLATIONS.ID`) of text, `ENUM` and
///   `SET` columns; 63 is `binary`; 0 where the type has none
/// @param labels of `ENUM` and `SET` in the order of their numbers; empty for other types
public record Column(
        String name,
        ColumnType type,
        int size,
        int scale,
        boolean unsigned,
        int collation,
        List<String> labels) {

    public Column {
        labels = List.copyOf(labels);
    }

    /// How many bytes a value takes in a row image: a number of bytes where it is fixed, and `-n`
    /// where n bytes of little-endian length stand in front of the value.
    ///
    /// Source: the manual's 'Data Type Storage Requirements' and the server's
    /// `table_def::calc_field_size`.
    public int cellWidth() {
        return switch (type) {
            case TINYINT, YEAR -> 1;
            case SMALLINT -> 2;
            case MEDIUMINT, DATE, OLD_TIME -> 3;
            case INT, FLOAT, OLD_TIMESTAMP -> 4;
            case BIGINT, DOUBLE, OLD_DATETIME -> 8;
            case TIME -> 3 + fractionBytes(scale);
            case TIMESTAMP -> 4 + fractionBytes(scale);
            case DATETIME -> 5 + fractionBytes(scale);
            case DECIMAL -> decimalBytes(size - scale) + decimalBytes(scale);
            case BIT -> (size + 7) / 8;
            case ENUM, SET -> size;
            case CHAR, VARCHAR, BINARY, VARBINARY -> size > 255 ? -2 : -1;
            case TEXT, BLOB, JSON, GEOMETRY, VECTOR -> -size;
        };
    }

    /// The bytes that n digits of a second's fraction take.
    public static int fractionBytes(int digits) {
        return (digits + 1) / 2;
    }

    /// The bytes that n digits on one side of a `DECIMAL`'s point take: 4 for each nine, fewer for
    /// the rest.
    public static int decimalBytes(int digits) {
        return digits / 9 * 4 + (digits % 9 + 1) / 2;
    }
}
