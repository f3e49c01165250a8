package io.fustor.source.mysql.feed;

import io.fustor.source.mysql.capture.Capture;
import io.fustor.source.mysql.position.FeedPosition;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import org.springframework.stereotype.Component;

/// What the feeds have delivered since the service began, and how the subscribers are doing. Any
/// thread may ask.
@Component
public class FeedStatistics {

    private final Subscriptions subscriptions;
    private final Map<String, Totals> ended = new ConcurrentHashMap<>();

    private static final class Totals {
        private final LongAdder rows = new LongAdder();
        private final LongAdder bytes = new LongAdder();
        private final LongAdder snapshotRows = new LongAdder();
        private final LongAdder snapshots = new LongAdder();
        private final LongAdder snapshotMillis = new LongAdder();
    }

    FeedStatistics(Subscriptions subscriptions) {
        this.subscriptions = subscriptions;
    }

    /// Takes over what a subscription delivered, as it ends.
    void ended(Subscription subscription) {
        Totals totals = ended.computeIfAbsent(subscription.id().source(), _ -> new Totals());
        totals.rows.add(subscription.rows());
        totals.bytes.add(subscription.bytes());
        totals.snapshotRows.add(subscription.snapshotRows());
        totals.snapshots.add(subscription.snapshotMillis() > 0 ? 1 : 0);
        totals.snapshotMillis.add(subscription.snapshotMillis());
    }

    private long sum(
            String source, Function<Totals, LongAdder> past, ToLongFunction<Subscription> present) {
        Totals totals = ended.get(source);
        long now = subscriptions.of(source).stream().mapToLong(present).sum();
        return now + (totals == null ? 0 : past.apply(totals).sum());
    }

    /// How many subscribers a source has now.
    public int subscribers(String source) {
        return subscriptions.of(source).size();
    }

    /// How many rows went to subscribers of a source.
    public long rows(String source) {
        return sum(source, totals -> totals.rows, Subscription::rows);
    }

    /// How many bytes went to subscribers of a source.
    public long bytes(String source) {
        return sum(source, totals -> totals.bytes, Subscription::bytes);
    }

    /// How many subscribers of a source read the binlog by a connection of their own now.
    public long catchingUp(String source) {
        return subscriptions.of(source).stream().filter(FeedStatistics::isCatchingUp).count();
    }

    private static boolean isCatchingUp(Subscription subscription) {
        return !subscription.isLive()
                && !subscription.isWaiting()
                && subscription.snapshot() == null;
    }

    /// How many subscribers of a source wait for their turn to do so.
    public long waiting(String source) {
        return subscriptions.of(source).stream().filter(Subscription::isWaiting).count();
    }

    /// How many snapshots of a source are being delivered now.
    public long activeSnapshots(String source) {
        return subscriptions.of(source).stream().filter(one -> one.snapshot() != null).count();
    }

    /// How long the oldest of their read views has been open, in milliseconds; 0 without one.
    public long oldestViewMillis(String source) {
        return subscriptions.of(source).stream()
                .map(Subscription::snapshot)
                .filter(Objects::nonNull)
                .mapToLong(progress -> progress.viewAge().toMillis())
                .max()
                .orElse(0);
    }

    /// How many rows of snapshots went to subscribers of a source.
    public long snapshotRows(String source) {
        return sum(source, totals -> totals.snapshotRows, Subscription::snapshotRows);
    }

    /// How many snapshots of a source were delivered to their end.
    public long snapshotsCompleted(String source) {
        return sum(source, totals -> totals.snapshots, one -> one.snapshotMillis() > 0 ? 1 : 0);
    }

    /// How long those took together, in milliseconds.
    public long snapshotMillis(String source) {
        return sum(source, totals -> totals.snapshotMillis, Subscription::snapshotMillis);
    }

    /// How long ago the change that the slowest subscriber was served last was committed, in
    /// milliseconds; 0 where all have everything.
    public long slowestLagMillis(String source) {
        List<Subscription> all = subscriptions.of(source);
        return all.stream().mapToLong(FeedStatistics::lagMillis).max().orElse(0);
    }

    /// How long ago the change that a subscriber was served last was committed, in milliseconds; 0
    /// where it has all.
    static long lagMillis(Subscription subscription) {
        Capture capture = subscription.capture();
        FeedPosition newest = capture.position();
        FeedPosition place = subscription.place();
        boolean hasAll =
                newest != null && newest.server() == place.server() && !newest.isAfter(place);
        long micros = subscription.servedMicros();
        return hasAll || micros == 0 ? 0 : Math.max(0, System.currentTimeMillis() - micros / 1_000);
    }
}
