package io.fustor.source.mysql.encode;

import static io.fustor.source.mysql.encode.Cells.column;
import static io.fustor.source.mysql.encode.Cells.text;
import static io.fustor.source.mysql.encode.Cells.unsigned;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.fustor.source.mysql.schema.Column;
import io.fustor.source.mysql.schema.ColumnType;
import io.fustor.source.mysql.support.TestMySql;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// What our codecs make of a real server's row images, against what the server itself prints.
class CellCodecsIT {

    private static final String QUOTED = "CONCAT('\"', c, '\"')";
    private static final String DATE_AND_TIME = "CONCAT('\"', REPLACE(c, ' ', 'T'), '\"')";
    private static final String MOMENT =
            "CONCAT('\"', REPLACE(c, ' ', 'T'), IF(c = 0, '', 'Z'), '\"')";
    private static final String BASE64 = "CONCAT('\"', REPLACE(TO_BASE64(c), '\\n', ''), '\"')";
    private static final String JSON_STRING = "JSON_QUOTE(CONVERT(c USING utf8mb4))";
    private static final int UTF8MB4 = 255;

    /// A table with one column.
    ///
    /// @param printed what lets the server print the value as JSON
    private record Table(
            String name, String type, Column column, String printed, List<String> values) {

        List<String> statements() {
            var statements = new ArrayList<String>();
            statements.add(
                    "CREATE TABLE %s (id INT PRIMARY KEY AUTO_INCREMENT, c %s)"
                            .formatted(name, type));
            for (String value : values) {
                statements.add("INSERT INTO %s (c) VALUES (%s)".formatted(name, value));
            }
            return statements;
        }
    }

    private final List<Table> tables = new ArrayList<>();

    private void table(String type, Column column, String printed, String... values) {
        tables.add(new Table("t" + tables.size(), type, column, printed, List.of(values)));
    }

    @Test
    void integersReadAsTheServerPrintsThem() throws Exception {
        table("TINYINT", column(ColumnType.TINYINT), "c", "-128", "127", "0", "-1");
        table("TINYINT UNSIGNED", unsigned(ColumnType.TINYINT), "c", "0", "255");
        table("SMALLINT", column(ColumnType.SMALLINT), "c", "-32768", "32767", "-1");
        table("SMALLINT UNSIGNED", unsigned(ColumnType.SMALLINT), "c", "65535");
        table("MEDIUMINT", column(ColumnType.MEDIUMINT), "c", "-8388608", "8388607", "-1");
        table("MEDIUMINT UNSIGNED", unsigned(ColumnType.MEDIUMINT), "c", "16777215", "8388608");
        table("INT", column(ColumnType.INT), "c", "-2147483648", "2147483647", "-1");
        table("INT UNSIGNED ZEROFILL", unsigned(ColumnType.INT), "c+0", "4294967295", "7");
        table("BIGINT", column(ColumnType.BIGINT), "c", "-9223372036854775808", "-1");
        table("BIGINT UNSIGNED", unsigned(ColumnType.BIGINT), "c", "18446744073709551615", "0");
        table("YEAR", column(ColumnType.YEAR), "c+0", "0", "1901", "2155", "2024");
        table("BOOLEAN", column(ColumnType.TINYINT), "c", "TRUE", "FALSE");
        for (int bits : new int[] {1, 7, 8, 9, 17, 33, 63, 64}) {
            table(
                    "BIT(" + bits + ")",
                    column(ColumnType.BIT, bits, 0),
                    "c+0",
                    "b'0'",
                    "b'1'",
                    "b'" + "1".repeat(bits) + "'",
                    "b'1" + "0".repeat(bits - 1) + "'");
        }
        compare("cells_integers");
    }

