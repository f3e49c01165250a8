package io.fustor.source.mysql.kafka;

import io.fustor.source.mysql.error.SourceException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;

/// Down where a writer stopped and needs a person. A cluster that cannot be reached is told, but
/// does not make the service unhealthy: feeds over HTTP do not depend on it.
final class WritersHealthIndicator implements HealthIndicator {

    private final KafkaWriters writers;

    WritersHealthIndicator(KafkaWriters writers) {
        this.writers = writers;
    }

    @Override
    public Health health() {
        boolean isStopped = false;
        Map<String, String> states = new LinkedHashMap<>();
        for (String source : writers.sources()) {
            SourceWriter writer = writers.writer(source);
            SourceException error = writer == null ? writers.electionError() : writer.error();
            isStopped |= writer != null && writer.isStopped();
            String state = writer == null ? "of another instance" : "written";
            states.put(source, error == null ? state : error.code() + ": " + error.getMessage());
        }
        return (isStopped ? Health.down() : Health.up()).withDetails(states).build();
    }
}
