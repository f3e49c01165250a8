package io.fustor.source.mysql.capture;

import static org.assertj.core.api.Assertions.assertThat;

import io.fustor.source.mysql.position.Place;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class GatheringTests {

    private final AtomicLong clock = new AtomicLong(1_000_000);
    private final Gathering gathering = new Gathering(16 << 20, clock::get);

    private static Place at(long offset) {
        return new Place(1, 7, offset, 1_700_000_000, 0, null, null);
    }

    private void passes(int millis) {
        clock.addAndGet(Duration.ofMillis(millis).toNanos());
    }

    @Test
    void aSubscriberThatIsAloneLeadsSoon() {
        Gathering.Seat seat = gathering.enter(at(100));
        assertThat(seat.leads()).isFalse();
        passes(60);
        assertThat(seat.leads()).isTrue();
    }

    @Test
    void theOldestPlaceLeadsOnceNoMoreSubscribersCome() {
        Gathering.Seat first = gathering.enter(at(300));
        for (int i = 0; i < 8; i++) {
            passes(100);
            gathering.enter(at(400 + i));
            assertThat(first.leads()).isFalse();
        }
        passes(100);
        Gathering.Seat oldest = gathering.enter(at(100));
        passes(149);
        assertThat(first.leads()).isFalse();
        assertThat(oldest.leads()).isFalse();
        passes(1);
        assertThat(first.leads()).isFalse();
        assertThat(oldest.leads()).isTrue();
    }

    @Test
    void doesNotWaitForEverIfSubscribersKeepComing() {
        Gathering.Seat first = gathering.enter(at(1));
        for (int i = 1; i <= 15; i++) {
            assertThat(first.leads()).isFalse();
            passes(100);
            gathering.enter(at(100 + i));
        }
        assertThat(first.leads()).isTrue();
    }

    @Test
    void theNextOldestTakesOverFromALeaderThatLeaves() {
        Gathering.Seat first = gathering.enter(at(200));
        Gathering.Seat oldest = gathering.enter(at(100));
        passes(150);
        assertThat(oldest.leads()).isTrue();
        oldest.close();
        assertThat(first.leads()).isTrue();
    }

    @Test
    void oneWatchesTheClockForAll() {
        Gathering.Seat first = gathering.enter(at(200));
        Gathering.Seat second = gathering.enter(at(100));
        assertThat(first.watches()).isTrue();
        assertThat(second.watches()).isFalse();
        first.close();
        assertThat(second.watches()).isTrue();
        second.close();
        assertThat(gathering.isUnderWay()).isFalse();
    }

    @Test
    void manyAreACrowd() {
        for (int i = 0; i < 3; i++) {
            gathering.enter(at(i));
        }
        assertThat(gathering.isCrowd()).isFalse();
        gathering.enter(at(3));
        assertThat(gathering.isCrowd()).isTrue();
    }
}
