package io.fustor.source.mysql.monitoring;

import io.fustor.source.mysql.capture.CaptureState;
import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.source.Source;
import io.fustor.source.mysql.source.SourceStatus;
import io.fustor.source.mysql.source.Sources;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.health.contributor.CompositeHealthContributor;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthContributor;
import org.springframework.boot.health.contributor.HealthContributors.Entry;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.stereotype.Component;

/// The health component `sources`, with one component for each source that is not disabled: a view
/// of [SourceStatus].
@Component
class SourcesHealthContributor implements CompositeHealthContributor {

    private final Sources sources;

    SourcesHealthContributor(Sources sources) {
        this.sources = sources;
    }

    @Override
    public @Nullable HealthContributor getContributor(String name) {
        return watched().anyMatch(name::equals) ? indicator(name) : null;
    }

    @Override
    public Stream<Entry> stream() {
        return watched().map(id -> new Entry(id, indicator(id)));
    }

    private Stream<String> watched() {
        return sources.all().stream().filter(source -> !source.config().disabled()).map(Source::id);
    }

    private HealthIndicator indicator(String id) {
        return () -> health(sources.status(id));
    }

    private static Health health(SourceStatus status) {
        CaptureState state = status.capture();
        if (state == null) {
            return Health.outOfService().withDetail("state", status.text()).build();
        }
        Health.Builder health =
                switch (state) {
                    case CaptureState.Stopped _,
                            CaptureState.Starting _,
                            CaptureState.Streaming _,
                            CaptureState.Reconnecting _ ->
                            Health.up();
                    case CaptureState.PositionLost _, CaptureState.Failed _ -> Health.down();
                };
        health.withDetail("state", state.text())
                .withDetail("since", state.since())
                .withDetail("available", status.isAvailable());
        SourceException trouble = status.trouble();
        if (trouble != null) {
            health.withDetail("reason", trouble.code() + ": " + trouble.getMessage());
        }
        return health.build();
    }
}
