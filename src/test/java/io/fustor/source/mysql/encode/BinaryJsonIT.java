package io.fustor.source.mysql.encode;

import static io.fustor.source.mysql.encode.Cells.column;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.fustor.source.mysql.schema.ColumnType;
import io.fustor.source.mysql.support.TestMySql;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// What our codec makes of a real server's JSON documents, against what the server itself prints,
/// without its spaces.
class BinaryJsonIT {

    private final TestMySql mysql = TestMySql.shared();

    @Test
    void scalarsReadAsTheServerPrintsThem() throws Exception {
        compare(
                "json_scalars",
                "'null'",
                "'true'",
                "'false'",
                "'0'",
                "'-1'",
                "'[32767, -32768, 32768, -32769, 65535, 65536]'",
                "'[2147483647, -2147483648, 2147483648, -2147483649, 4294967295, 4294967296]'",
                "'[9223372036854775807, -9223372036854775808, 9223372036854775808]'",
                "'18446744073709551615'",
                "'[18446744073709551616, 1e400]'".replace(", 1e400", ""),
                "'\"text\"'",
                "'\"\"'",
                "CAST(1.5 AS JSON)",
                "'1.5'",
                "'[]'",
                "'{}'",
                "'[[],{},[[]],{\"\":{}}]'",
                "'{\"b\":1,\"a\":2,\"aa\":3,\"\":4,\"é\":5}'");
    }

    @Test
    void stringsReadAsTheServerPrintsThem() throws Exception {
        compare(
                "json_strings",
                "JSON_ARRAY('\\0', '\\b\\t\\n\\r', '\"', '\\\\', '/', 'é中😀', x'7f', '\\Z')",
                "JSON_ARRAY(CHAR(1, 12, 31, 127 USING utf8mb4), CHAR(0xe280a8 USING utf8mb4))",
                "JSON_OBJECT('quote\"', 'new\\nline', 'back\\\\slash', '<>&')",
                "JSON_ARRAY(REPEAT('x', 127), REPEAT('y', 128), REPEAT('z', 16384))",
                "JSON_QUOTE(REPEAT('long ', 14000))",
                "JSON_OBJECT(REPEAT('k', 300), REPEAT('中', 70000))");
    }

    @Test
    void exactAndOpaqueValuesReadAsTheServerPrintsThem() throws Exception {
        compare(
                "json_opaque",
                "JSON_ARRAY(1.0, CAST(-0.00 AS DECIMAL(5,2)), 0.5, -12.30, 100000000000.00000001)",
                "JSON_ARRAY(CAST(REPEAT('9', 65) AS DECIMAL(65,0)))",
                "JSON_ARRAY(CAST(CONCAT('-', REPEAT('9', 35), '.', REPEAT('9', 30)) AS DECIMAL(65,30)))",
                "JSON_ARRAY(CAST(0.000000000000000000000000000001 AS DECIMAL(30,30)))",
                "JSON_OBJECT('d', DATE'2024-02-29', 't', TIME'12:34:56', 'n', TIME'-00:00:00.5')",
                "JSON_ARRAY(TIME'31:59:59.999999', TIME'-23:59:59.000001')",
                "JSON_ARRAY(TIMESTAMP'2024-02-29 12:34:56', TIMESTAMP'1000-01-01 00:00:00.123456')",
                "JSON_ARRAY(CAST('0000-00-00' AS DATE), CAST('2024-00-00 10:00:00' AS DATETIME))",
                "JSON_ARRAY(x'00ff10', b'101', CAST('' AS BINARY), CAST(REPEAT('b', 57) AS BINARY))",
                "JSON_ARRAY(CAST(REPEAT('b', 58) AS BINARY), CAST(REPEAT('c', 300) AS BINARY))",
                "JSON_ARRAY(ST_GeomFromText('POINT(1 2)'), CAST('2024' AS YEAR))");
    }

    @Test
    void doublesReadAsTheServerPrintsThem() throws Exception {
        Random random = Cells.seeded();
        var documents = new ArrayList<String>();
        documents.add(
                "'[1.0, -0.0, 1e14, 1e15, 123456789012345.0, 1234567890123456.0, 9.5e15, 1e-14]'");
        documents.add("'[1e-15, 1e-16, 1.5e-7, 5e-324, 1.7976931348623157e308, 0.1, 1e21]'");
        for (int i = 0; i < 50; i++) {
            var array = new StringBuilder();
            for (int k = 0; k < 100; k++) {
                double value =
                        k % 2 == 0
                                ? Double.longBitsToDouble(random.nextLong())
                                : random.nextLong() / Math.pow(10, random.nextInt(40));
                if (Double.isFinite(value)) {
                    array.append(array.isEmpty() ? "" : ",").append(value);
                }
            }
            documents.add("'[" + array + "]'");
        }
        compare("json_doubles", documents.toArray(String[]::new));
    }

    @Test
    void largeDocumentsReadAsTheServerPrintsThem() throws Exception {
        var numbers = new ArrayList<String>();
        var members = new ArrayList<String>();
        for (int i = 0; i < 20_000; i++) {
            numbers.add(String.valueOf(i * 7919L - 70_000_000L));
            members.add("\"key" + i + "\":[" + i + ",\"v" + i + "\"]");
        }
        compare(
                "json_large",
                "'[" + String.join(",", numbers) + "]'",
                "'{" + String.join(",", members) + "}'",
                "'" + "[".repeat(100) + "]".repeat(100) + "'",
                "'" + "{\"a\":[".repeat(49) + "1,true,null" + "]}".repeat(49) + "'");
    }

