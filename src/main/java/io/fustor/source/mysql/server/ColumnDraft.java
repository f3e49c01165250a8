package io.fustor.source.mysql.server;

import io.fustor.source.mysql.error.FailureCode;
import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.schema.Column;
import io.fustor.source.mysql.schema.ColumnType;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// Converts a row of `information_schema.COLUMNS` to the [Column] that a table map has for it.
final class ColumnDraft {

    /// The number of the collation `binary`, which table maps also use for bytes.
    private static final int BINARY = 63;

    private final String dataType;
    private final ResultSet row;
    private final Map<String, Integer> collations;
    private final boolean isMariaDb;

    private ColumnDraft(ResultSet row, Map<String, Integer> collations, boolean isMariaDb)
            throws SQLException {
        this.isMariaDb = isMariaDb;
        this.dataType = row.getString("DATA_TYPE").toLowerCase(Locale.ROOT);
        this.row = row;
        this.collations = collations;
    }

    /// @param row a row with the columns that [TableDescriptions] selects
    /// @param collations numbers by name
    /// @throws SourceException `UNSUPPORTED_TYPE`, with the column's name and without the table's
    static Column read(ResultSet row, Map<String, Integer> collations, boolean isMariaDb)
            throws SQLException {
        var described = new ColumnDraft(row, collations, isMariaDb);
        Column column = described.column();
        return isMariaDb ? described.ofMariaDb(column) : column;
    }

    /// In a `COMPRESSED` column and in MariaDB's old time types, the type is followed by a comment.
    private Column ofMariaDb(Column column) throws SQLException {
        String type = row.getString("COLUMN_TYPE");
        if (type.contains(" COMPRESSED*/")) {
            return column.as(ColumnType.COMPRESSED, compressedLength(column));
        }
        if (!type.endsWith("/* mariadb-5.3 */")) {
            return column;
        }
        return switch (column.type()) {
            case TIME -> column.as(ColumnType.OLD_TIME, 0);
            case DATETIME -> column.as(ColumnType.OLD_DATETIME, 0);
            case TIMESTAMP -> column.as(ColumnType.OLD_TIMESTAMP, 0);
            default -> column;
        };
    }

    /// A value of a `VARCHAR` has one byte more than its longest text.
    private static int compressedLength(Column column) {
        return switch (column.type()) {
            case VARCHAR, VARBINARY -> Column.lengthBytes(column.size() + 1);
            default -> column.size();
        };
    }

    private Column column() throws SQLException {
        return switch (dataType) {
            case "tinyint" -> number(ColumnType.TINYINT);
            case "smallint" -> number(ColumnType.SMALLINT);
            case "mediumint" -> number(ColumnType.MEDIUMINT);
            case "int" -> number(ColumnType.INT);
            case "bigint" -> number(ColumnType.BIGINT);
            case "float" -> number(ColumnType.FLOAT);
            case "double" -> number(ColumnType.DOUBLE);
            case "decimal" ->
                    of(ColumnType.DECIMAL, precision(), row.getInt("NUMERIC_SCALE"), isUnsigned());
            case "bit" -> of(ColumnType.BIT, precision(), 0, false);
            case "year" -> of(ColumnType.YEAR, 0, 0, true);
            case "date" -> of(ColumnType.DATE, 0, 0, false);
            case "time" -> of(ColumnType.TIME, 0, fraction(), false);
            case "datetime" -> of(ColumnType.DATETIME, 0, fraction(), false);
            case "timestamp" -> of(ColumnType.TIMESTAMP, 0, fraction(), false);
            case "char" -> text(ColumnType.CHAR, ColumnType.BINARY, octets());
            case "varchar" -> text(ColumnType.VARCHAR, ColumnType.VARBINARY, octets());
            case "tinytext" -> text(ColumnType.TEXT, ColumnType.BLOB, 1);
            case "text" -> text(ColumnType.TEXT, ColumnType.BLOB, 2);
            case "mediumtext" -> text(ColumnType.TEXT, ColumnType.BLOB, 3);
            case "longtext" -> text(ColumnType.TEXT, ColumnType.BLOB, 4);
            case "binary" -> bytes(ColumnType.BINARY, octets());
            case "varbinary" -> bytes(ColumnType.VARBINARY, octets());
            case "tinyblob" -> bytes(ColumnType.BLOB, 1);
            case "blob" -> bytes(ColumnType.BLOB, 2);
            case "mediumblob" -> bytes(ColumnType.BLOB, 3);
            case "longblob" -> bytes(ColumnType.BLOB, 4);
            case "enum" -> labelled(ColumnType.ENUM);
            case "set" -> labelled(ColumnType.SET);
            case "json" -> of(ColumnType.JSON, 4, 0, false);
            case "vector" ->
                    isMariaDb
                            ? bytes(ColumnType.VECTOR, Column.lengthBytes(octets()))
                            : of(ColumnType.VECTOR, 4, 0, false);
            case "uuid" -> bytes(ColumnType.UUID, 16);
            case "inet6" -> bytes(ColumnType.INET6, 16);
            case "inet4" -> bytes(ColumnType.INET4, 4);
            case "geometry",
                    "point",
                    "linestring",
                    "polygon",
                    "multipoint",
                    "multilinestring",
                    "multipolygon",
                    "geomcollection",
                    "geometrycollection" ->
                    of(ColumnType.GEOMETRY, 4, 0, false);
            default -> throw unsupported("the type " + dataType);
        };
    }

