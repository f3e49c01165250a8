package io.fustor.source.mysql.monitoring;

import io.fustor.source.mysql.binlog.ZstdLibrary;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.stereotype.Component;

/// The health component `compression`: whether the service can decompress transactions. It is
/// checked when the service starts. Only sources whose server compresses need it, so a failure is
/// `UNKNOWN` and not `DOWN`.
@Component
class CompressionHealthIndicator implements HealthIndicator {

    CompressionHealthIndicator() {
        ZstdLibrary.loadAtStart();
    }

    @Override
    public Health health() {
        String failure = ZstdLibrary.failure();
        return failure == null
                ? Health.up().build()
                : Health.unknown().withDetail("reason", failure).build();
    }
}
