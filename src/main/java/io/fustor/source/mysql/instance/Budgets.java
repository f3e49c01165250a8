package io.fustor.source.mysql.instance;

import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.state.StateDatabase;
import io.fustor.source.mysql.state.StateWrite;
import io.fustor.source.mysql.thread.SupervisedThread;
import io.fustor.source.mysql.thread.Work;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.stereotype.Component;
import org.springframework.transaction.TransactionException;

/// The budgets that instances share, by leases in the state database. All callers that wait at the
/// same time share one transaction. While the database cannot be reached, each instance has its
/// whole budgets for itself. Any thread may call.
@Component
public class Budgets {

    private static final Logger LOG = LoggerFactory.getLogger(Budgets.class);

    private static final Duration PATIENCE = Duration.ofSeconds(2);
    private static final Duration PAUSE = Duration.ofMillis(100);

    private final InstanceStore store;
    private final StateDatabase state;
    private final Membership membership;
    private final Map<String, Budget> budgets = new ConcurrentHashMap<>();

    private final ReentrantLock rounds = new ReentrantLock();
    private final AtomicBoolean isAsking = new AtomicBoolean();

    /// Whether the stored leases may be others than this instance thinks, since a decision failed.
    /// Guarded by the lock.
    private boolean isDoubtful;

    /// Callers that wait for a place. Guarded by itself.
    private final List<Request> requests = new ArrayList<>();

    private static final class Request {
        private final Budget budget;
        private volatile boolean isServed;

        private Request(Budget budget) {
            this.budget = budget;
        }
    }

    Budgets(InstanceStore store, StateDatabase state, Membership membership) {
        this.store = store;
        this.state = state;
        this.membership = membership;
    }

    /// A budget whose users wait for their turn.
    ///
    /// @param key its name on all instances
    public Budget queued(String key, int max) {
        return get(key, max, Budget.Kind.QUEUED);
    }

    /// A budget whose users are refused if it is used up.
    ///
    /// @param key its name on all instances
    public Budget counted(String key, int max) {
        return get(key, max, Budget.Kind.COUNTED);
    }

    private Budget get(String key, int max, Budget.Kind kind) {
        boolean isShared = membership.isShareable();
        Budget budget =
                budgets.computeIfAbsent(
                        key, _ -> new Budget(key, max, kind, isShared ? this : null));
        budget.max(max);
        if (kind == Budget.Kind.QUEUED && isShared && !isLocal() && !budget.isStored()) {
            tryRound();
        }
        return budget;
    }

    /// Takes a place of a budget whose owner may be any caller, such as a reader's streams. The
    /// budget is forgotten when it is no longer used.
    ///
    /// @return false if there is none
    public boolean takeOf(String key, int max) {
        while (true) {
            Budget budget = get(key, max, Budget.Kind.PASSING);
            if (budget.take()) {
                return true;
            }
            if (!budget.isClosed()) {
                return false;
            }
            // It was forgotten in between.
        }
    }

    /// Gives a place back that [#takeOf] took.
    public void giveBackOf(String key) {
        Budget budget = budgets.get(key);
        if (budget != null) {
            budget.giveBack();
        }
    }

    /// Forgets budgets that are no longer used, where nothing is shared.
    void tidy() {
        budgets.values().removeIf(Budget::tryClose);
    }

    /// Whether leases have to be decided anew, by what this instance knows.
    boolean isStale() {
        int instances = membership.size();
        return budgets.values().stream().anyMatch(one -> one.isStale(instances));
    }

    /// Whether each instance has its budgets for itself, since the state database cannot be
    /// reached.
    boolean isLocal() {
        return !membership.isReachable();
    }

    /// Takes a place of a budget whose lease is used up, if others have one to spare.
    ///
    /// @return whether the place was taken
    boolean take(Budget budget) {
        long begun = System.nanoTime();
        while (true) {
            Request request = new Request(budget);
            synchronized (requests) {
                requests.add(request);
            }
            if (!rounds.isHeldByCurrentThread()) {
                serve(request);
            }
            if (budget.tryTake()) {
                return true;
            }
            long now = System.nanoTime();
            // An instance that was alone gives places up as soon as it sees another one.
            boolean mayChange = membership.sinceChange() < PATIENCE.toNanos();
            if (!mayChange || now - begun > PATIENCE.toNanos()) {
                return false;
            }
            LockSupport.parkNanos(PAUSE.toNanos());
        }
    }