    @Test
    void decimalsReadAsTheServerPrintsThem() throws Exception {
        for (int[] type :
                new int[][] {
                    {65, 30}, {65, 0}, {30, 30}, {5, 2}, {1, 0}, {1, 1}, {9, 0}, {10, 0}, {18, 9},
                    {19, 10}, {27, 9}, {38, 20}, {11, 3}
                }) {
            String whole = type[0] == type[1] ? "0" : "9".repeat(type[0] - type[1]);
            String fraction = type[1] == 0 ? "" : "." + "9".repeat(type[1]);
            String least = type[1] == 0 ? "1" : "0." + "0".repeat(type[1] - 1) + "1";
            table(
                    "DECIMAL(%d,%d)".formatted(type[0], type[1]),
                    column(ColumnType.DECIMAL, type[0], type[1]),
                    "c",
                    "0",
                    "-0.0",
                    whole + fraction,
                    "-" + whole + fraction,
                    least,
                    "-" + least,
                    "0.5",
                    "-12.30",
                    "100000000.000000001");
        }
        compare("cells_decimals");
    }

    @Test
    void datesAndTimesReadAsTheServerPrintsThem() throws Exception {
        String[] times = {
            "'00:00:00'",
            "'838:59:59'",
            "'-838:59:59'",
            "'-838:59:58.000001'",
            "'-00:00:00.000001'",
            "'-00:00:00.999999'",
            "'-00:00:00.1'",
            "'-00:00:00.01'",
            "'-00:00:01.5'",
            "'-12:34:56.789012'",
            "'12:34:56.789012'",
            "'99:59:59.999999'",
            "'-100:00:00'"
        };
        String[] moments = {
            "'0000-00-00'",
            "'2024-02-29 23:59:59.123456'",
            "'2000-01-01 00:00:00'",
            "'2037-12-31 23:59:59.999999'",
            "'1970-01-01 00:00:01'",
            "'1999-12-31 12:00:00.5'"
        };
        table("DATE", column(ColumnType.DATE), QUOTED, "'0000-00-00'", "'2024-00-00'");
        table(
                "DATE",
                column(ColumnType.DATE),
                QUOTED,
                "'9999-12-31'",
                "'2024-02-29'",
                "'1000-1-1'");
        for (int digits = 0; digits <= 6; digits++) {
            table("TIME(" + digits + ")", column(ColumnType.TIME, 0, digits), QUOTED, times);
            table(
                    "DATETIME(" + digits + ")",
                    column(ColumnType.DATETIME, 0, digits),
                    DATE_AND_TIME,
                    moments);
            table(
                    "DATETIME(" + digits + ")",
                    column(ColumnType.DATETIME, 0, digits),
                    DATE_AND_TIME,
                    "'2024-00-00 00:00:00'",
                    "'9999-12-31 23:59:59'",
                    "'0000-01-00 10:00:00'",
                    "'1000-01-01'");
            table(
                    "TIMESTAMP(" + digits + ") NULL",
                    column(ColumnType.TIMESTAMP, 0, digits),
                    MOMENT,
                    moments);
        }
        compare("cells_times");
    }

    @Test
    void textReadsAsTheServerPrintsIt() throws Exception {
        String[] values = {
            "''",
            "'plain'",
            "'with trailing spaces   '",
            "'quote \" backslash \\\\ tab \\t feed \\n\\r nul \\0 end'",
            "'é ß € 中文 한 ひ 😀'",
            "REPEAT('long ', 50)"
        };
        table("CHAR(255)", text(ColumnType.CHAR, 1020, UTF8MB4), JSON_STRING, values);
        table("VARCHAR(255)", text(ColumnType.VARCHAR, 1020, UTF8MB4), JSON_STRING, values);
        table(
                "VARCHAR(255) CHARACTER SET latin1",
                text(ColumnType.VARCHAR, 255, 8),
                JSON_STRING,
                values);
        String[] sizes = {"TINYTEXT", "TEXT", "MEDIUMTEXT", "LONGTEXT"};
        for (int i = 0; i < sizes.length; i++) {
            Column column = text(ColumnType.TEXT, i + 1, UTF8MB4);
            table(sizes[i], column, JSON_STRING, "''", "'some text'", "REPEAT('ab', 100)");
        }
        compare("cells_text");
    }

