package io.fustor.source.mysql.monitoring;

import io.fustor.source.mysql.feed.ReaderStatistics;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.HashSet;
import java.util.Set;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/// The meters of each reader, made when it opens its first stream. Every value is asked for when
/// the meters are read.
@Component
class ReaderMeters {

    private final MeterRegistry registry;
    private final ReaderStatistics readers;
    private final Set<String> registered = new HashSet<>();

    ReaderMeters(MeterRegistry registry, ReaderStatistics readers) {
        this.registry = registry;
        this.readers = readers;
    }

    @Scheduled(fixedDelayString = "PT2S")
    synchronized void reconcile() {
        readers.names().stream().filter(registered::add).forEach(this::register);
    }

    private void register(String name) {
        Gauge.builder("fustor.reader.streams", readers, all -> all.streams(name))
                .description("Streams that the reader has open now")
                .tag("reader", name)
                .register(registry);
        FunctionCounter.builder("fustor.reader.rows", readers, all -> all.rows(name))
                .description("Rows delivered to the reader")
                .tag("reader", name)
                .register(registry);
        FunctionCounter.builder("fustor.reader.bytes", readers, all -> all.bytes(name))
                .description("Bytes delivered to the reader")
                .tag("reader", name)
                .baseUnit("bytes")
                .register(registry);
    }
}
