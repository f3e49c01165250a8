package io.fustor.source.mysql.snapshot;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// A table that is hard to read in parts: its key, and rows whose keys are near each other in one
/// way or another. Every table also has the column `n`, by which the tests know its rows.
///
/// @param name what it is about; also the table's name
/// @param columns definitions of all columns but `n`
/// @param key columns by which the rows are in order, as SQL
/// @param keys what is inserted in `inserted`, a row each, as SQL
/// @param constraints what comes after the columns, with a comma before it
/// @param options what comes after the definition
record SnapshotTable(
        String name,
        String columns,
        String key,
        Kind kind,
        List<String> keys,
        String constraints,
        String options) {

    enum Kind {
        /// Goes on where it stood.
        KEYED,
        /// Is read in one pass, and starts over.
        KEYLESS
    }

    static SnapshotTable keyed(String name, String type, String... keys) {
        return new SnapshotTable(
                name, "k " + type + " PRIMARY KEY", "k", Kind.KEYED, List.of(keys), "", "");
    }

    SnapshotTable columns(String definitions) {
        return new SnapshotTable(name, definitions, key, kind, keys, constraints, options);
    }

    SnapshotTable key(String sql) {
        return new SnapshotTable(name, columns, sql, kind, keys, constraints, options);
    }

    SnapshotTable kind(Kind other) {
        return new SnapshotTable(name, columns, key, other, keys, constraints, options);
    }

    SnapshotTable constraints(String sql) {
        return new SnapshotTable(name, columns, key, kind, keys, ", " + sql, options);
    }

    SnapshotTable options(String sql) {
        return new SnapshotTable(name, columns, key, kind, keys, constraints, sql);
    }

    static String quoted(String name) {
        return "`" + name.replace("`", "``") + "`";
    }

    /// The statements that make the table with its rows.
    ///
    /// @param schema its quoted name
    List<String> statements(String schema) {
        String table = schema + "." + quoted(name);
        List<String> statements = new ArrayList<>();
        statements.add(
                "CREATE TABLE %s (%s, n INT NOT NULL%s) CHARACTER SET utf8mb4 %s"
                        .formatted(table, columns, constraints, options));
        for (int i = 0; i < keys.size(); i++) {
            String into = key.equals("my_row_id") ? "n" : inserted() + ", n";
            String values = key.equals("my_row_id") ? "" + i : keys.get(i) + ", " + i;
            statements.add("INSERT INTO %s (%s) VALUES (%s)".formatted(table, into, values));
        }
        return statements;
    }

    /// The key's columns, or of a generated key the one it is made of.
    private String inserted() {
        return key.equals("generated") ? "k" : key.replace(" DESC", "");
    }

    String selectNumbers(String schema) {
        String order = kind == Kind.KEYLESS ? "n" : key;
        return "SELECT n FROM " + schema + "." + quoted(name) + " ORDER BY " + order;
    }

    @Override
    public String toString() {
        return name;
    }

    static List<SnapshotTable> all() {
        return Stream.of(numbers(), times(), labels(), bytes(), texts(), shapes(), names())
                .flatMap(List::stream)
                .toList();
    }

    private static List<SnapshotTable> numbers() {
        return List.of(
                keyed("ints", "INT", "-2147483648", "-1", "0", "1", "2147483647"),
                keyed(
                        "bigints",
                        "BIGINT UNSIGNED",
                        "0",
                        "1",
                        "9223372036854775807",
                        "9223372036854775808",
                        "18446744073709551614",
                        "18446744073709551615"),
                keyed(
                        "decimals",
                        "DECIMAL(30,10)",
                        "-99999999999999999999.9999999999",
                        "-0.0000000001",
                        "0",
                        "0.0000000001",
                        "12.3",
                        "99999999999999999999.9999999999"),
                keyed("floats", "FLOAT", "-3.4e38", "-0.1", "0", "1e-38", "0.1", "0.3", "1/3"),
                keyed("more_floats", "FLOAT", "0.7", "123456.7", "16777216", "3.4e38"),
                keyed("doubles", "DOUBLE", "-1e308", "-0.1", "0", "5e-324", "0.1", "0.3", "1/3"),
                keyed("bits", "BIT(10)", "0", "1", "2", "512", "1023"),
                keyed("long_bits", "BIT(64)", "0", "1", "1 << 63", "~0", "~0 - 1"),
                keyed("years", "YEAR", "0", "1901", "1999", "2024", "2155"));
    }

    private static List<SnapshotTable> times() {
        return List.of(
                keyed(
                        "dates",
                        "DATE",
                        "'0000-00-00'",
                        "'2024-00-00'",
                        "'2024-02-00'",
                        "'2024-02-29'",
                        "'9999-12-31'"),
                keyed(
                        "datetimes",
                        "DATETIME(6)",
                        "'0000-00-00'",
                        "'2024-00-00 10:00:00'",
                        "'2024-03-31 02:30:00.000001'",
                        "'2024-03-31 02:30:00.000002'",
                        "'9999-12-31 23:59:59.999999'"),
                keyed("datetimes_s", "DATETIME", "'2024-01-01'", "'2024-01-01 00:00:01'", "0"),
                keyed(
                        "timestamps",
                        "TIMESTAMP(3)",
                        "'0000-00-00'",
                        "'1970-01-01 00:00:01'",
                        "'2024-03-31 01:30:00.001'",
                        "'2024-10-27 01:30:00'",
                        "'2024-10-27 02:30:00'",
                        "'2038-01-19 03:14:07.999'"),
                keyed(
                        "times",
                        "TIME(6)",
                        "'-838:59:59'",
                        "'-01:00:00.5'",
                        "'-00:00:00.000001'",
                        "0",
                        "'00:00:00.000001'",
                        "'100:00:00'",
                        "'838:59:59'"));
    }

    private static List<SnapshotTable> labels() {
        return List.of(
                keyed("enums", "ENUM('z','b','10','a','2')", "1", "2", "3", "4", "5", "0"),
                keyed("sets", "SET('z','b','a')", "0", "1", "2", "3", "4", "5", "7"),
                keyed(
                        "enums_latin",
                        "ENUM('ü','ä','a''b') CHARACTER SET latin1",
                        "'ü'",
                        "'ä'",
                        "'a\\'b'"));
    }

    private static List<SnapshotTable> bytes() {
        return List.of(
                keyed("binaries", "BINARY(3)", "''", "0x00FF", "0x20", "0x2001", "0xFFFFFF"),
                keyed(
                        "varbinaries",
                        "VARBINARY(20)",
                        "''",
                        "0x00",
                        "0x0000",
                        "0x20",
                        "0x27",
                        "0x5C27",
                        "0xFF"),
                keyed("blob_prefix", "", "0x0001", "0x01FF", "0x0201", "0xFFFFFF")
                        .columns("k BLOB NOT NULL")
                        .constraints("PRIMARY KEY (k(2))")
                        .kind(Kind.KEYLESS));
    }

    private static List<SnapshotTable> texts() {
        return List.of(
                strings("ai_ci", "utf8mb4_0900_ai_ci", "", " ", "a", "a ", "B", "c", "é2", "😀"),
                strings("as_cs", "utf8mb4_0900_as_cs", "a", "A", "á", "Á", "b", "B"),
                strings("bin", "utf8mb4_bin", "a", "A", "ä", "Z", "😀", "'x\\\\"),
                strings("general", "utf8mb4_general_ci", "", "a\\t", "a", "ab", "B", "ä2", "z"),
                strings("unicode", "utf8mb4_unicode_ci", "ss1", "ß2", "SS3", "st"),
                strings("german2", "latin1_german2_ci", "ad", "ä", "ae2", "AF", "ö", "of", "ß"),
                strings("swedish", "latin1_swedish_ci", "a", "z", "å", "ä", "ö", "€", "ÿ"),
                strings("german1", "latin1_german1_ci", "a", "ä2", "b", "z"),
                strings("latin1_bin", "latin1_bin", "a", "A", "é", "€"),
                strings("utf8mb3", "utf8mb3_general_ci", "a", "ä2", "中", "￿"),
                strings("utf16", "utf16_general_ci", "a", "ä2", "中", "😀"),
                strings("ucs2", "ucs2_bin", "a", "ä", "中"),
                strings("gbk", "gbk_chinese_ci", "a", "a\\\\", "中", "文", "誠"),
                keyed(
                        "gbk_backslash",
                        "VARCHAR(20) CHARACTER SET gbk COLLATE gbk_bin",
                        "_gbk 0x8A5C",
                        "_gbk 0xBF5C",
                        "_gbk 0xBF5C27",
                        "_gbk 0x27"),
                keyed("sjis", "VARCHAR(20) CHARACTER SET sjis", "_sjis 0x835C", "'a'", "'表'"),
                keyed("chars", "CHAR(5)", "'a'", "'b  '", "'B2'", "''", "'ä2'"),
                keyed("text_prefix", "", "'aaa1'", "'AAB'", "'b'", "'ä2'", "''")
                        .columns("k TEXT NOT NULL")
                        .constraints("PRIMARY KEY (k(3))")
                        .kind(Kind.KEYLESS),
                keyed("varchar_prefix", "", "'aaa1'", "'AAB'", "'b'", "'ä2'", "''")
                        .columns("k VARCHAR(50) NOT NULL")
                        .constraints("PRIMARY KEY (k(3))")
                        .kind(Kind.KEYLESS),
                keyed(
                                "long_prefix",
                                "",
                                "CONCAT(REPEAT('a', 1400), 3)",
                                "CONCAT(REPEAT('a', 1400), 1)",
                                "CONCAT(REPEAT('a', 1400), 2)")
                        .columns("k VARCHAR(2000) CHARACTER SET latin1 NOT NULL")
                        .constraints("PRIMARY KEY (k(1500))")
                        .kind(Kind.KEYLESS),
                keyed("url_prefix", "", "REPEAT('a', 40000)", "'b'", "REPEAT('c', 60000)")
                        .columns("k TEXT NOT NULL")
                        .constraints("PRIMARY KEY (k(50))")
                        .kind(Kind.KEYLESS));
    }

    private static SnapshotTable strings(String name, String collation, String... keys) {
        String characterSet = collation.substring(0, collation.indexOf('_'));
        String[] literals = Stream.of(keys).map(key -> "'" + escaped(key)).toArray(String[]::new);
        String type = "VARCHAR(20) CHARACTER SET " + characterSet + " COLLATE " + collation;
        return keyed("text_" + name, type, literals);
    }

    private static String escaped(String key) {
        return key.startsWith("'") ? "\\" + key + "'" : key + "'";
    }

    private static List<SnapshotTable> shapes() {
        return List.of(
                keyed("composite", "", "'a', 1", "'A', 2", "'a', 300", "'b', 0", "'B', 4294967295")
                        .columns("a VARCHAR(20) NOT NULL, b INT UNSIGNED NOT NULL")
                        .constraints("PRIMARY KEY (a, b)")
                        .key("a, b"),
                keyed(
                                "reordered",
                                "",
                                "2, '2024-01-01', 1",
                                "1, '2024-01-01', 2",
                                "1, 0, 1",
                                "3, 0, 1",
                                "3, '2024-01-01', -1")
                        .columns("a INT, c DATE, b TINYINT")
                        .constraints("PRIMARY KEY (b, c, a)")
                        .key("b, c, a"),
                keyed("descending", "", "2, 1", "1, 2", "1, 1", "3, 1", "2, 0")
                        .columns("a INT, b INT")
                        .constraints("PRIMARY KEY (a DESC, b)")
                        .key("a DESC, b"),
                keyed("unique_only", "", "3", "-1", "2", "7").columns("k INT NOT NULL UNIQUE"),
                keyed("two_uniques", "", "'d'", "'b'", "'c'", "'a'")
                        .columns("a INT UNIQUE, k VARCHAR(9) NOT NULL UNIQUE")
                        .key("k"),
                keyed("nullable_unique", "", "3", "NULL", "NULL", "1", "2")
                        .columns("k INT UNIQUE")
                        .kind(Kind.KEYLESS),
                keyed("unique_expression", "", "3", "1", "2", "7")
                        .columns("k INT NOT NULL, UNIQUE ((k * 2))")
                        .kind(Kind.KEYLESS),
                keyed("keyless", "", "1", "1", "NULL", "3", "2")
                        .columns("k INT")
                        .kind(Kind.KEYLESS),
                keyed("empty", "INT"),
                keyed("empty_keyless", "").columns("k INT").kind(Kind.KEYLESS),
                keyed("one", "INT", "1"),
                keyed("generated_key", "", "3", "1", "2", "7")
                        .columns("k INT, g INT AS (k * 10) STORED PRIMARY KEY, v INT AS (k + 1)"),
                keyed("invisible_column", "INT", "3", "1", "2", "7")
                        .columns("k INT PRIMARY KEY, h INT DEFAULT 5 INVISIBLE"),
                keyed("invisible_key", "", "3", "1", "2", "7")
                        .columns("k INT PRIMARY KEY INVISIBLE"),
                keyed("generated_invisible_key", "", "3", "1", "2", "7")
                        .columns("k INT")
                        .key("my_row_id"),
                keyed("hash_partitions", "INT", "3", "1", "2", "7", "12")
                        .options("PARTITION BY HASH (k) PARTITIONS 3"),
                keyed("range_partitions", "INT", "3", "1", "2", "7", "12")
                        .options(
                                "PARTITION BY RANGE (k) (PARTITION p VALUES LESS THAN (3),"
                                        + " PARTITION q VALUES LESS THAN MAXVALUE)"),
                keyed("myisam", "INT", "3", "1", "2", "7").options("ENGINE=MyISAM"),
                keyed("compressed", "INT", "3", "1", "2", "7").options("ROW_FORMAT=COMPRESSED"));
    }

    private static List<SnapshotTable> names() {
        String[] odd = {
            "back`tick", "do.t", "it's", "\"double\"", "sp ace", "per%cent", "%20", "com,ma",
                    "st*r",
            "back\\slash", "ha#sh", "que?ry", "sla/sh", "-- note", "semi;colon", "am&p=", "ü表", "+"
        };
        return Stream.of(odd)
                .map(
                        name ->
                                keyed(name, "", "1", "2", "3")
                                        .columns(quoted(name) + " INT PRIMARY KEY")
                                        .key(quoted(name)))
                .collect(Collectors.toList());
    }
}
