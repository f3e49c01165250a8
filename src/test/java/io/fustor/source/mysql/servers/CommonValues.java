package io.fustor.source.mysql.servers;

import io.fustor.source.mysql.support.ServerRelease;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// The types that MySQL since 5.7 and MariaDB since 10.5 have in common, with their least,
/// greatest, empty, missing and odd values, as statements that fill a schema.
final class CommonValues {

    static final String SCHEMA = "matrix";

    private final List<String> tables = new ArrayList<>();
    private final List<String> statements = new ArrayList<>();

    CommonValues(ServerRelease release) {
        statements.add("CREATE DATABASE " + SCHEMA + " CHARACTER SET utf8mb4");
        statements.add("USE " + SCHEMA);
        statements.add("SET NAMES utf8mb4");
        statements.add("SET sql_mode = 'ALLOW_INVALID_DATES', time_zone = '+00:00'");
        numbers();
        times();
        texts();
        bytes();
        labels();
        documents(release.isMariaDb());
        table(
                "GEOMETRY",
                "ST_GeomFromText('LINESTRING(1 2,3 4)')",
                "ST_GeomFromText('POLYGON((0 0,0 1,1 1,0 0))')",
                "ST_GeomFromText('GEOMETRYCOLLECTION(POINT(1 2))')");
        widths();
        generated(release.isMariaDb());
    }

    List<String> tables() {
        return tables;
    }

    List<String> statements() {
        return statements;
    }

    /// A column that may be NULL and one that may not; rows with each of the values, of which some
    /// are updated and one is deleted.
    private void table(String type, String... values) {
        String name = "t%03d".formatted(tables.size());
        tables.add(name);
        statements.add(
                "CREATE TABLE %s (id INT PRIMARY KEY AUTO_INCREMENT, c %s NULL, d %s NOT NULL)"
                        .formatted(name, type, type));
        statements.add(
                Arrays.stream(values)
                        .map("(%1$s, %1$s), (NULL, %1$s)"::formatted)
                        .collect(
                                Collectors.joining(
                                        ", ",
                                        "INSERT IGNORE INTO %s (c, d) VALUES ".formatted(name),
                                        "")));
        statements.add("UPDATE %s SET c = d WHERE id %% 4 = 2".formatted(name));
        statements.add("DELETE FROM %s WHERE id = 1".formatted(name));
    }

    private void numbers() {
        for (String type : List.of("TINYINT", "SMALLINT", "MEDIUMINT", "INT", "BIGINT")) {
            table(type, "-9e99", "9e99", "0", "-1", "77");
            table(type + " UNSIGNED", "9e99", "0", "200");
            table(type + "(7) ZEROFILL", "9e99", "0", "42");
        }
        table("BIGINT UNSIGNED", "18446744073709551615", "9223372036854775808");
        table("YEAR", "0", "1901", "2155", "2024");
        for (int bits : new int[] {1, 8, 9, 64}) {
            table("BIT(" + bits + ")", "0", "1", "b'" + "1".repeat(bits) + "'");
        }
        String[] reals = {"0", "1.1", "16777217", "-1.5", "0.1", "9e20", "1e21", "5e-7", "1e6"};
        table("FLOAT", reals);
        table("DOUBLE", reals);
        table("DOUBLE", "9007199254740993", "1e15", "1e300", "1e-300");
        for (int[] of : new int[][] {{65, 30}, {65, 0}, {30, 30}, {5, 2}}) {
            String type = "DECIMAL(%d,%d)".formatted(of[0], of[1]);
            table(type, "0", "-0.0", "9e99", "-9e99", "-12.3", "0.5");
        }
    }

    private void times() {
        table("DATE", "'0000-00-00'", "'2024-00-00'", "'9999-12-31'", "'2023-02-31'");
        for (int digits : new int[] {0, 1, 3, 6}) {
            table(
                    "TIME(" + digits + ")",
                    "'838:59:59'",
                    "'-838:59:58.999999'",
                    "'-00:00:00.000001'",
                    "'-12:34:56.789012'");
            table(
                    "DATETIME(" + digits + ")",
                    "'0000-00-00'",
                    "'2024-00-00 00:00:00'",
                    "'9999-12-31 23:59:59.499999'",
                    "'2024-02-29 23:59:59.123456'");
            table(
                    "TIMESTAMP(" + digits + ")",
                    "'1970-01-01 00:00:01'",
                    "'2038-01-19 03:14:07.499999'",
                    "'2024-02-29 23:59:59.123456'");
        }
    }

