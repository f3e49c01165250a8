package io.fustor.source.mysql.binlog;

import io.fustor.source.mysql.charset.CharacterSet;
import io.fustor.source.mysql.charset.Collations;
import io.fustor.source.mysql.error.FailureCode;
import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.schema.Column;
import io.fustor.source.mysql.schema.ColumnType;
import io.fustor.source.mysql.schema.TableId;
import io.fustor.source.mysql.schema.TableSchema;
import java.util.ArrayList;
import java.util.List;

/// Parses a table map event. Source: the server's `Table_map_event`, with the optional metadata
/// that `binlog_row_metadata` controls. Without `FULL` the columns' names are empty, and
/// [TableSchema#isNamed] is false.
final class TableMapParser {

    /// The server's `MAX_FIELDS`.
    private static final int MOST_COLUMNS = 4096;

    private TableMapParser() {}

    /// A table as in its map.
    ///
    /// @param hasMetadata whether there is any optional metadata
    /// @param doubts what the map leaves open, even if it has names
    record Parsed(TableSchema table, boolean hasMetadata, MapDoubts doubts) {}

    /// @param event with the cursor after the table's number
    /// @param isMariaDb whether the map is MariaDB's, which differs slightly
    static Parsed parse(EventBytes event, boolean isMariaDb) {
        event.skip(2);
        String schema = event.text(event.unsignedByte());
        event.skip(1);
        String table = event.text(event.unsignedByte());
        event.skip(1);
        TableId id = new TableId(schema, table);
        RawColumn[] columns = columns(event, id);
        byte[] nullable = event.copy((columns.length + 7) / 8);
        boolean hasMetadata = event.remaining() > 0;
        TableMapMetadata metadata = TableMapMetadata.parse(event, columns, isMariaDb);
        List<Column> result = new ArrayList<>(columns.length);
        for (int ordinal = 0; ordinal < columns.length; ordinal++) {
            result.add(columns[ordinal].toColumn(metadata, ordinal));
        }
        TableSchema parsed = new TableSchema(id, result, metadata.primaryKey());
        return new Parsed(parsed, hasMetadata, MapDoubts.of(parsed, nullable, isMariaDb));
    }

    private static RawColumn[] columns(EventBytes event, TableId id) {
        int count = event.packedLength();
        if (count > MOST_COLUMNS) {
            throw event.corrupt("a table has " + count + " columns");
        }
        int[] types = new int[count];
        for (int ordinal = 0; ordinal < count; ordinal++) {
            types[ordinal] = event.unsignedByte();
        }
        int outer = event.narrow(event.packedLength());
        RawColumn[] columns = new RawColumn[count];
        for (int ordinal = 0; ordinal < count; ordinal++) {
            columns[ordinal] = RawColumn.read(event, types[ordinal], id, ordinal);
            if (!columns[ordinal].isPossible()) {
                throw event.corrupt(
                        "the column number "
                                + (ordinal + 1)
                                + " of "
                                + id
                                + " has an impossible type");
            }
        }
        event.widen(outer);
        return columns;
    }

    /// A column as in the table map's required part: the type's code and its metadata.
    ///
    /// @param code the server's `enum_field_types`, with `ENUM` and `SET` separated from `STRING`
    /// @param size as in [Column#size]
    /// @param scale as in [Column#scale]
    record RawColumn(int code, int size, int scale) {

        static final int TINY = 1;
        static final int SHORT = 2;
        static final int LONG = 3;
        static final int FLOAT = 4;
        static final int DOUBLE = 5;
        static final int TIMESTAMP = 7;
        static final int LONGLONG = 8;
        static final int INT24 = 9;
        static final int DATE = 10;
        static final int TIME = 11;
        static final int DATETIME = 12;
        static final int YEAR = 13;
        static final int NEWDATE = 14;
        static final int VARCHAR = 15;
        static final int BIT = 16;
        static final int TIMESTAMP2 = 17;
        static final int DATETIME2 = 18;
        static final int TIME2 = 19;
        static final int BLOB_COMPRESSED = 140;
        static final int VARCHAR_COMPRESSED = 141;
        static final int VECTOR = 242;
        static final int JSON = 245;
        static final int NEWDECIMAL = 246;
        static final int ENUM = 247;
        static final int SET = 248;
        static final int TINY_BLOB = 249;
        static final int MEDIUM_BLOB = 250;
        static final int LONG_BLOB = 251;
        static final int BLOB = 252;
        static final int VAR_STRING = 253;
        static final int STRING = 254;
        static final int GEOMETRY = 255;

