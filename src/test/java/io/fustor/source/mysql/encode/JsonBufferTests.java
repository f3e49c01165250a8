package io.fustor.source.mysql.encode;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fustor.source.mysql.error.SourceException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

class JsonBufferTests {

    private final JsonBuffer out = new JsonBuffer(1);

    @Test
    void writesSignedNumbers() {
        for (long value :
                new long[] {0, 1, -1, 9, 10, 99, 100, -100, Long.MAX_VALUE, Long.MIN_VALUE}) {
            out.reset();
            out.number(value);
            assertThat(text()).isEqualTo(Long.toString(value));
        }
    }

    @Test
    void writesNumbersAroundEachPowerOfTen() {
        for (long power = 1, i = 0; i < 19; i++, power *= 10) {
            for (long value = power - 1; value <= power + 1; value++) {
                out.reset();
                out.number(value);
                assertThat(text()).isEqualTo(Long.toString(value));
            }
        }
    }

    @Test
    void writesUnsignedNumbersToTwoToTheSixtyFourMinusOne() {
        for (long value : new long[] {0, -1, Long.MIN_VALUE, Long.MAX_VALUE, -10, -11}) {
            out.reset();
            out.unsigned(value);
            assertThat(text()).isEqualTo(Long.toUnsignedString(value));
        }
    }

    @Test
    void writesRandomNumbers() {
        Random random = seeded();
        for (int i = 0; i < 100_000; i++) {
            long value = random.nextLong() >> random.nextInt(64);
            out.reset();
            out.number(value);
            out.put(' ');
            out.unsigned(value);
            assertThat(text()).isEqualTo(value + " " + Long.toUnsignedString(value));
        }
    }

    @Test
    void truncatesOnlyWhatItHas() {
        out.ascii("abc");
        out.truncate(1);
        assertThat(text()).isEqualTo("a");
        assertThatThrownBy(() -> out.truncate(2)).isInstanceOf(IndexOutOfBoundsException.class);
    }

    @Test
    void appendsAnotherBuffer() {
        JsonBuffer other = new JsonBuffer();
        other.ascii("other");
        out.write("one ".getBytes(UTF_8));
        out.append(other);
        assertThat(text()).isEqualTo("one other");
    }

    @Test
    void refusesMoreThanAnArrayHolds() {
        out.ascii("abc");
        assertThatThrownBy(() -> out.ensure(Integer.MAX_VALUE))
                .isInstanceOf(SourceException.class)
                .hasMessageContaining("2 GiB");
    }

    @Test
    void escapesWhatJsonWants() {
        out.string("a\"b\\c\b\t\n\f\r\0\u001f\u007fé\u2028\uD83D\uDE00");
        assertThat(text())
                .isEqualTo("\"a\\\"b\\\\c\\b\\t\\n\\f\\r\\u0000\\u001f\u007fé\u2028\uD83D\uDE00\"");
    }

    @Test
    void replacesHalfASurrogatePair() {
        out.string("a\uD83Db\uDE00");
        assertThat(text()).isEqualTo("\"a\uFFFDb\uFFFD\"");
    }

    @Test
    void replacesEachMaximalPartOfInvalidUtf8() {
        // From the Unicode standard, tables 3-8 to 3-11, and beyond the last character.
        replaces("C0AF", "??");
        replaces("E080BFF0818241", "??????A");
        replaces("EDA080EDBFBFEDAF41", "????????A");
        replaces("F4919293FF4180BF42", "?????A??B");
        replaces("E180E2F09192F1BF41", "????A");
        replaces("F5808080", "????");
        replaces("41F48FBFBF42F48FBF", "A\uDBFF\uDFFFB?");
        replaces("C3", "?");
        replaces("E282", "?");
        replaces("E28222", "?\\\"");
    }

    private void replaces(String hex, String expected) {
        byte[] bytes = HexFormat.of().parseHex(hex);
        out.reset();
        out.utf8String(bytes, 0, bytes.length);
        assertThat(text()).isEqualTo('"' + expected.replace('?', '\uFFFD') + '"');
    }

