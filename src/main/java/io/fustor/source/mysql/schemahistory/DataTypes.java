package io.fustor.source.mysql.schemahistory;

import io.fustor.source.mysql.schema.ColumnType;
import io.fustor.source.mysql.schema.StatementContext;
import io.fustor.source.mysql.schemahistory.SqlToken.Kind;
import io.fustor.source.mysql.schemahistory.TypeSpec.TextSpec;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;

/// Parses a column's type. The synonyms are those of the manuals' 'Data Types'.
final class DataTypes {

    private static final TextSpec NATIONAL = new TextSpec("utf8mb3", null, false);
    private static final TextSpec BINARY = new TextSpec("binary", null, false);

    private static final Set<String> NATIONAL_VARCHAR =
            Set.of("VARCHAR", "VARCHARACTER", "VARYING");
    private static final Set<String> CHAR = Set.of("CHAR", "CHARACTER");

    private final StatementCursor words;
    private final boolean isRealFloat;

    DataTypes(StatementCursor words, StatementContext context) {
        this.words = words;
        this.isRealFloat = context.isRealFloat();
    }

    TypeSpec read() {
        String type = words.word();
        words.name();
        return switch (type) {
            case "TINYINT", "INT1" -> number(ColumnType.TINYINT);
            case "SMALLINT", "INT2" -> number(ColumnType.SMALLINT);
            case "MEDIUMINT", "INT3", "MIDDLEINT" -> number(ColumnType.MEDIUMINT);
            case "INT", "INTEGER", "INT4" -> number(ColumnType.INT);
            case "BIGINT", "INT8" -> number(ColumnType.BIGINT);
            case "SERIAL" -> TypeSpec.of(ColumnType.BIGINT).asUnsigned();
            case "BOOL", "BOOLEAN" -> TypeSpec.of(ColumnType.TINYINT);
            case "REAL" -> number(isRealFloat ? ColumnType.FLOAT : ColumnType.DOUBLE);
            case "DOUBLE" -> {
                words.accept("PRECISION");
                yield number(ColumnType.DOUBLE);
            }
            case "FLOAT8" -> number(ColumnType.DOUBLE);
            case "FLOAT", "FLOAT4" -> floating();
            case "DECIMAL", "DEC", "NUMERIC", "FIXED" -> decimal();
            case "BIT" -> TypeSpec.of(ColumnType.BIT, length(1), 0);
            case "YEAR" -> year();
            case "DATE" -> TypeSpec.of(ColumnType.DATE);
            case "TIME" -> TypeSpec.of(ColumnType.TIME, -1, (int) length(0));
            case "TIMESTAMP" -> TypeSpec.of(ColumnType.TIMESTAMP, -1, (int) length(0));
            case "DATETIME" -> TypeSpec.of(ColumnType.DATETIME, -1, (int) length(0));
            case "JSON" -> TypeSpec.of(ColumnType.JSON);
            case "VECTOR" -> TypeSpec.of(ColumnType.VECTOR, length(2048), 0);
            case "UUID" -> TypeSpec.of(ColumnType.UUID);
            case "INET6" -> TypeSpec.of(ColumnType.INET6);
            case "INET4" -> TypeSpec.of(ColumnType.INET4);
            case "GEOMETRY",
                    "GEOMETRYCOLLECTION",
                    "GEOMCOLLECTION",
                    "POINT",
                    "MULTIPOINT",
                    "LINESTRING",
                    "MULTILINESTRING",
                    "POLYGON",
                    "MULTIPOLYGON" ->
                    TypeSpec.of(ColumnType.GEOMETRY);
            default -> string(type);
        };
    }

    private TypeSpec string(String type) {
        return switch (type) {
            case "CHAR", "CHARACTER" ->
                    words.accept("VARYING")
                            ? text(ColumnType.VARCHAR, length(1), 0)
                            : text(ColumnType.CHAR, length(1), 0);
            case "VARCHAR", "VARCHARACTER" -> text(ColumnType.VARCHAR, length(1), 0);
            case "NCHAR" ->
                    national(
                            words.acceptAny(NATIONAL_VARCHAR)
                                    ? ColumnType.VARCHAR
                                    : ColumnType.CHAR);
            case "NVARCHAR" -> national(ColumnType.VARCHAR);
            case "NATIONAL" -> national();
            case "BINARY" -> binary(ColumnType.CHAR, length(1), 0);
            case "VARBINARY" -> binary(ColumnType.VARCHAR, length(1), 0);
            case "TINYBLOB" -> binary(ColumnType.TEXT, -1, 1);
            case "BLOB" -> binary(ColumnType.TEXT, length(-1), 2);
            case "MEDIUMBLOB" -> binary(ColumnType.TEXT, -1, 3);
            case "LONGBLOB" -> binary(ColumnType.TEXT, -1, 4);
            case "TINYTEXT" -> text(ColumnType.TEXT, -1, 1);
            case "TEXT" -> text(ColumnType.TEXT, length(-1), 2);
            case "MEDIUMTEXT" -> text(ColumnType.TEXT, -1, 3);
            case "LONGTEXT" -> text(ColumnType.TEXT, -1, 4);
            case "LONG" -> longText();
            case "ENUM" -> labelled(ColumnType.ENUM);
            case "SET" -> labelled(ColumnType.SET);
            default -> throw new UnknownStatementException("a column's type is unknown");
        };
    }

