package io.fustor.source.mysql.feed;

import java.util.List;
import java.util.Random;

/// Kinds of columns for conditions: values at the bounds of their types and literals around them,
/// with what a literal and a column have to be in MySQL's own words for the comparison of a
/// condition.
///
/// @param values in SQL
/// @param literals as a condition has them, without quotes
enum ConditionKind {
    TINYINT("TINYINT", Form.NUMBER, "-128 0 127 -1 1", "-128 -129 0 1 127 128 0.5 -0"),
    SMALLINT("SMALLINT UNSIGNED", Form.NUMBER, "0 65535 1 300", "65535 -1 0 1 299.5 300"),
    MEDIUMINT("MEDIUMINT", Form.NUMBER, "-8388608 8388607 0 7", "-8388608 8388607 7 0 6.9999"),
    INT("INT", Form.NUMBER, "-2147483648 2147483647 0 42", "42 41 2147483647 2147483648 -1"),
    BIGINT(
            "BIGINT",
            Form.NUMBER,
            "-9223372036854775808 9223372036854775807 0 9007199254740993",
            "9007199254740993 9007199254740992 9223372036854775807 9223372036854775808"
                    + " -9223372036854775808 0"),
    UNSIGNED(
            "BIGINT UNSIGNED",
            Form.NUMBER,
            "0 18446744073709551615 9223372036854775808 1",
            "18446744073709551615 18446744073709551616 9223372036854775808 9223372036854775807 -1"
                    + " 0 0.5"),
    MONEY(
            "DECIMAL(12,2)",
            Form.NUMBER,
            "-9999999999.99 9999999999.99 0 0.01 -0.01 12.30",
            "12.30 12.3 12.305 -0.01 0 9999999999.99 10000000000 -0.005"),
    EIGHT_BYTES(
            "DECIMAL(18,9)",
            Form.NUMBER,
            "-999999999.999999999 999999999.999999999 0 0.000000001 -0.000000001 7",
            "-999999999.999999999 999999999.999999999 1000000000 0 0.000000001 -0.0000000015 7"),
    LONG_DECIMAL(
            "DECIMAL(65,30)",
            Form.NUMBER,
            "12345678901234567890123456789012345.123456789012345678901234567890"
                    + " -99999999999999999999999999999999999.999999999999999999999999999999 0"
                    + " 0.000000000000000000000000000001",
            "12345678901234567890123456789012345.123456789012345678901234567890"
                    + " 12345678901234567890123456789012345.123456789012345678901234567889 0"
                    + " 0.000000000000000000000000000001 -1"),
    WHOLE_DECIMAL(
            "DECIMAL(20,0) UNSIGNED",
            Form.NUMBER,
            "0 99999999999999999999 123456789",
            "0 99999999999999999999 123456789 123456788.5 -3"),
    FLOAT("FLOAT", Form.REAL, "0 -0.0 0.1 1.5 -3.4e38 1e-38", "0 0.1 1.5 -1.5 1e-38 16777217"),
    DOUBLE(
            "DOUBLE",
            Form.REAL,
            "0 -0.0 0.1 1.5 -1.7976931348623157e308 5e-324 9007199254740993",
            "0 0.1 1.5 9007199254740992 9007199254740993 1e308 -1e308 5e-324"),
    BIT1("BIT(1)", Form.PLAIN_NUMBER, "b'0' b'1'", "0 1 2 -1"),
    BIT64(
            "BIT(64)",
            Form.PLAIN_NUMBER,
            "b'0' 18446744073709551615 9223372036854775808 5",
            "0 5 18446744073709551615 9223372036854775807"),
    YEAR("YEAR", Form.PLAIN_NUMBER, "0 1901 2155 2024", "0 24 1901 2155 2024 2024.5"),
    DATE(
            "DATE",
            Form.MOMENT,
            "'0000-00-00' '1000-01-01' '9999-12-31' '2024-02-29' '2024-00-00' '2024-02-00'",
            "0000-00-00 1000-01-01 9999-12-31 2024-02-29 2024-02-00 2024-03-01"),
    DATETIME(
            "DATETIME(3)",
            Form.MOMENT,
            "'0000-00-00#00:00:00' '1000-01-01#00:00:00' '9999-12-31#23:59:59.999'"
                    + " '2024-03-31#02:30:00.5' '2024-02-29#23:59:59.123'",
            "2024-02-29T23:59:59.123 2024-02-29T23:59:59.1235 0000-00-00T00:00:00"
                    + " 2024-03-31T02:30:00.500 9999-12-31T23:59:59.999 1970-01-01T00:00:00"),
    TIMESTAMP(
            "TIMESTAMP(6) NULL",
            Form.TIMESTAMP,
            "'1970-01-01#00:00:01' '2038-01-19#03:14:07.999999' '2024-03-31#01:00:00'"
                    + " '2024-10-27#00:30:00.000001' '2024-02-29#23:59:59'",
            "1970-01-01T00:00:01Z 2038-01-19T03:14:07.999999Z 2024-03-31T01:00:00Z"
                    + " 2024-10-27T00:30:00.000001Z 2024-10-27T00:30:00Z 2024-02-29T23:59:59.0Z"),
    TIME(
            "TIME(2)",
            Form.TIME,
            "'-838:59:59' '838:59:59' '00:00:00' '-00:00:00.01' '12:30:00.5'",
            "-838:59:59 838:59:59 00:00:00 -00:00:00.01 12:30:00.50 12:30:00.505"),
    VARCHAR("VARCHAR(20) CHARACTER SET utf8mb4", Form.TEXT, TEXTS.VALUES, TEXTS.LITERALS),
    TEXT("TEXT CHARACTER SET utf8mb4", Form.TEXT, TEXTS.VALUES, TEXTS.LITERALS),
    CHAR("CHAR(12) CHARACTER SET utf8mb3", Form.TEXT, TEXTS.NARROW, TEXTS.LITERALS),
    LATIN1("VARCHAR(20) CHARACTER SET latin1", Form.TEXT, TEXTS.LATIN, TEXTS.LITERALS),
    UTF16("VARCHAR(20) CHARACTER SET utf16", Form.TEXT, TEXTS.VALUES, TEXTS.LITERALS),
    GBK("VARCHAR(20) CHARACTER SET gbk", Form.TEXT, "'' 'a' 'A' '中文' '中' 'ab' 'a_b'", "a 中文 中 ab"),
    SJIS("VARCHAR(20) CHARACTER SET sjis", Form.TEXT, "'' 'a' '日本' 'ab' 'b'", "a 日本 ab 日"),
    ENUM(
            "ENUM('new','paid','Paid','','zoë') CHARACTER SET utf8mb4 COLLATE utf8mb4_bin",
            Form.TEXT,
            "'new' 'paid' 'Paid' '' 'zoë'",
            "new paid Paid NEW zoë zoe"),
    SET(
            "SET('a','b','c','d') CHARACTER SET utf8mb4",
            Form.TEXT,
            "'' 'a' 'a,b' 'b,d' 'a,b,c,d'",
            "a a,b b,a b,d a,b,c,d"),
    LONG_SET(
            "SET('a','b','c','d','e','f','g','h','i','j') CHARACTER SET utf8mb4",
            Form.TEXT,
            "'' 'a' 'a,j' 'i,j' 'a,b,c,d,e,f,g,h,i,j'",
            "a j a,j i,j a,b,c,d,e,f,g,h,i,j"),
    VARBINARY("VARBINARY(8)", Form.BYTES, "X'' X'00' X'00FF' X'FF' X'8000'", "00 00ff ff 8000 80"),
    BINARY("BINARY(4)", Form.BYTES, "X'' X'00000001' X'FFFFFFFF' X'61'", "00000000 61000000 61"),
    BLOB("BLOB", Form.BYTES, "X'' X'00' X'6162' X'FF'", "00 6162 ff 61"),
    JSON("JSON", Form.NULL_ONLY, "'{\"a\":1}' 'null' '[1,2]'", ""),
    GEOMETRY("POINT", Form.NULL_ONLY, "ST_GeomFromText('POINT(1#2)')", "");