    @Test
    void randomDocumentsReadAsTheServerPrintsThem() throws Exception {
        Random random = Cells.seeded();
        var documents = new ArrayList<String>();
        for (int i = 0; i < 300; i++) {
            String text = document(random, 6);
            documents.add("'" + text.replace("\\", "\\\\") + "'");
        }
        compare("json_random", documents.toArray(String[]::new));
    }

    @Test
    void documentsWithHolesReadAsTheServerPrintsThem() throws Exception {
        var statements =
                List.of(
                        "CREATE TABLE changed (id INT PRIMARY KEY AUTO_INCREMENT, c JSON)",
                        """
                        INSERT INTO changed (c) VALUES
                        (JSON_OBJECT('a', REPEAT('x', 200), 'b', JSON_ARRAY(1, 'two', 3), 'c', 4.5))
                        """,
                        "INSERT INTO changed (c) SELECT c FROM changed",
                        "UPDATE changed SET c = JSON_REMOVE(c, '$.a') WHERE id = 1",
                        "UPDATE changed SET c = JSON_SET(c, '$.a', 'short', '$.b[1]', 'x') WHERE id = 2",
                        "UPDATE changed SET c = JSON_REMOVE(c, '$.b[0]') WHERE id = 2",
                        "CREATE TABLE t0 (id INT PRIMARY KEY AUTO_INCREMENT, c JSON)",
                        "INSERT INTO t0 SELECT * FROM changed");
        var rows = BinlogRows.of(mysql, "json_holes", statements);
        try (var connection = mysql.jdbc();
                var free =
                        connection
                                .createStatement()
                                .executeQuery(
                                        "SELECT MIN(JSON_STORAGE_FREE(c)) FROM json_holes.changed")) {
            free.next();
            assertThat(free.getInt(1)).isPositive();
        }
        assertThat(ours(rows.get("t0"))).isEqualTo(theirs("json_holes"));
    }

    private void compare(String schema, String... documents) throws Exception {
        var statements = new ArrayList<String>();
        statements.add("CREATE TABLE t0 (id INT PRIMARY KEY AUTO_INCREMENT, c JSON)");
        for (String document : documents) {
            statements.add("INSERT INTO t0 (c) VALUES (" + document + ")");
        }
        var rows = BinlogRows.of(mysql, schema, statements);
        var ours = ours(rows.get("t0"));
        var theirs = theirs(schema);
        assertThat(ours).hasSameSizeAs(documents);
        for (int i = 0; i < documents.length; i++) {
            String[] our = ours.get(i).split(",");
            String[] their = theirs.get(i).split(",");
            assertThat(our).hasSameSizeAs(their);
            for (int k = 0; k < our.length; k++) {
                assertThat(our[k]).as("document %d, part %d", i, k).isEqualTo(their[k]);
            }
        }
    }

    private List<String> theirs(String schema) throws Exception {
        var texts = new ArrayList<String>();
        try (var connection = mysql.jdbc();
                var printed =
                        connection
                                .createStatement()
                                .executeQuery("SELECT c FROM " + schema + ".t0 ORDER BY id")) {
            while (printed.next()) {
                texts.add(withoutSpaces(new String(printed.getBytes(1), UTF_8)));
            }
        }
        return texts;
    }

    private static List<String> ours(List<byte[]> events) {
        CellCodec codec = CellCodecs.of(column(ColumnType.JSON, 4, 0), false);
        var values = new ArrayList<String>();
        for (byte[] images : events) {
            for (int at = 0; at < images.length; ) {
                JsonBuffer out = new JsonBuffer();
                at = codec.write(images, at + 1 + 4, out);
                values.add(new String(out.array(), 0, out.size(), UTF_8));
            }
        }
        return values;
    }

    private static String withoutSpaces(String text) {
        var compact = new StringBuilder();
        boolean inString = false;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '\\') {
                compact.append(c).append(text.charAt(++i));
                continue;
            }
            if (c == '"') {
                inString = !inString;
            }
            if (c != ' ' || inString) {
                compact.append(c);
            }
        }
        return compact.toString();
    }

    private static String document(Random random, int depth) {
        return switch (random.nextInt(depth > 0 ? 10 : 7)) {
            case 0 -> "null";
            case 1 -> String.valueOf(random.nextBoolean());
            case 2 -> String.valueOf(random.nextLong() >> random.nextInt(64));
            case 3 -> Long.toUnsignedString(random.nextLong());
            case 4 -> String.valueOf(random.nextGaussian());
            case 5, 6 -> string(random);
            case 7 -> list(random, depth, "[", "]");
            default -> list(random, depth, "{", "}");
        };
    }

    private static String list(Random random, int depth, String open, String close) {
        var parts = new ArrayList<String>();
        for (int i = random.nextInt(8); i > 0; i--) {
            String key = open.equals("{") ? string(random) + ":" : "";
            parts.add(key + document(random, depth - 1));
        }
        return open + String.join(",", parts) + close;
    }

    private static String string(Random random) {
        String[] pieces = {"a", "\\\"", "\\\\", "\\n", "é", "中", "😀", " ", ",", "\\u0001", "{"};
        var text = new StringBuilder("\"");
        for (int i = random.nextInt(random.nextInt(20) == 0 ? 300 : 8); i > 0; i--) {
            text.append(pieces[random.nextInt(pieces.length)]);
        }
        return text.append('"').toString();
    }
}