        private static RawColumn read(EventBytes event, int code, TableId id, int ordinal) {
            return switch (code) {
                case TINY,
                        SHORT,
                        LONG,
                        LONGLONG,
                        INT24,
                        DATE,
                        NEWDATE,
                        YEAR,
                        TIMESTAMP,
                        TIME,
                        DATETIME ->
                        new RawColumn(code, 0, 0);
                case FLOAT, DOUBLE -> {
                    event.skip(1);
                    yield new RawColumn(code, 0, 0);
                }
                case TIMESTAMP2, DATETIME2, TIME2 -> new RawColumn(code, 0, event.unsignedByte());
                case TINY_BLOB,
                        MEDIUM_BLOB,
                        LONG_BLOB,
                        BLOB,
                        JSON,
                        GEOMETRY,
                        VECTOR,
                        BLOB_COMPRESSED ->
                        new RawColumn(code, event.unsignedByte(), 0);
                case VARCHAR_COMPRESSED ->
                        new RawColumn(code, Column.lengthBytes((int) event.number(2)), 0);
                case VARCHAR, VAR_STRING -> new RawColumn(code, (int) event.number(2), 0);
                case NEWDECIMAL -> new RawColumn(code, event.unsignedByte(), event.unsignedByte());
                case BIT -> {
                    int bits = event.unsignedByte();
                    yield new RawColumn(code, event.unsignedByte() * 8 + bits, 0);
                }
                case STRING, ENUM, SET -> readString(event);
                default ->
                        throw new SourceException(
                                FailureCode.UNSUPPORTED_TYPE,
                                "column number "
                                        + (ordinal + 1)
                                        + " of "
                                        + id
                                        + " has the type code "
                                        + code
                                        + ", which this service does not support");
            };
        }

        /// Whether a server can have such a column: precisions, bits and widths of lengths are
        /// limited.
        private boolean isPossible() {
            return switch (code) {
                case NEWDECIMAL -> size >= 1 && size <= 65 && scale <= Math.min(size, 38);
                case BIT -> size <= 64;
                case TIMESTAMP2, DATETIME2, TIME2 -> scale <= 6;
                case TINY_BLOB, MEDIUM_BLOB, LONG_BLOB, BLOB, JSON, GEOMETRY, VECTOR ->
                        size >= 1 && size <= 4;
                case ENUM, SET -> size >= 1 && size <= 8;
                default -> true;
            };
        }

        /// `STRING` includes its real type. Two bits of lengths above 255 are inverted in the
        /// type's byte.
        private static RawColumn readString(EventBytes event) {
            int first = event.unsignedByte();
            int second = event.unsignedByte();
            int code = first | 0x30;
            if (code != STRING && code != ENUM && code != SET) {
                throw event.corrupt("a column of text has the type code " + code);
            }
            return new RawColumn(code, second | ((first & 0x30) ^ 0x30) << 4, 0);
        }

        /// Whether the table map's `SIGNEDNESS` has a bit for the column.
        boolean isNumeric() {
            return switch (code) {
                case TINY, SHORT, INT24, LONG, LONGLONG, NEWDECIMAL, FLOAT, DOUBLE, YEAR -> true;
                default -> false;
            };
        }

        /// Whether the table map lists the column's collation; for MariaDB this includes geometry
        /// columns.
        boolean isCharacter(boolean isMariaDb) {
            return isText() || (isMariaDb && code == GEOMETRY);
        }

        private boolean isText() {
            return switch (code) {
                case VARCHAR,
                        VAR_STRING,
                        STRING,
                        TINY_BLOB,
                        MEDIUM_BLOB,
                        LONG_BLOB,
                        BLOB,
                        BLOB_COMPRESSED,
                        VARCHAR_COMPRESSED ->
                        true;
                default -> false;
            };
        }

        boolean isEnumOrSet() {
            return code == ENUM || code == SET;
        }

        private Column toColumn(TableMapMetadata metadata, int ordinal) {
            int collation = isText() || isEnumOrSet() ? metadata.collation(ordinal) : 0;
            return new Column(
                    metadata.name(ordinal),
                    type(Collations.characterSet(collation) == CharacterSet.BINARY),
                    size,
                    scale,
                    metadata.isUnsigned(ordinal),
                    collation,
                    metadata.labels(ordinal));
        }

        private ColumnType type(boolean binary) {
            return switch (code) {
                case TINY -> ColumnType.TINYINT;
                case SHORT -> ColumnType.SMALLINT;
                case INT24 -> ColumnType.MEDIUMINT;
                case LONG -> ColumnType.INT;
                case LONGLONG -> ColumnType.BIGINT;
                case FLOAT -> ColumnType.FLOAT;
                case DOUBLE -> ColumnType.DOUBLE;
                case NEWDECIMAL -> ColumnType.DECIMAL;
                case BIT -> ColumnType.BIT;
                case YEAR -> ColumnType.YEAR;
                case DATE, NEWDATE -> ColumnType.DATE;
                case TIME -> ColumnType.OLD_TIME;
                case DATETIME -> ColumnType.OLD_DATETIME;
                case TIMESTAMP -> ColumnType.OLD_TIMESTAMP;
                case TIME2 -> ColumnType.TIME;
                case DATETIME2 -> ColumnType.DATETIME;
                case TIMESTAMP2 -> ColumnType.TIMESTAMP;
                case VARCHAR, VAR_STRING -> binary ? ColumnType.VARBINARY : ColumnType.VARCHAR;
                case STRING -> binary ? ColumnType.BINARY : ColumnType.CHAR;
                case TINY_BLOB, MEDIUM_BLOB, LONG_BLOB, BLOB ->
                        binary ? ColumnType.BLOB : ColumnType.TEXT;
                case BLOB_COMPRESSED, VARCHAR_COMPRESSED -> ColumnType.COMPRESSED;
                case JSON -> ColumnType.JSON;
                case ENUM -> ColumnType.ENUM;
                case SET -> ColumnType.SET;
                case GEOMETRY -> ColumnType.GEOMETRY;
                case VECTOR -> ColumnType.VECTOR;
                default ->
                        throw new IllegalStateException("type code " + code + " was let through");
            };
        }
    }
}
