package io.fustor.source.mysql.capture;

import static org.assertj.core.api.Assertions.assertThat;

import io.fustor.source.mysql.position.GtidSet;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class LaggingTests {

    private static final String PRIMARY = "11111111-1111-1111-1111-111111111111:";
    private static final String OTHER = "22222222-2222-2222-2222-222222222222:";
    private static final GtidSet HAD = GtidSet.parse(PRIMARY + "1-100");

    @Test
    void serverThatGetsNothingIsGivenUpAndOneThatGetsSomeIsNot() {
        Lagging lagging = new Lagging(() -> Duration.ZERO);
        lagging.mayCatchUp("replica", HAD, set("1-50"));

        assertThat(lagging.mayCatchUp("replica", HAD, set("1-50"))).isFalse();
        assertThat(new Lagging(() -> Duration.ofHours(1)).mayCatchUp("replica", HAD, set("1-50")))
                .isTrue();
    }

    @Test
    void progressCountsOnlyWhereItIsOfTheSameOrigin() {
        Lagging lagging = new Lagging(() -> Duration.ZERO);
        lagging.mayCatchUp("replica", HAD, set("1-50"));
        GtidSet own = GtidSet.parse(PRIMARY + "1-50," + OTHER + "1-9");

        assertThat(lagging.mayCatchUp("replica", HAD, own)).isFalse();
    }

    @Test
    void patienceBeginsAnewWithProgressAndAtAnotherServer() {
        Lagging lagging = new Lagging(() -> Duration.ofMillis(200));
        lagging.mayCatchUp("replica", HAD, set("1-50"));
        long start = System.nanoTime();
        while (System.nanoTime() - start < 220_000_000) {
            Thread.onSpinWait();
        }

        assertThat(lagging.mayCatchUp("replica", HAD, set("1-51"))).isTrue();
        assertThat(lagging.mayCatchUp("another", HAD, set("1-2"))).isTrue();
    }

    private static GtidSet set(String numbers) {
        return GtidSet.parse(PRIMARY + numbers);
    }
}
