package io.fustor.source.mysql.state;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.core.env.Environment;
import org.springframework.stereotype.Component;

/// The health component `state`: down from a failure of the state database until a write succeeds.
@Component
class StateHealthIndicator implements HealthIndicator {

    private final StateCondition condition;
    private final @Nullable StateFile file;

    StateHealthIndicator(StateCondition condition, Environment environment) {
        this.condition = condition;
        this.file = StateFile.of(environment);
    }

    @Override
    public Health health() {
        StateCondition.Failure failure = condition.failure();
        Health.Builder health = failure == null ? Health.up() : Health.down();
        if (failure != null) {
            health.withDetail("since", failure.since()).withDetail("reason", failure.reason());
        }
        if (file != null) {
            health.withDetail("file", file.database().toString())
                    .withDetail("free_bytes", file.usableSpace());
        }
        return health.build();
    }
}
