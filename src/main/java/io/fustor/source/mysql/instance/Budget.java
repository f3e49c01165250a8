package io.fustor.source.mysql.instance;

import org.jspecify.annotations.Nullable;

/// A number of places that all instances share, such as connections to a server. An instance uses
/// places of its lease without a question to the state database. Any thread may call.
///
/// An instance that is alone holds a lease of all places. If there are others, each holds its share
/// of a budget that is queued for, and gives to others what it does not use. Of other budgets it
/// holds only what it uses.
public final class Budget {

    private final String key;
    private final Kind kind;
    private final @Nullable Budgets budgets;

    /// How the budget is used.
    enum Kind {
        /// Users wait for their turn.
        QUEUED,
        /// Users are refused if it is used up.
        COUNTED,
        /// As `COUNTED`, and it exists only while it is used.
        PASSING
    }

    /// All that follows is guarded by this object.
    private int max;

    private int granted;
    private int used;
    private int waiting;
    private int share;
    private boolean isContended;
    private boolean isClosed;
    private Runnable whenChanged = () -> {};

    // What the state database has of it.
    private int storedGranted = -1;
    private int storedWanted;

    Budget(String key, int max, Kind kind, @Nullable Budgets budgets) {
        this.key = key;
        this.max = max;
        this.kind = kind;
        this.budgets = budgets;
        this.granted = budgets == null ? max : 0;
        this.share = max;
    }

    /// A budget of this instance alone.
    public static Budget local(int max) {
        return new Budget("", max, Kind.COUNTED, null);
    }

    String key() {
        return key;
    }

    /// Registers an action for when this instance may use more places, or should use fewer. It must
    /// not block.
    public synchronized void onChange(Runnable action) {
        whenChanged = action;
    }

    /// Takes a place of this instance's lease. Does not block.
    public synchronized boolean tryTake() {
        if (isClosed || used >= Math.min(limit(), max)) {
            return false;
        }
        used++;
        return true;
    }

    /// Takes a place. Asks the state database if the lease is used up and other places may be free;
    /// blocks for two seconds at most.
    public boolean take() {
        return tryTake() || (budgets != null && budgets.take(this));
    }

    public void giveBack() {
        synchronized (this) {
            used--;
        }
    }

    /// How many more places this instance could use now. The lease grows soon if others have some
    /// to spare.
    public void demand(int more) {
        boolean isNews;
        synchronized (this) {
            isNews = more > 0 && waiting == 0;
            waiting = more;
        }
        if (isNews && budgets != null) {
            budgets.askSoon();
        }
    }

    /// Whether this instance uses more than its share while others wait.
    public synchronized boolean isOverdrawn() {
        return isContended && used > share;
    }

    private int limit() {
        return budgets != null && budgets.isLocal() ? max : granted;
    }

    synchronized void max(int now) {
        max = now;
        if (budgets == null) {
            granted = now;
        }
    }

    /// Lets no caller take a place any more, if none is taken.
    synchronized boolean tryClose() {
        isClosed |= isOver();
        return isClosed;
    }

    synchronized boolean isClosed() {
        return isClosed;
    }

    /// Whether it can be forgotten.
    synchronized boolean isOver() {
        return kind == Kind.PASSING && used == 0;
    }

    /// A decision about this budget, made while no other instance decides.
    ///
    /// @param granted what the instance may use from when the decision is stored
    record Decision(Budget budget, int granted, int wanted) {}

    /// Decides, and gives up at once what others get.
    ///
    /// @param more places that callers wait for
    synchronized Decision decide(InstanceStore.Others others, int instances, int more) {
        int need = used + Math.max(waiting, more);
        share = Math.max(1, max / instances);
        isContended = others.wanted() > 0;
        int target = Math.max(used, Math.min(max, target(need, instances)));
        int free = Math.max(0, max - others.granted() - granted);
        int possible = target <= granted ? target : Math.min(target, granted + free);
        // What is used counts, even if the lease was lost meanwhile.
        int next = Math.max(used, possible);
        granted = Math.min(granted, next);
        return new Decision(this, next, Math.max(0, Math.min(max, need) - next));
    }

    private int target(int need, int instances) {
        if (instances == 1) {
            return max;
        }
        if (kind != Kind.QUEUED) {
            return need;
        }
        if (!isContended) {
            return Math.max(need, share);
        }
        return need >= share ? share : need + 1;
    }

    synchronized boolean isNews(Decision decision) {
        return decision.granted() != storedGranted || decision.wanted() != storedWanted;
    }

    /// Whether a new decision would give something up, or tell others something new.
    synchronized boolean isStale(int instances) {
        int need = used + waiting;
        int target = Math.max(used, Math.min(max, target(need, instances)));
        return isOver()
                || target < granted
                || Math.max(0, Math.min(max, need) - granted) != storedWanted;
    }

    /// The decision is stored.
    void become(Decision decision) {
        Runnable action;
        synchronized (this) {
            storedGranted = decision.granted();
            storedWanted = decision.wanted();
            granted = decision.granted();
            action = whenChanged;
        }
        action.run();
    }

    /// The instance was taken for gone, so its leases are.
    synchronized void forgotten() {
        granted = 0;
        storedGranted = -1;
        storedWanted = 0;
    }

    /// Tells the owner that the limit may be another.
    void limitChanged() {
        Runnable action;
        synchronized (this) {
            action = whenChanged;
        }
        action.run();
    }

    synchronized boolean isStored() {
        return storedGranted >= 0;
    }

    synchronized int used() {
        return used;
    }
}
