package io.fustor.source.mysql.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SelectionTests {

    @Test
    void takesEverythingButTheSystemSchemasByDefault() {
        assertThat(Selection.EVERYTHING.includes(new TableId("shop", "orders"))).isTrue();
        assertThat(Selection.EVERYTHING.includes(new TableId("mysql", "user"))).isFalse();
    }

    @ParameterizedTest
    @CsvSource({
        "shop.orders, shop, orders, true",
        "shop.orders, shop, orders2, false",
        "shop.*, shop, anything, true",
        "*.orders, other, orders, true",
        "*.*, mysql, user, false",
        "mysql.*, mysql, user, true",
        "shop.ord*s, shop, orders, true",
        "shop.ord*s, shop, ordersx, false",
        "shop.*e*s, shop, orders, true",
        "shop.a*b*c, shop, aXbYbZc, true",
        "shop.a*b*c, shop, aXbYbZ, false",
        "'shop.orders, shop.items', shop, items, true",
        "'shop.`odd,n.ame`', shop, 'odd,n.ame', true",
        "'shop.`tick``ed`', shop, 'tick`ed', true",
        "'`s*`.`t*`', s*, t*, true",
        "'`s*`.`t*`', sx, tx, false",
    })
    void matchesTables(String tables, String schema, String table, boolean expected) {
        assertThat(Selection.parse(tables, "", "").includes(new TableId(schema, table)))
                .isEqualTo(expected);
    }

    @Test
    void takesOnlyTheTablesOfTheFields() {
        Selection selection =
                Selection.parse("", "shop.orders.id,shop.orders.total,shop.items.id", "");

        assertThat(selection.includes(new TableId("shop", "orders"))).isTrue();
        assertThat(selection.includes(new TableId("shop", "customers"))).isFalse();
        assertThat(selection.includes(new TableId("shop", "orders"), "total")).isTrue();
        assertThat(selection.includes(new TableId("shop", "orders"), "note")).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "orders",
                "a.b.c",
                "shop.",
                ".orders",
                "shop.orders,",
                "shop.`x",
                "shop.``",
                "shop.`x`y"
            })
    void refusesOtherTables(String tables) {
        assertThatThrownBy(() -> Selection.parse(tables, "", ""))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("tables takes schema.table");
    }

    @Test
    void refusesFieldsWithoutThreeParts() {
        assertThatThrownBy(() -> Selection.parse("", "shop.orders", ""))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("fields takes schema.table.column");
    }

    @Test
    void matchesManyStarsInTimeThatDoesNotExplode() {
        Selection selection = Selection.parse("s." + "*a".repeat(30) + "b", "", "");

        assertThat(selection.includes(new TableId("s", "a".repeat(5_000)))).isFalse();
    }
}
