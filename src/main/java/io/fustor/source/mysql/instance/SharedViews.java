package io.fustor.source.mysql.instance;

import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.state.StateDatabase;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;
import org.springframework.transaction.TransactionException;

/// What each instance serves, for the answers of the others. An instance writes it to the state
/// database only while another one asks.
@Component
public class SharedViews implements Listener {

    private static final Logger LOG = LoggerFactory.getLogger(SharedViews.class);

    private static final long RENEW_MILLIS = 400;
    private static final long ASKED_FOR_NANOS = Duration.ofSeconds(5).toNanos();

    /// A view that is older is waited for, in milliseconds by the database's clock.
    private static final long FRESH_MILLIS = 1_500;

    private static final Duration PATIENCE = Duration.ofMillis(1_200);
    private static final Duration PAUSE = Duration.ofMillis(25);

    private final InstanceStore store;
    private final StateDatabase state;
    private final Membership membership;
    private final Map<Kind, Supplier<byte[]>> own = new ConcurrentHashMap<>();
    private volatile long askedUntil = System.nanoTime();
    private volatile long lastAsk = System.nanoTime() - ASKED_FOR_NANOS;

    /// What a document of an instance is about.
    public enum Kind {
        /// Its streams.
        STREAMS,
        /// The state of its sources.
        STATUS
    }

    /// What an instance serves.
    ///
    /// @param instance its name
    /// @param documents those that its version writes
    public record View(String instance, Map<Kind, byte[]> documents) {}

    SharedViews(InstanceStore store, StateDatabase state, Membership membership) {
        this.store = store;
        this.state = state;
        this.membership = membership;
    }

    /// Tells where a document of this instance comes from.
    public void publish(Kind kind, Supplier<byte[]> document) {
        own.put(kind, document);
    }

    @Override
    public void changed(String topic) {
        if (topic.equals(Changes.VIEW)) {
            askedUntil = System.nanoTime() + ASKED_FOR_NANOS;
            put();
        }
    }

    @Scheduled(fixedDelay = RENEW_MILLIS)
    void renew() {
        if (membership.isShareable() && askedUntil - System.nanoTime() > 0) {
            put();
        }
    }

    /// One at a time: two could both insert the row.
    private synchronized void put() {
        Map<Kind, byte[]> now = new EnumMap<>(Kind.class);
        own.forEach((kind, document) -> now.put(kind, document.get()));
        if (now.size() < Kind.values().length) {
            return;
        }
        try {
            state.write(write -> store.putView(write, membership.id(), now));
        } catch (SourceException e) {
            LOG.debug("view not shared", e);
        }
    }

    /// What the other instances serve. Waits for them if none asked lately, a second or so at most.
    /// An instance that does not answer is left out.
    public List<View> others() {
        if (membership.others().isEmpty() || !membership.isReachable()) {
            return List.of();
        }
        try {
            return ask();
        } catch (SourceException | DataAccessException | TransactionException e) {
            LOG.debug("views of others not known", e);
            return List.of();
        }
    }

    private List<View> ask() {
        long begun = System.nanoTime();
        if (begun - lastAsk > ASKED_FOR_NANOS / 2) {
            lastAsk = begun;
            state.write(write -> Changes.count(write, Changes.VIEW));
        }
        while (true) {
            List<View> views = fresh();
            boolean isOver = System.nanoTime() - begun > PATIENCE.toNanos();
            if (isOver || views.size() >= membership.others().size()) {
                return views;
            }
            LockSupport.parkNanos(PAUSE.toNanos());
        }
    }

    private List<View> fresh() {
        Map<String, String> names =
                membership.others().stream().collect(Collectors.toMap(Member::id, Member::name));
        long oldest = store.now() - FRESH_MILLIS;
        List<View> views = new ArrayList<>();
        for (InstanceStore.View view : store.views(membership.id())) {
            String name = names.get(view.instance());
            if (name != null && view.taken() >= oldest) {
                views.add(new View(name, view.documents()));
            }
        }
        return views;
    }
}
