package io.fustor.source.mysql.feed;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/// Statistics of the feeds since the service started, and the current state of subscribers. Any
/// thread may read them.
@Component
public class FeedStatistics {

    private final Subscriptions subscriptions;
    private final ReaderStatistics readers;
    private final Map<String, Totals> ended = new ConcurrentHashMap<>();

    private static final class Totals {
        private volatile @Nullable Instant failed;
        private final LongAdder rows = new LongAdder();
        private final LongAdder bytes = new LongAdder();
        private final LongAdder snapshotRows = new LongAdder();
        private final LongAdder snapshots = new LongAdder();
        private final LongAdder snapshotMillis = new LongAdder();
    }

    FeedStatistics(Subscriptions subscriptions, ReaderStatistics readers) {
        this.readers = readers;
        this.subscriptions = subscriptions;
    }

    /// Adds the totals of a subscription when it ends.
    void ended(Subscription subscription) {
        Totals totals = ended.computeIfAbsent(subscription.id().source(), _ -> new Totals());
        readers.ended(subscription);
        if (subscription.failure() != null) {
            totals.failed = Instant.now();
        }
        totals.rows.add(subscription.rows());
        totals.bytes.add(subscription.bytes());
        totals.snapshotRows.add(subscription.snapshotRows());
        totals.snapshots.add(subscription.snapshotMillis() > 0 ? 1 : 0);
        totals.snapshotMillis.add(subscription.snapshotMillis());
    }

    /// When a fault of the service last ended a subscription of a source; null if none did.
    public @Nullable Instant failed(String source) {
        Totals totals = ended.get(source);
        return totals == null ? null : totals.failed;
    }

    private long sum(
            String source, Function<Totals, LongAdder> past, ToLongFunction<Subscription> present) {
        Totals totals = ended.get(source);
        long now = subscriptions.of(source).stream().mapToLong(present).sum();
        return now + (totals == null ? 0 : past.apply(totals).sum());
    }

    /// The current number of subscribers of a source.
    public int subscribers(String source) {
        return subscriptions.of(source).size();
    }

    /// The number of rows sent to subscribers of a source.
    public long rows(String source) {
        return sum(source, totals -> totals.rows, Subscription::rows);
    }

    /// The number of rows sent to the open streams of a subscriber at a source.
    ///
    /// @param owner the subscriber
    public long rowsOf(String source, String owner) {
        return subscriptions.of(source).stream()
                .filter(one -> one.id().sight().owner().equals(owner))
                .mapToLong(Subscription::rows)
                .sum();
    }

    /// The number of bytes sent to subscribers of a source.
    public long bytes(String source) {
        return sum(source, totals -> totals.bytes, Subscription::bytes);
    }

    /// The number of subscribers of a source that currently read the binlog with their own
    /// connection.
    public long catchingUp(String source) {
        return subscriptions.of(source).stream().filter(FeedStatistics::isCatchingUp).count();
    }

    private static boolean isCatchingUp(Subscription subscription) {
        return !subscription.isLive()
                && !subscription.isWaiting()
                && subscription.snapshot() == null;
    }

    /// The number of subscribers of a source that wait for their turn to catch up.
    public long waiting(String source) {
        return subscriptions.of(source).stream().filter(Subscription::isWaiting).count();
    }

    /// The number of active snapshots of a source.
    public long activeSnapshots(String source) {
        return snapshots(source).count();
    }

    private Stream<SnapshotProgress> snapshots(String source) {
        return Stream.concat(
                subscriptions.of(source).stream()
                        .map(Subscription::snapshot)
                        .filter(Objects::nonNull),
                subscriptions.pagesOf(source).stream().map(SnapshotPage::progress));
    }

    /// The age of their oldest read view, in milliseconds; 0 without one.
    public long oldestViewMillis(String source) {
        return snapshots(source)
                .mapToLong(progress -> progress.viewAge().toMillis())
                .max()
                .orElse(0);
    }

    /// The number of snapshot rows sent to subscribers of a source.
    public long snapshotRows(String source) {
        return sum(source, totals -> totals.snapshotRows, Subscription::snapshotRows);
    }

    /// The number of completed snapshots of a source.
    public long snapshotsCompleted(String source) {
        return sum(source, totals -> totals.snapshots, one -> one.snapshotMillis() > 0 ? 1 : 0);
    }

    /// Their total duration, in milliseconds.
    public long snapshotMillis(String source) {
        return sum(source, totals -> totals.snapshotMillis, Subscription::snapshotMillis);
    }

    /// Time since the commit of the last change that the slowest subscriber received, in
    /// milliseconds; 0 if all subscribers have all changes.
    public long slowestLagMillis(String source) {
        List<Subscription> all = subscriptions.of(source);
        return all.stream().mapToLong(Subscription::lagMillis).max().orElse(0);
    }
}
