package io.fustor.source.mysql.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fustor.source.mysql.error.SourceException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class MemoryBudgetTests {

    private final MemoryBudget budget = new MemoryBudget(100);

    private static boolean has(MemoryBudget.Claim claim) {
        return claim.await(Duration.ZERO);
    }

    @Test
    void givesAsMuchAsThereIs() {
        MemoryBudget.Claim first = budget.claim(60);
        MemoryBudget.Claim second = budget.claim(40);
        MemoryBudget.Claim third = budget.claim(1);

        assertThat(has(first)).isTrue();
        assertThat(has(second)).isTrue();
        assertThat(has(third)).isFalse();
        second.close();
        assertThat(has(third)).isTrue();
        assertThat(budget.used()).isEqualTo(61);
    }

    @Test
    void turnsAreInTheOrderOfTheClaims() {
        MemoryBudget.Claim holder = budget.claim(60);
        MemoryBudget.Claim large = budget.claim(70);
        MemoryBudget.Claim small = budget.claim(10);

        assertThat(has(small)).isFalse();
        holder.close();
        assertThat(has(large)).isTrue();
        assertThat(has(small)).isTrue();
    }

    @Test
    void claimsThatAreLargerThanAllTakeAll() {
        MemoryBudget.Claim small = budget.claim(1);
        MemoryBudget.Claim huge = budget.claim(1_000);

        assertThat(has(huge)).isFalse();
        small.close();
        assertThat(has(huge)).isTrue();
        assertThat(has(budget.claim(1))).isFalse();
        huge.close();
        assertThat(budget.used()).isEqualTo(1);
    }

    @Test
    void aClaimThatIsGivenUpDelaysNoOther() {
        MemoryBudget.Claim holder = budget.claim(60);
        MemoryBudget.Claim large = budget.claim(70);
        MemoryBudget.Claim small = budget.claim(10);

        large.close();
        large.close();
        assertThat(has(small)).isTrue();
        small.close();
        small.close();
        holder.close();
        assertThat(budget.used()).isZero();
    }

    @Test
    void whoWaitsIsWoken() throws InterruptedException {
        MemoryBudget.Claim holder = budget.claim(100);
        MemoryBudget.Claim waiting = budget.claim(100);
        CountDownLatch woken = new CountDownLatch(1);
        Thread.ofVirtual()
                .start(
                        () -> {
                            if (waiting.await(Duration.ofMinutes(1))) {
                                woken.countDown();
                            }
                        });

        holder.close();
        assertThat(woken.await(10, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void noClaimIsOverdueWhileNoneHasWaited() {
        MemoryBudget.Claim holder = budget.claim(100);
        budget.claim(100);

        assertThat(holder.isOverdue()).isFalse();
    }

    @Test
    void refusesWhatNoHeapHasRoomFor() {
        long heap = Runtime.getRuntime().maxMemory();

        assertThatThrownBy(() -> budget.claim(heap))
                .isInstanceOf(SourceException.class)
                .hasMessageContaining("-Xmx");
    }
}