    private void texts() {
        String text = "'a \\\\ \" \\n \\t \\b / ÀÉÖß £ Ωλ Жя 中文字 ひらカタ 한국어 €„“ 😀'";
        for (String set :
                List.of(
                        "latin1", "latin2", "cp1251", "koi8r", "greek", "gbk", "big5", "sjis",
                        "ujis", "euckr", "utf8", "utf8mb4", "utf16", "utf32", "ucs2")) {
            table("VARCHAR(300) CHARACTER SET " + set, "''", "'trailing  '", text);
            table("CHAR(60) CHARACTER SET " + set, "''", "'x  '", text);
        }
        table("TINYTEXT", "''", "REPEAT('x', 250)", "REPEAT('x', 255)");
        table("VARCHAR(8000)", "REPEAT('😀', 8000)", "REPEAT(' ', 8000)");
        table("LONGTEXT", "REPEAT('é', 40000)", "REPEAT('y', 65536)");
    }

    private void bytes() {
        String[] values = {"''", "x'00'", "x'FF00'", "'0123456789abcdef'"};
        for (String type : List.of("BINARY(16)", "VARBINARY(300)", "TINYBLOB", "BLOB")) {
            table(type, values);
        }
        table("LONGBLOB", "REPEAT(x'FD00', 40000)", "REPEAT('a', 65536)");
    }

    private void labels() {
        table("ENUM('a','b c','quote\"','it''s','日本')", "1", "2", "3", "4", "5");
        table("ENUM('é','ß','','d') CHARACTER SET latin1", "1", "2", "3", "4");
        String many =
                IntStream.range(0, 300)
                        .mapToObj(i -> "label" + i)
                        .collect(Collectors.joining("','"));
        table("ENUM('" + many + "')", "1", "255", "256", "300");
        table("SET('a','b c','quote\"','日本')", "0", "15", "9");
    }

    /// MariaDB's are texts, and stay as they were written.
    private void documents(boolean isMariaDb) {
        table("JSON", "'null'", "'{\"a\": [1, true, null, \"x\"]}'", "'\"é中😀\"'");
        if (!isMariaDb) {
            table(
                    "JSON",
                    "JSON_ARRAY(1.5, DATE'2024-02-29', TIME'12:34:56', 18446744073709551615)",
                    "JSON_OBJECT('k', REPEAT('中\\n', 30000), 'b', CAST('x' AS BINARY))");
        }
    }

    private void widths() {
        for (int columns : new int[] {8, 9, 500}) {
            String name = "width" + columns;
            tables.add(name);
            statements.add(
                    IntStream.range(0, columns)
                            .mapToObj(i -> "c%d %s".formatted(i, i % 3 == 0 ? "INT" : "CHAR(4)"))
                            .collect(
                                    Collectors.joining(
                                            ",",
                                            "CREATE TABLE " + name + " (",
                                            ") CHARACTER SET latin1")));
            for (int nullsEvery = 1; nullsEvery < 4; nullsEvery++) {
                int step = nullsEvery;
                statements.add(
                        IntStream.range(0, columns)
                                .mapToObj(i -> i % step == 0 ? "NULL" : String.valueOf(i))
                                .collect(
                                        Collectors.joining(
                                                ",", "INSERT INTO " + name + " VALUES (", ")")));
            }
        }
    }

    private void generated(boolean isMariaDb) {
        tables.add("computed");
        statements.add(
                "CREATE TABLE computed (id INT PRIMARY KEY, v INT AS (id + 1) VIRTUAL, p INT AS (id + 2) %s,"
                                .formatted(isMariaDb ? "PERSISTENT" : "STORED")
                        + " e VARCHAR(9) DEFAULT 'é', k TIMESTAMP(3) NULL DEFAULT CURRENT_TIMESTAMP(3))");
        statements.add("INSERT INTO computed (id) VALUES (1), (2)");
    }
}