    private TypeSpec longText() {
        if (words.accept("VARBINARY")) {
            return binary(ColumnType.TEXT, -1, 3);
        }
        boolean isVarying = words.accept("CHAR", "VARYING") || words.accept("CHARACTER", "VARYING");
        if (!isVarying) {
            words.acceptAny(NATIONAL_VARCHAR);
        }
        return text(ColumnType.TEXT, -1, 3);
    }

    private TypeSpec national() {
        if (words.acceptAny(NATIONAL_VARCHAR)) {
            return national(ColumnType.VARCHAR);
        }
        if (!words.acceptAny(CHAR)) {
            throw words.unexpected();
        }
        return national(words.accept("VARYING") ? ColumnType.VARCHAR : ColumnType.CHAR);
    }

    private TypeSpec national(ColumnType type) {
        TypeSpec national = TypeSpec.of(type, length(1), 0);
        return national.with(
                words.accept("BINARY") ? new TextSpec("utf8mb3", null, true) : NATIONAL);
    }

    private TypeSpec number(ColumnType type) {
        if (words.isSign('(')) {
            words.skipGroup();
        }
        return signed(TypeSpec.of(type));
    }

    /// `ZEROFILL` also makes a column unsigned.
    private TypeSpec signed(TypeSpec number) {
        TypeSpec signed = number;
        while (words.is("SIGNED") || words.is("UNSIGNED") || words.is("ZEROFILL")) {
            signed = words.is("SIGNED") ? signed : signed.asUnsigned();
            words.take();
        }
        return signed;
    }

    /// Years are never signed.
    private TypeSpec year() {
        length(4);
        return signed(TypeSpec.of(ColumnType.YEAR)).asUnsigned();
    }

    private TypeSpec floating() {
        boolean isOnlyBits = words.peek(2).isSign(')');
        long bits = words.isSign('(') && isOnlyBits ? length(0) : 0;
        return number(bits > 24 ? ColumnType.DOUBLE : ColumnType.FLOAT);
    }

    private TypeSpec decimal() {
        long digits = 10;
        long scale = 0;
        if (words.accept('(')) {
            digits = integer();
            scale = words.accept(',') ? integer() : 0;
            words.expect(')');
        }
        boolean isOpen = digits == 0 && scale == 0;
        return signed(TypeSpec.of(ColumnType.DECIMAL, isOpen ? 10 : digits, (int) scale));
    }

    /// A number in brackets; the server uses its part before a point.
    private long length(long otherwise) {
        if (!words.accept('(')) {
            return otherwise;
        }
        long length = integer();
        words.expect(')');
        return length;
    }

    private long integer() {
        SqlToken token = words.take();
        int point = token.text().indexOf('.');
        String digits = point < 0 ? token.text() : token.text().substring(0, point);
        if (token.kind() != Kind.NUMBER || !digits.matches("[0-9]{1,18}")) {
            throw new UnknownStatementException("a length is unknown");
        }
        return Long.parseLong(digits);
    }

    private static TypeSpec binary(ColumnType type, long length, int scale) {
        return TypeSpec.of(type, length, scale).with(BINARY);
    }

    private TypeSpec text(ColumnType type, long length, int scale) {
        return TypeSpec.of(type, length, scale).with(characterSet());
    }

    private TypeSpec labelled(ColumnType type) {
        List<String> labels = new ArrayList<>();
        words.expect('(');
        do {
            labels.add(label(words.take()).replaceFirst(" +\\z", ""));
        } while (words.accept(','));
        words.expect(')');
        return new TypeSpec(type, -1, 0, false, labels, characterSet());
    }

    /// A text, or the hexadecimal bytes of an ASCII text.
    private static String label(SqlToken label) {
        if (label.kind() == Kind.TEXT) {
            return label.text();
        }
        if (label.kind() != Kind.HEX) {
            throw new UnknownStatementException("a label is neither text nor hexadecimal");
        }
        String digits = label.text();
        byte[] bytes = HexFormat.of().parseHex(digits.length() % 2 == 0 ? digits : "0" + digits);
        for (byte b : bytes) {
            if (b < 0) {
                throw new UnknownStatementException("a label has bytes outside of ASCII");
            }
        }
        return new String(bytes, StandardCharsets.US_ASCII);
    }

    private TextSpec characterSet() {
        TextSpec text = TextSpec.OPEN;
        while (true) {
            if (words.accept("ASCII")) {
                text = new TextSpec("latin1", null, text.binary());
            } else if (words.accept("UNICODE")) {
                text = new TextSpec("ucs2", null, text.binary());
            } else if (words.accept("COMPRESSED")) {
                // Table maps have this information themselves.
            } else if (words.accept("BYTE")) {
                text = BINARY;
            } else if (words.accept("BINARY")) {
                text = new TextSpec(text.characterSet(), null, true);
            } else if (acceptCharacterSet(words)) {
                text = new TextSpec(words.nameOrText(), null, text.binary());
            } else {
                return text;
            }
        }
    }

    static boolean acceptCharacterSet(StatementCursor words) {
        return words.accept("CHARSET")
                || words.accept("CHARACTER", "SET")
                || words.accept("CHAR", "SET");
    }
}
