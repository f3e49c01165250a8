package io.fustor.source.mysql.encode;

import static io.fustor.source.mysql.encode.Cells.column;
import static io.fustor.source.mysql.encode.Cells.json;
import static io.fustor.source.mysql.encode.Cells.text;
import static io.fustor.source.mysql.schema.ColumnType.BINARY;
import static io.fustor.source.mysql.schema.ColumnType.BLOB;
import static io.fustor.source.mysql.schema.ColumnType.CHAR;
import static io.fustor.source.mysql.schema.ColumnType.ENUM;
import static io.fustor.source.mysql.schema.ColumnType.GEOMETRY;
import static io.fustor.source.mysql.schema.ColumnType.SET;
import static io.fustor.source.mysql.schema.ColumnType.TEXT;
import static io.fustor.source.mysql.schema.ColumnType.VARBINARY;
import static io.fustor.source.mysql.schema.ColumnType.VARCHAR;
import static io.fustor.source.mysql.schema.ColumnType.VECTOR;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fustor.source.mysql.error.FailureCode;
import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.schema.Column;
import java.util.Base64;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class TextCodecsTests {

    private static final int LATIN1 = 8;
    private static final int UTF8MB4 = 255;

    @Test
    void readsLengthsOfOneToFourBytes() {
        assertThat(json(text(VARCHAR, 255, UTF8MB4), "02 6869")).isEqualTo("\"hi\"");
        assertThat(json(text(VARCHAR, 256, UTF8MB4), "0200 6869")).isEqualTo("\"hi\"");
        assertThat(json(text(CHAR, 1020, UTF8MB4), "0200 6869")).isEqualTo("\"hi\"");
        assertThat(json(text(TEXT, 1, UTF8MB4), "02 6869")).isEqualTo("\"hi\"");
        assertThat(json(text(TEXT, 3, UTF8MB4), "020000 6869")).isEqualTo("\"hi\"");
        assertThat(json(text(TEXT, 4, UTF8MB4), "02000000 6869")).isEqualTo("\"hi\"");
        assertThat(json(text(TEXT, 4, UTF8MB4), "00000000")).isEqualTo("\"\"");
    }

    @Test
    void decodesByTheColumnsOwnCharacterSet() {
        assertThat(json(text(VARCHAR, 60, LATIN1), "04 80e99d41")).isEqualTo("\"€é\u009DA\"");
        assertThat(json(text(VARCHAR, 60, 14), "02 cff0")).isEqualTo("\"Пр\"");
        assertThat(json(text(VARCHAR, 60, 28), "05 d6d0cec461")).isEqualTo("\"中文a\"");
        assertThat(json(text(VARCHAR, 60, 13), "05 835c5c b161")).isEqualTo("\"ソ\\\\ｱa\"");
        assertThat(json(text(VARCHAR, 60, 54), "08 0041 4e2d d83dde00"))
                .isEqualTo("\"A中\uD83D\uDE00\"");
        assertThat(json(text(VARCHAR, 60, 60), "08 00000041 0001f600"))
                .isEqualTo("\"A\uD83D\uDE00\"");
        assertThat(json(text(VARCHAR, 60, 10), "03 5b7d22")).isEqualTo("\"Äå\\\"\"");
    }

    @Test
    void replacesBytesThatAreNoCharacter() {
        assertThat(json(text(VARCHAR, 60, UTF8MB4), "03 61ff62")).isEqualTo("\"a\uFFFDb\"");
        assertThat(json(text(VARCHAR, 60, 11), "03 618062")).isEqualTo("\"a\uFFFDb\"");
        assertThat(json(text(VARCHAR, 60, 28), "03 61 8022")).isEqualTo("\"a\uFFFD\\\"\"");
        assertThat(json(text(VARCHAR, 60, 28), "02 61d6")).isEqualTo("\"a\uFFFD\"");
        assertThat(json(text(VARCHAR, 60, 28), "03 ffff61")).isEqualTo("\"\uFFFDa\"");
        assertThat(json(text(VARCHAR, 60, 13), "02 8322")).isEqualTo("\"\uFFFD\\\"\"");
        assertThat(json(text(VARCHAR, 60, 54), "06 d83d 0041 de00")).isEqualTo("\"\uFFFDA\uFFFD\"");
        assertThat(json(text(VARCHAR, 60, 54), "03 004100")).isEqualTo("\"A\uFFFD\"");
        assertThat(json(text(VARCHAR, 60, 60), "06 00110000 0041")).isEqualTo("\"\uFFFD\uFFFD\"");
        assertThat(json(text(VARCHAR, 60, 35), "04 d83d 0041")).isEqualTo("\"\uFFFDA\"");
    }

    @Test
    void escapesTextOfEveryCharacterSet() {
        assertThat(json(text(VARCHAR, 60, LATIN1), "06 220a5c0d1fe9"))
                .isEqualTo("\"\\\"\\n\\\\\\r\\u001fé\"");
        assertThat(json(text(VARCHAR, 60, 54), "06 0022 000a 2028")).isEqualTo("\"\\\"\\n\u2028\"");
    }

    @Test
    void refusesCollationsItDoesNotKnow() {
        Column unknown = text(VARCHAR, 60, 999);
        assertThatThrownBy(() -> CellCodecs.of(unknown, false))
                .isInstanceOfSatisfying(
                        SourceException.class,
                        e -> assertThat(e.code()).isEqualTo(FailureCode.UNSUPPORTED_TYPE))
                .hasMessageContaining("`c`")
                .hasMessageContaining("999");
        Column binary = text(TEXT, 2, 63);
        assertThatThrownBy(() -> CellCodecs.of(binary, false)).isInstanceOf(SourceException.class);
    }

    @Test
    void refusesLengthsBeyondTheRow() {
        assertThatThrownBy(() -> json(text(VARCHAR, 60, UTF8MB4), "0a 61"))
                .isInstanceOf(SourceException.class);
        assertThatThrownBy(() -> json(text(TEXT, 4, LATIN1), "ffffffff 61"))
                .isInstanceOf(SourceException.class);
        assertThatThrownBy(() -> json(column(BLOB, 4, 0), "ffffff7f 61"))
                .isInstanceOf(SourceException.class);
    }

    @Test
    void padsFixedBytesWithTheZerosThatTheBinlogLeavesOut() {
        Column column = column(BINARY, 16, 0);
        for (int length = 0; length <= 16; length++) {
            byte[] padded = new byte[16];
            byte[] cell = new byte[length + 1];
            cell[0] = (byte) length;
            for (int i = 0; i < length; i++) {
                padded[i] = (byte) (i + 200);
                cell[i + 1] = padded[i];
            }
            assertThat(json(column, cell, false))
                    .isEqualTo('"' + Base64.getEncoder().encodeToString(padded) + '"');
        }
    }

    @Test
    void writesBytesAsBase64() {
        assertThat(json(column(VARBINARY, 255, 0), "03 00ff00")).isEqualTo("\"AP8A\"");
        assertThat(json(column(VARBINARY, 256, 0), "0000")).isEqualTo("\"\"");
        assertThat(json(column(BLOB, 2, 0), "0100 ff")).isEqualTo("\"/w==\"");
    }

    @Test
    void writesTheLabelOfAnEnum() {
        Column column = text(ENUM, 1, UTF8MB4, "a,b", "quote\"", "日本");
        assertThat(json(column, "00")).isEqualTo("\"\"");
        assertThat(json(column, "01")).isEqualTo("\"a,b\"");
        assertThat(json(column, "02")).isEqualTo("\"quote\\\"\"");
        assertThat(json(column, "03")).isEqualTo("\"日本\"");
        assertThatThrownBy(() -> json(column, "04")).isInstanceOf(SourceException.class);
        String[] many = IntStream.range(0, 300).mapToObj(i -> "l" + i).toArray(String[]::new);
        assertThat(json(text(ENUM, 2, UTF8MB4, many), "2c01")).isEqualTo("\"l299\"");
    }

    @Test
    void joinsTheLabelsOfASet() {
        Column column = text(SET, 1, UTF8MB4, "a", "quote\"", "日本");
        assertThat(json(column, "00")).isEqualTo("\"\"");
        assertThat(json(column, "07")).isEqualTo("\"a,quote\\\",日本\"");
        assertThat(json(column, "04")).isEqualTo("\"日本\"");
        assertThatThrownBy(() -> json(column, "08")).isInstanceOf(SourceException.class);
        String[] many = IntStream.range(0, 64).mapToObj(i -> "l" + i).toArray(String[]::new);
        assertThat(json(text(SET, 8, UTF8MB4, many), "ffffffffffffffff"))
                .isEqualTo('"' + String.join(",", many) + '"');
        assertThat(json(text(SET, 8, UTF8MB4, many), "0000000000000080")).isEqualTo("\"l63\"");
    }

    @Test
    void writesGeometryWithItsReferenceSystem() {
        String point = "0101000000000000000000f03f0000000000000040";
        assertThat(json(column(GEOMETRY, 4, 0), "19000000 e6100000" + point))
                .isEqualTo("{\"srid\":4326,\"wkb\":\"AQEAAAAAAAAAAADwPwAAAAAAAABA\"}");
        assertThat(json(column(GEOMETRY, 4, 0), "00000000")).isEqualTo("null");
        assertThatThrownBy(() -> json(column(GEOMETRY, 4, 0), "03000000 e61000"))
                .isInstanceOf(SourceException.class);
    }

    @Test
    void writesAVectorAsItsNumbers() {
        assertThat(json(column(VECTOR, 4, 0), "0c000000 0000803f cdcc8cbf 00000000"))
                .isEqualTo("[1,-1.1,0]");
        assertThat(json(column(VECTOR, 4, 0), "00000000")).isEqualTo("[]");
        assertThatThrownBy(() -> json(column(VECTOR, 4, 0), "03000000 000000"))
                .isInstanceOf(SourceException.class);
    }

    @Test
    void writesLongTextWhole() {
        String text = "é".repeat(40_000);
        byte[] bytes = text.getBytes(UTF_8);
        byte[] cell = new byte[bytes.length + 3];
        System.arraycopy(BinaryJsonWriter.little(bytes.length, 3), 0, cell, 0, 3);
        System.arraycopy(bytes, 0, cell, 3, bytes.length);
        assertThat(json(text(TEXT, 3, UTF8MB4), cell, false)).isEqualTo('"' + text + '"');
    }
}
