package io.fustor.source.mysql.feed;

import io.fustor.source.mysql.error.FailureCode;
import io.fustor.source.mysql.error.RequestCode;
import io.fustor.source.mysql.error.RequestException;
import io.fustor.source.mysql.error.Sentence;
import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.grant.Sight;
import io.fustor.source.mysql.instance.Budgets;
import io.fustor.source.mysql.instance.Listener;
import io.fustor.source.mysql.memory.ClientMemory;
import io.fustor.source.mysql.memory.StreamRoom;
import io.fustor.source.mysql.settings.FeedProperties;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/// Every subscription that is being served. When the service stops it lets each say goodbye before
/// the web server closes, and takes no more.
@Component
public class Subscriptions implements SmartLifecycle, Listener {

    /// What the clients get to take their last event, of the five seconds in which the process has
    /// to be gone: the web server waits for what is being sent then.
    private static final Duration GOODBYE = Duration.ofSeconds(2);

    private static final long GRANTS_LOOK_MILLIS = 50;
    private static final long DRAIN_LOOK_NANOS = Duration.ofMillis(50).toNanos();

    /// When a client of a drained stream returns, in milliseconds.
    private static final int SHORTEST_RETRY = 200;

    private static final int LONGEST_RETRY = 2_000;
    private static final Duration RETRY_AFTER = Duration.ofSeconds(10);

    /// The kind of notice by which another instance asks to cancel a snapshot.
    public static final String CANCEL = "cancel";

    private static final Logger log = LoggerFactory.getLogger(Subscriptions.class);

    private final int max;
    private final ClientMemory memory = ClientMemory.OF_HEAP;
    private final AtomicInteger admitted = new AtomicInteger();
    private final Budgets budgets;
    private final Set<Subscription> served = ConcurrentHashMap.newKeySet();
    private final Set<SnapshotPage> pages = ConcurrentHashMap.newKeySet();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition left = lock.newCondition();
    private volatile boolean running;
    private volatile boolean isDraining;

    Subscriptions(FeedProperties properties, Budgets budgets) {
        this.max = properties.maxSubscribers();
        this.budgets = budgets;
    }

    /// One of the places, for one thread at a time.
    public final class Place implements AutoCloseable {

        private final Sight sight;
        private final StreamRoom room;

        private Place(Sight sight, StreamRoom room) {
            this.sight = sight;
            this.room = room;
        }

        /// The request has left the web server, and the stream goes on.
        void leaveRequest(boolean hasCondition) {
            room.leaveRequest(hasCondition);
        }

        /// Gives it back. Called once.
        @Override
        public void close() {
            if (sight.isLimited()) {
                budgets.giveBackOf(streams(sight));
            }
            room.close();
            admitted.decrementAndGet();
        }
    }

    /// Takes one of the places, for its owner to close.
    ///
    /// @throws RequestException where all or all of the caller are taken, the heap has no room for
    ///   another or the service stops
    public Place admit(Sight sight) {
        if (!running || isDraining) {
            throw RequestException.later(RequestCode.NOT_READY, RETRY_AFTER, "feed.stopping");
        }
        if (admitted.incrementAndGet() > max) {
            admitted.decrementAndGet();
            throw RequestException.later(
                    RequestCode.SUBSCRIBERS_FULL, RETRY_AFTER, "feed.full", max);
        }
        StreamRoom room = StreamRoom.take(memory);
        if (room == null) {
            int others = admitted.decrementAndGet();
            throw heapFull("another subscriber beside " + others, RETRY_AFTER);
        }
        if (!sight.isLimited()) {
            return new Place(sight, room);
        }
        int limit = sight.grant().maxStreams();
        if (!budgets.takeOf(streams(sight), limit)) {
            room.close();
            admitted.decrementAndGet();
            throw RequestException.later(
                    RequestCode.STREAMS_FULL, RETRY_AFTER, "feed.streams-full", limit);
        }
        return new Place(sight, room);
    }