    @Test
    void textOfEveryCharacterSetReadsAsTheServerPrintsIt() throws Exception {
        try (var connection = TestMySql.shared().jdbc();
                var sets =
                        connection
                                .createStatement()
                                .executeQuery(
                                        """
                                        SELECT character_set_name, id, maxlen
                                        FROM information_schema.character_sets
                                        JOIN information_schema.collations USING (character_set_name)
                                        WHERE is_default = 'Yes' AND character_set_name <> 'binary'
                                        """)) {
            while (sets.next()) {
                String set = sets.getString(1);
                String type = " CHARACTER SET " + set;
                int widest = sets.getInt(3);
                for (ColumnType each : List.of(ColumnType.CHAR, ColumnType.VARCHAR)) {
                    table(
                            each + "(60)" + type,
                            text(each, 60 * widest, sets.getInt(2)),
                            JSON_STRING,
                            "'abc ~ \\\\ \" \\n @ [ ] { | }'",
                            "'ÀÉÖåüñß £ ¥ § ¤'",
                            "'Ωλ Жя שלום ไทย Հայ ქარ'",
                            "'中文字 漢字 ひらカタ 한국어 ﾊﾝｶｸ'",
                            "'─│█ ±÷ €„“”‰ ŁłŽž'",
                            "'trailing  '");
                }
            }
        }
        compare("cells_sets");
    }

    @Test
    void bytesReadAsTheServerPrintsThem() throws Exception {
        String[] values = {"''", "x'00'", "x'FF00'", "x'0000AA'", "'0123456789abcdef'"};
        table("BINARY(16)", column(ColumnType.BINARY, 16, 0), BASE64, values);
        table("BINARY(255)", column(ColumnType.BINARY, 255, 0), BASE64, values);
        table("VARBINARY(255)", column(ColumnType.VARBINARY, 255, 0), BASE64, values);
        table("VARBINARY(300)", column(ColumnType.VARBINARY, 300, 0), BASE64, values);
        table("TINYBLOB", column(ColumnType.BLOB, 1, 0), BASE64, values);
        table("BLOB", column(ColumnType.BLOB, 2, 0), BASE64, values);
        table("MEDIUMBLOB", column(ColumnType.BLOB, 3, 0), BASE64, "REPEAT(x'00FE', 40000)");
        table("LONGBLOB", column(ColumnType.BLOB, 4, 0), BASE64, "REPEAT(x'FDFE', 40000)");
        String wkb =
                """
                CONCAT('{"srid":', ST_SRID(c), ',"wkb":"',
                  REPLACE(TO_BASE64(ST_AsBinary(c, 'axis-order=long-lat')), '\\n', ''), '"}')
                """;
        table(
                "GEOMETRY",
                column(ColumnType.GEOMETRY, 4, 0),
                wkb,
                "ST_GeomFromText('POINT(1 2)')",
                "ST_GeomFromText('POINT(40 -70)', 4326)",
                "ST_GeomFromText('POLYGON((0 0,0 1,1 1,0 0))', 3857)");
        compare("cells_bytes");
    }

    @Test
    void vectorsReadAsTheNumbersTheyWereMadeOf() throws Exception {
        String numbers = "[1,-1.5,0.1,1e-30,3.4028235e38,0]";
        TestMySql mysql = TestMySql.shared();
        try (var connection = mysql.jdbc()) {
            boolean knowsVectors = connection.getMetaData().getDatabaseMajorVersion() >= 9;
            // Elsewhere its bytes can stand in a blob: a vector is stored no differently.
            table(
                    knowsVectors ? "VECTOR(6)" : "LONGBLOB",
                    column(ColumnType.VECTOR, 4, 0),
                    "'" + numbers + "'",
                    knowsVectors
                            ? "STRING_TO_VECTOR('" + numbers + "')"
                            : "x'0000803f0000c0bfcdcccc3d6042a20dffff7f7f00000000'");
        }
        compare("cells_vectors");
    }

