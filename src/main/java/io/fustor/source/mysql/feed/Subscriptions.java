package io.fustor.source.mysql.feed;

import io.fustor.source.mysql.error.RequestException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;

/// Every subscription that is being served. When the service stops it lets each say goodbye before
/// the web server closes, and takes no more.
@Component
public class Subscriptions implements SmartLifecycle {

    /// What the clients get to take their last event, of the five seconds in which the process has
    /// to be gone.
    private static final Duration GOODBYE = Duration.ofMillis(2_500);

    private static final Duration RETRY_AFTER = Duration.ofSeconds(10);
    private static final Logger log = LoggerFactory.getLogger(Subscriptions.class);

    private final int max;
    private final AtomicInteger admitted = new AtomicInteger();
    private final Set<Subscription> served = ConcurrentHashMap.newKeySet();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition left = lock.newCondition();
    private volatile boolean running;

    Subscriptions(FeedProperties properties) {
        this.max = properties.maxSubscribers();
    }

    /// Takes one of the places; [#release] gives it back.
    ///
    /// @throws RequestException `UNAVAILABLE` where all are taken or the service stops
    void admit() {
        if (!running) {
            throw RequestException.unavailable(
                    "the service is stopping; connect again in a moment", RETRY_AFTER);
        }
        if (admitted.incrementAndGet() > max) {
            admitted.decrementAndGet();
            throw RequestException.unavailable(
                    "all "
                            + max
                            + " places for subscribers are taken (fustor.feed.max-subscribers)",
                    RETRY_AFTER);
        }
    }

    void release() {
        admitted.decrementAndGet();
    }

    void begin(Subscription subscription) {
        served.add(subscription);
        if (!running) {
            subscription.end("shutdown");
        }
    }

    void over(Subscription subscription) {
        served.remove(subscription);
        lock.lock();
        try {
            left.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /// The subscriptions of a source.
    List<Subscription> of(String source) {
        return served.stream().filter(one -> one.id().source().equals(source)).toList();
    }

    /// All of them.
    List<Subscription> all() {
        return List.copyOf(served);
    }

    @Override
    public void start() {
        running = true;
    }

    @Override
    public void stop() {
        running = false;
        int count = served.size();
        served.forEach(one -> one.end("shutdown"));
        long rest = GOODBYE.toNanos();
        lock.lock();
        try {
            while (!served.isEmpty() && rest > 0) {
                rest = left.awaitNanos(rest);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            lock.unlock();
        }
        if (count > 0) {
            log.info("subscriptions ended={} abandoned={}", count - served.size(), served.size());
        }
    }

    @Override
    public boolean isRunning() {
        return running;
    }

    /// Above the web server's, so that streams end while it still writes.
    @Override
    public int getPhase() {
        return Integer.MAX_VALUE;
    }
}
