package io.fustor.source.mysql.snapshot;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/// A kind of key, and rows with keys that are hard to distinguish or to order.
///
/// @param name of the table
/// @param definition what follows `CREATE TABLE name `
/// @param columns which the rows name
/// @param rows as SQL, each `(…)`; a row that the server takes for one before it is left out
/// @param isResumable whether an index gives an order to go on in
record KeyKind(
        String name, String definition, String columns, List<String> rows, boolean isResumable) {

    /// Ties for collations: cases, accents, contractions, blanks, control characters.
    private static final List<String> TEXTS =
            List.of(
                    "", " ", "a", "A", "á", "ä", "a ", "a  b", "aB", "AB", "ae", "æ", "b", "c",
                    "ch", "cZ", "cz", "h", "i", "I", "ı", "İ", "ss", "ß", "z", "Z", "ž", "\\t",
                    "a\\t", "\\0", "a\\0", "aa\\t", "ÿ", "中", "表", "😀", "\\'\\\\", "ｶ", "カ");

    static final List<String> COLLATIONS =
            List.of(
                    "utf8mb4_general_ci",
                    "utf8mb4_bin",
                    "utf8mb4_turkish_ci",
                    "utf8mb4_czech_ci",
                    "utf8mb4_unicode_520_ci",
                    "utf8mb4_0900_ai_ci",
                    "utf8mb4_0900_as_cs",
                    "utf8mb4_0900_bin",
                    "utf8mb4_tr_0900_ai_ci",
                    "utf8mb4_de_pb_0900_as_cs",
                    "utf8mb4_cs_0900_ai_ci",
                    "utf8mb4_ja_0900_as_cs_ks",
                    "utf8mb4_zh_0900_as_cs",
                    "utf8mb4_nopad_bin",
                    "utf8mb4_unicode_nopad_ci",
                    "utf8mb4_uca1400_as_cs",
                    "utf8mb4_uca1400_nopad_ai_ci",
                    "latin1_swedish_ci",
                    "latin1_swedish_nopad_ci",
                    "latin1_german2_ci",
                    "latin1_general_cs",
                    "latin1_bin",
                    "latin2_czech_cs",
                    "cp1250_czech_cs",
                    "sjis_japanese_ci",
                    "sjis_bin",
                    "cp932_japanese_ci",
                    "ujis_japanese_ci",
                    "eucjpms_japanese_nopad_ci",
                    "gbk_chinese_ci",
                    "gb2312_chinese_ci",
                    "gb18030_chinese_ci",
                    "gb18030_unicode_520_ci",
                    "big5_chinese_ci",
                    "euckr_korean_ci",
                    "tis620_thai_ci",
                    "ucs2_general_ci",
                    "ucs2_unicode_ci",
                    "utf16_unicode_ci",
                    "utf16le_general_ci",
                    "utf32_general_ci",
                    "hp8_english_ci",
                    "ascii_general_ci",
                    "armscii8_bin");

    static KeyKind of(String name, String type, String... keys) {
        return new KeyKind(
                name,
                "(k " + type + " NOT NULL, PRIMARY KEY (k))",
                "k",
                Stream.of(keys).map(key -> "(" + key + ")").toList(),
                true);
    }

    private KeyKind as(String otherDefinition) {
        return new KeyKind(name, otherDefinition, columns, rows, isResumable);
    }

    private KeyKind columns(String others) {
        return new KeyKind(name, definition, others, rows, isResumable);
    }

    private KeyKind inOnePass() {
        return new KeyKind(name, definition, columns, rows, false);
    }

    /// Keys of a text type by a collation.
    static KeyKind text(String type, String collation) {
        KeyKind kind =
                of(
                        collation + "_" + type.substring(0, type.indexOf('(')),
                        type
                                + " CHARACTER SET "
                                + collation.split("_")[0]
                                + " COLLATE "
                                + collation,
                        TEXTS.stream().map(text -> "'" + text + "'").toArray(String[]::new));
        return type.startsWith("CHAR") && collation.contains("_nopad_") ? kind.inOnePass() : kind;
    }

    static List<KeyKind> all() {
        List<KeyKind> kinds = new ArrayList<>();
        kinds.addAll(values());
        kinds.addAll(prefixes());
        kinds.addAll(shapes());
        kinds.addAll(engines());
        return kinds;
    }

    private static List<KeyKind> values() {
        return List.of(
                of("ints", "INT", "-2147483648", "-1", "0", "1", "2147483647"),
                of(
                        "bigints",
                        "BIGINT UNSIGNED",
                        "0",
                        "9223372036854775808",
                        "18446744073709551615"),
                of("bits", "BIT(64)", "0", "1", "1 << 63", "~0", "~0 - 1"),
                of("years", "YEAR", "0", "1901", "1999", "2024", "2155"),
                of(
                        "decimals",
                        "DECIMAL(65,30)",
                        "-99999999999999999999999999999999999.999999999999999999999999999999",
                        "-0.000000000000000000000000000001",
                        "0",
                        "0.000000000000000000000000000001",
                        "99999999999999999999999999999999999.999999999999999999999999999999"),
                of("floats", "FLOAT", "-3.4e38", "-0.1", "-0e0", "1e-38", "0.1", "1/3", "16777217"),
                of(
                        "doubles", "DOUBLE", "-1e308", "-5e-324", "-0e0", "5e-324", "0.1", "1/3",
                        "1e22"),
                of("rounded", "DOUBLE(20,3)", "1.0005", "1.001", "123456789.1235").inOnePass(),
                of("dates", "DATE", "0", "'2024-00-00'", "'2024-02-31'", "'2024-03-01'"),
                of("datetimes", "DATETIME(6)", "0", "'2024-02-31'", "'2024-03-31 02:30:00.000001'"),
                of(
                        "timestamps",
                        "TIMESTAMP(6)",
                        "0",
                        "'1970-01-01 00:00:01'",
                        "'2024-03-31 00:59:59.999999'",
                        "'2024-03-31 01:00:00'",
                        "'2024-10-27 00:30:00'",
                        "'2024-10-27 01:30:00'",
                        "'2038-01-19 03:14:07.999999'"),
                of("times", "TIME(6)", "'-838:59:59'", "'-00:00:00.000001'", "0", "'838:59:59'"),
                of("enums", "ENUM('z','b','10','a','2')", "1", "2", "3", "4", "5", "0"),
                of("sets", "SET('z','b','a')", "0", "1", "2", "3", "4", "7"),
                of("binaries", "BINARY(3)", "''", "0x00FF", "0x20", "0x2001", "0xFFFFFF"),
                of("bytes", "VARBINARY(20)", "''", "0x00", "0x0000", "0x20", "0x275C", "0xFF"),
                of(
                        "long_bytes",
                        "VARBINARY(3072)",
                        "REPEAT(0xFF, 3072)",
                        "REPEAT(0xFF, 3071)",
                        "REPEAT(0x00, 3072)",
                        "CONCAT(REPEAT('a', 2000), 1)",
                        "CONCAT(REPEAT('a', 2000), 2)",
                        "CONCAT(REPEAT('a', 2000), 0)"),
                of(
                        "long_texts",
                        "VARCHAR(700) CHARACTER SET utf8mb4",
                        "CONCAT(REPEAT('ä', 600), 'b')",
                        "CONCAT(REPEAT('ä', 600), 'C')",
                        "CONCAT(REPEAT('Ä', 600), 'a')",
                        "REPEAT('😀', 700)",
                        "REPEAT('😀', 699)"));
    }

    private static List<KeyKind> prefixes() {
        String[] alike = {
            "CONCAT(REPEAT('a', 1400), 3)", "CONCAT(REPEAT('a', 1400), 1)",
            "CONCAT(REPEAT('a', 1400), 2)", "REPEAT('b', 1600)"
        };
        return List.of(
                of("prefix", "VARCHAR(2000)", alike)
                        .as(
                                "(k VARCHAR(2000) CHARACTER SET latin1 NOT NULL, PRIMARY KEY (k(1500)))")
                        .inOnePass(),
                of("text_prefix", "TEXT", "'http://a'", "'http://b'", "REPEAT('c', 60000)")
                        .as("(k TEXT NOT NULL, PRIMARY KEY (k(50)))")
                        .inOnePass(),
                of("blob_prefix", "BLOB", "0x0001", "0x0100", "0xFFFFFF")
                        .as("(k BLOB NOT NULL, UNIQUE (k(2)))")
                        .inOnePass(),
                of("long_unique", "BLOB", "0x0001", "0x0100", "0xFFFFFF")
                        .as("(k BLOB NOT NULL, UNIQUE (k))")
                        .inOnePass(),
                of("prefix_of_two", "", "1, 'aa'", "1, 'ab'", "2, 'aa'")
                        .as("(a INT, k VARCHAR(50) NOT NULL, PRIMARY KEY (a, k(2)))")
                        .columns("a, k")
                        .inOnePass(),
                of("prefix_and_unique", "", "'aa', 3", "'ab', 1", "'b', 2")
                        .as("(k VARCHAR(50) NOT NULL, u INT NOT NULL UNIQUE, PRIMARY KEY (k(2)))")
                        .columns("k, u"));
    }

    private static List<KeyKind> shapes() {
        String sixteen =
                Stream.iterate(1, i -> i + 1).limit(16).map(i -> "c" + i).reduce("", KeyKind::list);
        String ones = Stream.generate(() -> "1").limit(15).reduce("", KeyKind::list);
        return List.of(
                of("descending", "", "2, 'a'", "1, 'b'", "1, 'a'", "3, 'a'", "2, 'B'")
                        .as("(a INT, b VARCHAR(5), PRIMARY KEY (a DESC, b))")
                        .columns("a, b"),
                of("both_descending", "", "2, 1", "1, 2", "1, 1", "3, 1", "2, 0")
                        .as("(a INT, b INT, PRIMARY KEY (a DESC, b DESC))")
                        .columns("a, b"),
                of("mixed", "", "'a', 2, 0", "'A', 3, 1", "'b', 1, 1", "'a ', 9, 5", "'a', 3, 0")
                        .as("(a VARCHAR(5), b BIT(9), c YEAR, PRIMARY KEY (b, a DESC, c))")
                        .columns("a, b, c"),
                of(
                                "sixteen",
                                "",
                                ones + ", 3",
                                ones + ", 1",
                                ones + ", 2",
                                "2, " + ones,
                                "0, " + ones)
                        .as(
                                "("
                                        + sixteen.replace(",", " INT,")
                                        + " INT, PRIMARY KEY ("
                                        + sixteen
                                        + "))")
                        .columns(sixteen),
                of("unique", "", "3", "-1", "2", "7").as("(k INT NOT NULL, UNIQUE (k))"),
                of("unique_descending", "", "3", "-1", "2").as("(k INT NOT NULL, UNIQUE (k DESC))"),
                of("nullable", "", "3", "NULL", "NULL", "1").as("(k INT, UNIQUE (k))").inOnePass(),
                of("invisible", "", "3", "1", "2")
                        .as("(k INT NOT NULL, x INT, UNIQUE (k) INVISIBLE, KEY (x))")
                        .inOnePass(),
                of("ignored", "", "3", "1", "2")
                        .as("(k INT NOT NULL, x INT, UNIQUE (k) IGNORED, KEY (x))")
                        .inOnePass(),
                of("functional", "", "3", "1", "2")
                        .as("(k INT NOT NULL, UNIQUE ((k * 2)))")
                        .inOnePass(),
                of("multi_valued", "", "'[1,2]'", "'[3]'", "'[4,5]'")
                        .as("(k JSON NOT NULL, UNIQUE ((CAST(k AS UNSIGNED ARRAY))))")
                        .inOnePass(),
                of("stored", "", "3", "1", "2").as("(k INT, g INT AS (k * 10) STORED PRIMARY KEY)"),
                of("stored_unique", "", "3", "1", "2")
                        .as("(k INT, g INT AS (k * 10) STORED NOT NULL UNIQUE)"),
                of("virtual_unique", "", "3", "1", "2")
                        .as("(k INT, g INT AS (k * 10) VIRTUAL NOT NULL UNIQUE)")
                        .inOnePass(),
                of("spatial", "", "1", "2")
                        .as("(k INT, p POINT NOT NULL DEFAULT (POINT(1, 1)), SPATIAL INDEX (p))")
                        .inOnePass(),
                of("hash", "", "3", "1", "2", "7", "12")
                        .as("(k INT PRIMARY KEY) PARTITION BY HASH (k) PARTITIONS 3"),
                of("hash_descending", "", "3", "1", "2", "7", "12")
                        .as("(k INT, PRIMARY KEY (k DESC)) PARTITION BY HASH (k) PARTITIONS 3"),
                of("by_key", "", "'a'", "'B'", "'c'", "'ab'")
                        .as("(k VARCHAR(9) PRIMARY KEY) PARTITION BY KEY (k) PARTITIONS 4"),
                of("range", "", "3", "1", "2", "7", "12")
                        .as(
                                "(k INT PRIMARY KEY) PARTITION BY RANGE (k) (PARTITION p VALUES LESS"
                                        + " THAN (3), PARTITION q VALUES LESS THAN MAXVALUE)"),
                of("list", "", "3", "1", "2", "4")
                        .as(
                                "(k INT PRIMARY KEY) PARTITION BY LIST (k) (PARTITION p VALUES IN"
                                        + " (1, 4), PARTITION q VALUES IN (2, 3))"),
                of("range_columns", "", "1, 'b'", "2, 'a'", "0, 'a'", "5, 'Z'")
                        .as(
                                "(a INT, b VARCHAR(9), PRIMARY KEY (b, a)) PARTITION BY RANGE COLUMNS"
                                        + " (a) (PARTITION p VALUES LESS THAN (2), PARTITION q VALUES"
                                        + " LESS THAN MAXVALUE)")
                        .columns("a, b"),
                of("overlaps", "", "1, '2024-01-01', '2024-02-01'", "1, '2024-02-01', '2024-03-01'")
                        .as(
                                "(k INT, s DATE, e DATE, PERIOD FOR p (s, e), PRIMARY KEY (k, p"
                                        + " WITHOUT OVERLAPS))")
                        .columns("k, s, e"),
                of("keyless", "", "3", "1", "3").as("(k INT)").inOnePass(),
                of("one", "INT", "1"),
                of("empty", "INT"));
    }

    private static String list(String before, String next) {
        return before.isEmpty() ? next : before + ", " + next;
    }

    private static List<KeyKind> engines() {
        return List.of(
                of("myisam", "", "'b'", "'A'", "'c'", "'ab'")
                        .as("(k VARCHAR(300) PRIMARY KEY) ENGINE=MyISAM"),
                of("myisam_descending", "", "3", "1", "2", "7")
                        .as("(k INT, PRIMARY KEY (k DESC)) ENGINE=MyISAM"),
                of("aria", "", "'b'", "'A'", "'c'").as("(k VARCHAR(300) PRIMARY KEY) ENGINE=Aria"),
                of("memory", "", "3", "1", "2", "7")
                        .as("(k INT PRIMARY KEY) ENGINE=MEMORY")
                        .inOnePass(),
                of("memory_tree", "", "3", "1", "2", "7")
                        .as("(k INT NOT NULL, PRIMARY KEY USING BTREE (k)) ENGINE=MEMORY"),
                of("archive", "", "1", "2", "3")
                        .as("(k INT AUTO_INCREMENT, PRIMARY KEY (k)) ENGINE=ARCHIVE")
                        .inOnePass());
    }

    @Override
    public String toString() {
        return name;
    }
}
