package io.fustor.source.mysql.thread;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Streams that compute share the processors, and none keeps another from computing for long.
@Timeout(60)
class ComputingTests {

    private static final int PROCESSORS = Runtime.getRuntime().availableProcessors();

    private final List<Thread> threads = new ArrayList<>();
    private final AtomicBoolean isOver = new AtomicBoolean();

    @AfterEach
    void end() throws InterruptedException {
        isOver.set(true);
        for (Thread thread : threads) {
            thread.interrupt();
            thread.join();
        }
    }

    private interface Part {
        void run() throws Exception;
    }

    private void start(Part part) {
        threads.add(
                Thread.ofVirtual()
                        .start(
                                () -> {
                                    try {
                                        Computing.run(
                                                () -> {
                                                    part.run();
                                                    return null;
                                                });
                                    } catch (Exception e) {
                                        Thread.currentThread().interrupt();
                                    }
                                }));
    }

    private void compute(AtomicInteger turns) {
        while (!isOver.get()) {
            if (Computing.giveWayIfDue(System.nanoTime())) {
                turns.incrementAndGet();
            }
        }
    }

    @Test
    void manyMoreThanThereAreProcessorsAllComeToTheirTurns() {
        List<AtomicInteger> turns = new ArrayList<>();
        for (int i = 0; i < 20 * PROCESSORS; i++) {
            AtomicInteger mine = new AtomicInteger();
            turns.add(mine);
            start(() -> compute(mine));
        }

        await().until(() -> turns.stream().allMatch(one -> one.get() >= 20));
    }

    /// More of them than there are carrier threads would leave none for it.
    @Test
    void threadThatWakesRunsAlthoughManyCompute() throws InterruptedException {
        for (int i = 0; i < 20 * PROCESSORS; i++) {
            start(() -> compute(new AtomicInteger()));
        }
        CountDownLatch woken = new CountDownLatch(100);
        for (int i = 0; i < 100; i++) {
            Thread.ofVirtual().start(woken::countDown);
        }

        assertThat(woken.await(10, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void streamThatWaitsForItsServerLetsOthersCompute() {
        for (int i = 0; i < PROCESSORS; i++) {
            start(
                    () -> {
                        Computing.pause();
                        new CountDownLatch(1).await();
                    });
        }
        AtomicInteger turns = new AtomicInteger();
        start(() -> compute(turns));

        await().until(() -> turns.get() > 0);
    }

    @Test
    void streamThatWaitsForItsClientLetsOthersCompute() {
        OutputStream stuck =
                Computing.waiting(
                        new OutputStream() {
                            @Override
                            public void write(int one) throws IOException {
                                try {
                                    new CountDownLatch(1).await();
                                } catch (InterruptedException e) {
                                    throw new IOException(e);
                                }
                            }
                        });
        AtomicInteger turns = new AtomicInteger();
        for (int i = 0; i < PROCESSORS; i++) {
            start(() -> stuck.write(new byte[1], 0, 1));
        }
        start(() -> compute(turns));
        start(() -> compute(turns));

        await().until(() -> turns.get() > 10);
    }

    /// As a question without an answer does.
    @Test
    void streamThatWaitsForAnythingElseLetsOthersCompute() {
        AtomicInteger turns = new AtomicInteger();
        for (int i = 0; i < PROCESSORS; i++) {
            start(() -> new CountDownLatch(1).await());
        }
        start(() -> compute(turns));
        start(() -> compute(turns));

        await().until(() -> turns.get() > 10);
    }

    /// It lost its processor, queues for another one, and may lose that one before it runs.
    @Test
    void streamsThatOftenWaitTooLongAllComeToTheirEnds() throws InterruptedException {
        CountDownLatch ended = new CountDownLatch(8 * PROCESSORS);
        for (int i = 0; i < 8 * PROCESSORS; i++) {
            start(
                    () -> {
                        for (int round = 0; round < 20; round++) {
                            new CountDownLatch(1).await(25, TimeUnit.MILLISECONDS);
                            Computing.giveWayIfDue(System.nanoTime());
                            Computing.pause();
                            Computing.goOn();
                        }
                        ended.countDown();
                    });
        }

        assertThat(ended.await(50, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void threadThatIsInterruptedDoesNotWaitForAProcessor() throws InterruptedException {
        for (int i = 0; i < 2 * PROCESSORS; i++) {
            start(() -> compute(new AtomicInteger()));
        }
        CountDownLatch ran = new CountDownLatch(1);
        Thread late =
                Thread.ofVirtual()
                        .start(
                                () -> {
                                    Thread.currentThread().interrupt();
                                    Computing.run(
                                            () -> {
                                                ran.countDown();
                                                return null;
                                            });
                                });

        assertThat(ran.await(10, TimeUnit.SECONDS)).isTrue();
        late.join();
    }

    /// Heartbeats and progress are sent at the end of a turn, in a stream that mostly waits too.
    @Test
    void turnEndsAlthoughTheStreamWaitedInIt() {
        Computing.run(
                () -> {
                    long begun = System.nanoTime();
                    Computing.pause();
                    Computing.goOn();
                    assertThat(Computing.giveWayIfDue(begun + 5_000_000)).isTrue();
                    Computing.pause();
                    Computing.goOn();
                    assertThat(Computing.giveWayIfDue(begun + 5_500_000)).isFalse();
                    assertThat(Computing.giveWayIfDue(begun + 10_000_000)).isTrue();
                    return null;
                });
    }

    @Test
    void nothingHappensOnAThreadThatServesNoStream() {
        Computing.pause();
        Computing.goOn();

        assertThat(Computing.giveWayIfDue(System.nanoTime())).isFalse();
    }
}
