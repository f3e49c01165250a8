package io.fustor.source.mysql.page;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/// Limits for pages, under `fustor.pages`.
///
/// @param longPoll how long a request with `live=long-poll` waits for the first change
/// @param maxAge how long caches may keep a full page, and use one that grows while they ask for
///   more; the page of a reader that a grant excludes may be in a shared cache for so long
@ConfigurationProperties("fustor.pages")
record PageProperties(@DefaultValue("20s") Duration longPoll, @DefaultValue("1h") Duration maxAge) {

    PageProperties {
        if (longPoll.toMillis() < 100 || longPoll.toMinutes() >= 1) {
            throw new IllegalArgumentException(
                    "fustor.pages.long-poll must be 100ms or more and less than 1m");
        }
        if (maxAge.toSeconds() < 1) {
            throw new IllegalArgumentException("fustor.pages.max-age must be 1s or more");
        }
    }
}