    @Test
    void labelsReadAsTheServerPrintsThem() throws Exception {
        table(
                "ENUM('a','b c','quote\"','comma,','日本','')",
                text(ColumnType.ENUM, 1, UTF8MB4, "a", "b c", "quote\"", "comma,", "日本", ""),
                JSON_STRING,
                "'a'",
                "'quote\"'",
                "'comma,'",
                "'日本'",
                "'none of them'",
                "''");
        var many = new ArrayList<String>();
        for (int i = 0; i < 300; i++) {
            many.add("label" + i);
        }
        table(
                "ENUM('" + String.join("','", many) + "')",
                text(ColumnType.ENUM, 2, UTF8MB4, many.toArray(String[]::new)),
                JSON_STRING,
                "'label0'",
                "'label255'",
                "'label299'");
        for (int members : new int[] {1, 8, 9, 16, 17, 24, 25, 32, 33, 64}) {
            var labels = many.subList(0, members);
            int bytes = members <= 24 ? (members + 7) / 8 : members <= 32 ? 4 : 8;
            table(
                    "SET('" + String.join("','", labels) + "')",
                    text(ColumnType.SET, bytes, UTF8MB4, labels.toArray(String[]::new)),
                    JSON_STRING,
                    "''",
                    "'label0'",
                    "'label" + (members - 1) + "'",
                    "'" + String.join(",", labels) + "'");
        }
        compare("cells_labels");
    }

    @Test
    void emptyCellsOfColumnsAddedLaterReadAsNull() throws Exception {
        // Rows that were there before get an empty value, which the server calls invalid.
        List<String> statements =
                List.of(
                        "CREATE TABLE later (id INT PRIMARY KEY AUTO_INCREMENT)",
                        "INSERT INTO later VALUES (1)",
                        "ALTER TABLE later ADD COLUMN c JSON NOT NULL",
                        "CREATE TABLE copied (id INT PRIMARY KEY, c JSON NOT NULL)",
                        "INSERT IGNORE INTO copied SELECT * FROM later");
        var rows = BinlogRows.of(TestMySql.shared(), "cells_empty", statements);
        Table copied = new Table("copied", "JSON", column(ColumnType.JSON, 4, 0), "c", List.of());
        assertThat(ours(copied, rows)).containsExactly("null");
    }

    private void compare(String schema) throws Exception {
        List<String> statements = new ArrayList<>(List.of("SET time_zone = '+00:00'"));
        tables.forEach(table -> statements.addAll(table.statements()));
        TestMySql mysql = TestMySql.shared();
        var rows = BinlogRows.of(mysql, schema, statements);
        try (var connection = mysql.jdbc();
                var statement = connection.createStatement()) {
            for (Table table : tables) {
                var expected = new ArrayList<String>();
                var printed =
                        statement.executeQuery(
                                "SELECT %s FROM %s.%s ORDER BY id"
                                        .formatted(table.printed(), schema, table.name()));
                while (printed.next()) {
                    expected.add(new String(printed.getBytes(1), UTF_8));
                }
                assertThat(ours(table, rows)).as(table.type()).isNotEmpty().isEqualTo(expected);
            }
        }
    }

    private static List<String> ours(Table table, Map<String, List<byte[]>> rows) {
        CellCodec codec = CellCodecs.of(table.column(), false);
        var values = new ArrayList<String>();
        for (byte[] images : rows.getOrDefault(table.name(), List.of())) {
            for (int at = 0; at < images.length; ) {
                JsonBuffer out = new JsonBuffer();
                at = codec.write(images, at + 1 + 4, out); // after bitmap of NULLs and id
                values.add(new String(out.array(), 0, out.size(), UTF_8));
            }
        }
        return values;
    }
}
