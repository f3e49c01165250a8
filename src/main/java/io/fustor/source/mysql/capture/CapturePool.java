package io.fustor.source.mysql.capture;

import io.fustor.source.mysql.connection.ServerAccess;
import io.fustor.source.mysql.instance.Budget;
import io.fustor.source.mysql.instance.Budgets;
import io.fustor.source.mysql.schemahistory.SchemaHistories;
import io.fustor.source.mysql.settings.FeedProperties;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/// The captures in use, one for each server access. Sources with the same address and credential
/// share one. Sources call it on any thread when they start and stop.
@Component
@EnableConfigurationProperties(FeedProperties.class)
public final class CapturePool {

    private static final long WATCH_MILLIS = 2_000;

    private final FeedProperties properties;
    private final SchemaHistories histories;
    private final Budgets budgets;
    private final Map<ServerAccess, Shared> captures = new HashMap<>();

    private static final class Shared {
        private final Capture capture;
        private int users;

        private Shared(Capture capture) {
            this.capture = capture;
        }
    }

    public CapturePool(FeedProperties properties, SchemaHistories histories, Budgets budgets) {
        this.properties = properties;
        this.histories = histories;
        this.budgets = budgets;
    }

    /// Returns the capture of a server, and creates it for the first source. Each call requires one
    /// [#release].
    ///
    /// @param retry policy of the capture; the last call determines it for all sources that share
    ///   the capture
    public synchronized Capture acquire(ServerAccess access, RetryPolicy retry) {
        Shared shared = captures.computeIfAbsent(access, _ -> new Shared(capture(access, retry)));
        shared.users++;
        shared.capture.retry(retry);
        return shared.capture;
    }

    private Capture capture(ServerAccess access, RetryPolicy retry) {
        String server = "catch-up:" + access.address() + ":" + access.credential().user();
        Budget turns = budgets.queued(server, properties.maxCatchUp());
        return new Capture(access, retry, properties, histories, turns);
    }

    /// Releases a capture; the last release closes its connections.
    public synchronized void release(Capture capture) {
        Shared shared = captures.get(capture.access());
        if (shared != null && --shared.users == 0) {
            captures.remove(capture.access());
            shared.capture.close();
        }
    }

    /// Checks whether the readers are alive.
    @Scheduled(fixedDelay = WATCH_MILLIS)
    void watchReaders() {
        captures().forEach(Capture::watchReader);
    }

    private synchronized List<Capture> captures() {
        return captures.values().stream().map(shared -> shared.capture).toList();
    }
}