    private Column of(ColumnType type, int size, int scale, boolean unsigned) throws SQLException {
        return new Column(name(), type, size, scale, unsigned, 0, List.of());
    }

    private Column number(ColumnType type) throws SQLException {
        return of(type, 0, 0, isUnsigned());
    }

    private Column text(ColumnType type, ColumnType binaryType, int size) throws SQLException {
        int collation = collation();
        return new Column(
                name(),
                collation == BINARY ? binaryType : type,
                size,
                0,
                false,
                collation,
                List.of());
    }

    private Column bytes(ColumnType type, int size) throws SQLException {
        return new Column(name(), type, size, 0, false, BINARY, List.of());
    }

    private Column labelled(ColumnType type) throws SQLException {
        List<String> labels = labels(row.getString("COLUMN_TYPE"));
        int count = labels.size();
        int size = count > 255 ? 2 : 1;
        if (type == ColumnType.SET) {
            size = count > 32 ? 8 : (count + 7) / 8;
        }
        return new Column(name(), type, size, 0, false, collation(), labels);
    }

    /// Parses `enum('a','it''s')`.
    private List<String> labels(String type) throws SQLException {
        List<String> labels = new ArrayList<>();
        int at = type.indexOf('(') + 1;
        while (at > 0 && at < type.length() && type.charAt(at) == '\'') {
            StringBuilder label = new StringBuilder();
            at = label(type, at + 1, label) + 1;
            labels.add(label.toString());
            if (at < type.length() && type.charAt(at) == ',') {
                at++;
            }
        }
        if (labels.isEmpty() || at >= type.length() || type.charAt(at) != ')') {
            throw unsupported("a list of labels that cannot be read");
        }
        return labels;
    }

    /// Reads a label up to its closing quote and returns the position of the quote. Source of the
    /// escapes: the server's `append_unescaped`.
    private static int label(String type, int from, StringBuilder label) {
        int at = from;
        while (at < type.length()) {
            char c = type.charAt(at);
            if (c == '\'') {
                if (at + 1 >= type.length() || type.charAt(at + 1) != '\'') {
                    return at;
                }
                at++;
            } else if (c == '\\' && at + 1 < type.length()) {
                at++;
                c = unescaped(type.charAt(at));
            }
            label.append(c);
            at++;
        }
        return at;
    }

    private static char unescaped(char letter) {
        return switch (letter) {
            case '0' -> '\0';
            case 'n' -> '\n';
            case 'r' -> '\r';
            default -> letter;
        };
    }

    private String name() throws SQLException {
        return row.getString("COLUMN_NAME");
    }

    private int precision() throws SQLException {
        return row.getInt("NUMERIC_PRECISION");
    }

    private int fraction() throws SQLException {
        return row.getInt("DATETIME_PRECISION");
    }

    private int octets() throws SQLException {
        return Math.toIntExact(row.getLong("CHARACTER_OCTET_LENGTH"));
    }

    private boolean isUnsigned() throws SQLException {
        return row.getString("COLUMN_TYPE").contains(" unsigned");
    }

    private int collation() throws SQLException {
        String name = row.getString("COLLATION_NAME");
        // A column of the character set binary has no collation, above all ENUM and SET.
        Integer number = name == null ? Integer.valueOf(BINARY) : collations.get(name);
        if (number == null) {
            throw unsupported("the collation " + name);
        }
        return number;
    }

    private SourceException unsupported(String what) throws SQLException {
        return new SourceException(
                FailureCode.UNSUPPORTED_TYPE,
                "its column `%s`: %s is not supported".formatted(name(), what));
    }
}
