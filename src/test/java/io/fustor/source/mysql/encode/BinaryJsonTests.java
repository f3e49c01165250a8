package io.fustor.source.mysql.encode;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fustor.source.mysql.error.SourceException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

class BinaryJsonTests {

    private static final String NULL = "\0null";
    private static final BigInteger LARGEST = BigInteger.TWO.pow(64).subtract(BigInteger.ONE);

    private final JsonBuffer out = new JsonBuffer();

    @Test
    void writesScalars() {
        assertThat(text(NULL)).isEqualTo("null");
        assertThat(text(true)).isEqualTo("true");
        assertThat(text(false)).isEqualTo("false");
        assertThat(text((short) -32768)).isEqualTo("-32768");
        assertThat(text((char) 65535)).isEqualTo("65535");
        assertThat(text(-2147483648)).isEqualTo("-2147483648");
        assertThat(text(Long.MIN_VALUE)).isEqualTo("-9223372036854775808");
        assertThat(text(LARGEST)).isEqualTo("18446744073709551615");
        assertThat(text("a \"word\"\n")).isEqualTo("\"a \\\"word\\\"\\n\"");
        assertThat(of(hex("08ffffffff"), false)).isEqualTo("4294967295");
    }

    @Test
    void writesAnEmptyValueAsNull() {
        assertThat(of(new byte[0], false)).isEqualTo("null");
    }

    @Test
    void writesDoublesAsTheServerDoes() {
        assertThat(text(1.0)).isEqualTo("1.0");
        assertThat(text(0.0)).isEqualTo("0.0");
        assertThat(text(-0.0)).isEqualTo("-0.0");
        assertThat(text(1e14)).isEqualTo("100000000000000.0");
        assertThat(text(1e15)).isEqualTo("1e15");
        assertThat(text(3900666907571158.5)).isEqualTo("3900666907571158.5");
        assertThat(text(1.5e-7)).isEqualTo("0.00000015");
        assertThat(text(1e-15)).isEqualTo("0.000000000000001");
        assertThat(text(1e-16)).isEqualTo("1e-16");
        assertThat(text(Double.MIN_VALUE)).isEqualTo("5e-324");
    }

    @Test
    void writesContainersInStoredOrder() {
        var object = new LinkedHashMap<String, Object>();
        object.put("b", List.of());
        object.put("a", Map.of());
        object.put("", List.of(NULL, (short) 1, "é", List.of(7)));
        assertThat(text(object)).isEqualTo("{\"b\":[],\"a\":{},\"\":[null,1,\"é\",[7]]}");
    }

    @Test
    void writesDecimalsExactly() {
        assertThat(text(new BigDecimal("12.30"))).isEqualTo("12.30");
        assertThat(text(new BigDecimal("-0.05"))).isEqualTo("-0.05");
        assertThat(text(new BigDecimal("9".repeat(35) + "." + "9".repeat(30))))
                .isEqualTo("9".repeat(35) + "." + "9".repeat(30));
        // As the server stores DECIMAL(65,0): whole groups count as its precision.
        assertThat(of(hex("0ff62248 00 8000 0063" + "3b9ac9ff".repeat(7)), false))
                .isEqualTo("99" + "9".repeat(63));
    }

    @Test
    void writesDatesAndTimesAsStrings() {
        assertThat(text(opaque(10, "0000000000bab219"))).isEqualTo("\"2024-02-29\"");
        assertThat(text(opaque(12, "40e201fb7ebbb219")))
                .isEqualTo("\"2024-02-29 23:59:59.123456\"");
        assertThat(text(opaque(7, "000000fb7ebbb219"))).isEqualTo("\"2024-02-29 23:59:59.000000\"");
        assertThat(text(opaque(11, "000000b8c8000000"))).isEqualTo("\"12:34:56.000000\"");
        assertThat(text(opaque(11, "ffffffffffffffff"))).isEqualTo("\"-00:00:00.000001\"");
        assertThat(text(opaque(11, "000000fb6e340000"))).isEqualTo("\"838:59:59.000000\"");
    }

