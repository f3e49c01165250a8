package io.fustor.source.mysql.encode;

import static io.fustor.source.mysql.encode.Cells.column;
import static io.fustor.source.mysql.encode.Cells.text;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fustor.source.mysql.error.FailureCode;
import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.schema.Column;
import io.fustor.source.mysql.schema.ColumnType;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class ResultCodecsTests {

    private static final Column JSON = column(ColumnType.JSON, 4, 0);
    private static final Column DECIMAL = column(ColumnType.DECIMAL, 20, 2);

    private static String json(Column column, boolean bigAsString, byte[] cell) {
        JsonBuffer out = new JsonBuffer();
        int end = CellCodecs.ofResult(column, bigAsString).write(cell, 0, out);
        assertThat(end).isEqualTo(cell.length);
        return new String(Arrays.copyOf(out.array(), out.size()), UTF_8);
    }

    private static String ofHex(Column column, String hex) {
        return json(column, false, HexFormat.of().parseHex(hex.replace(" ", "")));
    }

    private static byte[] packed(String text) {
        byte[] bytes = text.getBytes(UTF_8);
        byte[] cell = new byte[bytes.length + 1];
        cell[0] = (byte) bytes.length;
        System.arraycopy(bytes, 0, cell, 1, bytes.length);
        return cell;
    }

    private static String document(String text) {
        return json(JSON, false, packed(text));
    }

    private static String bigAsString(Column column, String text) {
        return json(column, true, packed(text));
    }

    private static void isCorrupt(Column column, String hex) {
        assertThatThrownBy(() -> ofHex(column, hex))
                .isInstanceOfSatisfying(
                        SourceException.class,
                        e -> assertThat(e.code()).isEqualTo(FailureCode.CORRUPT_EVENT));
    }

    @Test
    void documentsLoseBlanksOutsideStringsOnly() {
        assertThat(document("{\"a: b , c\": [1, -2.50, {}], \"\": [ ]}"))
                .isEqualTo("{\"a: b , c\":[1,-2.50,{}],\"\":[]}");
    }

    @Test
    void documentsGetTheEscapesOfRowImages() {
        assertThat(document("\"\\u0041\\u00E9\\ud83d\\ude00\\/\\u000A\\u001F\\u0008\""))
                .isEqualTo("\"Aé😀/\\n\\u001f\\b\"");
        assertThat(document("\"\\ud83d\\n\\ude00\"")).isEqualTo("\"\uFFFD\\n\uFFFD\"");
        assertThat(ofHex(JSON, "05 22 61 ff 0a 22")).isEqualTo("\"a\uFFFD\\n\"");
    }

    @Test
    void bigNumbersInDocumentsBecomeStrings() {
        assertThat(bigAsString(JSON, "[9007199254740992, 9007199254740993]"))
                .isEqualTo("[9007199254740992,\"9007199254740993\"]");
        assertThat(bigAsString(JSON, "[1.00000000000000000, 0.1000000000000000001]"))
                .isEqualTo("[1.00000000000000000,\"0.1000000000000000001\"]");
        assertThat(bigAsString(JSON, "[1.7976931348623157e308, 4.940656e-324]"))
                .isEqualTo("[1.7976931348623157e308,4.940656e-324]");
    }

    @Test
    void emptyDocumentsAreNull() {
        assertThat(document("")).isEqualTo("null");
    }

    @Test
    void damagedDocumentsFail() {
        for (String text : new String[] {"\"a", "\"a\\", "\"\\x\"", "\"\\u12\"", "[1;2]", "'a'"}) {
            assertThatThrownBy(() -> document(text))
                    .as(text)
                    .isInstanceOf(SourceException.class)
                    .hasMessageNotContaining(text);
        }
    }

    @Test
    void decimalsLoseTheZerosInFront() {
        assertThat(json(DECIMAL, false, packed("000012.30"))).isEqualTo("12.30");
        assertThat(json(DECIMAL, false, packed("-0000.05"))).isEqualTo("-0.05");
        assertThat(json(DECIMAL, false, packed("000"))).isEqualTo("0");
        assertThat(json(DECIMAL, false, packed("-0.00"))).isEqualTo("0.00");
    }

    @Test
    void bigDecimalsBecomeStrings() {
        assertThat(bigAsString(DECIMAL, "0001234567890123.45")).isEqualTo("1234567890123.45");
        assertThat(bigAsString(DECIMAL, "-12345678901234.50")).isEqualTo("\"-12345678901234.50\"");
    }

    @Test
    void damagedDecimalsFail() {
        for (String text : new String[] {"", "-", "1.", ".5", "1.2.3", "1e5", "NaN"}) {
            assertThatThrownBy(() -> json(DECIMAL, false, packed(text)))
                    .as(text)
                    .isInstanceOf(SourceException.class);
        }
    }

    @Test
    void lengthsTakeOneToNineBytes() {
        Column text = text(ColumnType.TEXT, 4, 255);
        assertThat(ofHex(text, "01 61")).isEqualTo("\"a\"");
        assertThat(ofHex(text, "fc 0100 61")).isEqualTo("\"a\"");
        assertThat(ofHex(text, "fd 010000 61")).isEqualTo("\"a\"");
        assertThat(ofHex(text, "fe 0100000000000000 61")).isEqualTo("\"a\"");
    }

    @Test
    void valuesThatEndAfterTheBytesFail() {
        Column text = text(ColumnType.TEXT, 4, 255);
        isCorrupt(text, "02 61");
        isCorrupt(text, "fb");
        isCorrupt(text, "ff 61");
        isCorrupt(text, "fe ffffffffffffffff 61");
        isCorrupt(column(ColumnType.BIT, 64, 0), "09 ffffffffffffffffff");
    }

    @Test
    void datesAndTimesThatAreNoneFail() {
        isCorrupt(column(ColumnType.DATE), "03 e80702");
        isCorrupt(column(ColumnType.DATE), "04 e8070d01");
        isCorrupt(column(ColumnType.DATETIME), "07 e8070101 183c00");
        isCorrupt(column(ColumnType.DATETIME, 0, 6), "0b e8070101 000000 40420f00");
        isCorrupt(column(ColumnType.TIME), "08 00 23000000 000000");
        isCorrupt(column(ColumnType.TIME), "08 00 22000000 170000");
        isCorrupt(column(ColumnType.TIME), "05 00 22000000");
    }
}
