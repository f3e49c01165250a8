package io.fustor.source.mysql.capture;

import io.fustor.source.mysql.position.GtidSet;
import java.time.Duration;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Distinguishes a lagging server from one that will never have the delivered transactions. A
/// lagging server receives some of the missing transactions from time to time.
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

    /// Whether a server that lacks some delivered transactions may still receive them.
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
