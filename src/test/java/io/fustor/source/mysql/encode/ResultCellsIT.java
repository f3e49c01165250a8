package io.fustor.source.mysql.encode;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.fustor.source.mysql.binlog.ReadRows;
import io.fustor.source.mysql.change.RowsEvent;
import io.fustor.source.mysql.connection.ServerAccess;
import io.fustor.source.mysql.connection.SqlConnections;
import io.fustor.source.mysql.schema.Column;
import io.fustor.source.mysql.schema.ColumnType;
import io.fustor.source.mysql.schema.TableSchema;
import io.fustor.source.mysql.server.TableDescriptions;
import io.fustor.source.mysql.snapshot.RowStream;
import io.fustor.source.mysql.support.TestMySql;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// What our codecs make of a real server's result rows, against what they make of its row images.
class ResultCellsIT {

    private static final String SCHEMA = "result_cells";

    private final List<String> tables = new ArrayList<>();
    private final List<String> statements =
            new ArrayList<>(
                    List.of(
                            "DROP DATABASE IF EXISTS " + SCHEMA,
                            "CREATE DATABASE " + SCHEMA + " CHARACTER SET utf8mb4",
                            "USE " + SCHEMA,
                            "SET NAMES utf8mb4",
                            "SET sql_mode = '', time_zone = '+00:00'"));

    /// A table with one column of a type, and a row for each value and for NULL.
    private void table(String type, String... values) {
        String name = "t" + statements.size();
        tables.add(name);
        statements.add(
                "CREATE TABLE %s (id INT PRIMARY KEY AUTO_INCREMENT, c %s)".formatted(name, type));
        statements.add("INSERT INTO %s (c) VALUES (NULL)".formatted(name));
        for (String value : values) {
            statements.add("INSERT INTO %s (c) VALUES (%s)".formatted(name, value));
        }
    }

    @Test
    void numbersReadAsInRowImages() throws Exception {
        numbers();
        compare(TestMySql.shared());
    }

    private void numbers() {
        table("TINYINT", "-128", "127", "0", "-1");
        table("TINYINT UNSIGNED ZEROFILL", "0", "255", "7");
        table("SMALLINT", "-32768", "32767", "-1");
        table("SMALLINT UNSIGNED", "65535");
        table("MEDIUMINT", "-8388608", "8388607", "-1", "0");
        table("MEDIUMINT UNSIGNED", "16777215", "8388608", "1");
        table("INT", "-2147483648", "2147483647", "-1");
        table("INT UNSIGNED ZEROFILL", "4294967295", "7");
        table("BIGINT", "-9223372036854775808", "-1", "9007199254740992", "9007199254740993");
        table("BIGINT UNSIGNED", "18446744073709551615", "0", "9223372036854775808");
        table("YEAR", "0", "1901", "2155", "2024");
        for (int bits : new int[] {1, 7, 8, 9, 33, 64}) {
            table(
                    "BIT(" + bits + ")",
                    "b'0'",
                    "b'1'",
                    "b'" + "1".repeat(bits) + "'",
                    "b'1" + "0".repeat(bits - 1) + "'");
        }
        String[] reals = {
            "0", "-0e0", "1.1", "16777217", "-1.5", "3.4028235e38", "1e-45", "0.1", "123456.789"
        };
        table("FLOAT", reals);
        table("FLOAT(7,2)", "1.005", "12345.67", "-0.01");
        table("FLOAT(10,3) UNSIGNED ZEROFILL", "1.5", "0");
        table("DOUBLE", reals);
        table("DOUBLE", "1.7976931348623157e308", "5e-324", "9007199254740993", "1e15", "1e21");
        table("DOUBLE(10,3)", "1.0005", "-9999999.999");
    }

    @Test
    void decimalsReadAsInRowImages() throws Exception {
        for (int[] type :
                new int[][] {
                    {65, 30}, {65, 0}, {30, 30}, {5, 2}, {1, 0}, {1, 1}, {16, 0}, {15, 3}, {18, 9}
                }) {
            String whole = type[0] == type[1] ? "0" : "9".repeat(type[0] - type[1]);
            String fraction = type[1] == 0 ? "" : "." + "9".repeat(type[1]);
            String least = type[1] == 0 ? "1" : "0." + "0".repeat(type[1] - 1) + "1";
            for (String zerofill : List.of("", " ZEROFILL")) {
                table(
                        "DECIMAL(%d,%d)%s".formatted(type[0], type[1], zerofill),
                        "0",
                        "-0.0",
                        whole + fraction,
                        "-" + whole + fraction,
                        least,
                        "-" + least,
                        "0.5",
                        "-0.5",
                        "-12.30",
                        "100000000.000000001",
                        "1234567890123456");
            }
        }
        compare(TestMySql.shared());
    }

