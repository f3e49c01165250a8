package io.fustor.source.mysql.monitoring;

import io.fustor.source.mysql.thread.InternalFailures;
import io.fustor.source.mysql.thread.PeriodicTasks;
import io.fustor.source.mysql.thread.Work;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import org.springframework.stereotype.Component;

/// Meters of faults of the service.
@Component
class InternalMeters implements MeterBinder {

    private final PeriodicTasks tasks;

    InternalMeters(PeriodicTasks tasks) {
        this.tasks = tasks;
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        for (Work work : Work.values()) {
            FunctionCounter.builder("fustor.internal.failures", work, InternalFailures::count)
                    .description("Faults of the service that were contained")
                    .tag("work", work.text())
                    .register(registry);
        }
        Gauge.builder("fustor.tasks.failing", tasks, all -> all.troubles().size())
                .description("Periodic tasks whose last run failed or does not end")
                .register(registry);
    }
}
