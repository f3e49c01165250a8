package io.fustor.source.mysql.web;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.core.env.Environment;
import org.springframework.stereotype.Component;

/// The health component `descriptors`: `UNKNOWN` if the process has fewer file descriptors than the
/// configured connections need. It contains the required limit.
@Component
class DescriptorsHealthIndicator implements HealthIndicator {

    /// Tomcat's own default.
    private static final int CONNECTIONS = 8192;

    private final @Nullable String shortage;

    DescriptorsHealthIndicator(WebProperties properties, Environment environment) {
        int connections =
                environment.getProperty(
                        "server.tomcat.max-connections", Integer.class, CONNECTIONS);
        this.shortage =
                Descriptors.of(environment)
                        .shortage(Descriptors.wanted(connections, properties, environment));
    }

    @Override
    public Health health() {
        return shortage == null
                ? Health.up().build()
                : Health.unknown().withDetail("reason", shortage).build();
    }
}
