package io.fustor.source.mysql.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.mock.web.MockHttpServletRequest;
import org.springframework.mock.web.MockHttpServletResponse;

class ArrivalPaceTests {

    private static final String STREAM = "/api/sources/shop/events";

    private final AtomicInteger checked = new AtomicInteger();
    private final AtomicInteger served = new AtomicInteger();
    private final Semaphore checks = new Semaphore(0);
    private final CountDownLatch end = new CountDownLatch(1);
    private final List<Thread> threads = new ArrayList<>();

    @AfterEach
    void end() throws InterruptedException {
        checks.release(1_000);
        end.countDown();
        for (Thread thread : threads) {
            thread.join();
        }
    }

    private void request(ArrivalPace pace, String path) {
        threads.add(
                Thread.startVirtualThread(
                        () -> {
                            try {
                                var request = new MockHttpServletRequest("GET", path);
                                pace.doFilter(
                                        request,
                                        new MockHttpServletResponse(),
                                        (_, _) -> serve(pace, request));
                            } catch (Exception e) {
                                throw new IllegalStateException(e);
                            }
                        }));
    }

    private void serve(ArrivalPace pace, MockHttpServletRequest request) {
        checked.incrementAndGet();
        checks.acquireUninterruptibly();
        pace.preHandle(request, new MockHttpServletResponse(), this);
        served.incrementAndGet();
        try {
            end.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void checksAFewAtATimeAndServesAll() {
        ArrivalPace pace = new ArrivalPace(2, Duration.ofMinutes(1));
        for (int i = 0; i < 20; i++) {
            request(pace, STREAM);
        }
        await().until(() -> checked.get() == 2);
        request(pace, "/api/sources/shop");
        await("other requests pass").until(() -> checked.get() == 3);
        checks.release(2);
        await().until(() -> checked.get() == 5);
        checks.release(100);
        await("streams that are served take no turn").until(() -> served.get() == 21);
    }

    @Test
    void aCheckThatBlocksHoldsOthersUpForAMomentOnly() {
        ArrivalPace pace = new ArrivalPace(1, Duration.ofMillis(50));
        request(pace, STREAM);
        await().until(() -> checked.get() == 1);
        request(pace, STREAM);
        await().until(() -> checked.get() == 2);
        assertThat(served.get()).isZero();
    }

    @Test
    void aRequestThatIsRefusedGivesItsTurnBack() throws Exception {
        ArrivalPace pace = new ArrivalPace(1, Duration.ofMinutes(1));
        for (int i = 0; i < 3; i++) {
            var response = new MockHttpServletResponse();
            pace.doFilter(
                    new MockHttpServletRequest("GET", STREAM),
                    response,
                    (_, _) -> response.setStatus(401));
            assertThat(response.getStatus()).isEqualTo(401);
        }
    }
}
