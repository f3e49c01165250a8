package io.fustor.source.mysql.values;

import static org.assertj.core.api.Assertions.assertThat;

import io.fustor.source.mysql.support.ChangeEvent;
import io.fustor.source.mysql.support.FeedClient;
import io.fustor.source.mysql.support.RunningService;
import io.fustor.source.mysql.support.ServiceApi;
import io.fustor.source.mysql.support.TestMySql;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.boot.test.web.server.LocalServerPort;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/// A value of each common type, from an INSERT to the subscriber, as 'Values' in docs/feed.md says.
@RunningService
class FeedValuesIT {

    /// Type, SQL literal, JSON.
    private static final List<List<String>> CASES =
            List.of(
                    List.of("TINYINT", "-128", "-128"),
                    List.of("TINYINT UNSIGNED", "255", "255"),
                    List.of("BOOLEAN", "TRUE", "1"),
                    List.of("SMALLINT", "-32768", "-32768"),
                    List.of("SMALLINT UNSIGNED", "65535", "65535"),
                    List.of("MEDIUMINT", "-8388608", "-8388608"),
                    List.of("MEDIUMINT UNSIGNED", "16777215", "16777215"),
                    List.of("INT", "-2147483648", "-2147483648"),
                    List.of("INT UNSIGNED", "4294967295", "4294967295"),
                    List.of("BIGINT", "-9223372036854775808", "-9223372036854775808"),
                    List.of("BIGINT UNSIGNED", "18446744073709551615", "18446744073709551615"),
                    List.of("YEAR", "2024", "2024"),
                    List.of("BIT(1)", "b'1'", "1"),
                    List.of("BIT(10)", "b'1000000001'", "513"),
                    List.of("BIT(64)", "0xFFFFFFFFFFFFFFFF", "18446744073709551615"),
                    List.of("DECIMAL(12,2)", "12.3", "12.30"),
                    List.of("DECIMAL(5,2)", "-0.05", "-0.05"),
                    List.of("DECIMAL(10,0)", "0", "0"),
                    List.of(
                            "DECIMAL(40,10)",
                            "-123456789012345678901234567890.0123456789",
                            "-123456789012345678901234567890.0123456789"),
                    List.of("FLOAT", "0.1", "0.1"),
                    List.of("DOUBLE", "0.1", "0.1"),
                    List.of("DOUBLE", "-1234.5678", "-1234.5678"),
                    List.of("DATE", "'2024-02-29'", "\"2024-02-29\""),
                    List.of("DATE", "'0000-00-00'", "\"0000-00-00\""),
                    List.of("DATE", "'2024-00-00'", "\"2024-00-00\""),
                    List.of("TIME", "'-838:59:59'", "\"-838:59:59\""),
                    List.of("TIME(3)", "'-838:59:59'", "\"-838:59:59.000\""),
                    List.of("TIME(6)", "'-00:00:00.000001'", "\"-00:00:00.000001\""),
                    List.of("DATETIME", "'2024-02-29 23:59:59'", "\"2024-02-29T23:59:59\""),
                    List.of(
                            "DATETIME(3)",
                            "'2024-02-29 23:59:59.123'",
                            "\"2024-02-29T23:59:59.123\""),
                    List.of("DATETIME", "'2024-00-00 00:00:00'", "\"2024-00-00T00:00:00\""),
                    List.of("DATETIME(6)", "'0000-00-00'", "\"0000-00-00T00:00:00.000000\""),
                    // The session's zone is +05:00.
                    List.of("TIMESTAMP", "'2024-03-01 04:59:59'", "\"2024-02-29T23:59:59Z\""),
                    List.of(
                            "TIMESTAMP(3)",
                            "'2024-03-01 04:59:59.123'",
                            "\"2024-02-29T23:59:59.123Z\""),
                    List.of("CHAR(5)", "'ab'", "\"ab\""),
                    List.of("VARCHAR(50) CHARACTER SET latin1", "'Zürich €'", "\"Zürich €\""),
                    List.of("VARCHAR(50) CHARACTER SET utf8mb4", "'😀 \\'x\\''", "\"😀 'x'\""),
                    List.of("VARCHAR(300) CHARACTER SET gbk", "'中文'", "\"中文\""),
                    List.of("CHAR(9) CHARACTER SET utf16", "'ä😀'", "\"ä😀\""),
                    List.of("TEXT", "'a\\n\"b\"\\\\\\t'", "\"a\\n\\\"b\\\"\\\\\\t\""),
                    List.of("BINARY(4)", "0x01", "\"AQAAAA==\""),
                    List.of("VARBINARY(10)", "0x00FF10", "\"AP8Q\""),
                    List.of("BLOB", "0xDEADBEEF", "\"3q2+7w==\""),
                    List.of("ENUM('a','b''c','ü')", "'ü'", "\"ü\""),
                    List.of("ENUM('a','b''c')", "'b\\'c'", "\"b'c\""),
                    List.of("SET('x','y','z')", "'z,x'", "\"x,z\""),
                    List.of("SET('x','y')", "''", "\"\""),
                    List.of("POINT", "POINT(1, 2)", point()),
                    List.of("INT", "NULL", "null"),
                    List.of("JSON", "NULL", "null"),
                    List.of("JSON", "'\"text\"'", "\"text\""),
                    List.of("JSON", "'18446744073709551615'", "18446744073709551615"));