    private void serve(Request request) {
        rounds.lock();
        try {
            if (!request.isServed) {
                tryRound();
            }
        } finally {
            rounds.unlock();
        }
    }

    /// Lets leases grow without a wait.
    void askSoon() {
        if (membership.isShareable() && isAsking.compareAndSet(false, true)) {
            SupervisedThread.virtual(
                    Work.TASK,
                    "leases",
                    () -> {
                        isAsking.set(false);
                        tryRound();
                    });
        }
    }

    void tryRound() {
        try {
            round();
            reached();
        } catch (SourceException | DataAccessException | TransactionException e) {
            unreachable(e);
        }
    }

    void reached() {
        if (membership.reachable(true)) {
            LOG.info("budgets=shared the state database answers again");
            budgets.values().forEach(Budget::limitChanged);
        }
    }

    void unreachable(Exception e) {
        if (membership.reachable(false)) {
            LOG.warn(
                    "budgets=local each instance has its own limits until the state database"
                            + " answers again reason={}",
                    String.valueOf(e.getMessage()));
            budgets.values().forEach(Budget::limitChanged);
        }
    }

    /// Decides anew about all leases of this instance, while no other instance does.
    ///
    /// @throws SourceException if the state database cannot be used
    void round() {
        rounds.lock();
        try {
            Map<Budget, Integer> more = new HashMap<>();
            List<Request> served;
            synchronized (requests) {
                served = List.copyOf(requests);
                requests.clear();
            }
            served.forEach(one -> more.merge(one.budget, 1, Integer::sum));
            boolean wasDoubtful = isDoubtful;
            isDoubtful = true;
            List<Budget.Decision> decisions =
                    state.writeAnd(write -> decide(write, more, wasDoubtful));
            isDoubtful = false;
            decisions.forEach(one -> one.budget().become(one));
            served.forEach(one -> one.isServed = true);
        } finally {
            rounds.unlock();
        }
    }

    private List<Budget.Decision> decide(
            StateWrite write, Map<Budget, Integer> more, boolean isInDoubt) {
        store.lockLeases();
        boolean isNews = settle(write);
        if (isInDoubt) {
            store.removeLeases(write, membership.id());
            budgets.values().forEach(Budget::forgotten);
            isNews = true;
        }
        Map<String, InstanceStore.Others> others = store.othersLeases(membership.id());
        List<Budget.Decision> decisions = new ArrayList<>();
        for (Budget budget : budgets.values()) {
            int wanted = more.getOrDefault(budget, 0);
            if (wanted == 0 && forgets(write, budget)) {
                isNews = true;
                continue;
            }
            Budget.Decision decision =
                    budget.decide(
                            others.getOrDefault(budget.key(), InstanceStore.Others.NONE),
                            membership.size(),
                            wanted);
            if (budget.isNews(decision)) {
                store.putLease(
                        write,
                        budget.key(),
                        membership.id(),
                        decision.granted(),
                        decision.wanted());
                isNews = true;
            }
            decisions.add(decision);
        }
        if (isNews) {
            Changes.count(write, Changes.LEASE);
        }
        return decisions;
    }

    /// Forgets budgets of callers that use none.
    private boolean forgets(StateWrite write, Budget budget) {
        if (!budget.tryClose()) {
            return false;
        }
        budgets.remove(budget.key(), budget);
        store.removeLease(write, budget.key(), membership.id());
        return true;
    }

    /// Says that this instance lives, and removes those that do not.
    private boolean settle(StateWrite write) {
        long now = store.now();
        List<Member> members = store.members();
        boolean isNews = false;
        Member self = null;
        for (Member member : members) {
            if (member.id().equals(membership.id())) {
                self = member;
            } else if (!member.isAlive(now)) {
                store.remove(write, member.id());
                LOG.info("instance={} gone; its leases are free", member.name());
                isNews = true;
            }
        }
        if (self == null) {
            budgets.values().forEach(Budget::forgotten);
            long heard = store.changes().getOrDefault(Changes.NOTICE, 0L);
            store.join(write, new Member(membership.id(), membership.name(), now, heard));
            isNews = true;
        } else {
            store.beat(write, membership.id(), now);
        }
        membership.become(members.stream().filter(one -> one.isAlive(now)).toList());
        return isNews;
    }
}
