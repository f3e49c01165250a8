package io.fustor.source.mysql.condition;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fustor.source.mysql.error.RequestException;
import io.fustor.source.mysql.schema.Column;
import io.fustor.source.mysql.schema.ColumnType;
import io.fustor.source.mysql.schema.NameRule;
import io.fustor.source.mysql.schema.TableId;
import io.fustor.source.mysql.schema.TableSchema;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// The grammar of conditions, their meaning with NULL, and what they refuse.
class ConditionTests {

    private static final TableSchema ORDERS =
            new TableSchema(
                    new TableId("shop", "orders"),
                    List.of(
                            column("id", ColumnType.INT, 0, 0),
                            column("total", ColumnType.DECIMAL, 10, 2),
                            column("status", ColumnType.VARCHAR, 40, 0),
                            column("Customer", ColumnType.INT, 0, 0),
                            column("paid", ColumnType.DATE, 0, 0),
                            column("raw", ColumnType.VARBINARY, 9, 0),
                            column("doc", ColumnType.JSON, 4, 0)),
                    new int[] {0});

    private static Column column(String name, ColumnType type, int size, int scale) {
        return new Column(name, type, size, scale, false, 255, List.of());
    }

    /// Values by ordinal; null for NULL.
    private record Row(BoundCondition condition, @Nullable Object[] values, byte[][] loaded)
            implements RowValues {

        private @Nullable Object value(int slot) {
            return values[condition.ordinals()[slot]];
        }

        @Override
        public boolean isNull(int slot) {
            return value(slot) == null;
        }

        @Override
        public long number(int slot) {
            return ((Number) value(slot)).longValue();
        }

        @Override
        public long label(int slot) {
            return -1;
        }

        @Override
        public double real(int slot) {
            return ((Number) value(slot)).doubleValue();
        }

        @Override
        public void load(int slot) {
            loaded[0] =
                    value(slot) instanceof byte[] bytes
                            ? bytes
                            : String.valueOf(value(slot)).getBytes(UTF_8);
        }

        @Override
        public byte[] bytes() {
            return loaded[0];
        }

        @Override
        public int from() {
            return 0;
        }

        @Override
        public int to() {
            return loaded[0].length;
        }
    }

    private static BoundCondition bound(String condition) {
        Condition read = Conditions.parse(List.of("shop.orders: " + condition)).of(ORDERS.id());
        return BoundCondition.of(read, ORDERS);
    }

    private static boolean matches(String condition, @Nullable Object... values) {
        BoundCondition bound = bound(condition);
        return bound.matches(new Row(bound, Arrays.copyOf(values, 7), new byte[1][]));
    }

    private static Condition read(String condition) {
        return ConditionParser.parse(condition, 0);
    }

    @Test
    void andBindsMoreThanOrAndNotMoreThanAnd() {
        assertThat(read("a = 1 or b = 2 and not c = 3"))
                .isEqualTo(read("(a = 1) or ((b = 2) and (not (c = 3)))"));
        assertThat(read("NOT a IN (1) AND b IS NULL"))
                .isEqualTo(read("(not a in (1)) and b is null"));
    }

    @Test
    void sidesMayBeExchanged() {
        assertThat(read("5 < a")).isEqualTo(read("a > 5"));
        assertThat(read("'x' <> `a`")).isEqualTo(read("a != 'x'"));
    }

    @Test
    void textsHaveTheServersQuotesAndEscapes() {
        assertThat(read("a = 'it''s'")).isEqualTo(read("a = \"it's\""));
        assertThat(read("a = 'it\\'s'")).isEqualTo(read("a = 'it''s'"));
        assertThat(read("a = 'x\\ny'")).isEqualTo(read("a = 'x\ny'"));
        assertThat(read("`a``b` = 1"))
                .isEqualTo(
                        new Condition.Comparison(
                                "a`b",
                                Condition.Operator.EQUAL,
                                new Condition.Literal.Decimal(java.math.BigDecimal.ONE)));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '~',
            value = {
                "a=1;a = 1",
                "A != 'x';A <> 'x'",
                "`or` <= -1.50;`or` <= -1.50",
                "`a``b` > 1e30;`a``b` > 1E+30",
                "`1` = .5;`1` = 0.5",
                "a = 'it''s \\\\ \\%';a = 'it''s \\\\ \\\\%'",
                "r = X'00FF';r = x'00ff'",
                "a in (1,2) or not a in (3);a in (1, 2) or a not in (3)",
                "not a is null and a is null;a is not null and a is null",
                "a like 'x' and a not like '|%' escape '|';",
                "a between 1 and 2 and b not between 'x' and 'y';"
                        + "(a between 1 and 2) and b not between 'x' and 'y'",
                "a >= 1 and a <= 2;a between 1 and 2",
                "(a = 1 or b = 2) and not (c = 3 and d < 4);"
                        + "(a = 1 or b = 2) and not (c = 3 and d < 4)",
                "a = 1 or (b = 2 or c = 3);a = 1 or (b = 2 or c = 3)",
                "not not a = 1;not (a <> 1)",
                "not a < 1;not (a < 1)"
            })
    void aConditionIsWrittenAsItIsRead(String written, @Nullable String text) {
        Condition condition = read(written);

        if (text != null) {
            assertThat(ConditionText.of(condition)).isEqualTo(text);
        }
        assertThat(read(ConditionText.of(condition))).isEqualTo(condition);
    }

