package io.fustor.source.mysql.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.fustor.source.mysql.error.FailureCode;
import io.fustor.source.mysql.error.SourceException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SharedAnswerTests {

    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

    /// The connection, which one query uses at a time.
    private final ReentrantLock connection = new ReentrantLock();

    private final AtomicInteger sent = new AtomicInteger();
    private final CountDownLatch firstAnswers = new CountDownLatch(1);
    private final SharedAnswer<Integer> answer = new SharedAnswer<>(this::query);

    @AfterEach
    void end() {
        firstAnswers.countDown();
        threads.close();
    }

    private Integer query(Runnable begun) {
        connection.lock();
        try {
            begun.run();
            int number = sent.incrementAndGet();
            if (number == 1) {
                firstAnswers.await();
            }
            return number;
        } catch (InterruptedException e) {
            throw new SourceException(FailureCode.CONNECTION_LOST, "interrupted", e);
        } finally {
            connection.unlock();
        }
    }

    @Test
    void callersThatWaitShareTheNextQuery() throws Exception {
        Future<Integer> first = threads.submit(answer::get);
        await().until(() -> sent.get() == 1);
        List<Future<Integer>> others = new ArrayList<>();
        for (int i = 0; i < 500; i++) {
            others.add(threads.submit(answer::get));
        }
        await().until(() -> connection.hasQueuedThreads());
        firstAnswers.countDown();
        assertThat(first.get()).isEqualTo(1);
        for (Future<Integer> other : others) {
            assertThat(other.get()).as("was sent after the call").isGreaterThan(1);
        }
        // Those whose threads began after the second query was sent need a third one.
        assertThat(sent.get()).isLessThan(20);
    }

    @Test
    void aCallerAloneAsksEachTime() {
        firstAnswers.countDown();
        assertThat(answer.get()).isEqualTo(1);
        assertThat(answer.get()).isEqualTo(2);
    }

    @Test
    void aFailureIsSharedAndTheNextCallerAsksAgain() throws Exception {
        AtomicInteger asked = new AtomicInteger();
        SharedAnswer<Integer> failing =
                new SharedAnswer<>(
                        begun -> {
                            connection.lock();
                            try {
                                begun.run();
                                asked.incrementAndGet();
                                throw new SourceException(FailureCode.SERVER_STALLED, "silent");
                            } finally {
                                connection.unlock();
                            }
                        });
        connection.lock();
        List<Future<Integer>> callers = new ArrayList<>();
        try {
            for (int i = 0; i < 10; i++) {
                callers.add(threads.submit(failing::get));
            }
            await().until(() -> connection.hasQueuedThreads());
        } finally {
            connection.unlock();
        }
        for (Future<Integer> caller : callers) {
            assertThatThrownBy(caller::get)
                    .isInstanceOf(ExecutionException.class)
                    .cause()
                    .isInstanceOfSatisfying(
                            SourceException.class,
                            e -> assertThat(e.code()).isEqualTo(FailureCode.SERVER_STALLED));
        }
        int before = asked.get();
        assertThatThrownBy(failing::get).isInstanceOf(SourceException.class);
        assertThat(asked.get()).isEqualTo(before + 1);
    }

    @Test
    void theInterruptionOfOneCallerIsNotTheOthers() throws Exception {
        Thread first = Thread.ofVirtual().unstarted(() -> assertInterrupted());
        first.start();
        await().until(() -> sent.get() == 1);
        first.interrupt();
        first.join();
        assertThat(answer.get()).isEqualTo(2);
    }

    private void assertInterrupted() {
        assertThatThrownBy(answer::get).isInstanceOf(SourceException.class);
    }
}
