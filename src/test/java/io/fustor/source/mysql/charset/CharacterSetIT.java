package io.fustor.source.mysql.charset;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.fustor.source.mysql.support.TestMySql;
import java.sql.Connection;
import java.util.HexFormat;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Every character of every set, against what a real server makes of the same bytes.
class CharacterSetIT {

    private static final String BYTES = "character_set_bytes.bytes";

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "BINARY")
    void agreesWithTheServer(CharacterSet set) throws Exception {
        try (var connection = TestMySql.shared().jdbc()) {
            prepare(connection);
            int compared = 0;
            for (String[] sequences : sequences(set)) {
                compared += compare(connection, set, sequences[0], sequences[1]);
            }
            assertThat(compared).as("characters compared").isGreaterThan(100);
        }
    }

    /// A table of all bytes, to be joined with itself.
    private static void prepare(Connection connection) throws Exception {
        try (var statement = connection.createStatement()) {
            statement.execute("SET sql_mode = ''");
            statement.execute("CREATE DATABASE IF NOT EXISTS character_set_bytes");
            statement.execute("CREATE TABLE IF NOT EXISTS " + BYTES + " (n INT PRIMARY KEY)");
            Stream<String> rows = IntStream.range(0, 256).mapToObj(n -> "(" + n + ")");
            statement.execute(
                    "INSERT IGNORE INTO %s VALUES %s"
                            .formatted(BYTES, String.join(",", rows.toList())));
        }
    }

    /// Pairs of an expression that makes bytes of the numbers p and q, and a condition on them.
    private static String[][] sequences(CharacterSet set) {
        String pair = "CONCAT(CHAR(p.n), CHAR(q.n))";
        String[] one = {"CHAR(p.n)", "q.n = 0"};
        String[] two = {pair, "p.n > 127"};
        String[] three = {"CONCAT(CHAR(143), " + pair + ")", "p.n > 127 AND q.n > 127"};
        return switch (set) {
            case UCS2, UTF16, UTF16LE -> new String[][] {{pair, "TRUE"}};
            case UTF32 -> new String[][] {{"CONCAT(CHAR(0, 0), " + pair + ")", "TRUE"}};
            case UJIS, EUCJPMS ->
                    // Its one code without a character that the server reads as two.
                    new String[][] {
                        one, {pair, two[1] + " AND NOT (p.n = 142 AND q.n = 160)"}, three
                    };
            case GB18030 ->
                    new String[][] {
                        one,
                        two,
                        {fourBytes(0x81), "p.n < 126"},
                        {fourBytes(0x82), "p.n < 126"},
                        {fourBytes(0x83), "p.n < 126"},
                        {fourBytes(0x84), "p.n < 126"},
                        {fourBytes(0x90), "p.n < 126"},
                        {fourBytes(0xE3), "p.n < 126"}
                    };
            case CP932, SJIS ->
                    new String[][] {one, {pair, "p.n > 127 AND p.n NOT BETWEEN 161 AND 223"}};
            case BIG5, EUCKR, GB2312, GBK -> new String[][] {one, two};
            default -> new String[][] {one};
        };
    }

    /// The second byte is one of ten, taken from q too.
    private static String fourBytes(int first) {
        return "CONCAT(CHAR(%d), CHAR(48 + q.n DIV 26), CHAR(129 + p.n), CHAR(48 + q.n %% 10))"
                .formatted(first);
    }

    private static int compare(Connection connection, CharacterSet set, String bytes, String where)
            throws Exception {
        String query =
                """
                SELECT HEX(%1$s), HEX(CONVERT(CONVERT(%1$s USING %2$s) USING utf32))
                FROM %3$s p JOIN %3$s q WHERE %4$s
                """
                        .formatted(bytes, set.mysqlName(), BYTES, where);
        int compared = 0;
        try (var theirs = connection.createStatement().executeQuery(query)) {
            while (theirs.next()) {
                byte[] text = HexFormat.of().parseHex(theirs.getString(1));
                String expected = characters(text, theirs.getString(2));
                if (expected.isEmpty()) {
                    continue;
                }
                String ours = set.decode(text, 0, text.length);
                if (!ours.equals(expected)) {
                    assertThat(inHex(ours)).as(theirs.getString(1)).isEqualTo(inHex(expected));
                }
                compared++;
            }
        }
        return compared;
    }

    /// What the server made of the bytes, with U+FFFD where it knew no character; empty where it
    /// does not let them into a column of the set.
    private static String characters(byte[] bytes, @Nullable String utf32) {
        boolean hasQuestionMark = new String(bytes, ISO_8859_1).contains("?");
        StringBuilder text = new StringBuilder();
        for (int i = 0; utf32 != null && i < utf32.length(); i += 8) {
            int character = Integer.parseInt(utf32.substring(i, i + 8), 16);
            text.appendCodePoint(character == '?' && !hasQuestionMark ? 0xFFFD : character);
        }
        return text.toString();
    }

    private static String inHex(String text) {
        return text.codePoints().mapToObj("%04X"::formatted).toList().toString();
    }
}
