package io.fustor.source.mysql.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fustor.source.mysql.error.FailureCode;
import io.fustor.source.mysql.error.SourceException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class StatementContextTests {

    private static StatementContext read(String hex) {
        return StatementContext.read("shop", HexFormat.of().parseHex(hex.replace(" ", "")));
    }

    @Test
    void readsModeAndCollationsBetweenOtherVariables() {
        var context =
                read(
                        "00 00000000"
                                + "01 0500100000000000"
                                + "06 03 737464"
                                + "04 0800 0800 FF00"
                                + "0C 01 73686F7000"
                                + "11 0100000000000000"
                                + "12 2D00"
                                + "13 00");

        assertThat(context).isEqualTo(new StatementContext("shop", 0x100005, 8, 255, 45));
        assertThat(context.hasAnsiQuotes()).isTrue();
        assertThat(context.hasPlainBackslashes()).isTrue();
    }

    @Test
    void readsNoDatabasesWhereThereWereTooMany() {
        assertThat(read("0C FE 12 2D00").utf8mb4Collation()).isEqualTo(45);
    }

    @Test
    void stopsAtAVariableThatItDoesNotKnow() {
        assertThat(read("04 2100 2100 0800 F0 01").serverCollation()).isEqualTo(8);
    }

    @Test
    void refusesVariablesThatEndTooEarly() {
        assertThatThrownBy(() -> read("04 21"))
                .isInstanceOfSatisfying(
                        SourceException.class,
                        e -> assertThat(e.code()).isEqualTo(FailureCode.CORRUPT_EVENT));
    }

    @Test
    void readsTextInTheClientsCharacterSet() {
        var latin1 = new StatementContext("", 0, 8, 0, 0);

        assertThat(latin1.text(new byte[] {'a', (byte) 0xE9})).isEqualTo("aé");
        assertThat(StatementContext.plain("").text("aé".getBytes(StandardCharsets.UTF_8)))
                .isEqualTo("aé");
    }
}