    @Test
    void namesOfTablesAreWrittenAsTheyAreRead() {
        for (String name :
                List.of("shop.orders", "*.`a.b`", "`a``b`.`*`", "`a:b`.c", "sh*p.or ders")) {
            Conditions read = Conditions.parse(List.of(name + ": id = 1"));

            String text = read.of().getFirst().text();

            assertThat(text).endsWith(": id = 1");
            assertThat(Conditions.parse(List.of(text))).isEqualTo(read);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "id",
                "id =",
                "= 1",
                "id = 1 and",
                "id == 1",
                "id <=> 1",
                "(id = 1",
                "id = 1)",
                "id in ()",
                "id between 1",
                "id is 1",
                "id = null",
                "id = id",
                "1 = 1",
                "id = 1; drop table t",
                "id = (select 1)",
                "id + 1 = 2",
                "id = -'a'",
                "shop.orders.id = 1",
                "id = 1e999999999999",
                "id = 1e500",
                "id = 12ab",
                "status = 'a",
                "status like 'a' escape 'ab'",
                "raw = x'0'",
                "raw = x'zz'",
                "id = /* 1 */ 1",
                "id = 1 # comment"
            })
    void whatIsNoConditionIsRefused(String condition) {
        assertThatThrownBy(() -> bound(condition)).isInstanceOf(RequestException.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "id = 'a'",
                "id like '1'",
                "status = 1",
                "status = x'00'",
                "paid = '2026-1-1'",
                "paid = '2026-13-01'",
                "paid = '2026-01-01T00:00:00'",
                "paid > 5",
                "raw = 'a'",
                "raw like 'a'",
                "doc = '1'",
                "doc in ('1')",
                "nothing = 1"
            })
    void whatAColumnDoesNotTakeIsRefusedByName(String condition) {
        assertThatThrownBy(() -> bound(condition))
                .isInstanceOf(RequestException.class)
                .hasMessageContaining("shop.orders")
                .hasMessageContaining(condition.substring(0, condition.indexOf(' ')));
    }

    /// They have no bytes in UTF-8 to compare with.
    @Test
    void halvesOfPairsAreRefused() {
        assertThatThrownBy(() -> bound("status = '\uD83D'")).isInstanceOf(RequestException.class);
        assertThatThrownBy(() -> bound("status like '\uDE00%'"))
                .isInstanceOf(RequestException.class);
        assertThat(matches("status = '\uD83D\uDE00'", null, null, "\uD83D\uDE00")).isTrue();
    }

    @Test
    void depthAndSizeAreBounded() {
        String deep = "(".repeat(32) + "id = 1" + ")".repeat(32);
        assertThat(matches(deep, 1)).isTrue();
        assertThatThrownBy(() -> bound("(" + deep + ")")).isInstanceOf(RequestException.class);
        assertThatThrownBy(() -> bound("not ".repeat(5_000) + "id = 1"))
                .isInstanceOf(RequestException.class);
        assertThatThrownBy(() -> bound("id in (" + "1,".repeat(1_000) + "1)"))
                .isInstanceOf(RequestException.class);
        assertThatThrownBy(() -> bound("id = 1" + " ".repeat(Conditions.LONGEST)))
                .isInstanceOf(RequestException.class);
    }

    @ParameterizedTest
    @CsvSource({
        "id = 1, false",
        "id <> 1, false",
        "not id = 1, false",
        "id is null, true",
        "not id is null, false",
        "id = 1 or customer = 7, true",
        "id = 1 and customer = 7, false",
        "id = 1 and customer = 8, false",
        "not (id = 1 and customer = 8), true",
        "not (id = 1 or customer = 7), false",
        "not (id = 1 and customer = 7), false",
        "'id in (1, 2)', false",
        "'id not in (1, 2)', false",
        "id between 1 and 2, false",
        "id not between 1 and 2, false",
        "id > 1 or id is null, true"
    })
    void nullIsNeitherTrueNorFalse(String condition, boolean isMet) {
        assertThat(matches(condition, null, null, null, 7)).isEqualTo(isMet);
    }

    @Test
    void namesOfColumnsAreComparedWithoutCase() {
        assertThat(matches("CUSTOMER = 7 and ID = 1", 1, null, null, 7)).isTrue();
    }

