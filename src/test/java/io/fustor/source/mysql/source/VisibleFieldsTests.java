package io.fustor.source.mysql.source;

import static org.assertj.core.api.Assertions.assertThat;

import io.fustor.source.mysql.condition.Conditions;
import io.fustor.source.mysql.encode.MaskKey;
import io.fustor.source.mysql.encode.Masks;
import io.fustor.source.mysql.schema.Scope;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class VisibleFieldsTests {

    private static String visible(Scope scope, String json) throws IOException {
        return visible(scope, Masks.NONE, json);
    }

    private static String visible(Scope scope, Masks masks, String json) throws IOException {
        var out = new ByteArrayOutputStream();
        byte[] fields = json.getBytes(StandardCharsets.UTF_8);
        VisibleFields.copy(scope, masks, () -> new ByteArrayInputStream(fields), out);
        return out.toString(StandardCharsets.UTF_8);
    }

    private static Scope without(String column) {
        return Scope.parse(List.of("*.*"), List.of(), List.of(column));
    }

    @Test
    void leavesOutWhatIsHiddenAndWhatTellsOfIt() throws IOException {
        var json =
                """
                {"properties":{
                 "shop.orders.id":{"type":"integer","column_index":0,"primary_key":1},
                 "shop.orders.secret":{"type":"string","column_index":1,"primary_key":null},
                 "shop.orders.other_secret":{"type":"integer"}}}""";

        assertThat(visible(without("*.*.*secret"), json))
                .isEqualTo("{\"properties\":{\"shop.orders.id\":{\"type\":\"integer\"}}}");
    }

    @Test
    void keepsAllOfAFieldWhereNoColumnIsHidden() throws IOException {
        var json = "{\"properties\":{\"shop.t.id\":{\"column_index\":0,\"primary_key\":1}}}";
        var scope = Scope.parse(List.of("shop.*"), List.of(), List.of());

        assertThat(visible(scope, json)).isEqualTo(json);
    }

    /// It may be the column `c.d` of `shop.b` or the column `d` of `shop`.`b.c`.
    @Test
    void showsANameWithFurtherDotsOnlyWhereEachReadingIsVisible() throws IOException {
        var json = "{\"properties\":{\"shop.b.c.d\":{\"type\":\"integer\"}}}";

        assertThat(visible(without("shop.x.d"), json)).contains("shop.b.c.d");
        assertThat(visible(without("shop.`b.c`.d"), json)).isEqualTo("{\"properties\":{}}");
        assertThat(visible(without("shop.b.`c.d`"), json)).isEqualTo("{\"properties\":{}}");
    }

    @Test
    void aMaskedColumnHasTheTypeInWhichItIsDelivered() throws IOException {
        var json =
                """
                {"properties":{
                 "shop.t.id":{"type":"integer","mysql_type":"int"},
                 "shop.t.Born":{"type":"string","format":"date","column_index":1,
                  "mysql_type":"date","nullable":false,"primary_key":null,"comment":"c","enum":["x"]},
                 "Shop.T.iban":{"type":"integer","mysql_type":"bigint","nullable":false}}}""";
        var masks =
                Masks.parse(
                        Map.of("shop.*.born", "hmac", "*.t.iban", "null"),
                        new MaskKey(new byte[32]));
        var scope = Scope.parse(List.of("*.*"), List.of(), List.of());

        assertThat(visible(scope, masks, json))
                .isEqualTo(
                        "{\"properties\":{"
                                + "\"shop.t.id\":{\"type\":\"integer\",\"mysql_type\":\"int\"},"
                                + "\"shop.t.Born\":{\"type\":\"string\",\"mysql_type\":\"string\","
                                + "\"column_index\":1,\"nullable\":false,\"primary_key\":null},"
                                + "\"Shop.T.iban\":{\"type\":\"string\",\"mysql_type\":\"string\","
                                + "\"nullable\":true}}}");
    }

    /// It may be the column `c.d` of `shop.b` or the column `d` of `shop`.`b.c`.
    @Test
    void aNameWithFurtherDotsIsMaskedWhereAnyReadingIs() throws IOException {
        var json = "{\"properties\":{\"shop.b.c.d\":{\"type\":\"integer\"}}}";
        var masks = Masks.parse(Map.of("shop.`b.c`.d", "hmac"), new MaskKey(new byte[32]));

        assertThat(visible(Scope.parse(List.of("*.*"), List.of(), List.of()), masks, json))
                .contains("\"type\":\"string\"");
    }

    @Test
    void aTableWithoutTheColumnsOfAConditionWithAWildcardIsNotThere() throws IOException {
        var json =
                """
                {"properties":{
                 "shop.orders.id":{"type":"integer"},
                 "shop.countries.id":{"type":"integer"},
                 "shop.Half.Tenant":{"type":"integer"},
                 "other.t.id":{"type":"integer"},
                 "shop.orders.TENANT":{"type":"integer"},
                 "shop.orders.gone":{"type":"integer"}}}""";
        var conditions = Conditions.granted(List.of("shop.*: tenant = 7 and not gone = 1"));
        var scope =
                Scope.parse(List.of(), List.of(), List.of("*.*.tenant"))
                        .needing(conditions.needs());

        assertThat(visible(scope, json))
                .contains("shop.orders.id", "shop.orders.gone", "other.t.id")
                .doesNotContainIgnoringCase("tenant")
                .doesNotContain("countries", "Half");
    }

    @Test
    void namesThatDifferInCaseAreHiddenTogether() throws IOException {
        var json = "{\"properties\":{\"shop.Orders.Secret\":{\"type\":\"integer\"}}}";

        assertThat(visible(without("shop.orders.SECRET"), json)).isEqualTo("{\"properties\":{}}");
    }
}