    @Test
    void writesOtherOpaqueValuesAsBase64() {
        assertThat(text(opaque(15, "00ff"))).isEqualTo("\"base64:type15:AP8=\"");
        assertThat(text(opaque(252, ""))).isEqualTo("\"base64:type252:\"");
        assertThat(text(opaque(253, "61".repeat(58))))
                .isEqualTo("\"base64:type253:" + "YWFh".repeat(19) + "\\nYQ==\"");
    }

    @Test
    void quotesNumbersThatADoubleDoesNotHold() {
        assertThat(bigAsString(LARGEST)).isEqualTo("\"18446744073709551615\"");
        assertThat(bigAsString(-(1L << 53) - 1)).isEqualTo("\"-9007199254740993\"");
        assertThat(bigAsString(-(1L << 53))).isEqualTo("-9007199254740992");
        assertThat(bigAsString(0.1 + 0.2)).isEqualTo("0.30000000000000004");
        assertThat(bigAsString(new BigDecimal("0.30000000000000004")))
                .isEqualTo("0.30000000000000004");
        assertThat(bigAsString(new BigDecimal("0.30000000000000003")))
                .isEqualTo("\"0.30000000000000003\"");
        assertThat(bigAsString(new BigDecimal("0.50000000000000000000")))
                .isEqualTo("0.50000000000000000000");
        assertThat(bigAsString(new BigDecimal("12345678901234567890")))
                .isEqualTo("\"12345678901234567890\"");
        assertThat(bigAsString(List.of(LARGEST))).isEqualTo("[\"18446744073709551615\"]");
    }

    @Test
    void writesAHundredLevelsButNoMore() {
        Object hundred = BinaryJsonWriter.nested(100);
        assertThat(text(hundred)).isEqualTo("[".repeat(100) + "]".repeat(100));
        byte[] more = new BinaryJsonWriter(false).document(BinaryJsonWriter.nested(101));
        assertThatThrownBy(() -> of(more, false)).isInstanceOf(SourceException.class);
    }

    @Test
    void passesOverHoles() {
        // ["x"] of which the server says that it takes 40 bytes
        byte[] holed = new byte[41];
        byte[] document = hex("02 0100 2800 0c 1400");
        System.arraycopy(document, 0, holed, 0, document.length);
        holed[21] = 1;
        holed[22] = 'x';
        assertThat(of(holed, false)).isEqualTo("[\"x\"]");
    }

    @Test
    void refusesPartsThatAreReadTwice() {
        // A thousand elements that are all the same array, which holds a thousand likewise.
        int count = 1000;
        int header = 4 + 3 * count;
        byte[] bomb = new byte[1 + 2 * header];
        bomb[0] = 2;
        for (int level = 0; level < 2; level++) {
            int start = 1 + level * header;
            put(bomb, start, count);
            put(bomb, start + 2, (2 - level) * header);
            for (int i = 0; i < count; i++) {
                int entry = start + 4 + 3 * i;
                bomb[entry] = (byte) (level == 0 ? 2 : 4);
                put(bomb, entry + 1, level == 0 ? header : 1);
            }
        }
        assertThatThrownBy(() -> of(bomb, false)).isInstanceOf(SourceException.class);
    }

    private static void put(byte[] bytes, int at, int value) {
        bytes[at] = (byte) value;
        bytes[at + 1] = (byte) (value >> 8);
    }

