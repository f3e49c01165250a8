package io.fustor.source.mysql.values;

import static org.assertj.core.api.Assertions.assertThat;

import io.fustor.source.mysql.charset.CharacterSet;
import io.fustor.source.mysql.support.FeedClient;
import io.fustor.source.mysql.support.ServiceApi;
import io.fustor.source.mysql.support.ServiceProcess;
import io.fustor.source.mysql.support.Sql;
import io.fustor.source.mysql.support.TestMySql;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneId;
import java.time.zone.ZoneOffsetTransition;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/// Every type with its least, greatest, empty, missing and odd values: the same JSON by a snapshot
/// and by the stream, and the one that follows from what the server prints. Each row is in the
/// binlog in a plain and in a compressed transaction, in turns. The service is in another time zone
/// than any server.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Tag("fuzz")
class ValueMatrixIT {

    private static final String SCHEMA = "value_matrix";

    private static final List<String> START =
            List.of(
                    "CREATE DATABASE " + SCHEMA + " CHARACTER SET utf8mb4",
                    "USE " + SCHEMA,
                    "SET NAMES utf8mb4",
                    "SET sql_mode = 'ALLOW_INVALID_DATES', time_zone = '+00:00'");

    private ServiceProcess service;
    private ServiceApi api;

    private final List<String> tables = new ArrayList<>();
    private final List<String> statements = new ArrayList<>();

    @BeforeAll
    void start(@TempDir Path dataDir) {
        service =
                ServiceProcess.start(
                        dataDir,
                        Map.of("fustor.mysql.tls", "disabled"),
                        "-Duser.timezone=America/New_York");
        api = new ServiceApi(service.uri("/"));
    }

    @AfterAll
    void end() {
        service.close();
    }

    /// A table with a column of a type that may be NULL and one that may not, and rows with NULL,
    /// with the defaults and with each of the values.
    private void table(String type, String... values) {
        String name = "t%03d".formatted(tables.size());
        tables.add(name);
        statements.add(
                "CREATE TABLE %s (id INT PRIMARY KEY AUTO_INCREMENT, c %s NULL, d %s NOT NULL)"
                        .formatted(name, type, type));
        statements.add("INSERT IGNORE INTO %s (c) VALUES (NULL)".formatted(name));
        statements.add(
                Arrays.stream(values)
                        .map("(%1$s, %1$s)"::formatted)
                        .collect(
                                Collectors.joining(
                                        ", ",
                                        "INSERT IGNORE INTO %s (c, d) VALUES ".formatted(name),
                                        "")));
    }

    private void numbers() {
        for (String type : List.of("TINYINT", "SMALLINT", "MEDIUMINT", "INT", "BIGINT")) {
            table(type, "-9e99", "9e99", "0", "-1", "1", "77");
            table(type + " UNSIGNED", "9e99", "0", "1", "200");
            table(type + "(7) ZEROFILL", "9e99", "0", "42");
        }
        table("BIGINT", "-9223372036854775808", "9223372036854775807", "9007199254740993");
        table("BIGINT UNSIGNED", "18446744073709551615", "9223372036854775808");
        table("BOOLEAN", "TRUE", "FALSE");
        table("YEAR", "0", "'0000'", "1901", "2155", "2024", "'70'");
        for (int bits : new int[] {1, 8, 9, 63, 64}) {
            table("BIT(" + bits + ")", "0", "1", "b'" + "1".repeat(bits) + "'");
        }
        String[] reals = {
            "0",
            "-0e0",
            "1.1",
            "16777217",
            "-1.5",
            "3.4028234663852886e38",
            "1e-45",
            "0.1",
            "9e20",
            "1e21",
            "123456.789",
            "1e-7",
            "1.17549435e-38",
            "-3.4028234663852886e38",
            "1e6",
            "5e-7"
        };
        table("FLOAT", reals);
        table("FLOAT(7,2)", "1.005", "-12345.67", "0");
        table("DOUBLE", reals);
        table("DOUBLE", "1.7976931348623157e308", "5e-324", "9007199254740993", "1e15", "2e-308");
        table("DOUBLE(10,3) UNSIGNED", "1.0005", "9999999.999", "0");
    }