    @Test
    void datesAndTimesReadAsInRowImages() throws Exception {
        times();
        compare(TestMySql.shared());
    }

    private void times() {
        table("DATE", "'0000-00-00'", "'2024-00-00'", "'2024-02-00'", "'9999-12-31'", "'0001-1-1'");
        for (int digits = 0; digits <= 6; digits++) {
            table(
                    "TIME(" + digits + ")",
                    "'00:00:00'",
                    "'838:59:59'",
                    "'-838:59:59'",
                    "'-838:59:58.000001'",
                    "'-838:59:59.000001'",
                    "'-00:00:00.000001'",
                    "'-00:00:00.1'",
                    "'00:00:00.999999'",
                    "'-24:00:00'",
                    "'23:59:59.5'",
                    "'-12:34:56.789012'",
                    "'99:59:59.999999'");
            table(
                    "DATETIME(" + digits + ")",
                    "'0000-00-00'",
                    "'2024-00-00 00:00:00'",
                    "'2024-00-00 00:00:00.5'",
                    "'0000-01-00 10:00:00'",
                    "'0000-00-00 10:00:00'",
                    "'9999-12-31 23:59:59'",
                    "'1000-01-01'",
                    "'2024-02-29 00:00:00.000001'",
                    "'2024-02-29 23:59:59.123456'");
            table(
                    "TIMESTAMP(" + digits + ") NULL",
                    "'0000-00-00'",
                    "'2024-02-29 00:00:00'",
                    "'2024-02-29 23:59:59.123456'",
                    "'2024-03-31 02:30:00'",
                    "'2038-01-19 03:14:07'",
                    "'1970-01-01 00:00:01'",
                    "'1999-12-31 12:00:00.5'");
        }
    }

    @Test
    void textOfEveryCharacterSetReadsAsInRowImages() throws Exception {
        TestMySql mysql = TestMySql.shared();
        texts();
        try (Connection connection = mysql.jdbc();
                var statement = connection.createStatement();
                var sets =
                        statement.executeQuery(
                                """
                                SELECT CHARACTER_SET_NAME FROM information_schema.CHARACTER_SETS
                                WHERE CHARACTER_SET_NAME <> 'binary'
                                """)) {
            while (sets.next()) {
                for (String type : List.of("CHAR(60)", "VARCHAR(300)", "TEXT")) {
                    table(
                            type + " CHARACTER SET " + sets.getString(1),
                            "''",
                            "'abc ~ \\\\ \" \\n @ [ ] { | }'",
                            "'ÀÉÖåüñß £ ¥ § ¤ Ωλ Жя שלום ไทย Հայ ქარ'",
                            "'中文字 漢字 ひらカタ 한국어 ﾊﾝｶｸ ─│█ ±÷ €„“”‰ ŁłŽž 😀'",
                            "'trailing  '");
                }
            }
        }
        compare(mysql);
    }

    private void texts() {
        // All single bytes, and double bytes with and without a meaning, as far as each set lets
        // them in.
        String bytes = "x'" + hex(IntStream.range(0, 256)) + "'";
        String high = "x'" + hex(IntStream.range(0x80, 0x100)) + "'";
        String pairs =
                "x'"
                        + hex(
                                IntStream.range(0, 126 * 2)
                                        .map(i -> i % 2 == 0 ? 0xA1 + i / 4 : 0xFC))
                        + "'";
        String odd = "x'" + hex(IntStream.of(0x61, 0xFC, 0xFC, 0x81, 0x40, 0xFE, 0xFE, 0xA1)) + "'";
        for (String set :
                List.of(
                        "latin1", "gbk", "big5", "sjis", "cp932", "koi8r", "ujis", "eucjpms",
                        "euckr", "gb2312", "gb18030", "latin7", "hebrew", "ascii", "utf8mb3",
                        "utf8mb4")) {
            table("TEXT CHARACTER SET " + set, bytes, high, pairs, odd, "x'FCFC'", "x'8140'");
        }
        table("VARCHAR(9) CHARACTER SET utf16", "x'0041D83DDE00'", "x'D83D0041'", "x'DE00'");
        table("VARCHAR(9) CHARACTER SET utf16le", "'A😀'");
        table("VARCHAR(9) CHARACTER SET ucs2", "x'0041D83D'", "x'FFFF'");
        table("CHAR(9) CHARACTER SET utf32", "x'000000410001F600'", "x'0000D83D'");
        table("TINYTEXT", "''", "REPEAT('x', 250)", "REPEAT('x', 251)", "REPEAT('x', 255)");
        table("LONGTEXT", "REPEAT('é', 40000)", "REPEAT('y', 70000)", "REPEAT('y', 65535)");
        table("MEDIUMTEXT", "REPEAT('z', 16777215)");
    }

