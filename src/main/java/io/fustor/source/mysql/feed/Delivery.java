package io.fustor.source.mysql.feed;

import io.fustor.source.mysql.error.SourceException;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/// A subscription that goes to another taker than an HTTP client, from its beginning to its end.
///
/// The thread that opened it serves it; any thread may call the rest.
public final class Delivery implements AutoCloseable {

    private final Subscriptions subscriptions;
    private final FeedStatistics statistics;
    private final FrameForms.Lease lease;
    private final Beginning beginning;
    private final Subscription subscription;

    Delivery(
            Subscriptions subscriptions,
            FeedStatistics statistics,
            FrameForms.Lease lease,
            Beginning beginning,
            Subscription subscription) {
        this.subscriptions = subscriptions;
        this.statistics = statistics;
        this.lease = lease;
        this.beginning = beginning;
        this.subscription = subscription;
        subscriptions.begin(subscription);
    }

    /// Delivers until [#end], the end of the source's run or of the service, or a failure.
    ///
    /// @return the failure, or null
    /// @throws IOException as the taker threw it
    public @Nullable SourceException serve() throws IOException {
        subscription.serve();
        return subscription.cause();
    }

    /// Lets the delivery end soon, after a whole change.
    public void end(String reason) {
        subscription.end(reason);
    }

    /// What there is to see of it now.
    public SubscriptionStatus status() {
        return subscription.status();
    }

    @Override
    public void close() {
        subscriptions.over(subscription);
        statistics.ended(subscription);
        beginning.close();
        lease.close();
    }
}
