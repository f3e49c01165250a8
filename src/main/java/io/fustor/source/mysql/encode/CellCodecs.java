package io.fustor.source.mysql.encode;

import io.fustor.source.mysql.error.FailureCode;
import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.schema.Column;

/// Chooses the codec of a column, once per column, input and subscription format. How each type
/// reads is the table 'Values' of `docs/feed.md`; a `VECTOR` is an array of its numbers.
public final class CellCodecs {

    private CellCodecs() {}

    /// The codec of a column's values as they stand in row images.
    ///
    /// @param bigNumbersAsStrings whether numbers that a double may not hold exactly become
    ///   strings: integers beyond ±(2^53-1) and `DECIMAL`s of more than 15 digits
    /// @throws SourceException `UNSUPPORTED_TYPE` where values of the column cannot be told for
    ///   certain
    public static CellCodec of(Column column, boolean bigNumbersAsStrings) {
        return switch (column.type()) {
            case TINYINT -> NumberCodecs.tinyint(column.unsigned());
            case SMALLINT -> NumberCodecs.smallint(column.unsigned());
            case MEDIUMINT -> NumberCodecs.mediumint(column.unsigned());
            case INT -> NumberCodecs.integer(column.unsigned());
            case BIGINT -> NumberCodecs.bigint(column.unsigned(), bigNumbersAsStrings);
            case DECIMAL -> decimal(column, bigNumbersAsStrings);
            case FLOAT -> NumberCodecs.real32();
            case DOUBLE -> NumberCodecs.real64();
            case BIT -> NumberCodecs.bit(column, bigNumbersAsStrings);
            case YEAR -> NumberCodecs.year();
            case DATE -> TemporalCodecs.date();
            case TIME -> TemporalCodecs.time(column);
            case DATETIME -> TemporalCodecs.datetime(column);
            case TIMESTAMP -> TemporalCodecs.timestamp(column);
            case OLD_TIME, OLD_DATETIME, OLD_TIMESTAMP -> oldTemporal(column);
            case CHAR, VARCHAR, TEXT -> TextCodecs.text(column);
            case BINARY -> TextCodecs.paddedBytes(column);
            case VARBINARY, BLOB -> TextCodecs.bytes(column);
            case ENUM -> TextCodecs.label(column);
            case SET -> TextCodecs.labels(column);
            case JSON -> json(column, bigNumbersAsStrings);
            case GEOMETRY -> TextCodecs.geometry(column);
            case VECTOR -> TextCodecs.vector(column);
            case UUID -> MariaDbCodecs.uuid();
            case INET6 -> MariaDbCodecs.inet6();
            case INET4 -> MariaDbCodecs.inet4();
            case COMPRESSED -> MariaDbCodecs.compressed(column);
            case UNCLEAR -> throw unclear(column);
        };
    }

    /// The codec of a column's values as they stand in the result rows of a query, in MySQL's
    /// binary protocol: the same JSON as that of the row images. The session's `time_zone` is
    /// `+00:00`, its `character_set_results` is NULL, and its `sql_mode` has no
    /// `PAD_CHAR_TO_FULL_LENGTH`.
    ///
    /// @param bigNumbersAsStrings as for [#of(Column, boolean)]
    /// @throws SourceException as [#of(Column, boolean)]
    public static CellCodec ofResult(Column column, boolean bigNumbersAsStrings) {
        return switch (column.type()) {
            case TINYINT -> NumberCodecs.tinyint(column.unsigned());
            case SMALLINT -> NumberCodecs.smallint(column.unsigned());
            case MEDIUMINT, INT -> NumberCodecs.integer(column.unsigned());
            case BIGINT -> NumberCodecs.bigint(column.unsigned(), bigNumbersAsStrings);
            case DECIMAL -> ResultNumberCodecs.decimal(bigNumbersAsStrings);
            case FLOAT -> NumberCodecs.real32();
            case DOUBLE -> NumberCodecs.real64();
            case BIT -> ResultNumberCodecs.bit(bigNumbersAsStrings);
            case YEAR -> NumberCodecs.smallint(true);
            case DATE -> ResultTemporalCodecs.date();
            case TIME -> ResultTemporalCodecs.time(column);
            case DATETIME -> ResultTemporalCodecs.datetime(column);
            case TIMESTAMP -> ResultTemporalCodecs.timestamp(column);
            case OLD_TIME, OLD_DATETIME, OLD_TIMESTAMP -> oldResult(column);
            case CHAR, VARCHAR, TEXT -> ResultTextCodecs.text(column);
            case BINARY, VARBINARY, BLOB -> ResultTextCodecs.bytes();
            case ENUM, SET -> ResultTextCodecs.labels(column);
            case JSON -> ResultTextCodecs.json(bigNumbersAsStrings);
            case GEOMETRY -> ResultTextCodecs.geometry();
            case VECTOR -> ResultTextCodecs.vector();
            case UUID, INET6, INET4 -> ResultTextCodecs.utf8();
            case COMPRESSED -> ResultTextCodecs.compressed(column);
            case UNCLEAR -> throw unclear(column);
        };
    }

    private static CellCodec oldTemporal(Column column) {
        requireWholeSeconds(column);
        return switch (column.type()) {
            case OLD_TIME -> TemporalCodecs.oldTime();
            case OLD_DATETIME -> TemporalCodecs.oldDatetime();
            default -> TemporalCodecs.oldTimestamp();
        };
    }

    private static CellCodec oldResult(Column column) {
        requireWholeSeconds(column);
        return switch (column.type()) {
            case OLD_TIME -> ResultTemporalCodecs.time(column);
            case OLD_DATETIME -> ResultTemporalCodecs.datetime(column);
            default -> ResultTemporalCodecs.timestamp(column);
        };
    }

    /// MariaDB may keep fractions in a format of its own under the old types' names.
    static void requireWholeSeconds(Column column) {
        if (column.scale() > 0) {
            throw unsupported(column, "a fraction of a second in its old format");
        }
    }

    private static SourceException unclear(Column column) {
        return unsupported(
                column,
                "what may be BINARY, UUID, INET6, INET4, VARBINARY or VECTOR in the binlog, in a table whose statements"
                        + " the service could not follow,");
    }

    private static CellCodec decimal(Column column, boolean bigAsString) {
        int precision = column.size();
        int scale = column.scale();
        int width = column.cellWidth();
        return (row, at, out) -> {
            DecimalText.write(row, at, precision, scale, bigAsString, out);
            return at + width;
        };
    }

    private static CellCodec json(Column column, boolean bigAsString) {
        int prefix = -column.cellWidth();
        return (row, at, out) -> {
            int length = CellBytes.length(row, at, prefix);
            out.binaryJson().write(row, at + prefix, length, bigAsString);
            return at + prefix + length;
        };
    }

    /// The failure of a column that no codec can read.
    ///
    /// @param why what about the column it is
    static SourceException unsupported(Column column, String why) {
        return new SourceException(
                FailureCode.UNSUPPORTED_TYPE,
                "the column `%s` (%s) cannot be read: %s is not supported"
                        .formatted(column.name(), column.type(), why));
    }
}
