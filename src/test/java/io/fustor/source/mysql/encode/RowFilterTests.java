package io.fustor.source.mysql.encode;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fustor.source.mysql.condition.Condition;
import io.fustor.source.mysql.condition.Conditions;
import io.fustor.source.mysql.condition.PackedDecimal;
import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.schema.Column;
import io.fustor.source.mysql.schema.ColumnType;
import io.fustor.source.mysql.schema.TableId;
import io.fustor.source.mysql.schema.TableSchema;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Cells judged where they lie: as the feed would deliver them, in row images and in result rows.
class RowFilterTests {

    private static final TableId ID = new TableId("shop", "orders");
    private static final int UTF8MB4 = 255;
    private static final int LATIN1 = 8;

    private static RowFilter filter(Column column, String condition, boolean isResult) {
        TableSchema table = new TableSchema(ID, List.of(column), new int[0]);
        Condition read = Conditions.parse(List.of("shop.orders: " + condition)).of(ID);
        return new RowFilter(table, Objects.requireNonNull(read), isResult);
    }

    private static boolean matches(RowFilter filter, byte[] cell) {
        enter(filter, cell);
        return filter.matches();
    }

    private static void enter(RowFilter filter, byte[] cell) {
        byte[] row = new byte[cell.length + 20];
        System.arraycopy(cell, 0, row, 3, cell.length);
        filter.enter(row);
        filter.at(0, 3);
    }

    private static byte[] afterLength(byte[] value) {
        byte[] cell = new byte[value.length + 1];
        cell[0] = (byte) value.length;
        System.arraycopy(value, 0, cell, 1, value.length);
        return cell;
    }

    private static byte[] bytes(int... values) {
        byte[] bytes = new byte[values.length];
        for (int i = 0; i < values.length; i++) {
            bytes[i] = (byte) values[i];
        }
        return bytes;
    }

    @ParameterizedTest
    @CsvSource({
        "c = 'a\uFFFDb', true",
        "c = 'a\u00FFb', false",
        "c = 'a?b', false",
        "c <> 'a', true",
        "'c in (''a'', ''a\uFFFDb'')', true",
        "'c in (''a'', ''b'')', false",
        "c like 'a_b', true",
        "c like 'a__b', false",
        "c like 'a%b', true",
        "c like '%b', true",
        "c like '%\uFFFDb', true",
        "c like 'a%' and not c like 'a%\u00FF%', true",
        "c like 'ab', false",
        "c > 'a\uFFFC' and c < 'a\uFFFE', true"
    })
    void bytesThatAreNoCharactersAreJudgedAsTheyAreDelivered(String condition, boolean isMet) {
        Column column = Cells.text(ColumnType.VARCHAR, 40, UTF8MB4);
        byte[] cell = afterLength(bytes('a', 0xFF, 'b'));

        assertThat(matches(filter(column, condition, false), cell)).isEqualTo(isMet);
        assertThat(matches(filter(column, condition, true), cell)).isEqualTo(isMet);
    }

    @Test
    void hashesAreOfWhatIsDelivered() {
        Column column = Cells.text(ColumnType.VARCHAR, 40, UTF8MB4);
        RowFilter plain = filter(column, "c = 'a'", false);
        RowFilter replaced = filter(column, "c = '\uFFFD'", false);
        byte[] cell = afterLength(bytes(0xE6, 0x97));
        enter(plain, cell);
        enter(replaced, cell);

        assertThat(plain.hash(0)).isEqualTo(replaced.hash(0));
        assertThat(replaced.key().isAmong(new long[] {plain.hash(0)})).isTrue();
        assertThat(plain.key().isAmong(new long[] {plain.hash(0)})).isFalse();
    }

