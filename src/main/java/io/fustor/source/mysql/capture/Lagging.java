package io.fustor.source.mysql.capture;

import io.fustor.source.mysql.position.GtidSet;
import java.time.Duration;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Tells a server that lags behind what was delivered from one that will never have it: the first
/// gets transactions now and then, of those that it lacks.
///
/// Any thread.
final class Lagging {

    private final Supplier<Duration> patience;

    private @Nullable String server;
    private GtidSet shared = GtidSet.EMPTY;
    private long progressed;

    Lagging(Supplier<Duration> patience) {
        this.patience = patience;
    }

    /// Whether a server that lacks some of what was had may still get it.
    synchronized boolean mayCatchUp(String uuid, GtidSet had, GtidSet here) {
        GtidSet of = here.ofOrigins(had);
        boolean isAnother = !uuid.equals(server);
        if (isAnother || !of.isSubsetOf(shared)) {
            server = uuid;
            shared = isAnother ? of : shared.plus(of);
            progressed = System.nanoTime();
        }
        return System.nanoTime() - progressed <= patience.get().toNanos();
    }
}
