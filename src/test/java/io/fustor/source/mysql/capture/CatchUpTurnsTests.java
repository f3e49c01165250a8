package io.fustor.source.mysql.capture;

import static org.assertj.core.api.Assertions.assertThat;

import io.fustor.source.mysql.instance.Budget;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

class CatchUpTurnsTests {

    @Test
    void turnsAreGrantedInOrderAndNeverMoreThanThereAre() {
        CatchUpTurns turns = new CatchUpTurns(Budget.local(2));
        List<CatchUpTurns.Turn> asked = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            asked.add(turns.ask());
        }

        assertThat(asked.stream().map(CatchUpTurns.Turn::isGranted))
                .containsExactly(true, true, false, false, false);
        assertThat(turns.taken()).isEqualTo(2);
        assertThat(turns.waiting()).isEqualTo(3);
        asked.get(3).close();
        asked.get(0).close();
        asked.get(0).close();
        assertThat(asked.get(2).isGranted()).isTrue();
        assertThat(asked.get(4).isGranted()).isFalse();
        asked.get(1).close();
        assertThat(asked.get(4).isGranted()).isTrue();
    }

    @Test
    void dueTurnGoesToWhoWaitsAndItsReaderEnds() {
        CatchUpTurns turns = new CatchUpTurns(Budget.local(1), Duration.ZERO);
        AtomicInteger ended = new AtomicInteger();
        CatchUpTurns.Turn slow = turns.ask();
        slow.onRevoked(ended::incrementAndGet);
        slow.progressed();
        turns.revokeDue();
        assertThat(slow.isRevoked()).as("nothing waits").isFalse();

        CatchUpTurns.Turn next = turns.ask();
        turns.revokeDue();

        assertThat(slow.isRevoked()).isTrue();
        assertThat(next.isGranted()).isTrue();
        assertThat(ended).hasValue(1);
        slow.close();
        assertThat(turns.taken()).isEqualTo(1);
    }

    @Test
    void turnStaysWithWhoGotNothingNewYetOrHadItForAMomentOnly() {
        CatchUpTurns inVain = new CatchUpTurns(Budget.local(1), Duration.ZERO);
        CatchUpTurns.Turn repeating = inVain.ask();
        inVain.ask();
        inVain.revokeDue();
        CatchUpTurns calm = new CatchUpTurns(Budget.local(1), Duration.ofMinutes(1));
        CatchUpTurns.Turn young = calm.ask();
        young.progressed();
        calm.ask();
        calm.revokeDue();

        assertThat(repeating.isRevoked()).isFalse();
        assertThat(young.isRevoked()).isFalse();
    }

    @Test
    void readerThatIsOpenedAfterItsTurnWasTakenEndsAtOnce() {
        CatchUpTurns turns = new CatchUpTurns(Budget.local(1), Duration.ZERO);
        CatchUpTurns.Turn late = turns.ask();
        late.progressed();
        turns.ask();
        turns.revokeDue();
        AtomicInteger ended = new AtomicInteger();
        late.onRevoked(ended::incrementAndGet);

        assertThat(ended).hasValue(1);
    }

    @Test
    void everybodyGetsATurnWhileSomeNeverGiveTheirsBack() throws InterruptedException {
        int clients = 50;
        CatchUpTurns turns = new CatchUpTurns(Budget.local(3), Duration.ofMillis(5));
        for (int i = 0; i < 3; i++) {
            turns.ask().progressed();
        }
        CountDownLatch served = new CountDownLatch(clients);
        AtomicInteger most = new AtomicInteger();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < clients; i++) {
                threads.submit(
                        () -> {
                            try (CatchUpTurns.Turn turn = turns.ask()) {
                                while (!turn.isGranted()) {
                                    turns.revokeDue();
                                    LockSupport.parkNanos(1_000_000);
                                }
                                most.accumulateAndGet(turns.taken(), Math::max);
                                turn.progressed();
                            }
                            served.countDown();
                        });
            }
            assertThat(served.await(20, TimeUnit.SECONDS)).isTrue();
        }
        assertThat(most.get()).isLessThanOrEqualTo(3);
    }
}
