package io.fustor.source.mysql.page;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PageCursorTests {

    private final Random random = new Random(1);

    @Test
    void isTheNumberOfTheInterval() {
        Instant now = Instant.parse("2024-10-09T00:01:05Z");

        assertThat(PageCursor.next(null, now, random)).isEqualTo("3");
        assertThat(PageCursor.next("2", now, random)).isEqualTo("3");
        assertThat(PageCursor.next("x", now, random)).isEqualTo("3");
        assertThat(PageCursor.next("9".repeat(30), now, random)).isEqualTo("3");
    }

    @Test
    void isNeverTheClientsOwnOrLess() {
        Instant now = Instant.parse("2024-10-09T00:01:05Z");
        for (int given = 3; given < 500; given++) {
            String next = PageCursor.next(Integer.toString(given), now, random);

            assertThat(Long.parseLong(next)).isBetween(given + 1L, given + 180L);
        }
    }
}
