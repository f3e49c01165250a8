package io.fustor.source.mysql.monitoring;

import io.fustor.source.mysql.feed.StreamCodings;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import org.springframework.stereotype.Component;

/// The meter of compressed streams.
@Component
class StreamMeters implements MeterBinder {

    private final StreamCodings codings;

    StreamMeters(StreamCodings codings) {
        this.codings = codings;
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        FunctionCounter.builder("fustor.feed.blocks", codings, StreamCodings::blocks)
                .description("Blocks compressed for streams; live subscribers share them")
                .register(registry);
    }
}
