package io.fustor.source.mysql.condition;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/// Patterns of `LIKE` beside the JDK's own, over texts of any length.
class LikePatternTests {

    private static final String[] CHARACTERS = {"a", "b", "\u00E9", "\u65E5", "\uD83D\uDE00", "\0"};

    @Test
    void patternsMatchWhatTheJdksMatch() {
        long seed = System.nanoTime();
        System.out.println("seed " + seed);
        Random random = new Random(seed);
        int matched = 0;
        for (int round = 0; round < 200_000; round++) {
            String text = text(random, random.nextInt(24));
            StringBuilder like = new StringBuilder();
            StringBuilder regex = new StringBuilder();
            for (int i = random.nextInt(5); i >= 0; i--) {
                switch (random.nextInt(6)) {
                    case 0, 1, 2 -> {
                        like.append('%');
                        regex.append(".*");
                    }
                    case 3 -> {
                        like.append('_');
                        regex.append('.');
                    }
                    default -> {
                        String part = text(random, 1 + random.nextInt(3));
                        like.append(part);
                        regex.append(Pattern.quote(part));
                    }
                }
            }
            boolean isMatch =
                    Pattern.compile(regex.toString(), Pattern.DOTALL).matcher(text).matches();
            byte[] bytes = ("x" + text + "x").getBytes(UTF_8);

            assertThat(new LikePattern(like.toString(), "\\").matches(bytes, 1, bytes.length - 1))
                    .as("%s like %s", text, like)
                    .isEqualTo(isMatch);
            matched += isMatch ? 1 : 0;
        }
        assertThat(matched).isGreaterThan(10_000);
    }

    private static String text(Random random, int length) {
        StringBuilder text = new StringBuilder();
        int kinds = 1 + random.nextInt(CHARACTERS.length);
        for (int i = 0; i < length; i++) {
            text.append(CHARACTERS[random.nextInt(kinds)]);
        }
        return text.toString();
    }
}
