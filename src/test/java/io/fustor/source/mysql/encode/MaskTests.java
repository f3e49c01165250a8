package io.fustor.source.mysql.encode;

import static io.fustor.source.mysql.encode.Cells.column;
import static io.fustor.source.mysql.encode.Cells.text;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fustor.source.mysql.change.Operation;
import io.fustor.source.mysql.condition.Conditions;
import io.fustor.source.mysql.error.RequestException;
import io.fustor.source.mysql.position.SnapshotPlace;
import io.fustor.source.mysql.schema.Column;
import io.fustor.source.mysql.schema.ColumnType;
import io.fustor.source.mysql.schema.Scope;
import io.fustor.source.mysql.schema.Selection;
import io.fustor.source.mysql.schema.TableId;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What masks make of values, and which columns they are of.
class MaskTests {

    private static final byte[] SECRET = "a key of thirty-two characters!!".getBytes(UTF_8);
    private static final MaskKey KEY = new MaskKey(SECRET);
    private static final Column NAME = text(ColumnType.VARCHAR, 60, 255);

    private static String masked(String mask, Column column, byte[] cell) {
        CellCodec codec = MaskedCodec.of(Mask.parse(mask, KEY), CellCodecs.of(column, false));
        JsonBuffer out = new JsonBuffer();
        assertThat(codec.write(cell, 0, out)).isEqualTo(cell.length);
        String first = new String(out.array(), 0, out.size(), UTF_8);
        out.reset();
        codec.write(cell, 0, out);
        assertThat(new String(out.array(), 0, out.size(), UTF_8)).isEqualTo(first);
        return first;
    }

    private static byte[] name(String value) {
        byte[] utf8 = value.getBytes(UTF_8);
        byte[] cell = Arrays.copyOf(new byte[] {(byte) utf8.length}, utf8.length + 1);
        System.arraycopy(utf8, 0, cell, 1, utf8.length);
        return cell;
    }

