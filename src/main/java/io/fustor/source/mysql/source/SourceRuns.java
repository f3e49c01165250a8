package io.fustor.source.mysql.source;

import io.fustor.source.mysql.capture.CapturePool;
import io.fustor.source.mysql.connection.Servers;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/// Begins the runs of sources, which share captures. [Sources] calls it and decides when.
@Component
class SourceRuns {

    private final SourceStore store;
    private final CapturePool captures;
    private final Servers servers;

    SourceRuns(SourceStore store, CapturePool captures, Servers servers) {
        this.store = store;
        this.captures = captures;
        this.servers = servers;
    }

    /// A run of a source; null if the source is disabled.
    @Nullable SourceRun begin(Source source) {
        SourceConfig config = source.config();
        if (config.disabled()) {
            return null;
        }
        return new SourceRun(
                source.id(),
                config,
                captures.acquire(
                        servers.access(config.address(), config.credential()),
                        config.retryPolicy()),
                store.masks(config),
                captures::release);
    }
}
