package io.fustor.source.mysql.instance;

import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.state.StateDatabase;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.dao.DataAccessException;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;
import org.springframework.transaction.TransactionException;

/// Follows what other instances do. Four times a second it asks the state database one question;
/// less often it says that this instance lives. Nothing of this happens with an embedded database,
/// whose only user is this instance.
@Component
public class Instances implements DisposableBean {

    private static final Logger LOG = LoggerFactory.getLogger(Instances.class);

    private static final long LOOK_MILLIS = 250;
    private static final long BEAT_NANOS = Duration.ofMillis(750).toNanos();
    private static final Duration LONGEST_ANSWER = Duration.ofMillis(1_500);
    private static final Duration PAUSE = Duration.ofMillis(20);

    private final InstanceStore store;
    private final StateDatabase state;
    private final Membership membership;
    private final Budgets budgets;
    private final ObjectProvider<Listener> listeners;

    private final Map<String, Long> seen = new HashMap<>();
    private long heard;
    private boolean isJoined;
    private long nextBeat;

    Instances(
            InstanceStore store,
            StateDatabase state,
            Membership membership,
            Budgets budgets,
            ObjectProvider<Listener> listeners) {
        this.store = store;
        this.state = state;
        this.membership = membership;
        this.budgets = budgets;
        this.listeners = listeners;
    }

    /// Takes over what others did since the last look.
    @Scheduled(fixedDelay = LOOK_MILLIS)
    synchronized void look() {
        if (!membership.isShareable()) {
            budgets.tidy();
            return;
        }
        try {
            join();
            Map<String, Long> changes = store.changes();
            boolean isLease = isNews(Changes.LEASE, changes);
            boolean isDue = System.nanoTime() - nextBeat >= 0;
            if (isDue) {
                nextBeat = System.nanoTime() + BEAT_NANOS;
            }
            if (isLease || (isDue && !beat()) || budgets.isStale()) {
                budgets.round();
            }
            if (isNews(Changes.NOTICE, changes)) {
                hear();
            }
            for (String topic : List.of(Changes.SOURCES, Changes.VIEW)) {
                if (isNews(topic, changes)) {
                    listeners.forEach(one -> takeOver(one, topic));
                }
            }
            budgets.reached();
        } catch (SourceException | DataAccessException | TransactionException e) {
            budgets.unreachable(e);
        }
    }

    private void join() {
        if (!isJoined) {
            budgets.round();
            Map<String, Long> changes = store.changes();
            heard = changes.getOrDefault(Changes.NOTICE, 0L);
            seen.putAll(changes);
            isJoined = true;
            LOG.info("instance={} others={}", membership.name(), membership.size() - 1);
        }
    }

    /// What a part of the service cannot take over says nothing of leases.
    private static void takeOver(Listener listener, String topic) {
        try {
            listener.changed(topic);
        } catch (SourceException | DataAccessException | TransactionException e) {
            LOG.warn("changes={} not taken over reason={}", topic, String.valueOf(e.getMessage()));
        }
    }

    private boolean isNews(String topic, Map<String, Long> changes) {
        Long now = changes.get(topic);
        return now != null && !now.equals(seen.put(topic, now));
    }

    /// Says that this instance lives, and looks at the others.
    ///
    /// @return false if leases have to be decided anew
    private boolean beat() {
        long now = store.now();
        boolean isKnown = state.writeAnd(write -> store.beat(write, membership.id(), now));
        List<Member> members = store.members();
        boolean isOther =
                membership.become(members.stream().filter(one -> one.isAlive(now)).toList());
        boolean isOver = members.stream().anyMatch(one -> !one.isAlive(now));
        return isKnown && !isOther && !isOver;
    }

    private void hear() {
        for (InstanceStore.Notice notice : store.noticesAfter(heard)) {
            boolean isFound = false;
            if (!notice.instance().equals(membership.id())) {
                for (Listener listener : listeners) {
                    isFound |= listener.heard(notice.kind(), notice.source(), notice.argument());
                }
            }
            heard = notice.number();
            boolean found = isFound;
            state.write(
                    write -> {
                        if (found) {
                            store.found(write, notice.number());
                        }
                        store.heard(write, membership.id(), notice.number());
                    });
        }
    }

    /// Asks all other instances for an action, and waits until one of them did it, or all of them
    /// had nothing to do; 1.5 seconds at most.
    ///
    /// @return whether one of them had something to do
    /// @throws SourceException `STATE_UNAVAILABLE` if they cannot be told
    public boolean tell(String kind, String source, String argument) {
        if (membership.others().isEmpty()) {
            return false;
        }
        long number =
                state.writeAnd(
                        write -> store.addNotice(write, membership.id(), kind, source, argument));
        long begun = System.nanoTime();
        while (System.nanoTime() - begun < LONGEST_ANSWER.toNanos()) {
            if (store.isFound(number)) {
                return true;
            }
            long now = store.now();
            boolean isHeardByAll =
                    store.members().stream()
                            .filter(one -> one.isAlive(now) && !one.id().equals(membership.id()))
                            .allMatch(one -> one.heard() >= number);
            if (isHeardByAll) {
                return store.isFound(number);
            }
            LockSupport.parkNanos(PAUSE.toNanos());
        }
        return store.isFound(number);
    }

    /// Gives the leases up at once.
    @Override
    public void destroy() {
        if (!membership.isShareable() || !membership.isReachable()) {
            return;
        }
        try {
            state.write(
                    write -> {
                        store.lockLeases();
                        store.remove(write, membership.id());
                        Changes.count(write, Changes.LEASE);
                    });
        } catch (SourceException e) {
            LOG.debug("instance={} could not give its leases up", membership.name(), e);
        }
    }
}