    private void decimals() {
        for (int[] of : new int[][] {{65, 30}, {65, 0}, {30, 30}, {5, 2}, {1, 0}, {18, 9}}) {
            String whole = of[0] == of[1] ? "0" : "9".repeat(of[0] - of[1]);
            String most = of[1] == 0 ? whole : whole + "." + "9".repeat(of[1]);
            String least = of[1] == 0 ? "1" : "0." + "0".repeat(of[1] - 1) + "1";
            String type = "DECIMAL(%d,%d)".formatted(of[0], of[1]);
            table(type, "0", "-0.0", most, "-" + most, least, "-" + least, "-12.3", "0.5");
            table(type + " UNSIGNED ZEROFILL", "0", most, least);
        }
    }

    private void times() {
        table("DATE", "'0000-00-00'", "'2024-00-00'", "'2024-02-00'", "'9999-12-31'", "'0000-1-1'");
        table("DATE", "'2023-02-31'", "'2024-02-29'", "'1000-01-01'");
        for (int digits : new int[] {0, 1, 3, 6}) {
            table(
                    "TIME(" + digits + ")",
                    "'00:00:00'",
                    "'838:59:59'",
                    "'-838:59:59'",
                    "'-838:59:59.000001'",
                    "'-838:59:58.999999'",
                    "'-00:00:00.000001'",
                    "'-00:00:00.9'",
                    "'-12:34:56.789012'",
                    "'99:59:59.999999'");
            table(
                    "DATETIME(" + digits + ")",
                    "'0000-00-00'",
                    "'2024-00-00 00:00:00'",
                    "'0000-01-00 10:00:00.5'",
                    "'9999-12-31 23:59:59.499999'",
                    "'1000-01-01'",
                    "'2024-02-29 23:59:59.123456'");
            table(
                    "TIMESTAMP(" + digits + ")",
                    "'0000-00-00'",
                    "'1970-01-01 00:00:01'",
                    "'2038-01-19 03:14:07.499999'",
                    "'2024-02-29 23:59:59.123456'");
        }
    }

    private void texts() {
        String bytes = "x'" + hex(IntStream.range(0, 256)) + "'";
        String high = "x'" + hex(IntStream.range(0x80, 0x100)) + "'";
        String odd = "x'" + hex(IntStream.of(0x61, 0xFC, 0xFC, 0x81, 0x40, 0xFE, 0xFE, 0xA1)) + "'";
        String text = "'a \\\\ \" \\n \\t \\0 \\b \\Z / ÀÉÖß £ Ωλ Жя 中文字 漢字 ひらカタ 한국어 ﾊﾝｶｸ €„“ 😀'";
        for (String set :
                List.of("latin1", "gbk", "big5", "sjis", "cp932", "koi8r", "utf8mb3", "utf8mb4")) {
            String of = " CHARACTER SET " + set;
            table("TEXT" + of, "''", bytes, high, odd, "x'FCFC'", "x'8140'", "x'FF'", text);
            table("CHAR(60)" + of, "''", "'trailing  '", text, "REPEAT('é', 60)");
            table("VARCHAR(300)" + of, "''", "'trailing  '", text, "REPEAT('中', 300)");
        }
        Set<String> wide = Set.of("utf16", "utf16le", "utf32", "ucs2", "binary");
        for (CharacterSet each : CharacterSet.values()) {
            if (!wide.contains(each.mysqlName())) {
                table("TEXT CHARACTER SET " + each.mysqlName(), bytes, high, odd, text);
            }
        }
        for (String set : List.of("utf16", "utf16le", "utf32")) {
            String of = " CHARACTER SET " + set;
            table("VARCHAR(90)" + of, "''", text, "x'0041D83DDE00'", "x'D83D0041'", "x'0000D83D'");
            table("CHAR(90)" + of, "''", text, "x'DE00'", "'x  '");
        }
        table("VARCHAR(90) CHARACTER SET ucs2", "''", text, "x'0041FFFF'");
        table("TINYTEXT", "''", "REPEAT('x', 250)", "REPEAT('x', 251)", "REPEAT('x', 255)");
        table("CHAR(255)", "REPEAT('😀', 255)", "REPEAT('a', 255)");
        table("VARCHAR(8000)", "REPEAT('😀', 8000)", "REPEAT(' ', 8000)");
        table("LONGTEXT", "REPEAT('é', 40000)", "REPEAT('y', 65535)", "REPEAT('y', 65536)");
    }

