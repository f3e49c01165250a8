package io.fustor.source.mysql.monitoring;

import io.fustor.source.mysql.checkpoint.ConsumerProgress;
import io.fustor.source.mysql.checkpoint.ConsumerProgress.Progress;
import io.fustor.source.mysql.source.Sources;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.MultiGauge.Row;
import io.micrometer.core.instrument.Tags;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/// Meters of consumers' checkpoints, including consumers that are not connected. Some cover all
/// consumers of a source; others cover each of the first consumers by name. They are registered and
/// removed with the checkpoints.
@Component
class ConsumerMeters {

    private final Sources sources;
    private final ConsumerProgress consumers;
    private final MultiGauge counts;
    private final MultiGauge lost;
    private final MultiGauge available;
    private final MultiGauge lag;
    private final MultiGauge age;

    ConsumerMeters(MeterRegistry registry, Sources sources, ConsumerProgress consumers) {
        this.sources = sources;
        this.consumers = consumers;
        this.counts =
                MultiGauge.builder("fustor.checkpoints")
                        .description("Consumers with a checkpoint")
                        .register(registry);
        this.lost =
                MultiGauge.builder("fustor.checkpoints.lost")
                        .description("Checkpoints whose place the server no longer has")
                        .register(registry);
        this.available =
                MultiGauge.builder("fustor.checkpoint.available")
                        .description("1 if the server still has the binlog after the checkpoint")
                        .register(registry);
        this.lag =
                MultiGauge.builder("fustor.checkpoint.lag")
                        .description("Amount of binlog after the checkpoint")
                        .baseUnit("bytes")
                        .register(registry);
        this.age =
                MultiGauge.builder("fustor.checkpoint.age")
                        .description("Time since the checkpoint was stored")
                        .baseUnit("seconds")
                        .register(registry);
    }

    @Scheduled(fixedDelayString = "PT2S")
    void reconcile() {
        List<String> ids = sources.ids();
        counts.register(ofSources(ids, ConsumerProgress::count));
        lost.register(ofSources(ids, ConsumerProgress::countLost));
        available.register(ofConsumers(ids, ConsumerMeters::available));
        lag.register(ofConsumers(ids, ConsumerMeters::lag));
        age.register(ofConsumers(ids, ConsumerMeters::age));
    }

    private interface Count {
        long of(ConsumerProgress consumers, String source);
    }

    private List<Row<?>> ofSources(List<String> ids, Count count) {
        List<Row<?>> rows = new ArrayList<>();
        for (String id : ids) {
            rows.add(Row.of(Tags.of("source", id), consumers, all -> count.of(all, id)));
        }
        return rows;
    }

    private List<Row<?>> ofConsumers(List<String> ids, ToDoubleFunction<Progress> value) {
        List<Row<?>> rows = new ArrayList<>();
        for (String id : ids) {
            for (String consumer : consumers.metered(id)) {
                rows.add(
                        Row.of(
                                Tags.of("source", id, "consumer", consumer),
                                consumers,
                                all -> {
                                    Progress progress = all.of(id, consumer);
                                    return progress == null
                                            ? Double.NaN
                                            : value.applyAsDouble(progress);
                                }));
            }
        }
        return rows;
    }

    private static double available(Progress progress) {
        Boolean is = progress.isAvailable();
        return is == null ? Double.NaN : is ? 1 : 0;
    }

    private static double lag(Progress progress) {
        Long bytes = progress.lagBytes();
        return bytes == null ? Double.NaN : bytes;
    }

    private static double age(Progress progress) {
        return Duration.between(progress.updated(), Instant.now()).toMillis() / 1_000.0;
    }
}
