package io.fustor.source.mysql.support;

import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/// Lets every test wait for a minute where it names no time of its own. Such a wait is for what has
/// to happen, not for how fast; Awaitility's own ten seconds end it too early on a machine that is
/// busy with other tests. JUnit finds it by itself.
public final class LongPatience implements BeforeAllCallback {

    /// What a test waits for at most, unless the time is what it tests.
    private static final Duration LIMIT = Duration.ofSeconds(60);

    @Override
    public void beforeAll(ExtensionContext context) {
        Awaitility.setDefaultTimeout(LIMIT);
    }
}