    private static String hex(IntStream bytes) {
        return bytes.mapToObj("%02X"::formatted).collect(Collectors.joining());
    }

    private void bytes() {
        String[] values = {"''", "x'00'", "x'FF00'", "x'0000AA'", "'0123456789abcdef'"};
        for (String type : List.of("BINARY(16)", "BINARY(255)", "VARBINARY(300)", "TINYBLOB")) {
            table(type, values);
        }
        table("BINARY(16)", "x'0102030405060708090A0B0C0D000000'", "x'01'", "x'20202020'");
        table("CHAR(16) CHARACTER SET binary", values);
        table("BLOB", values);
        table("LONGBLOB", "REPEAT(x'FD00', 40000)", "REPEAT(x'FB', 251)", "REPEAT('a', 65536)");
    }

    private void labels() {
        String[] values = {"1", "2", "3", "4", "5", "6", "'none of them'", "0"};
        for (String set : List.of("utf8mb4", "utf16", "gbk")) {
            table(
                    "ENUM('a','b c','quote\"\\\\','comma,','it''s','日本') CHARACTER SET " + set,
                    values);
            table("SET('a','b c','quote\"\\\\','it''s','日本') CHARACTER SET " + set, "0", "31", "9");
        }
        table("ENUM('a😀b','x')", "1", "2", "0");
        table("ENUM('é','ß','','d') CHARACTER SET latin1", "1", "2", "3", "4", "0");
        String many =
                IntStream.range(0, 300)
                        .mapToObj(i -> "label" + i)
                        .collect(Collectors.joining("','"));
        table("ENUM('" + many + "')", "1", "255", "256", "300", "0");
        for (int members : new int[] {8, 9, 64}) {
            String all =
                    IntStream.range(0, members)
                            .mapToObj(i -> "l" + i)
                            .collect(Collectors.joining("','"));
            String every = all.replace("','", ",");
            table(
                    "SET('" + all + "')",
                    "''",
                    "'l0'",
                    "'l" + (members - 1) + "'",
                    "'" + every + "'");
        }
    }

    private void documents() {
        table(
                "JSON",
                "'null'",
                "'{}'",
                "'{\"b\" : [1 , true,false, null, \"x, y: z\"], \"a\":{}, \"cc\":[]}'",
                "'[18446744073709551615, -9223372036854775808, 9007199254740993]'",
                "'[1.0, -0.0, 1e15, 1.5e-7, 5e-324, 1.7976931348623157e308, 0.1, 1e21]'",
                "JSON_ARRAY(1.0, CAST(-0.00 AS DECIMAL(5,2)), CAST(0.1 AS DECIMAL(30,20)))",
                "JSON_ARRAY(CAST(CONCAT(REPEAT('9', 35), '.', REPEAT('9', 30)) AS DECIMAL(65,30)))",
                "JSON_OBJECT('d', DATE'2024-02-29', 't', TIME'12:34:56', 'n', TIME'-00:00:00.5')",
                "JSON_ARRAY(TIMESTAMP'2024-02-29 12:34:56', CAST('0000-00-00' AS DATE))",
                "JSON_ARRAY(x'00ff10', b'101', CAST(REPEAT('b', 300) AS BINARY), POINT(1, 2))",
                "JSON_ARRAY('\\0', '\\b\\t\\n\\r', '\"', '\\\\', '/', 'é中😀', x'7f')",
                "JSON_QUOTE(REPEAT('long ', 14000))",
                "JSON_OBJECT(REPEAT('k', 300), REPEAT('中\\n', 30000))",
                "'" + "[".repeat(100) + "]".repeat(100) + "'",
                "'" + "{\"a\":[".repeat(49) + "1,true,null" + "]}".repeat(49) + "'");
        table("JSON", "JSON_OBJECT('a', REPEAT('x', 200), 'b', JSON_ARRAY(1, 'two', 3), 'c', 4.5)");
        statements.add(
                "UPDATE %s SET c = JSON_REMOVE(JSON_SET(c, '$.b[1]', 'x'), '$.a')"
                        .formatted(tables.getLast()));
    }

