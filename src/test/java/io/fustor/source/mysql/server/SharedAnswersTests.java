package io.fustor.source.mysql.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SharedAnswersTests {

    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

    /// The connection, which one query uses at a time.
    private final ReentrantLock connection = new ReentrantLock();

    private final AtomicInteger sent = new AtomicInteger();
    private final SharedAnswers<String, String> answers = new SharedAnswers<>(this::query);

    @AfterEach
    void end() {
        threads.close();
    }

    private String query(String about, Runnable begun) {
        connection.lock();
        try {
            begun.run();
            sent.incrementAndGet();
            return "of " + about;
        } finally {
            connection.unlock();
        }
    }

    @Test
    void callersThatAskAboutTheSameShareAnAnswer() throws Exception {
        List<Future<String>> ofOrders = new ArrayList<>();
        List<Future<String>> ofItems = new ArrayList<>();
        connection.lock();
        try {
            for (int i = 0; i < 500; i++) {
                ofOrders.add(threads.submit(() -> answers.get("orders")));
                ofItems.add(threads.submit(() -> answers.get("items")));
            }
            await().until(() -> connection.getQueueLength() == 2);
            assertThat(answers.size()).isEqualTo(2);
        } finally {
            connection.unlock();
        }
        for (Future<String> answer : ofOrders) {
            assertThat(answer.get()).isEqualTo("of orders");
        }
        for (Future<String> answer : ofItems) {
            assertThat(answer.get()).isEqualTo("of items");
        }
        // Those whose threads began after a query was sent need another one.
        assertThat(sent.get()).isLessThan(40);
    }

    @Test
    void nothingIsKeptOnceItIsAnswered() {
        assertThat(answers.get("orders")).isEqualTo("of orders");
        assertThat(answers.get("orders")).isEqualTo("of orders");
        assertThat(sent.get()).isEqualTo(2);
        assertThat(answers.size()).isZero();
    }
}
