package io.fustor.source.mysql.monitoring;

import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.config.MeterFilter;
import java.util.Map;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/// Rules for the meters of libraries.
@Configuration(proxyBeanMethods = false)
class MeterRules {

    private static final Map<String, String> DESCRIPTIONS =
            Map.of(
                    "http.server.requests",
                            "Requests that were answered; of streams over HTTP/1.1, the heads",
                    "http.server.requests.active",
                            "Requests that are being answered, including streams over HTTP/2");

    /// Spring makes these from observations, which have no description.
    @Bean
    MeterFilter describedRequests() {
        return new MeterFilter() {
            @Override
            public Meter.Id map(Meter.Id id) {
                String description = DESCRIPTIONS.get(id.getName());
                return description == null
                        ? id
                        : new Meter.Id(
                                id.getName(),
                                Tags.of(id.getTags()),
                                id.getBaseUnit(),
                                description,
                                id.getType());
            }
        };
    }
}
