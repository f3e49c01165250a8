package io.fustor.source.mysql.thread;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.fustor.source.mysql.error.FailureCode;
import io.fustor.source.mysql.error.SourceException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SupervisedThreadTests {

    private static final String NAME = "a thread of tests";

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void anErrorIsCountedAndGivenToTheOwner(boolean platform) throws Exception {
        CompletableFuture<SourceException> told = new CompletableFuture<>();
        long before = InternalFailures.count(Work.READER);
        Runnable body =
                () -> {
                    throw new StackOverflowError("thrown by a test");
                };

        if (platform) {
            SupervisedThread.platform(Work.READER, NAME, body, told::complete);
        } else {
            SupervisedThread.virtual(Work.READER, NAME, body, told::complete);
        }

        SourceException failure = told.get(10, TimeUnit.SECONDS);
        assertThat(failure.code()).isEqualTo(FailureCode.INTERNAL);
        assertThat(failure).hasRootCauseInstanceOf(StackOverflowError.class);
        assertThat(InternalFailures.count(Work.READER)).isEqualTo(before + 1);
    }

    @Test
    void aKnownFailureStaysWhatItIs() {
        SourceException known = new SourceException(FailureCode.CORRUPT_EVENT, "known");

        assertThat(InternalFailures.contain(Work.READER, NAME, known)).isSameAs(known);
    }

    @Test
    void wantOfMemoryIsThrownOnAlsoAsACause() {
        OutOfMemoryError fatal = new OutOfMemoryError("thrown by a test");

        assertThatThrownBy(() -> InternalFailures.contain(Work.READER, NAME, fatal))
                .isSameAs(fatal);
        assertThatThrownBy(
                        () ->
                                InternalFailures.contain(
                                        Work.READER, NAME, new IllegalStateException(fatal)))
                .isSameAs(fatal);
    }

    @Test
    void onlyItsOwnStepsCount() {
        CompletableFuture<Long> beats = new CompletableFuture<>();
        SupervisedThread thread =
                SupervisedThread.platform(
                        Work.READER,
                        NAME,
                        () -> {
                            SupervisedThread.beat();
                            beats.join();
                        },
                        _ -> {});
        SupervisedThread.beat();

        await().atMost(Duration.ofSeconds(10)).until(() -> thread.beats() == 1);
        assertThat(thread.isAlive()).isTrue();
        assertThat(thread.stack()).contains("CompletableFuture");
        beats.complete(1L);
        await().atMost(Duration.ofSeconds(10)).until(() -> !thread.isAlive());
    }

    @Test
    void aPeriodicTaskThatThrewIsToldAndRunsAgain() {
        PeriodicTasks tasks = new PeriodicTasks();
        AtomicInteger runs = new AtomicInteger();
        Runnable task =
                tasks.supervised(
                        () -> {
                            if (runs.incrementAndGet() == 1) {
                                throw new AssertionError("thrown by a test");
                            }
                        });

        task.run();
        assertThat(tasks.troubles().values()).singleElement().asString().startsWith("INTERNAL");
        task.run();
        assertThat(tasks.troubles()).isEmpty();
    }

    @Test
    void theSchedulerRunsSupervisedTasks() {
        PeriodicTasks tasks = new PeriodicTasks();
        SupervisedScheduler scheduler = new SupervisedScheduler(tasks);
        AtomicInteger runs = new AtomicInteger();
        scheduler.initialize();
        try {
            scheduler.scheduleWithFixedDelay(
                    () -> {
                        runs.incrementAndGet();
                        throw new NoClassDefFoundError("thrown by a test");
                    },
                    Duration.ofMillis(1));

            await().atMost(Duration.ofSeconds(10)).until(() -> runs.get() > 2);
            assertThat(tasks.troubles()).hasSize(1);
        } finally {
            scheduler.shutdown();
        }
    }
}
