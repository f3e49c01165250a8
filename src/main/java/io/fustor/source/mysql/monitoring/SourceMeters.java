package io.fustor.source.mysql.monitoring;

import io.fustor.source.mysql.capture.Capture;
import io.fustor.source.mysql.capture.CaptureCounters;
import io.fustor.source.mysql.feed.FeedStatistics;
import io.fustor.source.mysql.position.Place;
import io.fustor.source.mysql.source.Sources;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.FunctionTimer;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.TimeGauge;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/// The meters of each source. They are registered when the source appears and removed when it is
/// gone. Each value is read from the source when the meters are scraped.
@Component
class SourceMeters {

    private static final List<String> STATES =
            List.of("STOPPED", "STARTING", "STREAMING", "RECONNECTING", "POSITION_LOST", "FAILED");

    private final MeterRegistry registry;
    private final Sources sources;
    private final FeedStatistics feeds;
    private final SourceWarnings warnings;
    private final Map<String, List<Meter>> bySource = new HashMap<>();

    SourceMeters(
            MeterRegistry registry,
            Sources sources,
            FeedStatistics feeds,
            SourceWarnings warnings) {
        this.registry = registry;
        this.sources = sources;
        this.feeds = feeds;
        this.warnings = warnings;
    }

    @Scheduled(fixedDelayString = "PT2S")
    synchronized void reconcile() {
        List<String> ids = sources.ids();
        bySource.entrySet()
                .removeIf(
                        entry -> {
                            boolean gone = !ids.contains(entry.getKey());
                            if (gone) {
                                entry.getValue().forEach(registry::remove);
                            }
                            return gone;
                        });
        ids.forEach(id -> bySource.computeIfAbsent(id, this::register));
    }

    private List<Meter> register(String id) {
        List<Meter> meters = new ArrayList<>();
        for (String state : STATES) {
            meters.add(
                    Gauge.builder("fustor.source.state", sources, all -> isIn(id, state) ? 1 : 0)
                            .description("1 for the current state of the source")
                            .tag("source", id)
                            .tag("state", state)
                            .register(registry));
        }
        meters.add(
                Gauge.builder(
                                "fustor.source.available",
                                sources,
                                all -> all.status(id).isAvailable() ? 1 : 0)
                        .description("1 if a new subscriber would be served")
                        .tag("source", id)
                        .register(registry));
        meters.add(
                TimeGauge.builder(
                                "fustor.source.lag", sources, TimeUnit.MILLISECONDS, all -> lag(id))
                        .description("Time since the commit of the last change read")
                        .tag("source", id)
                        .register(registry));
        meters.add(
                counter("fustor.source.events", "Rows events read", id, CaptureCounters::events));
        meters.add(counter("fustor.source.rows", "Rows read", id, CaptureCounters::rows));
        meters.add(
                counter(
                        "fustor.source.bytes",
                        "Bytes of rows events read",
                        id,
                        CaptureCounters::bytes));
        meters.add(
                counter(
                        "fustor.source.reconnects",
                        "Attempts to reconnect",
                        id,
                        CaptureCounters::reconnects));
        meters.add(
                position(
                                "fustor.source.position.file",
                                "Number of the binlog file of the change read last",
                                id,
                                Place::fileNumber)
                        .register(registry));
        meters.add(
                position(
                                "fustor.source.position.offset",
                                "Offset in its binlog file of the change read last",
                                id,
                                Place::offset)
                        .baseUnit("bytes")
                        .register(registry));
        for (SourceWarnings.Kind kind : SourceWarnings.Kind.values()) {
            meters.add(
                    Gauge.builder("fustor.source.warnings", warnings, all -> all.count(id, kind))
                            .description("Conditions that cause harm if an operator does not act")
                            .tag("source", id)
                            .tag("warning", kind.text())
                            .register(registry));
        }
        registerFeed(id, meters);
        registerSnapshots(id, meters);
        return meters;
    }

    private void registerFeed(String id, List<Meter> meters) {
        meters.add(
                Gauge.builder("fustor.feed.subscribers", feeds, all -> all.subscribers(id))
                        .description("Connected subscribers")
                        .tag("source", id)
                        .register(registry));
        meters.add(
                Gauge.builder("fustor.feed.catchup.readers", feeds, all -> all.catchingUp(id))
                        .description("Subscribers that read the binlog with their own connection")
                        .tag("source", id)
                        .register(registry));
        meters.add(
                Gauge.builder("fustor.feed.catchup.waiting", feeds, all -> all.waiting(id))
                        .description("Subscribers that wait for their turn to catch up")
                        .tag("source", id)
                        .register(registry));
        meters.add(
                TimeGauge.builder(
                                "fustor.feed.subscriber.lag",
                                feeds,
                                TimeUnit.MILLISECONDS,
                                all -> all.slowestLagMillis(id))
                        .description(
                                "Time since the commit of the last change that the slowest subscriber received")
                        .tag("source", id)
                        .register(registry));
        meters.add(
                FunctionCounter.builder("fustor.feed.rows", feeds, all -> all.rows(id))
                        .description("Rows delivered to subscribers")
                        .tag("source", id)
                        .register(registry));
        meters.add(
                FunctionCounter.builder("fustor.feed.bytes", feeds, all -> all.bytes(id))
                        .description("Bytes delivered to subscribers")
                        .tag("source", id)
                        .baseUnit("bytes")
                        .register(registry));
    }

    private void registerSnapshots(String id, List<Meter> meters) {
        meters.add(
                Gauge.builder("fustor.snapshot.active", feeds, all -> all.activeSnapshots(id))
                        .description("Active snapshots")
                        .tag("source", id)
                        .register(registry));
        meters.add(
                FunctionCounter.builder("fustor.snapshot.rows", feeds, all -> all.snapshotRows(id))
                        .description("Rows of snapshots delivered")
                        .tag("source", id)
                        .register(registry));
        meters.add(
                FunctionTimer.builder(
                                "fustor.snapshot.duration",
                                feeds,
                                all -> all.snapshotsCompleted(id),
                                all -> all.snapshotMillis(id),
                                TimeUnit.MILLISECONDS)
                        .description("Duration of completed snapshots")
                        .tag("source", id)
                        .register(registry));
        meters.add(
                TimeGauge.builder(
                                "fustor.snapshot.view.age",
                                feeds,
                                TimeUnit.MILLISECONDS,
                                all -> all.oldestViewMillis(id))
                        .description("Age of the oldest read view, which delays the server's purge")
                        .tag("source", id)
                        .register(registry));
    }

    private boolean isIn(String id, String state) {
        return state.equals(sources.status(id).text());
    }

    private double lag(String id) {
        Long millis = sources.status(id).lagMillis();
        return millis == null ? Double.NaN : millis;
    }

    private FunctionCounter counter(
            String name, String what, String id, ToDoubleFunction<CaptureCounters> value) {
        return FunctionCounter.builder(name, sources, all -> counters(id, value))
                .description(what)
                .tag("source", id)
                .register(registry);
    }

    private double counters(String id, ToDoubleFunction<CaptureCounters> value) {
        Capture capture = sources.capture(id);
        return capture == null ? 0 : value.applyAsDouble(capture.counters());
    }

    private Gauge.Builder<Sources> position(
            String name, String what, String id, ToDoubleFunction<Place> value) {
        return Gauge.builder(
                        name,
                        sources,
                        all -> {
                            Capture capture = all.capture(id);
                            Place position = capture == null ? null : capture.position();
                            return position == null ? Double.NaN : value.applyAsDouble(position);
                        })
                .description(what)
                .tag("source", id);
    }
}