    @Test
    void textInOtherCharacterSetsIsComparedByItsCharacters() {
        Column column = Cells.text(ColumnType.VARCHAR, 40, LATIN1);
        RowFilter filter = filter(column, "c in ('zo\u00EB', 'plain')", false);

        assertThat(matches(filter, afterLength(bytes('z', 'o', 0xEB)))).isTrue();
        assertThat(matches(filter, afterLength("plain".getBytes(UTF_8)))).isTrue();
        assertThat(matches(filter, afterLength("zo\u00EB".getBytes(UTF_8)))).isFalse();
        assertThat(matches(filter, afterLength(new byte[0]))).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "c = 'paid'",
                "c in ('new', 'none')",
                "c like '%i%'",
                "c < 'o'",
                "c = ''",
                "not c like 'p_id'",
                "c = 'new' or c > 'paic' and c <> 'zo\u00EB'",
                "c is null"
            })
    void aLabelIsJudgedByItsNumberAsByItsText(String condition) {
        Column column = Cells.text(ColumnType.ENUM, 1, UTF8MB4, "new", "paid", "zo\u00EB");
        RowFilter images = filter(column, condition, false);
        RowFilter results = filter(column, condition, true);
        List<String> texts = List.of("", "new", "paid", "zo\u00EB");
        for (int number = 0; number < texts.size(); number++) {
            byte[] text = afterLength(texts.get(number).getBytes(UTF_8));
            assertThat(matches(images, bytes(number)))
                    .as(condition + " of " + texts.get(number))
                    .isEqualTo(matches(results, text));
        }
    }

    @Test
    void aNumberWithoutALabelIsAnError() {
        Column column = Cells.text(ColumnType.ENUM, 1, UTF8MB4, "new", "paid");
        RowFilter filter = filter(column, "c = 'paid'", false);

        assertThatThrownBy(() -> matches(filter, bytes(3))).isInstanceOf(SourceException.class);
    }

    @ParameterizedTest
    @ValueSource(ints = {3, 8, 9, 64})
    void setsOfAnyNumberOfLabelsAreJudgedByTheirTexts(int count) {
        String[] labels = new String[count];
        for (int i = 0; i < count; i++) {
            labels[i] = "l" + i;
        }
        int width = count <= 8 ? 1 : count == 9 ? 2 : 8;
        Column column = Cells.text(ColumnType.SET, width, UTF8MB4, labels);
        RowFilter filter = filter(column, "c in ('l0,l2', 'l%d')".formatted(count - 1), false);
        byte[] both = new byte[width];
        both[0] = 5;
        byte[] last = new byte[width];
        last[(count - 1) / 8] = (byte) (1 << (count - 1) % 8);
        byte[] one = new byte[width];
        one[0] = 1;

        assertThat(matches(filter, both)).isTrue();
        assertThat(matches(filter, last)).isTrue();
        assertThat(matches(filter, one)).isFalse();
        assertThat(matches(filter, new byte[width])).isFalse();
    }

    /// Of up to 18 digits and more: those of eight bytes and fewer are compared as numbers.
    @Test
    void decimalsOfEveryWidthAreExact() {
        Random random = Cells.seeded();
        for (int round = 0; round < 3_000; round++) {
            int size = 1 + random.nextInt(24);
            int scale = random.nextInt(size + 1);
            Column column = Cells.column(ColumnType.DECIMAL, size, scale);
            BigDecimal value = decimal(random, size, scale);
            BigDecimal literal =
                    switch (random.nextInt(4)) {
                        case 0 -> value;
                        case 1 -> value.add(BigDecimal.ONE.movePointLeft(scale));
                        case 2 -> value.subtract(BigDecimal.ONE.movePointLeft(scale + 1));
                        default -> decimal(random, size, scale);
                    };
            compare(column, value, literal);
        }
    }

    private static BigDecimal decimal(Random random, int size, int scale) {
        BigInteger most = BigInteger.TEN.pow(size).subtract(BigInteger.ONE);
        BigInteger digits =
                switch (random.nextInt(4)) {
                    case 0 -> most;
                    case 1 -> BigInteger.valueOf(random.nextInt(10));
                    default -> new BigInteger(most.bitLength(), random).mod(most);
                };
        return new BigDecimal(random.nextBoolean() ? digits : digits.negate(), scale);
    }

    private static void compare(Column column, BigDecimal value, BigDecimal literal) {
        int order = value.compareTo(literal);
        String number = literal.toPlainString();
        byte[] text = value.toPlainString().getBytes(UTF_8);
        byte[] packed = new byte[column.cellWidth()];
        PackedDecimal.pack(text, 0, text.length, column, packed);
        List<String> conditions = new ArrayList<>();
        conditions.add((order < 0 ? "" : "not ") + "c < " + number);
        conditions.add((order <= 0 ? "" : "not ") + "c <= " + number);
        conditions.add((order == 0 ? "" : "not ") + "c = " + number);
        conditions.add((order >= 0 ? "" : "not ") + "c >= " + number);
        conditions.add((order > 0 ? "" : "not ") + "c > " + number);
        conditions.add((order == 0 ? "" : "not ") + "c in (" + number + ")");
        for (String condition : conditions) {
            String what =
                    "%s with (%d,%d): %s"
                            .formatted(value, column.size(), column.scale(), condition);
            assertThat(matches(filter(column, condition, false), packed)).as(what).isTrue();
            assertThat(matches(filter(column, condition, true), afterLength(text)))
                    .as("result, " + what)
                    .isTrue();
        }
    }
}
