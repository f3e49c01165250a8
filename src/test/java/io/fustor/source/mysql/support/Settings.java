package io.fustor.source.mysql.support;

import io.fustor.source.mysql.settings.FeedProperties;
import org.springframework.mock.env.MockEnvironment;

/// Properties as the service binds them, with defaults for all that a test does not set.
public final class Settings {

    private Settings() {}

    /// The properties under `fustor.feed`, one of which has another value than its default.
    public static FeedProperties feed(String name, String value) {
        return FeedProperties.of(new MockEnvironment().withProperty("fustor.feed." + name, value));
    }
}
