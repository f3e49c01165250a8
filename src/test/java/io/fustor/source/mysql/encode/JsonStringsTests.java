package io.fustor.source.mysql.encode;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class JsonStringsTests {

    private static final String[] PARTS = {"\"", "\\", "a", "bc", ":", "{\"key\":\"value\"}", " "};
    private static final String[] OTHERS = {"é", "订单", "😀", "\n", "\u0001", "\u007F"};

    private final Random random = Cells.seeded();

    /// Eight bytes at a time or one by one: also of text that is no JSON at all.
    @Test
    void jsonIsEscapedAsOtherTextIs() {
        for (int i = 0; i < 3_000; i++) {
            byte[] text = text(random.nextInt(i % 10 == 0 ? 3_000 : 60), i % 3);
            int from = Math.min(random.nextInt(4), text.length);
            int length = text.length - from;

            assertThat(json(text, from, length)).isEqualTo(other(text, from, length));
        }
    }

    /// @param kind 0 for ASCII, 1 for any text, 2 for text with damaged characters
    private byte[] text(int parts, int kind) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < parts; i++) {
            boolean isOther = kind > 0 && random.nextInt(20) == 0;
            String[] from = isOther ? OTHERS : PARTS;
            text.append(from[random.nextInt(from.length)]);
        }
        byte[] bytes = text.toString().getBytes(UTF_8);
        if (kind == 2 && bytes.length > 0) {
            bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
        }
        return bytes;
    }

    private static byte[] json(byte[] text, int from, int length) {
        JsonBuffer out = new JsonBuffer(1);
        out.put('<');
        JsonStrings.escapeJson(text, from, length, out);
        return Arrays.copyOf(out.array(), out.size());
    }

    private static byte[] other(byte[] text, int from, int length) {
        JsonBuffer out = new JsonBuffer(1);
        out.put('<');
        JsonStrings.escapeUtf8(text, from, length, out);
        return Arrays.copyOf(out.array(), out.size());
    }
}
