package io.fustor.source.mysql.monitoring;

import io.fustor.source.mysql.thread.PeriodicTasks;
import java.util.Map;
import org.springframework.boot.health.contributor.AbstractHealthIndicator;
import org.springframework.boot.health.contributor.Health;
import org.springframework.stereotype.Component;

/// The health component `tasks`: `DOWN` while the last run of a periodic task failed or does not
/// end. It contains the failures by task name.
@Component
class TasksHealthIndicator extends AbstractHealthIndicator {

    private final PeriodicTasks tasks;

    TasksHealthIndicator(PeriodicTasks tasks) {
        this.tasks = tasks;
    }

    @Override
    protected void doHealthCheck(Health.Builder builder) {
        Map<String, String> troubles = tasks.troubles();
        if (troubles.isEmpty()) {
            builder.up();
        } else {
            builder.down().withDetails(Map.copyOf(troubles));
        }
    }
}