    @LocalServerPort private int port;

    private final TestMySql mysql = TestMySql.shared();
    private ServiceApi api;

    private static String point() {
        return "{\"srid\":0,\"wkb\":\"AQEAAAAAAAAAAADwPwAAAAAAAABA\"}";
    }

    @BeforeAll
    void addSource() {
        api = new ServiceApi(URI.create("http://127.0.0.1:" + port));
        api.addSource("values", mysql);
        mysql.execute("CREATE DATABASE value_types CHARACTER SET utf8mb4");
    }

    @Test
    void everyCommonTypeReadsAsPromised() {
        StringBuilder columns = new StringBuilder("id INT PRIMARY KEY");
        StringBuilder values = new StringBuilder("1");
        List<String> expected = new ArrayList<>();
        for (int i = 0; i < CASES.size(); i++) {
            columns.append(", c").append(i).append(' ').append(CASES.get(i).get(0));
            columns.append(" NULL");
            values.append(", ").append(CASES.get(i).get(1));
            expected.add(CASES.get(i).get(0) + ": " + CASES.get(i).get(2));
        }
        String start = api.tokenOfNow("values");
        mysql.execute(
                "CREATE TABLE value_types.t (" + columns + ")",
                "SET SESSION sql_mode = ''",
                "SET SESSION time_zone = '+05:00'",
                "INSERT INTO value_types.t VALUES (" + values + ")");
        try (FeedClient client =
                api.feed("values").with("tables", "value_types.t").after(start).open()) {
            List<String> cells = cells(client.change().rows().getFirst());
            List<String> actual = new ArrayList<>();
            for (int i = 0; i < CASES.size(); i++) {
                actual.add(CASES.get(i).get(0) + ": " + cells.get(i + 1));
            }

            assertThat(actual).containsExactlyElementsOf(expected);
        }
    }

    /// The text of each member's value.
    private static List<String> cells(String row) {
        List<String> cells = new ArrayList<>();
        try (JsonParser parser = ChangeEvent.JSON.createParser(row)) {
            parser.nextToken();
            while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
                parser.nextToken();
                int from = (int) parser.currentTokenLocation().getCharOffset();
                parser.skipChildren();
                parser.finishToken();
                cells.add(row.substring(from, (int) parser.currentLocation().getCharOffset()));
            }
        }
        return cells;
    }

    @Test
    void jsonColumnsKeepTheirValues() {
        mysql.execute("CREATE TABLE value_types.j (id INT PRIMARY KEY, v JSON)");
        String start = api.tokenOfNow("values");
        String document =
                """
                {"a": [1, -2.5, "x", null, true], "big": 18446744073709551615, "o": {"k": "é\\n"}}""";
        mysql.execute(
                "INSERT INTO value_types.j VALUES (1, '" + document.replace("\\", "\\\\") + "')",
                "UPDATE value_types.j SET v = JSON_SET(v, '$.a[0]', CAST(12.30 AS DECIMAL(10,2)))");
        try (FeedClient client =
                api.feed("values").with("tables", "value_types.j").after(start).open()) {
            assertThat(client.change().row(0).path("v"))
                    .isEqualTo(ChangeEvent.JSON.readTree(document));
            assertThat(client.change().row(0).path("v").path("a").path(0).decimalValue())
                    .isEqualTo("12.30");
        }
    }
}