    @Test
    void quotesAnyBytesAsTheDecoderAndAPlainEscaperDo() {
        Random random = seeded();
        for (int i = 0; i < 200_000; i++) {
            byte[] bytes = bytes(random);
            int from = random.nextInt(bytes.length + 1);
            int length = random.nextInt(bytes.length - from + 1);
            out.reset();
            out.utf8String(bytes, from, length);
            assertThat(text()).isEqualTo(plainlyQuoted(decode(bytes, from, length)));
        }
    }

    @Test
    void quotesStringsThatReadBackTheSame() {
        Random random = seeded();
        JsonMapper json = new JsonMapper();
        for (int i = 0; i < 20_000; i++) {
            byte[] bytes = bytes(random);
            String value = new String(bytes, UTF_8);
            out.reset();
            out.string(value);
            assertThat(json.readValue(text(), String.class)).isEqualTo(value);
        }
    }

    @Test
    void writesBase64AsTheJdkDoes() {
        Random random = seeded();
        for (int length = 0; length < 300; length++) {
            byte[] bytes = new byte[length + 2];
            random.nextBytes(bytes);
            out.reset();
            out.base64(bytes, 1, length);
            byte[] slice = java.util.Arrays.copyOfRange(bytes, 1, length + 1);
            assertThat(text()).isEqualTo('"' + Base64.getEncoder().encodeToString(slice) + '"');
        }
    }

    @Test
    void refusesToReadBeyondTheSource() {
        byte[] three = new byte[3];
        assertThatThrownBy(() -> out.base64(three, 1, 3))
                .isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> out.utf8String(three, 2, 2))
                .isInstanceOf(IndexOutOfBoundsException.class);
    }

    private String text() {
        return new String(out.array(), 0, out.size(), UTF_8);
    }

    /// Mostly ASCII runs, with characters of every length, escapes, and broken pieces in between.
    private static byte[] bytes(Random random) {
        JsonBuffer made = new JsonBuffer();
        int parts = random.nextInt(8);
        for (int i = 0; i < parts; i++) {
            switch (random.nextInt(4)) {
                case 0 -> made.ascii("abcdefghijklmnopqrstuvwxyz".substring(random.nextInt(26)));
                case 1 -> made.write((byte) random.nextInt(256));
                case 2 -> {
                    byte[] character =
                            Character.toString(random.nextInt(0x110000) >> random.nextInt(18))
                                    .getBytes(UTF_8);
                    made.write(character, 0, Math.max(1, character.length - random.nextInt(4) / 3));
                }
                default -> made.write((byte) "\"\\\n\r\t\0\u007f ".charAt(random.nextInt(8)));
            }
        }
        return java.util.Arrays.copyOf(made.array(), made.size());
    }

    /// Java's decoder counts an encoded surrogate as one malformed sequence; the standard as three.
    private static String decode(byte[] bytes, int from, int length) {
        StringBuilder latin = new StringBuilder();
        for (int i = from; i < from + length; i++) {
            latin.append((char) (bytes[i] & 0xFF));
        }
        String apart = latin.toString().replaceAll("\u00ED(?=[\u00A0-\u00BF])", "\u00FF");
        return new String(apart.getBytes(StandardCharsets.ISO_8859_1), UTF_8);
    }

    private static String plainlyQuoted(String text) {
        StringBuilder quoted = new StringBuilder("\"");
        for (char c : text.toCharArray()) {
            switch (c) {
                case '"' -> quoted.append("\\\"");
                case '\\' -> quoted.append("\\\\");
                case '\b' -> quoted.append("\\b");
                case '\t' -> quoted.append("\\t");
                case '\n' -> quoted.append("\\n");
                case '\f' -> quoted.append("\\f");
                case '\r' -> quoted.append("\\r");
                default -> quoted.append(c < ' ' ? String.format("\\u%04x", (int) c) : "" + c);
            }
        }
        return quoted.append('"').toString();
    }

    private static Random seeded() {
        long seed = System.nanoTime();
        System.out.println("seed " + seed);
        return new Random(seed);
    }

    @Test
    void givesLargeRoomBackWhereTold() {
        JsonBuffer out = new JsonBuffer(16);
        out.write(new byte[1000]);
        out.reset(1000);
        assertThat(out.array()).hasSize(1000);

        out.write(new byte[1001]);
        out.reset(1000);
        assertThat(out.size()).isZero();
        assertThat(out.array()).hasSize(1000);
    }
}
