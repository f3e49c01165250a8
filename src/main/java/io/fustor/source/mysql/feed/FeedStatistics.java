package io.fustor.source.mysql.feed;

import io.fustor.source.mysql.capture.Capture;
import io.fustor.source.mysql.position.FeedPosition;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
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
    }

    FeedStatistics(Subscriptions subscriptions) {
        this.subscriptions = subscriptions;
    }

    /// Takes over what a subscription delivered, as it ends.
    void ended(Subscription subscription) {
        Totals totals = ended.computeIfAbsent(subscription.id().source(), _ -> new Totals());
        totals.rows.add(subscription.rows());
        totals.bytes.add(subscription.bytes());
    }

    /// How many subscribers a source has now.
    public int subscribers(String source) {
        return subscriptions.of(source).size();
    }

    /// How many rows went to subscribers of a source.
    public long rows(String source) {
        Totals past = ended.get(source);
        long now = subscriptions.of(source).stream().mapToLong(Subscription::rows).sum();
        return now + (past == null ? 0 : past.rows.sum());
    }

    /// How many bytes went to subscribers of a source.
    public long bytes(String source) {
        Totals past = ended.get(source);
        long now = subscriptions.of(source).stream().mapToLong(Subscription::bytes).sum();
        return now + (past == null ? 0 : past.bytes.sum());
    }

    /// How many subscribers of a source read the binlog by a connection of their own now.
    public long catchingUp(String source) {
        return subscriptions.of(source).stream().filter(one -> !one.isLive()).count();
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
