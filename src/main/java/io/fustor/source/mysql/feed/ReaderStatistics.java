package io.fustor.source.mysql.feed;

import io.fustor.source.mysql.grant.Sight;
import io.fustor.source.mysql.settings.FeedProperties;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.ToLongFunction;
import org.springframework.stereotype.Component;

/// What the feeds have delivered to each reader since the service began. The number of readers that
/// are told apart is bounded, and the subjects of JWTs count as one, so that names do not fill a
/// monitoring system. Any thread may ask.
@Component
public class ReaderStatistics {

    /// All subjects of JWTs together.
    private static final String SUBJECTS = "(jwt)";

    /// The readers that are not told apart.
    private static final String OTHERS = "(others)";

    private static final String READER = "reader:";

    private final Subscriptions subscriptions;
    private final int most;
    private final Map<String, Totals> ended = new ConcurrentHashMap<>();

    private static final class Totals {
        private final LongAdder rows = new LongAdder();
        private final LongAdder bytes = new LongAdder();
    }

    ReaderStatistics(Subscriptions subscriptions, FeedProperties properties) {
        this.subscriptions = subscriptions;
        this.most = properties.meteredReaders();
        // Its meters are there before the first of them comes.
        totals(SUBJECTS);
    }

    /// Takes over what a subscription delivered, as it ends.
    void ended(Subscription subscription) {
        if (subscription.id().sight().isLimited()) {
            Totals totals = totals(name(subscription));
            totals.rows.add(subscription.rows());
            totals.bytes.add(subscription.bytes());
        }
    }

    private Totals totals(String name) {
        return ended.computeIfAbsent(name, _ -> new Totals());
    }

    /// The names that readers are told apart by: those that have or had a stream.
    public Set<String> names() {
        subscriptions.all().stream()
                .filter(one -> one.id().sight().isLimited())
                .forEach(one -> totals(name(one)));
        return Set.copyOf(ended.keySet());
    }

    private String name(Subscription subscription) {
        Sight sight = subscription.id().sight();
        if (!sight.owner().startsWith(READER)) {
            return SUBJECTS;
        }
        String name = sight.owner().substring(READER.length());
        return ended.containsKey(name) || ended.size() <= most ? name : OTHERS;
    }

    /// How many streams a reader has open now.
    public long streams(String name) {
        return open(name, _ -> 1);
    }

    /// How many rows went to a reader.
    public long rows(String name) {
        return totals(name).rows.sum() + open(name, Subscription::rows);
    }

    /// How many bytes went to a reader.
    public long bytes(String name) {
        return totals(name).bytes.sum() + open(name, Subscription::bytes);
    }

    private long open(String name, ToLongFunction<Subscription> value) {
        return subscriptions.all().stream()
                .filter(one -> one.id().sight().isLimited() && name(one).equals(name))
                .mapToLong(value)
                .sum();
    }
}
