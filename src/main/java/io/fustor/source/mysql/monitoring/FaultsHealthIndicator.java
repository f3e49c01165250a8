package io.fustor.source.mysql.monitoring;

import io.fustor.source.mysql.thread.InternalFailures;
import io.fustor.source.mysql.thread.Work;
import java.time.Duration;
import java.time.Instant;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.stereotype.Component;

/// The health component `faults`: `UNKNOWN` for an hour after a contained fault of the service. It
/// contains the kind of work, the number of faults and the time of the last one.
@Component
class FaultsHealthIndicator implements HealthIndicator {

    private static final Duration TOLD = Duration.ofHours(1);

    @Override
    public Health health() {
        Health.Builder health = Health.up();
        Instant old = Instant.now().minus(TOLD);
        for (Work work : Work.values()) {
            Instant last = InternalFailures.last(work);
            if (last != null && last.isAfter(old)) {
                health.unknown()
                        .withDetail(
                                work.text(),
                                "INTERNAL: "
                                        + InternalFailures.count(work)
                                        + " since the start, the last one at "
                                        + last
                                        + "; the log has the stack trace");
            }
        }
        return health.build();
    }
}
