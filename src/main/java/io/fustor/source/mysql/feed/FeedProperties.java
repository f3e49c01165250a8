package io.fustor.source.mysql.feed;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/// What holds for every subscription, under `fustor.feed`.
///
/// @param heartbeat the longest silence towards a client
/// @param maxSubscribers at a time, over all sources; one more is asked to come again later
@ConfigurationProperties("fustor.feed")
public record FeedProperties(
        @DefaultValue("15s") Duration heartbeat, @DefaultValue("5000") int maxSubscribers) {

    public FeedProperties {
        if (heartbeat.toMillis() < 100) {
            throw new IllegalArgumentException("fustor.feed.heartbeat must be 100ms or more");
        }
        if (maxSubscribers < 1) {
            throw new IllegalArgumentException("fustor.feed.max-subscribers must be 1 or more");
        }
    }
}