    private static String hex(IntStream bytes) {
        return bytes.mapToObj("%02X"::formatted).collect(Collectors.joining());
    }

    @Test
    void bytesAndShapesReadAsInRowImages() throws Exception {
        bytes();
        table(
                "GEOMETRY",
                "ST_GeomFromText('POINT(40 -70)', 4326)",
                "ST_GeomFromText('POLYGON((0 0,0 1,1 1,0 0))', 3857)");
        compare(TestMySql.shared());
    }

    private void bytes() {
        String[] values = {"''", "x'00'", "x'FF00'", "x'0000AA'", "'0123456789abcdef'"};
        for (String type :
                List.of(
                        "BINARY(16)",
                        "BINARY(255)",
                        "VARBINARY(300)",
                        "TINYBLOB",
                        "BLOB",
                        "MEDIUMBLOB",
                        "LONGBLOB",
                        "CHAR(16) CHARACTER SET binary")) {
            table(type, values);
        }
        table("LONGBLOB", "REPEAT(x'FD00', 40000)", "REPEAT(x'FB', 251)", "REPEAT('a', 65536)");
        table("GEOMETRY", "ST_GeomFromText('POINT(1 2)')");
        table("POINT", "ST_GeomFromText('POINT(1 -2)')");
        table("GEOMETRYCOLLECTION", "ST_GeomFromText('GEOMETRYCOLLECTION(POINT(1 2))')");
    }

    @Test
    void labelsReadAsInRowImages() throws Exception {
        labels();
        compare(TestMySql.shared());
    }

    private void labels() {
        String[] values = {"1", "2", "3", "4", "5", "6", "'none of them'", "''"};
        for (String set : List.of("utf8mb4", "utf16", "utf32", "gbk", "utf8mb3", "ucs2")) {
            table(
                    "ENUM('a','b c','quote\"\\\\','comma,','it''s','日本') CHARACTER SET " + set,
                    values);
            table("SET('a','b c','quote\"\\\\','it''s','日本') CHARACTER SET " + set, "0", "31", "9");
        }
        table("ENUM('a😀b','x')", "1", "2", "0");
        table("ENUM('é','ß','','d','e','f') CHARACTER SET latin1", values);
        table("ENUM('a','b','c','d','e','f') CHARACTER SET binary", values);
        table("SET('é','b','c','d','e','f') CHARACTER SET binary", values);
        String many =
                IntStream.range(0, 300)
                        .mapToObj(i -> "label" + i)
                        .collect(Collectors.joining("','"));
        table("ENUM('" + many + "')", "1", "255", "256", "300", "0");
        for (int members : new int[] {8, 9, 17, 25, 33, 64}) {
            String all =
                    IntStream.range(0, members)
                            .mapToObj(i -> "l" + i)
                            .collect(Collectors.joining("','"));
            String everyOne = all.replace("','", ",");
            table(
                    "SET('" + all + "')",
                    "''",
                    "'l0'",
                    "'l" + (members - 1) + "'",
                    "'" + everyOne + "'");
        }
    }

    @Test
    void documentsReadAsInRowImages() throws Exception {
        documents();
        compare(TestMySql.shared());
    }

