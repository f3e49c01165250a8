package io.fustor.source.mysql;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.autoconfigure.AutoConfigurationImportFilter;
import org.springframework.boot.autoconfigure.AutoConfigurationMetadata;
import org.springframework.core.PriorityOrdered;

/// Keeps Spring Boot from configuring Kafka by itself. The module kafka imports what it needs, if
/// it is configured. An exclusion by name would load the class to see whether it exists.
class KafkaConfigurations implements AutoConfigurationImportFilter, PriorityOrdered {

    private static final String KAFKA = "org.springframework.boot.kafka.";

    @Override
    public int getOrder() {
        return HIGHEST_PRECEDENCE;
    }

    @Override
    public boolean[] match(@Nullable String[] classes, AutoConfigurationMetadata metadata) {
        boolean[] matches = new boolean[classes.length];
        for (int i = 0; i < classes.length; i++) {
            String name = classes[i];
            matches[i] = name == null || !name.startsWith(KAFKA);
        }
        return matches;
    }
}