    private void shapes() {
        String[] shapes = {
            "ST_GeomFromText('POINT(40 -70)', 4326)",
            "ST_GeomFromText('POLYGON((0 0,0 1,1 1,0 0))', 3857)",
            "ST_GeomFromText('LINESTRING(1 2,3 4)')",
            "ST_GeomFromText('MULTIPOINT(1 2,3 4)', 4326)",
            "ST_GeomFromText('GEOMETRYCOLLECTION EMPTY')",
            "ST_GeomFromText('GEOMETRYCOLLECTION(POINT(1 2))')"
        };
        tables.add("shapes");
        statements.add("CREATE TABLE shapes (id INT PRIMARY KEY AUTO_INCREMENT, c GEOMETRY)");
        for (String shape : shapes) {
            statements.add("INSERT INTO shapes (c) VALUES (NULL), (" + shape + ")");
        }
        tables.add("points");
        statements.add("CREATE TABLE points (id INT, c POINT NOT NULL SRID 4326)");
        statements.add("INSERT INTO points VALUES (1, " + shapes[0] + ")");
    }

    private void defaults() {
        tables.add("defaults");
        statements.add(
                """
                CREATE TABLE defaults (id INT PRIMARY KEY AUTO_INCREMENT, a INT UNSIGNED DEFAULT 7,
                  b VARCHAR(9) DEFAULT 'é"', c DATETIME(3) DEFAULT CURRENT_TIMESTAMP(3),
                  d BLOB DEFAULT (x'00FF'), e JSON DEFAULT (JSON_OBJECT('a', 1.50)),
                  f DECIMAL(5,2) NOT NULL DEFAULT -1.5, g ENUM('x','y') DEFAULT 'y',
                  h SET('x','y') NOT NULL DEFAULT '', i BIT(3) DEFAULT b'101',
                  j TIMESTAMP(6) NULL DEFAULT CURRENT_TIMESTAMP(6), k YEAR DEFAULT 1901,
                  l DATE NOT NULL DEFAULT '0000-00-00', m BINARY(4) DEFAULT 'a', n CHAR(3) DEFAULT '',
                  o INT AS (a + 1), p VARCHAR(20) AS (CONCAT(b, '!')) STORED, q INT DEFAULT 3 INVISIBLE)
                CHARSET utf8mb4""");
        statements.add("INSERT INTO defaults () VALUES ()");
        statements.add("INSERT INTO defaults (a) VALUES (DEFAULT), (NULL)");
    }

    /// Tables of so many columns that bitmaps end in the middle of a byte, at its end, after it.
    private void widths() {
        for (int columns : new int[] {1, 7, 8, 9, 1017}) {
            String name = "width" + columns;
            tables.add(name);
            statements.add(
                    IntStream.range(0, columns)
                            .mapToObj(i -> "c%d %s".formatted(i, i % 3 == 0 ? "INT" : "CHAR(4)"))
                            .collect(
                                    Collectors.joining(
                                            ",",
                                            "CREATE TABLE " + name + " (",
                                            ") CHARSET latin1")));
            for (int step = 1; step < 5; step++) {
                int nullsEvery = step;
                statements.add(
                        IntStream.range(0, columns)
                                .mapToObj(i -> i % nullsEvery == 0 ? "NULL" : String.valueOf(i))
                                .collect(
                                        Collectors.joining(
                                                ",", "INSERT INTO " + name + " VALUES (", ")")));
            }
        }
    }