    /// Texts that are in several kinds.
    private static final class TEXTS {
        static final String VALUES =
                "'' 'a' 'A' 'b' 'ab' 'a_b' 'a%b' 'ä' 'é' 'ß' 'ss' 'z' '日本' '😀' '￿' 'a\\\\b' 'aXb'"
                        + " 'a#'";
        static final String NARROW = "'' 'a' 'A' 'ab' 'a_b' 'ä' 'é' 'ß' '日本' 'a\\\\b' 'aXb'";
        static final String LATIN = "'' 'a' 'A' 'ab' 'a_b' 'ä' 'é' 'ß' '€' 'a\\\\b' 'z'";
        static final String LITERALS = "a A ab ä é ss ß 日本 😀 z a# € ￿";
    }

    private static final List<String> PATTERNS =
            List.of(
                    "a%",
                    "%b", "a_b", "a\\_b", "%\\%%", "_", "__", "%", "", "%a%b%", "%é%", "a\\\\b");

    /// How values compare in MySQL.
    private enum Form {
        NUMBER,
        /// As doubles.
        REAL,
        /// Whose own comparison does not take the number as it is.
        PLAIN_NUMBER,
        MOMENT,
        TIMESTAMP,
        TIME,
        TEXT,
        BYTES,
        NULL_ONLY
    }

