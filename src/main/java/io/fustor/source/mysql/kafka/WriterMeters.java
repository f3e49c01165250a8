package io.fustor.source.mysql.kafka;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.FunctionTimer;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.TimeGauge;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;

/// The meters of the writers, one set for each source.
final class WriterMeters implements MeterBinder {

    private final KafkaWriters writers;

    WriterMeters(KafkaWriters writers) {
        this.writers = writers;
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        for (String source : writers.sources()) {
            Gauge.builder("fustor.kafka.writing", writers, all -> isWriting(all, source))
                    .description("1 if this instance writes the source to Kafka")
                    .tag("source", source)
                    .register(registry);
            Gauge.builder("fustor.kafka.stopped", writers, all -> isStopped(all, source))
                    .description("1 if the writer stopped with an error that needs a person")
                    .tag("source", source)
                    .register(registry);
            TimeGauge.builder(
                            "fustor.kafka.lag",
                            writers,
                            TimeUnit.MILLISECONDS,
                            all -> lag(all, source))
                    .description(
                            "Time since the commit of the last change written, 0 without newer ones")
                    .tag("source", source)
                    .register(registry);
            count(registry, source, "records", "Rows written to Kafka", of -> of.records);
            count(registry, source, "bytes", "Bytes of keys and values written", of -> of.bytes);
            count(
                    registry,
                    source,
                    "takeovers",
                    "How often this instance began to write the source",
                    of -> of.takeovers);
            count(
                    registry,
                    source,
                    "fenced",
                    "How often another instance fenced this one",
                    of -> of.fenced);
            WriterCounters counters = writers.counters(source);
            FunctionTimer.builder(
                            "fustor.kafka.commits",
                            counters,
                            of -> of.transactions.sum(),
                            of -> of.commitNanos.sum(),
                            TimeUnit.NANOSECONDS)
                    .description("Kafka transactions, and how long their commits took")
                    .tag("source", source)
                    .register(registry);
        }
    }

    private void count(
            MeterRegistry registry,
            String source,
            String name,
            String description,
            Function<WriterCounters, LongAdder> of) {
        FunctionCounter.builder(
                        "fustor.kafka." + name,
                        writers.counters(source),
                        counters -> of.apply(counters).sum())
                .description(description)
                .tag("source", source)
                .register(registry);
    }

    private static double isWriting(KafkaWriters writers, String source) {
        SourceWriter writer = writers.writer(source);
        return writer != null && writer.committed() != null && writer.error() == null ? 1 : 0;
    }

    private static double isStopped(KafkaWriters writers, String source) {
        SourceWriter writer = writers.writer(source);
        return writer != null && writer.isStopped() ? 1 : 0;
    }

    private static double lag(KafkaWriters writers, String source) {
        SourceWriter writer = writers.writer(source);
        return writer == null ? Double.NaN : writer.lagMillis();
    }
}
