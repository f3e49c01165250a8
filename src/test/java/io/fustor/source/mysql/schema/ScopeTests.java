package io.fustor.source.mysql.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ScopeTests {

    private static final TableId ORDERS = new TableId("shop", "orders");
    private static final TableId USERS = new TableId("mysql", "user");

    private static Scope scope(List<String> tables, List<String> fields, List<String> without) {
        return Scope.parse(tables, fields, without);
    }

    @Test
    void leavesOutTheSystemSchemasByDefault() {
        Scope all = scope(List.of(), List.of(), List.of());

        assertThat(all.includes(ORDERS)).isTrue();
        assertThat(all.includes(USERS)).isFalse();
        assertThat(all.includes(USERS, "host")).isFalse();
        assertThat(scope(List.of("*.*"), List.of("*.*.*"), List.of()).includes(USERS)).isFalse();
        assertThat(scope(List.of("mysql.user"), List.of(), List.of()).includes(USERS)).isTrue();
        assertThat(Scope.EVERYTHING.includes(USERS)).isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "shop.orders.id, id, true",
        "shop.orders.id, ID, true",
        "shop.orders.id, total, false",
        "shop.orders.*, total, true",
        "*.*.id, id, true",
        "shop.*.to*l, total, true",
        "shop.`orders`.`*`, total, false",
        "other.orders.*, id, false",
    })
    void showsTheNamedColumnsOnly(String fields, String column, boolean expected) {
        Scope scope = scope(List.of(), List.of(fields), List.of());

        assertThat(scope.includes(ORDERS, column)).isEqualTo(expected);
    }

    @Test
    void showsNoTableOfWhichNoColumnIsNamed() {
        assertThat(scope(List.of(), List.of("shop.items.*"), List.of()).includes(ORDERS)).isFalse();
        assertThat(scope(List.of(), List.of(), List.of("shop.orders.*")).includes(ORDERS))
                .isFalse();
    }

    @Test
    void leavesColumnsOutWhateverNamesThem() {
        Scope scope =
                scope(List.of("shop.*"), List.of("shop.orders.*"), List.of("*.*.E*mail", "*.x.y"));

        assertThat(scope.includes(ORDERS, "email")).isFalse();
        assertThat(scope.includes(ORDERS, "EMAIL")).isFalse();
        assertThat(scope.includes(ORDERS, "y")).isTrue();
    }

    /// Such columns may be those of another table on a server that tells letters apart; where that
    /// is not known, they are hidden.
    @Test
    void hidesWhatEitherRuleOfNamesHides() {
        Scope scope = scope(List.of("shop.*"), List.of(), List.of("Shop.Orders.secret"));

        assertThat(scope.includes(ORDERS, "secret")).isTrue();
        assertThat(scope.under(NameRule.LOWER_CASE).includes(ORDERS, "secret")).isFalse();
        assertThat(scope.includesByAnyRule(ORDERS, "secret")).isFalse();
        assertThat(scope.includesByAnyRule(ORDERS, "id")).isTrue();
    }

    @Test
    void limitsASelection() {
        Selection asked = Selection.parse("shop.orders,shop.items", "", "");
        Selection limited = asked.within(scope(List.of("shop.orders"), List.of(), List.of()));

        assertThat(limited.includes(ORDERS)).isTrue();
        assertThat(limited.includes(new TableId("shop", "items"))).isFalse();
        assertThat(limited).isNotEqualTo(asked);
        assertThat(limited)
                .isEqualTo(asked.within(scope(List.of("shop.orders"), List.of(), List.of())));
    }

    @Test
    void limitsColumnsThatARequestNames() {
        Selection asked = Selection.parse("", "shop.orders.id,shop.orders.email", "");
        Selection limited = asked.within(scope(List.of(), List.of(), List.of("*.*.email")));

        assertThat(limited.includes(ORDERS, "id")).isTrue();
        assertThat(limited.includes(ORDERS, "email")).isFalse();
        assertThat(limited.includes(ORDERS, "total")).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"shop", "a.b.c.d", "shop.", "", "a.b.c,d.e.f", "`x"})
    void refusesWhatIsNoColumn(String text) {
        assertThatThrownBy(() -> scope(List.of(), List.of(text), List.of()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("fields");
    }
}