    @Test
    void failsOnDamagedDocumentsInsteadOfHanging() {
        Random random = Cells.seeded();
        int refused = 0;
        for (int i = 0; i < 100_000; i++) {
            byte[] bytes = new BinaryJsonWriter(random.nextBoolean()).document(value(random, 4));
            for (int k = random.nextInt(3); k >= 0; k--) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
            }
            try {
                of(bytes, random.nextBoolean());
                assertThat(out.size()).isLessThan(16 * bytes.length + 64);
            } catch (SourceException | IndexOutOfBoundsException _) {
                refused++;
            }
        }
        assertThat(refused).isPositive();
    }

    @Test
    void writesDocumentsThatReadBackTheSame() {
        Random random = Cells.seeded();
        JsonMapper json =
                JsonMapper.builder()
                        .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
                        .enable(DeserializationFeature.USE_BIG_INTEGER_FOR_INTS)
                        .build();
        for (int i = 0; i < 30_000; i++) {
            Object value = value(random, 4);
            byte[] bytes = new BinaryJsonWriter(random.nextBoolean()).document(value);
            String text = of(bytes, false);
            assertThat(plain(json.readValue(text, Object.class))).isEqualTo(plain(value));
        }
    }

    @Test
    void writesSeventyKilobytes() {
        var members = new LinkedHashMap<String, Object>();
        for (int i = 0; i < 2000; i++) {
            members.put("key" + i, List.of("value " + i, i, (long) i << 40));
        }
        byte[] bytes = new BinaryJsonWriter(true).document(members);
        assertThat(bytes).hasSizeGreaterThan(70_000);
        assertThat(new JsonMapper().readTree(of(bytes, false)).size()).isEqualTo(2000);
    }

    /// Numbers as decimals without trailing zeros, so that only values are compared.
    private static Object plain(Object value) {
        return switch (value) {
            case null -> NULL;
            case Map<?, ?> map -> {
                var plain = new LinkedHashMap<Object, Object>();
                map.forEach((key, member) -> plain.put(key, plain(member)));
                yield plain;
            }
            case List<?> list -> list.stream().map(BinaryJsonTests::plain).toList();
            case Character c -> BigDecimal.valueOf(c).stripTrailingZeros();
            case Number number -> new BigDecimal(number.toString()).stripTrailingZeros();
            default -> value;
        };
    }

    private static Object value(Random random, int depth) {
        return switch (random.nextInt(depth > 0 ? 12 : 10)) {
            case 0 -> NULL;
            case 1 -> random.nextBoolean();
            case 2 -> (short) random.nextInt();
            case 3 -> (char) random.nextInt();
            case 4 -> random.nextInt();
            case 5 -> random.nextLong();
            case 6 -> new BigInteger(64, random);
            case 7 -> random.nextGaussian() * Math.pow(10, random.nextInt(30) - 15);
            case 8 -> new BigDecimal(new BigInteger(random.nextInt(100), random), 5);
            case 9 -> "text é \" \n".repeat(random.nextInt(20));
            case 10 -> {
                var list = new ArrayList<>();
                for (int i = random.nextInt(6); i > 0; i--) {
                    list.add(value(random, depth - 1));
                }
                yield list;
            }
            default -> {
                var map = new LinkedHashMap<String, Object>();
                for (int i = random.nextInt(6); i > 0; i--) {
                    map.put("key \t" + i, value(random, depth - 1));
                }
                yield map;
            }
        };
    }

    private static BinaryJsonWriter.Opaque opaque(int type, String hex) {
        return new BinaryJsonWriter.Opaque(type, hex(hex));
    }

    private static byte[] hex(String hex) {
        return HexFormat.of().parseHex(hex.replace(" ", ""));
    }

    private String text(Object value) {
        String small = of(new BinaryJsonWriter(false).document(value), false);
        assertThat(of(new BinaryJsonWriter(true).document(value), false)).isEqualTo(small);
        return small;
    }

    private String bigAsString(Object value) {
        return of(new BinaryJsonWriter(false).document(value), true);
    }

    private String of(byte[] document, boolean bigAsString) {
        out.reset();
        out.binaryJson().write(document, 0, document.length, bigAsString);
        return new String(out.array(), 0, out.size(), UTF_8);
    }
}