    private static String code(String text) throws Exception {
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(SECRET, "HmacSHA256"));
        return "\""
                + Base64.getUrlEncoder()
                        .withoutPadding()
                        .encodeToString(mac.doFinal(text.getBytes(UTF_8)))
                + "\"";
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a", "it \"is\" \\ a\ttext\n\u0001", "日本 😀", "\u0007/"})
    void codesAreOfTheText(String value) throws Exception {
        assertThat(masked("hmac", NAME, name(value))).isEqualTo(code(value));
    }

    @Test
    void codesOfNumbersAreOfTheirDigits() throws Exception {
        byte[] seventeen = {17, 0, 0, 0};

        assertThat(masked("hmac", column(ColumnType.INT), seventeen)).isEqualTo(code("17"));
        assertThat(masked("hmac", NAME, name("17"))).isEqualTo(code("17"));
    }

    @Test
    void codesOfLongValuesAreOfTheWhole() throws Exception {
        String value = "long \"text\" ".repeat(200_000);
        byte[] utf8 = value.getBytes(UTF_8);
        byte[] cell = new byte[utf8.length + 4];
        for (int i = 0; i < 4; i++) {
            cell[i] = (byte) (utf8.length >>> (8 * i));
        }
        System.arraycopy(utf8, 0, cell, 4, utf8.length);

        assertThat(masked("hmac", text(ColumnType.TEXT, 4, 255), cell)).isEqualTo(code(value));
        assertThat(masked("truncate:6", text(ColumnType.TEXT, 4, 255), cell))
                .isEqualTo("\"long \\\"\"");
    }

    @Test
    void textIsCutAfterCharacters() {
        assertThat(masked("truncate:3", NAME, name("日本語の"))).isEqualTo("\"日本語\"");
        assertThat(masked("truncate:3", NAME, name("a\"b\"c"))).isEqualTo("\"a\\\"b\"");
        assertThat(masked("truncate:3", NAME, name("ab"))).isEqualTo("\"ab\"");
        assertThat(masked("truncate:0", NAME, name("ab"))).isEqualTo("\"\"");
    }

    @Test
    void valuesMayBeNullOrAllTheSame() {
        assertThat(masked("null", NAME, name("ab"))).isEqualTo("null");
        assertThat(masked("fixed:***", NAME, name("ab"))).isEqualTo("\"***\"");
        assertThat(masked("fixed:\"", NAME, name("ab"))).isEqualTo("\"\\\"\"");
    }

    @Test
    void theFirstRuleThatMatchesHolds() {
        Map<String, String> configured = new LinkedHashMap<>();
        configured.put("shop.customers.Email", "hmac");
        configured.put("shop.*.email", "null");
        Masks masks = Masks.parse(configured, KEY);

        assertThat(masks.of(new TableId("shop", "customers"), "EMAIL"))
                .isInstanceOf(Mask.Hmac.class);
        assertThat(masks.of(new TableId("shop", "orders"), "email")).isInstanceOf(Mask.Null.class);
        assertThat(masks.of(new TableId("shop", "orders"), "name")).isNull();
        assertThat(masks.of(new TableId("other", "orders"), "email")).isNull();
        assertThat(masks).isEqualTo(Masks.parse(configured, new MaskKey(SECRET)));
        assertThat(masks).isNotEqualTo(Masks.parse(configured, MaskKey.derivedFrom(SECRET)));
        assertThat(masks.toString()).doesNotContain(new String(SECRET, StandardCharsets.US_ASCII));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "shop.customers: email = 'a'",
                "shop.customers: id = 1 and not EMAIL is null",
                "shop.cust*: email like 'a%'",
                "*.*ers: email = 'a'"
            })
    void conditionsOnMaskedColumnsAreRefused(String condition) {
        Masks masks = Masks.parse(Map.of("shop.customers.email", "hmac"), KEY);

        assertThatThrownBy(() -> requireUnmasked(masks, condition))
                .isInstanceOf(RequestException.class)
                .hasMessageContaining("masked");
        Masks others = Masks.parse(Map.of("*.*s.email", "hmac"), KEY);
        assertThatThrownBy(() -> requireUnmasked(others, condition))
                .isInstanceOf(RequestException.class);
    }

    private static void requireUnmasked(Masks masks, String condition) {
        masks.requireUnmasked(Conditions.parse(List.of(condition)), Scope.EVERYTHING);
    }

    @Test
    void grantsMayUseMaskedColumns() {
        Masks masks = Masks.parse(Map.of("shop.*.email", "hmac"), KEY);
        Conditions granted = Conditions.granted(List.of("shop.customers: email = 'a'"));

        masks.requireUnmasked(granted, Scope.EVERYTHING);
        masks.requireUnmasked(granted, new TableId("shop", "customers"));
        assertThatThrownBy(
                        () ->
                                masks.requireUnmasked(
                                        granted.and(
                                                Conditions.parse(List.of("shop.*: email is null"))),
                                        new TableId("shop", "customers")))
                .hasMessageContaining("masked");
    }

    @Test
    void nothingIsSaidOfMasksOnHiddenColumns() {
        Masks masks = Masks.parse(Map.of("shop.*.email", "hmac"), KEY);
        Scope scope = Scope.parse(List.of(), List.of(), List.of("shop.customers.email"));

        masks.requireUnmasked(
                Conditions.parse(List.of("shop.customers: email = 'a'", "shop.c*: email = 'a'")),
                scope);
        assertThatThrownBy(
                        () ->
                                masks.requireUnmasked(
                                        Conditions.parse(List.of("shop.orders: email = 'a'")),
                                        scope))
                .hasMessageContaining("masked");
    }

    @Test
    void placesOfSnapshotsAreSealedWhereTheirKeysAreHidden() {
        SnapshotPlace place = new SnapshotPlace("shop", "t", 1, "canary".getBytes(UTF_8), 5);
        Masks none = Masks.parse(Map.of(), KEY);
        Conditions granted = Conditions.granted(List.of("shop.t: a = 1"));
        Conditions asked = Conditions.parse(List.of("shop.t: a = 1"));

        assertThat(form(none, asked).sealed(place)).isEqualTo(place);
        SnapshotPlace sealed = form(none, granted).sealed(place);
        assertThat(new String(sealed.key(), StandardCharsets.ISO_8859_1)).doesNotContain("canary");
        assertThat(none.opened(sealed)).isEqualTo(place);
        Masks masks = Masks.parse(Map.of("shop.t.a", "hmac"), KEY);
        assertThat(form(masks, Conditions.NONE).sealed(place)).isNotEqualTo(place);
        assertThat(masks.inClear().opened(form(masks, asked).sealed(place))).isEqualTo(place);
        assertThat(masks.inClear().isEmpty()).isTrue();
    }

    private static FrameForm form(Masks masks, Conditions conditions) {
        return new FrameForm(
                        1,
                        "shop",
                        Format.FUSTOR,
                        Transport.SSE,
                        Selection.EVERYTHING,
                        Set.of(Operation.INSERT),
                        1,
                        false,
                        true)
                .with(conditions, masks);
    }

    @Test
    void conditionsOnOtherColumnsAreNot() {
        Masks masks = Masks.parse(Map.of("shop.customers.email", "hmac", "b*.*.x", "null"), KEY);

        masks.requireUnmasked(
                Conditions.parse(
                        List.of(
                                "shop.customers: name = 'a'",
                                "shop.orders: email = 'a'",
                                "s*.orders*: email = 'a'",
                                "a*.*: x = 1")),
                Scope.EVERYTHING);
        assertThat(masks.rules()).hasSize(2);
    }

    @ParameterizedTest
    @ValueSource(strings = {"md5", "truncate:", "truncate:-1", "truncate:99999", "HMAC", ""})
    void otherMasksAreRefused(String mask) {
        assertThatThrownBy(() -> Masks.parse(Map.of("a.b.c", mask), KEY))
                .isInstanceOf(RequestException.class)
                .hasMessageContaining("a.b.c");
    }

    @ParameterizedTest
    @ValueSource(strings = {"c", "b.c", "a.b.", "a.b.c.d", ""})
    void whatIsNoColumnIsRefused(String name) {
        assertThatThrownBy(() -> Masks.parse(Map.of(name, "hmac"), KEY))
                .isInstanceOf(RequestException.class);
    }
}
