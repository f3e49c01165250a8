package io.fustor.source.mysql.capture;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/// What a capture may use, under `fustor.feed`.
///
/// @param window how much a capture keeps of the newest changes and of the frames made of them, all
///   captures together no more than a fifth of the heap; a subscriber that falls behind it reads
///   the binlog by a connection of its own
/// @param maxCatchUp how many subscribers may read the binlog by a connection of their own at a
///   time, for each capture; the others wait for their turn, with heartbeats
@ConfigurationProperties("fustor.feed")
public record CaptureProperties(
        @DefaultValue("64MB") DataSize window, @DefaultValue("32") int maxCatchUp) {

    public CaptureProperties {
        if (window.toBytes() < 64 * 1024) {
            throw new IllegalArgumentException("fustor.feed.window must be 64KB or more");
        }
        if (maxCatchUp < 1) {
            throw new IllegalArgumentException("fustor.feed.max-catch-up must be 1 or more");
        }
    }
}
