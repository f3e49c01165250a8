package io.fustor.source.mysql.feed;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/// What holds for every subscription, under `fustor.feed`.
///
/// @param heartbeat the longest silence towards a client
/// @param maxSubscribers at a time, over all sources; one more is asked to come again later
/// @param maxSnapshots at a time, over all sources; each holds a connection and a read view
/// @param longView how long a snapshot's read view may be open before the source's state warns of
///   it: the server cannot purge old row versions meanwhile
@ConfigurationProperties("fustor.feed")
public record FeedProperties(
        @DefaultValue("15s") Duration heartbeat,
        @DefaultValue("5000") int maxSubscribers,
        @DefaultValue("10") int maxSnapshots,
        @DefaultValue("1h") Duration longView) {

    public FeedProperties {
        if (heartbeat.toMillis() < 100) {
            throw new IllegalArgumentException("fustor.feed.heartbeat must be 100ms or more");
        }
        if (maxSubscribers < 1) {
            throw new IllegalArgumentException("fustor.feed.max-subscribers must be 1 or more");
        }
        if (maxSnapshots < 1) {
            throw new IllegalArgumentException("fustor.feed.max-snapshots must be 1 or more");
        }
        if (longView.isNegative() || longView.isZero()) {
            throw new IllegalArgumentException("fustor.feed.long-view must be longer than 0s");
        }
    }
}
