package io.fustor.source.mysql.settings;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.core.env.Environment;
import org.springframework.util.unit.DataSize;

/// Limits for subscriptions and for the resources that they share, under `fustor.feed`.
///
/// @param heartbeat the longest silence on a stream before a heartbeat is sent
/// @param maxSubscribers the maximum number of subscribers at a time, over all sources; further
///   ones are asked to come again later
/// @param maxSnapshots the maximum number of snapshots at a time, over all sources and instances;
///   each holds a connection and a read view
/// @param maxCheckpoints the maximum number of checkpoints of one source; new consumers are
///   refused, existing checkpoints still advance
/// @param meteredConsumers how many consumers of a source have meters of their own for their
///   checkpoints, the first by name; 0 for none
/// @param meteredReaders how many readers have meters of their own, the first that open a stream; 0
///   for none
/// @param longView how long a snapshot's read view may be open before the source's state shows a
///   warning; the server cannot purge old row versions meanwhile
/// @param window how many bytes of the newest changes and their frames a capture keeps; all
///   captures together keep at most a fifth of the heap that remains after the 52 MiB of the
///   service itself; a slower subscriber reads the binlog with a connection of its own
/// @param maxCatchUp how many subscribers of each capture may read the binlog with a connection of
///   their own at a time, over all instances; the others receive heartbeats while they wait for
///   their turn
/// @param stalledAfter how long a reader may make no progress although its server sends something
///   every second or so; the source then fails with `READER_STALLED`; ten times as long while the
///   reader connects and reads the table descriptions
/// @param compression whether streams are compressed with gzip or zstd for clients that accept it
@ConfigurationProperties("fustor.feed")
public record FeedProperties(
        @DefaultValue("15s") Duration heartbeat,
        @DefaultValue("5000") int maxSubscribers,
        @DefaultValue("10") int maxSnapshots,
        @DefaultValue("1000") int maxCheckpoints,
        @DefaultValue("100") int meteredConsumers,
        @DefaultValue("100") int meteredReaders,
        @DefaultValue("1h") Duration longView,
        @DefaultValue("64MB") DataSize window,
        @DefaultValue("32") int maxCatchUp,
        @DefaultValue("60s") Duration stalledAfter,
        @DefaultValue("true") boolean compression) {

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
        if (maxCheckpoints < 1) {
            throw new IllegalArgumentException("fustor.feed.max-checkpoints must be 1 or more");
        }
        if (meteredConsumers < 0) {
            throw new IllegalArgumentException("fustor.feed.metered-consumers must be 0 or more");
        }
        if (meteredReaders < 0) {
            throw new IllegalArgumentException("fustor.feed.metered-readers must be 0 or more");
        }
        if (longView.isNegative() || longView.isZero()) {
            throw new IllegalArgumentException("fustor.feed.long-view must be longer than 0s");
        }
        if (window.toBytes() < 64 * 1024) {
            throw new IllegalArgumentException("fustor.feed.window must be 64KB or more");
        }
        if (maxCatchUp < 1) {
            throw new IllegalArgumentException("fustor.feed.max-catch-up must be 1 or more");
        }
        if (stalledAfter.compareTo(Duration.ofSeconds(3)) < 0) {
            throw new IllegalArgumentException("fustor.feed.stalled-after must be 3s or more");
        }
    }

    /// Binds the properties before the application context exists.
    public static FeedProperties of(Environment environment) {
        return Binder.get(environment).bindOrCreate("fustor.feed", FeedProperties.class);
    }
}
