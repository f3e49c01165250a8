package io.fustor.source.mysql.encode;

import static io.fustor.source.mysql.encode.Cells.bigAsString;
import static io.fustor.source.mysql.encode.Cells.column;
import static io.fustor.source.mysql.encode.Cells.json;
import static io.fustor.source.mysql.encode.Cells.unsigned;
import static io.fustor.source.mysql.schema.ColumnType.BIGINT;
import static io.fustor.source.mysql.schema.ColumnType.BIT;
import static io.fustor.source.mysql.schema.ColumnType.INT;
import static io.fustor.source.mysql.schema.ColumnType.MEDIUMINT;
import static io.fustor.source.mysql.schema.ColumnType.SMALLINT;
import static io.fustor.source.mysql.schema.ColumnType.TINYINT;
import static io.fustor.source.mysql.schema.ColumnType.YEAR;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class NumberCodecsTests {

    @Test
    void readsSignedIntegers() {
        assertThat(json(column(TINYINT), "80")).isEqualTo("-128");
        assertThat(json(column(TINYINT), "7f")).isEqualTo("127");
        assertThat(json(column(SMALLINT), "0080")).isEqualTo("-32768");
        assertThat(json(column(SMALLINT), "ff7f")).isEqualTo("32767");
        assertThat(json(column(MEDIUMINT), "000080")).isEqualTo("-8388608");
        assertThat(json(column(MEDIUMINT), "ffff7f")).isEqualTo("8388607");
        assertThat(json(column(MEDIUMINT), "ffffff")).isEqualTo("-1");
        assertThat(json(column(INT), "00000080")).isEqualTo("-2147483648");
        assertThat(json(column(INT), "ffffff7f")).isEqualTo("2147483647");
        assertThat(json(column(BIGINT), "0000000000000080")).isEqualTo("-9223372036854775808");
        assertThat(json(column(BIGINT), "ffffffffffffff7f")).isEqualTo("9223372036854775807");
    }

    @Test
    void readsUnsignedIntegers() {
        assertThat(json(unsigned(TINYINT), "ff")).isEqualTo("255");
        assertThat(json(unsigned(SMALLINT), "ffff")).isEqualTo("65535");
        assertThat(json(unsigned(MEDIUMINT), "ffffff")).isEqualTo("16777215");
        assertThat(json(unsigned(INT), "ffffffff")).isEqualTo("4294967295");
        assertThat(json(unsigned(BIGINT), "ffffffffffffffff")).isEqualTo("18446744073709551615");
        assertThat(json(unsigned(BIGINT), "0000000000000000")).isEqualTo("0");
    }

    @Test
    void quotesIntegersBeyondThoseThatADoubleHoldsOneByOne() {
        assertThat(bigAsString(column(BIGINT), "0000000000002000")).isEqualTo("9007199254740992");
        assertThat(bigAsString(column(BIGINT), "0100000000002000"))
                .isEqualTo("\"9007199254740993\"");
        assertThat(bigAsString(column(BIGINT), "000000000000e0ff")).isEqualTo("-9007199254740992");
        assertThat(bigAsString(column(BIGINT), "ffffffffffffdfff"))
                .isEqualTo("\"-9007199254740993\"");
        assertThat(bigAsString(unsigned(BIGINT), "ffffffffffffffff"))
                .isEqualTo("\"18446744073709551615\"");
        assertThat(bigAsString(column(BIT, 64, 0), "ffffffffffffffff"))
                .isEqualTo("\"18446744073709551615\"");
        assertThat(bigAsString(unsigned(INT), "ffffffff")).isEqualTo("4294967295");
    }

    @Test
    void readsYears() {
        assertThat(json(column(YEAR), "00")).isEqualTo("0");
        assertThat(json(column(YEAR), "01")).isEqualTo("1901");
        assertThat(json(column(YEAR), "ff")).isEqualTo("2155");
    }

    @Test
    void readsBits() {
        assertThat(json(column(BIT, 1, 0), "01")).isEqualTo("1");
        assertThat(json(column(BIT, 9, 0), "0102")).isEqualTo("258");
        assertThat(json(column(BIT, 64, 0), "8000000000000000")).isEqualTo("9223372036854775808");
        assertThat(json(column(BIT, 64, 0), "ffffffffffffffff")).isEqualTo("18446744073709551615");
    }

    @Test
    void refusesToReadBeyondTheRow() {
        JsonBuffer out = new JsonBuffer();
        byte[] row = new byte[7];
        CellCodec codec = CellCodecs.of(column(BIGINT), false);
        assertThatThrownBy(() -> codec.write(row, 0, out))
                .isInstanceOf(IndexOutOfBoundsException.class);
    }
}