    private final String type;
    private final Form form;
    private final List<String> values;
    private final List<String> literals;

    ConditionKind(String type, Form form, String values, String literals) {
        this.type = type;
        this.form = form;
        this.values = List.of(values.split(" ", -1));
        this.literals = List.of(literals.split(" ", -1));
    }

    /// A condition as a subscriber writes it, and in MySQL's words.
    record Written(String where, String sql) {}

    String type() {
        return type;
    }

    /// A random value in SQL, of five one NULL.
    String value(Random random) {
        return random.nextInt(5) == 0
                ? "NULL"
                : values.get(random.nextInt(values.size())).replace('#', ' ');
    }

    /// A random comparison of a column of the kind.
    Written test(String column, Random random) {
        int choice = form == Form.NULL_ONLY ? 0 : random.nextInt(form == Form.TEXT ? 11 : 9);
        String side = side(column);
        return switch (choice) {
            case 0 -> {
                String is = random.nextBoolean() ? " is null" : " is not null";
                yield new Written(column + is, column + is);
            }
            case 1, 2 -> {
                String a = literal(random);
                String b = literal(random);
                String not = choice == 1 ? "" : "not ";
                yield new Written(
                        "%s %sin (%s, %s)".formatted(column, not, where(a), where(b)),
                        "%s(%s = %s or %s = %s)".formatted(not, side, sql(a), side, sql(b)));
            }
            case 3 -> {
                String a = literal(random);
                String b = literal(random);
                yield new Written(
                        "%s between %s and %s".formatted(column, where(a), where(b)),
                        "(%s >= %s and %s <= %s)".formatted(side, sql(a), side, sql(b)));
            }
            case 9, 10 -> {
                String pattern = PATTERNS.get(random.nextInt(PATTERNS.size()));
                String quoted = " like '" + pattern.replace("\\\\", "\\\\\\\\") + "'";
                yield new Written(
                        column + quoted,
                        "CONVERT(%s USING utf8mb4) COLLATE utf8mb4_0900_bin%s"
                                .formatted(column, quoted));
            }
            default -> {
                String operator = List.of("=", "<>", "<", "<=", ">", ">=").get(random.nextInt(6));
                String literal = literal(random);
                yield new Written(
                        column + " " + operator + " " + where(literal),
                        side + " " + operator + " " + sql(literal));
            }
        };
    }

    private String literal(Random random) {
        return literals.get(random.nextInt(literals.size())).replace('#', ' ');
    }

    private String side(String column) {
        return switch (form) {
            case NUMBER, REAL, MOMENT, TIMESTAMP, TIME, BYTES, NULL_ONLY -> column;
            case PLAIN_NUMBER -> "(" + column + " + 0)";
            case TEXT -> "CAST(CONVERT(" + column + " USING utf8mb4) AS BINARY)";
        };
    }

    private String where(String literal) {
        return switch (form) {
            case NUMBER, REAL, PLAIN_NUMBER -> literal;
            case MOMENT, TIMESTAMP, TIME, TEXT, NULL_ONLY -> "'" + literal + "'";
            case BYTES -> "x'" + literal + "'";
        };
    }

    private String sql(String literal) {
        return switch (form) {
            case NUMBER, PLAIN_NUMBER -> literal;
            case REAL -> literal.contains("e") ? literal : literal + "e0";
            case MOMENT, TIMESTAMP -> "'" + literal.replace('T', ' ').replace("Z", "") + "'";
            case TIME -> "CAST('" + literal + "' AS TIME(6))";
            case TEXT -> "CAST(_utf8mb4'" + literal + "' AS BINARY)";
            case BYTES -> "x'" + literal + "'";
            case NULL_ONLY -> "NULL";
        };
    }
}
