package io.fustor.source.mysql.capture;

import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/// What a capture may use, under `fustor.feed`.
///
/// @param window how much a capture keeps of the newest changes and of the frames made of them; a
///   subscriber that falls behind it reads the binlog by a connection of its own
@ConfigurationProperties("fustor.feed")
public record CaptureProperties(@DefaultValue("64MB") DataSize window) {

    public CaptureProperties {
        if (window.toBytes() < 64 * 1024) {
            throw new IllegalArgumentException("fustor.feed.window must be 64KB or more");
        }
    }
}