    private void documents() {
        table(
                "JSON",
                "'null'",
                "'{\"a\" : [1 , true,false, null, \"x, y: z\"], \"b\":{}, \"c\":[]}'",
                "'[18446744073709551615, 9223372036854775807, -9223372036854775808]'",
                "'[9007199254740992, 9007199254740993, -9007199254740993, 18446744073709551616]'",
                "'[1.0, -0.0, 1e15, 1.5e-7, 5e-324, 1e-323, 1.7976931348623157e308, 0.1, 1e21]'",
                "'[123456789012345.67, 0.30000000000000004, 2.2250738585072014e-308, 1e23]'",
                "JSON_ARRAY(1.0, CAST(-0.00 AS DECIMAL(5,2)), 0.5, -12.30, 100000000000.00000001)",
                "JSON_ARRAY(CAST(0.1 AS DECIMAL(30,20)), CAST(9007199254740993 AS DECIMAL(20,0)))",
                "JSON_ARRAY(CAST(CONCAT('-', REPEAT('9', 35), '.', REPEAT('9', 30)) AS"
                        + " DECIMAL(65,30)), CAST(123456789012345.5 AS DECIMAL(30,5)))",
                "JSON_OBJECT('d', DATE'2024-02-29', 't', TIME'12:34:56', 'n', TIME'-00:00:00.5')",
                "JSON_ARRAY(TIME'31:59:59.999999', TIME'-23:59:59.000001')",
                "JSON_ARRAY(TIMESTAMP'2024-02-29 12:34:56', TIMESTAMP'1000-01-01 00:00:00.123456')",
                "JSON_ARRAY(CAST('0000-00-00' AS DATE), CAST('2024-00-00 10:00:00' AS DATETIME))",
                "JSON_ARRAY(x'00ff10', b'101', CAST('' AS BINARY), CAST(REPEAT('b', 300) AS BINARY))",
                "JSON_ARRAY(ST_GeomFromText('POINT(1 2)'), CAST('2024' AS YEAR))",
                "JSON_ARRAY('\\0', '\\b\\t\\n\\r', '\"', '\\\\', '/', 'é中😀', x'7f', '\\Z')",
                "JSON_ARRAY(CHAR(1, 8, 12, 31, 127 USING utf8mb4), CHAR(0xe280a8 USING utf8mb4))",
                "JSON_ARRAY(CHAR(0xc285 USING utf8mb4), CHAR(0xefbbbf USING utf8mb4))",
                "'[\"\\\\u0041\\\\u00e9\\\\ud83d\\\\ude00\\\\u0000\\\\/\"]'",
                "JSON_OBJECT('quote\"', 'new\\nline', 'back\\\\slash', '<>&', ' ', ' a : b , c ')",
                "JSON_QUOTE(REPEAT('long ', 14000))",
                "JSON_OBJECT(REPEAT('k', 300), REPEAT('中\\n', 30000))",
                "'" + "[".repeat(100) + "]".repeat(100) + "'",
                "'" + "{\"a\":[".repeat(49) + "1,true,null" + "]}".repeat(49) + "'");
        Random random = Cells.seeded();
        String[] doubles = new String[30];
        for (int i = 0; i < doubles.length; i++) {
            doubles[i] =
                    IntStream.range(0, 100)
                            .mapToObj(k -> number(random, k))
                            .collect(Collectors.joining(",", "'[", "]'"));
        }
        table("JSON", doubles);
        holes();
    }

    private static String number(Random random, int k) {
        double value =
                k % 2 == 0
                        ? Double.longBitsToDouble(random.nextLong())
                        : random.nextLong() / Math.pow(10, random.nextInt(40));
        return Double.isFinite(value) ? String.valueOf(value) : String.valueOf(random.nextLong());
    }

    /// Documents that were changed in place.
    private void holes() {
        table("JSON", "JSON_OBJECT('a', REPEAT('x', 200), 'b', JSON_ARRAY(1, 'two', 3), 'c', 4.5)");
        String changed = tables.getLast();
        statements.add(
                "UPDATE " + changed + " SET c = JSON_REMOVE(JSON_SET(c, '$.b[1]', 'x'), '$.a')");
        table("JSON");
        statements.add("INSERT INTO %s (c) SELECT c FROM %s".formatted(tables.getLast(), changed));
        tables.remove(changed);
    }

    @Test
    void rowsOfManyColumnsReadAsInRowImages() throws Exception {
        Random random = Cells.seeded();
        tables.add("wide");
        statements.add(
                IntStream.range(0, 1016)
                        .mapToObj(
                                i ->
                                        "c"
                                                + i
                                                + (i % 3 == 0
                                                        ? " SMALLINT"
                                                        : " CHAR(4) CHARACTER SET latin1"))
                        .collect(
                                Collectors.joining(
                                        ",", "CREATE TABLE wide (id INT PRIMARY KEY,", ")")));
        for (int row = 0; row < 20; row++) {
            statements.add(
                    IntStream.range(0, 1016)
                            .mapToObj(i -> random.nextBoolean() ? "NULL" : String.valueOf(i))
                            .collect(
                                    Collectors.joining(
                                            ",", "INSERT INTO wide VALUES (" + row + ",", ")")));
        }
        compare(TestMySql.shared());
    }

