package io.fustor.source.mysql.monitoring;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class LagTrendTests {

    private final LagTrend trend = new LagTrend();

    private void add(long... seconds) {
        for (long each : seconds) {
            trend.add(each * 1_000);
        }
    }

    @Test
    void lagThatGrowsFromLookToLookIsSaidWithItsEnds() {
        add(1, 5, 31, 50, 80, 110);
        assertThat(trend.growth()).isNull();
        add(140);

        assertThat(trend.growth()).contains("from 1 s to 140 s");
    }

    @Test
    void lagThatShrinksOnceBeginsAnew() {
        add(1, 5, 31, 50, 80, 110, 140, 100);
        assertThat(trend.growth()).isNull();
        add(130, 160, 190, 220, 250);

        assertThat(trend.growth()).isNull();
    }

    @Test
    void smallLagIsNone() {
        add(0, 1, 2, 3, 4, 5, 6, 7, 8);

        assertThat(trend.growth()).isNull();
    }
}
