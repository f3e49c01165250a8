package io.fustor.source.mysql.condition;

import io.fustor.source.mysql.schema.Column;

/// The form in which the values of a column are compared. In each form, a value is less than
/// another exactly where the column's value is.
public enum ValueForm {

    /// A number of 64 bits. Integers and `YEAR` are themselves, `BIGINT UNSIGNED` and `BIT` less
    /// 2^63; a `DATE` is year, month and day in a row of bits ([Moments#date]), a `DATETIME`
    /// likewise with its microseconds ([Moments#datetime]); a `TIMESTAMP` is microseconds since
    /// 1970 and the zero one the least number; a `TIME` is microseconds; a `DECIMAL` of up to eight
    /// bytes is these as one number, the first byte the highest one, of eight bytes less 2^63.
    NUMBER,

    /// A double.
    REAL,

    /// Bytes without sign, compared from the first on. Text is in UTF-8, a longer `DECIMAL` as
    /// servers store it ([PackedDecimal]), `BINARY` has its zero bytes.
    BYTES,

    /// Values do not compare; only whether they are NULL is known.
    NONE;

    /// The form of a column's values.
    public static ValueForm of(Column column) {
        return switch (column.type()) {
            case TINYINT,
                    SMALLINT,
                    MEDIUMINT,
                    INT,
                    BIGINT,
                    BIT,
                    YEAR,
                    DATE,
                    TIME,
                    DATETIME,
                    TIMESTAMP,
                    OLD_TIME,
                    OLD_DATETIME,
                    OLD_TIMESTAMP ->
                    NUMBER;
            case FLOAT, DOUBLE -> REAL;
            case DECIMAL -> column.cellWidth() <= Long.BYTES ? NUMBER : BYTES;
            case CHAR, VARCHAR, TEXT, BINARY, VARBINARY, BLOB, ENUM, SET, UUID, INET6, INET4 ->
                    BYTES;
            case JSON, GEOMETRY, VECTOR, COMPRESSED, UNCLEAR -> NONE;
        };
    }

    /// What is added to a column's numbers so that those of 64 bits without sign are in order.
    public static long offset(Column column) {
        boolean isWide =
                switch (column.type()) {
                    case BIT -> true;
                    case BIGINT -> column.unsigned();
                    case DECIMAL -> column.cellWidth() == Long.BYTES;
                    default -> false;
                };
        return isWide ? Long.MIN_VALUE : 0;
    }
}
