package io.fustor.source.mysql.encode;

import static io.fustor.source.mysql.encode.Cells.column;
import static io.fustor.source.mysql.encode.Cells.json;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.fustor.source.mysql.schema.ColumnType;
import java.io.ByteArrayOutputStream;
import java.math.BigDecimal;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class FloatingTextTests {

    @Test
    void laysDoublesOutAsEcmaScriptDoes() {
        assertThat(of(1.1)).isEqualTo("1.1");
        assertThat(of(-1.1)).isEqualTo("-1.1");
        assertThat(of(0.0)).isEqualTo("0");
        assertThat(of(-0.0)).isEqualTo("-0");
        assertThat(of(100)).isEqualTo("100");
        assertThat(of(1e20)).isEqualTo("100000000000000000000");
        assertThat(of(1e21)).isEqualTo("1e21");
        assertThat(of(123456789012345680000.0)).isEqualTo("123456789012345680000");
        assertThat(of(1.2345e30)).isEqualTo("1.2345e30");
        assertThat(of(0.000001)).isEqualTo("0.000001");
        assertThat(of(0.0000012)).isEqualTo("0.0000012");
        assertThat(of(1.5e-7)).isEqualTo("1.5e-7");
        assertThat(of(1e-7)).isEqualTo("1e-7");
        assertThat(of(0.1 + 0.2)).isEqualTo("0.30000000000000004");
        assertThat(of(9007199254740991.0)).isEqualTo("9007199254740991");
        assertThat(of(9007199254740992.0)).isEqualTo("9007199254740992");
        assertThat(of(9007199254740994.0)).isEqualTo("9007199254740994");
        assertThat(of(1e23)).isEqualTo("1e23");
        assertThat(of(2e-323)).isEqualTo("2e-323");
        assertThat(of(1e-323)).isEqualTo("1e-323");
        assertThat(of(1.5e-323)).isEqualTo("1.5e-323");
        assertThat(of(Double.MIN_VALUE)).isEqualTo("5e-324");
        assertThat(of(Double.MAX_VALUE)).isEqualTo("1.7976931348623157e308");
        assertThat(of(Double.MIN_NORMAL)).isEqualTo("2.2250738585072014e-308");
    }

    @Test
    void writesFloatsByTheirOwnPrecision() {
        assertThat(of(1.1f)).isEqualTo("1.1");
        assertThat(of(16777216f)).isEqualTo("16777216");
        assertThat(of(16777217f)).isEqualTo("16777216");
        assertThat(of(123456789f)).isEqualTo("123456790");
        assertThat(of(0.1f)).isEqualTo("0.1");
        assertThat(of(-0f)).isEqualTo("-0");
        assertThat(of(3.4028235e38f)).isEqualTo("3.4028235e38");
        assertThat(of(Float.MIN_VALUE)).isEqualTo("1e-45");
        assertThat(of(1e10f)).isEqualTo("10000000000");
        assertThat(of(3.1415927f)).isEqualTo("3.1415927");
    }

    @Test
    void writesWhatIsNoNumberAsAString() {
        assertThat(of(Double.NaN)).isEqualTo("\"NaN\"");
        assertThat(of(Float.NEGATIVE_INFINITY)).isEqualTo("\"-Infinity\"");
    }

    @Test
    void readsCells() {
        assertThat(json(column(ColumnType.FLOAT), "cdcc8c3f")).isEqualTo("1.1");
        assertThat(json(column(ColumnType.DOUBLE), "9a9999999999f13f")).isEqualTo("1.1");
    }

    @Test
    void writesDoublesThatReadBackWithTheFewestDigits() {
        Random random = Cells.seeded();
        for (int i = 0; i < 1_000_000; i++) {
            double value =
                    switch (i % 4) {
                        case 0 -> Double.longBitsToDouble(random.nextLong());
                        case 1 -> random.nextLong(1L << random.nextInt(1, 63)) / power(random);
                        case 2 -> random.nextInt(2_000_000) / 100.0;
                        default -> Double.longBitsToDouble(random.nextLong() >>> 12 + i % 50);
                    };
            if (Double.isFinite(value)) {
                String text = of(value);
                assertThat(Double.doubleToLongBits(Double.parseDouble(text)))
                        .isEqualTo(Double.doubleToLongBits(value));
                assertShort(text, Double.toString(value));
            }
        }
    }

    @Test
    void writesFloatsThatReadBackWithTheFewestDigits() {
        Random random = Cells.seeded();
        for (int i = 0; i < 1_000_000; i++) {
            float value =
                    i % 2 == 0
                            ? Float.intBitsToFloat(random.nextInt())
                            : (float) (random.nextInt(1 << random.nextInt(1, 31)) / power(random));
            if (Float.isFinite(value)) {
                String text = of(value);
                assertThat(Float.floatToIntBits(Float.parseFloat(text)))
                        .isEqualTo(Float.floatToIntBits(value));
                assertShort(text, Float.toString(value));
            }
        }
    }

    /// Java's digits are the shortest, and of those the closest, where they are more than two.
    private static void assertShort(String text, String javas) {
        BigDecimal ours = new BigDecimal(text).stripTrailingZeros();
        BigDecimal oracle = new BigDecimal(javas).stripTrailingZeros();
        if (ours.compareTo(oracle) != 0) {
            assertThat(oracle.precision()).as(text + " and " + javas).isEqualTo(2);
            assertThat(ours.precision()).as(text + " and " + javas).isEqualTo(1);
        }
    }

    private static double power(Random random) {
        return Math.pow(10, random.nextInt(20));
    }

    private static String of(double value) {
        JsonBuffer out = new JsonBuffer();
        FloatingText.write(value, out);
        return new String(out.array(), 0, out.size(), UTF_8);
    }

    private static String of(float value) {
        JsonBuffer out = new JsonBuffer();
        FloatingText.write(value, out);
        return new String(out.array(), 0, out.size(), UTF_8);
    }

    /// Wherever a buffer lets go of its pieces, also between digits and their point.
    @Test
    void numbersStayWholeAcrossPieces() {
        for (int shift = 0; shift < 40; shift++) {
            JsonBuffer whole = new JsonBuffer();
            JsonBuffer pieces = new JsonBuffer(64 * 1024);
            ByteArrayOutputStream taken = new ByteArrayOutputStream();
            pieces.overflowTo(taken::write);
            for (JsonBuffer out : List.of(whole, pieces)) {
                out.ascii(" ".repeat(shift));
                for (int i = 0; i < 9_000; i++) {
                    FloatingText.write(1_234_567 + i + 0.25, out);
                }
            }
            taken.write(pieces.array(), 0, pieces.size());

            assertThat(taken.toByteArray()).isEqualTo(Arrays.copyOf(whole.array(), whole.size()));
        }
    }
}
