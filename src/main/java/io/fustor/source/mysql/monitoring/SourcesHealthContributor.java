package io.fustor.source.mysql.monitoring;

import io.fustor.source.mysql.capture.Capture;
import io.fustor.source.mysql.capture.CaptureState;
import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.source.Source;
import io.fustor.source.mysql.source.Sources;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.health.contributor.CompositeHealthContributor;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthContributor;
import org.springframework.boot.health.contributor.HealthContributors.Entry;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.stereotype.Component;

/// The health component `sources` with one component for each source that is not disabled, as they
/// come and go.
@Component
class SourcesHealthContributor implements CompositeHealthContributor {

    private final Sources sources;
    private final IdleChecks idleChecks;

    SourcesHealthContributor(Sources sources, IdleChecks idleChecks) {
        this.sources = sources;
        this.idleChecks = idleChecks;
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
        return () -> health(id);
    }

    private Health health(String id) {
        if (!sources.isRunning(id)) {
            return Health.outOfService().withDetail("state", "STOPPED").build();
        }
        Capture capture = sources.capture(id);
        if (capture == null) {
            return Health.unknown().build();
        }
        CaptureState state = capture.state();
        return switch (state) {
            case CaptureState.Streaming _, CaptureState.Starting _ -> up(state);
            case CaptureState.Reconnecting reconnecting ->
                    Health.up()
                            .withDetail("state", state.text())
                            .withDetail("since", state.since())
                            .withDetail("reason", reason(reconnecting.cause()))
                            .build();
            case CaptureState.PositionLost lost -> down(state, lost.cause());
            case CaptureState.Failed failed -> down(state, failed.cause());
            case CaptureState.Stopped _ -> idle(id, state);
        };
    }

    /// Nobody follows the source: what the last look at its server said.
    private Health idle(String id, CaptureState state) {
        SourceException found = idleChecks.found(id);
        return found == null ? up(state) : down(state, found);
    }

    private static Health up(CaptureState state) {
        return Health.up()
                .withDetail("state", state.text())
                .withDetail("since", state.since())
                .build();
    }

    private static Health down(CaptureState state, SourceException cause) {
        return Health.down()
                .withDetail("state", state.text())
                .withDetail("since", state.since())
                .withDetail("reason", reason(cause))
                .build();
    }

    private static String reason(SourceException cause) {
        return cause.code() + ": " + cause.getMessage();
    }
}