    @Test
    void rowsOfMySql9ReadAsInRowImages() throws Exception {
        numbers();
        times();
        texts();
        labels();
        documents();
        table("JSON", "JSON_ARRAY(TIME'838:59:59', TIME'-100:00:00.000001')");
        table(
                "VECTOR(6)",
                "STRING_TO_VECTOR('[1,-1.5,0.1,1e-30,3.4028235e38,0]')",
                "STRING_TO_VECTOR('[16777217]')");
        try (TestMySql mysql = TestMySql.start97()) {
            compare(mysql);
        }
    }

    @Test
    void rowsOfMariaDbReadAsInRowImages() throws Exception {
        numbers();
        times();
        bytes();
        labels();
        table("VARCHAR(20)", "''", "'é😀'");
        try (TestMySql mysql = TestMySql.startMariaDb()) {
            compare(mysql);
        }
    }

    private void compare(TestMySql mysql) throws Exception {
        Map<String, List<RowsEvent>> events = new LinkedHashMap<>();
        for (RowsEvent event : ReadRows.of(mysql, statements)) {
            events.computeIfAbsent(event.table().id().table(), _ -> new ArrayList<>()).add(event);
        }
        ServerAccess access = ReadRows.access(mysql);
        try (Connection connection = SqlConnections.open(access)) {
            for (String table : tables) {
                List<RowsEvent> images = events.get(table);
                List<Column> columns = columns(connection, images.getFirst().table());
                for (boolean bigAsString : new boolean[] {false, true}) {
                    String sql = "SELECT * FROM %s.%s ORDER BY id".formatted(SCHEMA, table);
                    try (RowStream rows = RowStream.open(connection, access, sql)) {
                        assertThat(results(rows, columns, bigAsString))
                                .as("%s %s", table, columns.getLast().type())
                                .isEqualTo(images(images, columns, bigAsString));
                    }
                }
            }
        }
    }

    private static List<List<String>> results(
            RowStream rows, List<Column> columns, boolean bigAsString) {
        List<CellCodec> codecs =
                columns.stream().map(c -> CellCodecs.ofResult(c, bigAsString)).toList();
        List<List<String>> result = new ArrayList<>();
        while (!rows.isOver()) {
            if (rows.next()) {
                byte[] bytes = rows.array();
                int nulls = rows.from() + 1;
                int cell = nulls + (columns.size() + 2 + 7) / 8;
                result.add(new ArrayList<>());
                for (int i = 0; i < columns.size(); i++) {
                    JsonBuffer out = new JsonBuffer();
                    boolean isNull = RowsEvent.bit(bytes, nulls, i + 2);
                    cell = isNull ? cell : codecs.get(i).write(bytes, cell, out);
                    result.getLast().add(text(out));
                }
                assertThat(cell).isEqualTo(rows.to());
            }
        }
        return result;
    }

    /// As the table map says, and as the server describes the table where a map leaves open what a
    /// column is.
    private static List<Column> columns(Connection connection, TableSchema map)
            throws SQLException {
        boolean isOpen =
                map.columns().stream().anyMatch(column -> column.type() == ColumnType.UNCLEAR);
        return isOpen
                ? TableDescriptions.of(connection, map.id()).schema().columns()
                : map.columns();
    }

    private static List<List<String>> images(
            List<RowsEvent> events, List<Column> columns, boolean bigAsString) {
        List<List<String>> result = new ArrayList<>();
        for (RowsEvent event : events) {
            byte[] bytes = event.images().bytes();
            for (int at = event.images().rowsFrom(); at < event.images().rowsTo(); ) {
                int nulls = at;
                at += (columns.size() + 7) / 8;
                result.add(new ArrayList<>());
                for (int i = 0; i < columns.size(); i++) {
                    JsonBuffer out = new JsonBuffer();
                    boolean isNull = RowsEvent.bit(bytes, nulls, i);
                    CellCodec codec = CellCodecs.of(columns.get(i), bigAsString);
                    at = isNull ? at : codec.write(bytes, at, out);
                    result.getLast().add(text(out));
                }
            }
        }
        return result;
    }

    /// A NULL is the empty text.
    private static String text(JsonBuffer out) {
        return new String(Arrays.copyOf(out.array(), out.size()), UTF_8);
    }
}