    @Test
    void everyTypeOfMySql8ReadsTheSameInAllWays() throws Exception {
        begin();
        numbers();
        decimals();
        times();
        texts();
        bytes();
        labels();
        documents();
        shapes();
        defaults();
        widths();
        compare(TestMySql.shared(), "eight");
    }

    @Test
    void typesOfMySql9ReadTheSameInAllWays() throws Exception {
        begin();
        numbers();
        times();
        bytes();
        documents();
        table("JSON", "JSON_ARRAY(TIME'838:59:59', TIME'-100:00:00.000001')");
        table(
                "VECTOR(6)",
                "STRING_TO_VECTOR('[1,-1.5,0.1,1e-30,3.4028235e38,0]')",
                "STRING_TO_VECTOR('[16777217]')");
        try (TestMySql mysql = TestMySql.start97()) {
            compare(mysql, "nine");
        }
    }

    private void begin() {
        tables.clear();
        statements.clear();
        statements.addAll(START);
    }

    private void compare(TestMySql mysql, String source) throws Exception {
        api.addSource(source, mysql);
        String start = api.tokenOfNow(source);
        List<String> status = statusOfBinlog(mysql);
        mysql.execute(
                statements.stream()
                        .flatMap(ValueMatrixIT::plainAndCompressed)
                        .toArray(String[]::new));
        assertThat(
                        Sql.column(
                                mysql,
                                "SHOW BINLOG EVENTS IN '%s' FROM %s".formatted(status.toArray()),
                                3))
                .filteredOn("Transaction_payload"::equals)
                .hasSizeGreaterThan(tables.size());
        ThreeReadings readings = new ThreeReadings(mysql, api, source, SCHEMA);
        int rows = readings.assertSame(start, tables);

        assertThat(rows).isGreaterThan(6 * tables.size());
        assertThat(readings.assertDescribed(start)).isGreaterThan(2 * 2 * tables.size());
    }

    private static Stream<String> plainAndCompressed(String sql) {
        String compression = "SET binlog_transaction_compression = ";
        if (sql.startsWith("INSERT")) {
            return Stream.of(sql, compression + "ON", sql, compression + "OFF");
        }
        return sql.startsWith("UPDATE")
                ? Stream.of(compression + "ON", sql, compression + "OFF")
                : Stream.of(sql);
    }

    private static List<String> statusOfBinlog(TestMySql mysql) {
        List<String> files = Sql.column(mysql, "SHOW BINARY LOGS", 1);
        return List.of(files.getLast(), Sql.column(mysql, "SHOW BINARY LOGS", 2).getLast());
    }

    @Test
    void momentsReadTheSameInEveryZoneOfTheServer() throws Exception {
        try (TestMySql mysql = TestMySql.start()) {
            mysql.execute(zone(1, "Asia/Shanghai"));
            mysql.execute(zone(2, "Europe/Berlin"));
            api.addSource("zones", mysql);
            String start = api.tokenOfNow("zones");
            mysql.execute("CREATE DATABASE zones");
            ThreeReadings readings = new ThreeReadings(mysql, api, "zones", "zones");
            List<String> names = new ArrayList<>();
            for (String zone : List.of("+00:00", "SYSTEM", "Asia/Shanghai", "Europe/Berlin")) {
                names.add("t" + names.size());
                mysql.execute("SET GLOBAL time_zone = '" + zone + "'");
                mysql.execute(moments(names.getLast()));
                readings.assertSame(start, names);
            }
            mysql.execute("CREATE TABLE zones.one (t TIMESTAMP)");
            assertThat(moment(mysql, "Asia/Shanghai", "2024-07-01 08:00:00"))
                    .isEqualTo("{\"t\":\"2024-07-01T00:00:00Z\"}");
            assertThat(moment(mysql, "Europe/Berlin", "2024-03-31 02:30:00"))
                    .isEqualTo("{\"t\":\"2024-03-31T01:00:00Z\"}");
        }
    }

