package io.fustor.source.mysql;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.autoconfigure.AutoConfigurationImportFilter;
import org.springframework.boot.autoconfigure.AutoConfigurationMetadata;
import org.springframework.core.PriorityOrdered;

/// Keeps Spring Boot from configuring what the service does not use. An exclusion by name would
/// load the class to see whether it exists.
class UnusedConfigurations implements AutoConfigurationImportFilter, PriorityOrdered {

    private static final List<String> UNUSED =
            List.of(
                    // The module kafka imports what it needs, if it is configured.
                    "org.springframework.boot.kafka.",
                    // Swagger brings the older Jackson along, and nothing else is written with it.
                    "org.springframework.boot.actuate.autoconfigure.endpoint.jackson.Jackson2");

    @Override
    public int getOrder() {
        return HIGHEST_PRECEDENCE;
    }

    @Override
    public boolean[] match(@Nullable String[] classes, AutoConfigurationMetadata metadata) {
        boolean[] matches = new boolean[classes.length];
        for (int i = 0; i < classes.length; i++) {
            String name = classes[i];
            matches[i] = name == null || UNUSED.stream().noneMatch(name::startsWith);
        }
        return matches;
    }
}