    /// The heap has no room for what a request asks for.
    static RequestException heapFull(String what, Duration retryAfter) {
        SourceException full =
                new SourceException(
                        FailureCode.HEAP_FULL,
                        "a heap of "
                                + (Runtime.getRuntime().maxMemory() >> 20)
                                + " MiB has no room now for "
                                + what
                                + "; come again later, or start the service with a larger -Xmx");
        return new RequestException(
                RequestCode.NOT_READY, Sentence.ofFailure(full), retryAfter, full);
    }

    private static String streams(Sight sight) {
        return "streams:" + sight.owner();
    }

    void begin(Subscription subscription) {
        served.add(subscription);
        subscription.look(Instant.now());
        if (!running || isDraining) {
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

    /// A page of a snapshot is read: it is no stream, but it has a view.
    void begin(SnapshotPage page) {
        pages.add(page);
    }

    void over(SnapshotPage page) {
        pages.remove(page);
    }

    /// The pages of snapshots of a source that are read now.
    List<SnapshotPage> pagesOf(String source) {
        return pages.stream().filter(one -> one.source().equals(source)).toList();
    }

    /// The subscriptions of a source.
    List<Subscription> of(String source) {
        return served.stream().filter(one -> one.id().source().equals(source)).toList();
    }

    /// What there is to see of the subscriptions of a source, and of the pages of its snapshots.
    public List<SubscriptionStatus> statuses(String source) {
        return Stream.concat(
                        of(source).stream().map(Subscription::status),
                        pagesOf(source).stream().map(SnapshotPage::status))
                .toList();
    }

    /// What another instance asks: to cancel a snapshot.
    @Override
    public boolean heard(String kind, String source, String argument) {
        return kind.equals(CANCEL) && cancelSnapshot(source, argument);
    }

    /// Cancels a snapshot of a source on this instance: its stream or page ends.
    ///
    /// @return whether there was such a snapshot
    public boolean cancelSnapshot(String source, String snapshot) {
        boolean found = false;
        for (Subscription subscription : of(source)) {
            found |= subscription.cancelSnapshot(snapshot);
        }
        for (SnapshotPage page : pagesOf(source)) {
            found |= page.cancel(snapshot);
        }
        return found;
    }

    /// Ends the streams of subscribers whose grants are over, and cuts those that do not end.
    ///
    /// The look is so frequent that a stream is over, whatever its client does, within the second
    /// that a change of a grant may take.
    @Scheduled(fixedDelay = GRANTS_LOOK_MILLIS)
    void endRevoked() {
        Instant now = Instant.now();
        served.forEach(one -> one.look(now));
    }

    /// All of them.
    List<Subscription> all() {
        return List.copyOf(served);
    }

    /// Takes no more streams, and ends those that there are, spread evenly over a time. Each client
    /// is told a time of its own after which to return. Blocks until the time is over or no stream
    /// is left.
    void drain(Duration time) {
        isDraining = true;
        List<Subscription> all = new ArrayList<>(served);
        Collections.shuffle(all);
        log.info("draining subscriptions={} over={}", all.size(), time);
        long begun = System.nanoTime();
        for (int i = 0; i < all.size(); i++) {
            Subscription one = all.get(i);
            long due = begun + (long) ((double) time.toNanos() * i / all.size());
            while (served.contains(one) && due - System.nanoTime() > 0) {
                LockSupport.parkNanos(Math.min(due - System.nanoTime(), DRAIN_LOOK_NANOS));
            }
            one.endWithRetry(
                    "shutdown", ThreadLocalRandom.current().nextInt(SHORTEST_RETRY, LONGEST_RETRY));
        }
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
        List<Subscription> abandoned = all();
        abandoned.forEach(Subscription::cut);
        if (count > 0) {
            log.info(
                    "subscriptions ended={} abandoned={}",
                    count - abandoned.size(),
                    abandoned.size());
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
