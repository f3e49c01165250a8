package io.fustor.source.mysql.encode;

import static io.fustor.source.mysql.encode.Cells.bigAsString;
import static io.fustor.source.mysql.encode.Cells.column;
import static io.fustor.source.mysql.encode.Cells.json;
import static io.fustor.source.mysql.schema.ColumnType.DECIMAL;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.schema.Column;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Random;
import org.junit.jupiter.api.Test;

class DecimalTextTests {

    @Test
    void readsTheManualsExample() {
        assertThat(json(column(DECIMAL, 14, 4), "81 0DFB38D2 04D2")).isEqualTo("1234567890.1234");
        assertThat(json(column(DECIMAL, 14, 4), "7E F204C72D FB2D")).isEqualTo("-1234567890.1234");
    }

    @Test
    void writesAllDeclaredDigits() {
        assertThat(json(column(DECIMAL, 5, 2), "800000")).isEqualTo("0.00");
        assertThat(json(column(DECIMAL, 4, 2), "8c1e")).isEqualTo("12.30");
        assertThat(json(column(DECIMAL, 2, 2), "85")).isEqualTo("0.05");
        assertThat(json(column(DECIMAL, 2, 2), "7a")).isEqualTo("-0.05");
        assertThat(json(column(DECIMAL, 1, 0), "89")).isEqualTo("9");
        assertThat(json(column(DECIMAL, 1, 0), "76")).isEqualTo("-9");
        assertThat(json(column(DECIMAL, 10, 0), "80 00000000")).isEqualTo("0");
        assertThat(json(column(DECIMAL, 18, 0), "80000001 00000000")).isEqualTo("1000000000");
    }

    @Test
    void neverWritesMinusZero() {
        assertThat(json(column(DECIMAL, 5, 2), "7fffff")).isEqualTo("0.00");
    }

    @Test
    void readsSixtyFiveDigits() {
        String nines = "9".repeat(35) + "." + "9".repeat(30);
        assertThat(of(65, 30, nines, false)).isEqualTo(nines);
        assertThat(of(65, 30, "-" + nines, false)).isEqualTo("-" + nines);
        assertThat(of(65, 0, "9".repeat(65), false)).isEqualTo("9".repeat(65));
        assertThat(of(30, 30, "0." + "0".repeat(29) + "1", false))
                .isEqualTo("0." + "0".repeat(29) + "1");
    }

    @Test
    void quotesMoreThanFifteenDigitsWhereAsked() {
        assertThat(of(65, 30, "0." + "0".repeat(29) + "1", true))
                .isEqualTo("0." + "0".repeat(29) + "1");
        assertThat(of(16, 1, "12345678901234.5", true)).isEqualTo("12345678901234.5");
        assertThat(of(16, 1, "-123456789012345.5", true)).isEqualTo("\"-123456789012345.5\"");
        assertThat(of(16, 1, "-123456789012345.5", false)).isEqualTo("-123456789012345.5");
        assertThat(bigAsString(column(DECIMAL, 5, 2), "7fffff")).isEqualTo("0.00");
    }

    @Test
    void refusesGroupsThatAreNoDigits() {
        assertThatThrownBy(() -> json(column(DECIMAL, 9, 0), "ffffffff"))
                .isInstanceOf(SourceException.class);
        assertThatThrownBy(() -> json(column(DECIMAL, 2, 0), "f0"))
                .isInstanceOf(SourceException.class);
    }

    @Test
    void readsWhateverWasPacked() {
        Random random = Cells.seeded();
        for (int i = 0; i < 200_000; i++) {
            int precision = random.nextInt(1, 66);
            int scale = random.nextInt(Math.min(precision, 30) + 1);
            BigInteger digits =
                    new BigInteger(random.nextInt(216), random)
                            .mod(BigInteger.TEN.pow(random.nextInt(precision) + 1));
            BigDecimal value =
                    new BigDecimal(random.nextBoolean() ? digits : digits.negate(), scale);
            assertThat(of(precision, scale, value.toPlainString(), false))
                    .isEqualTo(value.toPlainString());
        }
    }

    private static String of(int precision, int scale, String value, boolean bigAsString) {
        Column column = column(DECIMAL, precision, scale);
        return json(column, packed(precision, scale, new BigDecimal(value)), bigAsString);
    }

    /// The packed digits as the manual describes them.
    static byte[] packed(int precision, int scale, BigDecimal value) {
        String digits = value.abs().setScale(scale).unscaledValue().toString();
        digits = "0".repeat(precision - digits.length()) + digits;
        String whole = digits.substring(0, precision - scale);
        JsonBuffer out = new JsonBuffer();
        for (int at = 0; at < precision; ) {
            int count;
            if (at < whole.length()) {
                count = (whole.length() - at) % 9 == 0 ? 9 : (whole.length() - at) % 9;
            } else {
                count = Math.min(9, precision - at);
            }
            int group = Integer.parseInt(digits.substring(at, at + count));
            for (int width = Column.decimalBytes(count) - 1; width >= 0; width--) {
                out.write((byte) (group >> (8 * width)));
            }
            at += count;
        }
        byte[] bytes = java.util.Arrays.copyOf(out.array(), out.size());
        bytes[0] ^= (byte) 0x80;
        for (int i = 0; i < bytes.length && value.signum() < 0; i++) {
            bytes[i] = (byte) ~bytes[i];
        }
        return bytes;
    }
}