    private String moment(TestMySql mysql, String zone, String local) {
        String start = api.tokenOfNow("zones");
        mysql.execute(
                "SET sql_mode = '', time_zone = '" + zone + "'",
                "INSERT INTO zones.one VALUES ('" + local + "')");
        try (FeedClient client =
                api.feed("zones").with("tables", "zones.one").after(start).open()) {
            return client.change().rows().getFirst();
        }
    }

    /// Local times around the hours that the zone leaves out and has twice, and around those of the
    /// service's zone.
    private static String[] moments(String table) {
        return new String[] {
            "CREATE TABLE zones.%s (id INT PRIMARY KEY AUTO_INCREMENT, t TIMESTAMP(3) NULL, d DATETIME)"
                    .formatted(table),
            "SET sql_mode = ''",
            """
            INSERT INTO zones.%s (t, d) VALUES
              ('2024-03-31 01:59:59.999', '2024-03-31 02:30:00'),
              ('2024-03-31 02:30:00', '2024-03-31 02:30:00'), ('2024-03-31 03:00:00', NULL),
              ('2024-10-27 01:59:59', NULL), ('2024-10-27 02:30:00', '2024-10-27 02:30:00'),
              ('2024-10-27 03:00:00', NULL), ('2024-03-10 02:30:00', '2024-03-10 02:30:00'),
              ('2024-03-10 07:30:00', NULL), ('2024-11-03 01:30:00', NULL),
              ('2024-11-03 05:30:00', NULL), ('2024-11-03 06:30:00', NULL), ('0000-00-00', NULL),
              ('1988-07-01 00:00:00', NULL), ('2037-12-31 23:59:59.5', NULL), (NULL, NULL)"""
                    .formatted(table),
            "INSERT INTO zones.%s (t) VALUES (FROM_UNIXTIME(1711846800)), (FROM_UNIXTIME(1729990800))"
                    .formatted(table),
            "INSERT INTO zones.%s (t) VALUES (FROM_UNIXTIME(1729987200)), (FROM_UNIXTIME(1729994400))"
                    .formatted(table)
        };
    }

    /// What tells a server of a zone, as far back as 1970.
    private static String[] zone(int id, String name) {
        var rules = ZoneId.of(name).getRules();
        List<Integer> offsets = new ArrayList<>();
        StringBuilder transitions = new StringBuilder();
        Instant at = Instant.EPOCH;
        offsets.add(rules.getOffset(at).getTotalSeconds());
        transitions.append("(%d, 0, 0)".formatted(id));
        for (ZoneOffsetTransition next = rules.nextTransition(at);
                next != null && next.toEpochSecond() < Integer.MAX_VALUE;
                next = rules.nextTransition(next.getInstant())) {
            int offset = next.getOffsetAfter().getTotalSeconds();
            if (!offsets.contains(offset)) {
                offsets.add(offset);
            }
            transitions.append(
                    ", (%d, %d, %d)".formatted(id, next.toEpochSecond(), offsets.indexOf(offset)));
        }
        String types =
                IntStream.range(0, offsets.size())
                        .mapToObj(i -> "(%d, %d, %d, 0, 'Z')".formatted(id, i, offsets.get(i)))
                        .collect(Collectors.joining(", "));
        return new String[] {
            "INSERT INTO mysql.time_zone VALUES (%d, 'N')".formatted(id),
            "INSERT INTO mysql.time_zone_name VALUES ('%s', %d)".formatted(name, id),
            "INSERT INTO mysql.time_zone_transition_type VALUES " + types,
            "INSERT INTO mysql.time_zone_transition VALUES " + transitions
        };
    }
}
