package io.fustor.source.mysql.schema;

import static org.assertj.core.api.Assertions.assertThat;

import io.fustor.source.mysql.support.TestMySql;
import java.nio.charset.StandardCharsets;
import java.sql.ResultSet;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

/// The letters of names against a server's own table of them.
class NameRuleIT {

    private static final String LOWER =
            "SELECT HEX(LOWER(CONVERT(CONVERT(? USING utf8mb4) USING utf8) COLLATE utf8_general_ci))";

    @Test
    void lowersEveryLetterAsTheServerDoes() throws Exception {
        try (var connection = TestMySql.shared().jdbc();
                var statement = connection.prepareStatement(LOWER)) {
            for (int from = 1; from < 0xFFFE; from += 2048) {
                String letters = letters(from, Math.min(from + 2048, 0xFFFE));
                if (letters.isEmpty()) {
                    continue;
                }
                statement.setString(1, letters);
                try (ResultSet row = statement.executeQuery()) {
                    row.next();
                    byte[] lower = HexFormat.of().parseHex(row.getString(1));
                    assertThat(NameRule.LOWER_CASE.stored(letters))
                            .isEqualTo(new String(lower, StandardCharsets.UTF_8));
                }
            }
        }
    }

    private static String letters(int from, int to) {
        StringBuilder letters = new StringBuilder();
        for (int c = from; c < to; c++) {
            if (!Character.isSurrogate((char) c)) {
                letters.append((char) c);
            }
        }
        return letters.toString();
    }
}