    @Test
    void fractionsAreBetweenIntegers() {
        assertThat(matches("id = 1.5", 1)).isFalse();
        assertThat(matches("id <> 1.5", 1)).isTrue();
        assertThat(matches("id > 0.5 and id < 1.5", 1)).isTrue();
        assertThat(matches("id >= 1.00 and id <= 1e0", 1)).isTrue();
        assertThat(matches("id in (0.5, 1.0)", 1)).isTrue();
        assertThat(matches("id < 99999999999999999999", 1)).isTrue();
        assertThat(matches("id > 99999999999999999999", 1)).isFalse();
        assertThat(matches("id >= -99999999999999999999", 1)).isTrue();
    }

    @Test
    void textIsComparedByItsCharacters() {
        assertThat(matches("status = 'new'", null, null, "new")).isTrue();
        assertThat(matches("status = 'NEW'", null, null, "new")).isFalse();
        assertThat(matches("status = 'new '", null, null, "new")).isFalse();
        assertThat(matches("status < 'a'", null, null, "Z")).isTrue();
        assertThat(matches("status > '\uFFFF'", null, null, "\uD83D\uDE00")).isTrue();
        assertThat(matches("status in ('b', 'new', 'z')", null, null, "new")).isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "abc, abc, true",
        "abc, a%, true",
        "abc, %c, true",
        "abc, %b%, true",
        "abc, a_c, true",
        "abc, a_, false",
        "abc, %, true",
        "abc, _%_%_%_, false",
        "'', %, true",
        "'', _, false",
        "a%c, a\\%c, true",
        "abc, a\\%c, false",
        "日本, __, true",
        "日本, %_, true",
        "日本, 日_, true",
        "aaaaab, %aab, true",
        "aaaaab, %ab_, false",
        "a\\, a\\\\\\\\, true"
    })
    void likeHasTheServersSigns(String text, String pattern, boolean isMet) {
        assertThat(matches("status like '" + pattern + "'", null, null, text)).isEqualTo(isMet);
    }

    @Test
    void likeTakesAnotherEscape() {
        assertThat(matches("status like 'a!%' escape '!'", null, null, "a%")).isTrue();
        assertThat(matches("status like 'a!%' escape '!'", null, null, "ab")).isFalse();
        assertThat(matches("status like 'a\\\\%' escape ''", null, null, "a\\b")).isTrue();
    }

    @Test
    void equalConditionsAreEqual() {
        String one = "shop.orders: status IN ('a','b')  and (total>=1)";
        String other = "shop.orders: (status in ('a', 'b')) AND total >= 1";

        assertThat(Conditions.parse(List.of(one))).isEqualTo(Conditions.parse(List.of(other)));
    }

    @Test
    void conditionsOfATableAreJoined() {
        Conditions reader = Conditions.parse(List.of("shop.*: customer = 7"));
        Conditions asked = Conditions.parse(List.of("shop.orders: id > 1", "shop.other: x = 1"));
        Conditions both = reader.and(asked);

        BoundCondition bound = BoundCondition.of(both.of(ORDERS.id()), ORDERS);

        assertThat(bound.matches(row(bound, 2, 7))).isTrue();
        assertThat(bound.matches(row(bound, 1, 7))).isFalse();
        assertThat(bound.matches(row(bound, 2, 8))).isFalse();
        assertThat(both.of(new TableId("shop", "third"))).isNotNull();
        assertThat(both.of(new TableId("other", "orders"))).isNull();
        assertThat(Conditions.NONE.and(asked)).isEqualTo(asked);
    }

    private static Row row(BoundCondition condition, int id, int customer) {
        Object[] values = {id, null, null, customer, null, null, null};
        return new Row(condition, values, new byte[1][]);
    }

    @Test
    void aTableMayBeQuoted() {
        Conditions read = Conditions.parse(List.of("`a:b`.`c*`: x = ':'"));

        assertThat(read.of(new TableId("a:b", "c*"))).isNotNull();
        assertThat(read.of(new TableId("a:b", "cd"))).isNull();
        assertThatThrownBy(() -> Conditions.parse(List.of("x = 1")))
                .isInstanceOf(RequestException.class);
        assertThatThrownBy(() -> Conditions.parse(List.of("orders: x = 1")))
                .isInstanceOf(RequestException.class);
        assertThat(Conditions.parse(List.of("Shop.Orders: x = 1")).under(NameRule.LOWER_CASE))
                .isEqualTo(Conditions.parse(List.of("shop.orders: x = 1")));
    }

    @Test
    void oneValueDecidesWhichRowsMayMatch() {
        KeyTest key = bound("status = 'x' and customer = 17").key();

        assertThat(key.isKnown()).isTrue();
        byte[] text = "x".getBytes(UTF_8);
        assertThat(key.isAmong(new long[] {KeyTest.hash(text, 0, 1)})).isTrue();
        assertThat(key.isAmong(new long[] {1, 2, 3})).isFalse();
        assertThat(bound("customer in (1, 17)").key().isAmong(new long[] {17, 90})).isTrue();
        assertThat(bound("customer = 1 or id = 2").key().isKnown()).isFalse();
        assertThat(bound("not customer = 1").key().isKnown()).isFalse();
    }
}
