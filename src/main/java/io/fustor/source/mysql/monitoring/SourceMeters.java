package io.fustor.source.mysql.monitoring;

import io.fustor.source.mysql.capture.Capture;
import io.fustor.source.mysql.capture.CaptureCounters;
import io.fustor.source.mysql.feed.FeedStatistics;
import io.fustor.source.mysql.feed.SourceWarnings;
import io.fustor.source.mysql.position.FeedPosition;
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

/// The meters of each source, made when the source appears and removed when it is gone. Every value
/// is asked of the source when the meters are read.
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
                            .description("1 for the state that the source is in")
                            .tag("source", id)
                            .tag("state", state)
                            .register(registry));
        }
        meters.add(
                TimeGauge.builder(
                                "fustor.source.lag",
                                sources,
                                TimeUnit.MILLISECONDS,
                                all -> counters(id, CaptureCounters::lagMillis))
                        .description("How long ago the change read last was committed")
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
                        "Attempts to connect again",
                        id,
                        CaptureCounters::reconnects));
        meters.add(position(id, "file", FeedPosition::fileNumber));
        meters.add(position(id, "offset", FeedPosition::offset));
        for (SourceWarnings.Kind kind : SourceWarnings.Kind.values()) {
            meters.add(
                    Gauge.builder("fustor.source.warnings", warnings, all -> all.count(id, kind))
                            .description("What will do harm if nobody looks after it")
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
                        .tag("source", id)
                        .register(registry));
        meters.add(
                Gauge.builder("fustor.feed.catchup.readers", feeds, all -> all.catchingUp(id))
                        .description(
                                "Subscribers that read the binlog by a connection of their own")
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
                        .description("Of the slowest subscriber")
                        .tag("source", id)
                        .register(registry));
        meters.add(
                FunctionCounter.builder("fustor.feed.rows", feeds, all -> all.rows(id))
                        .tag("source", id)
                        .register(registry));
        meters.add(
                FunctionCounter.builder("fustor.feed.bytes", feeds, all -> all.bytes(id))
                        .tag("source", id)
                        .baseUnit("bytes")
                        .register(registry));
    }

    private void registerSnapshots(String id, List<Meter> meters) {
        meters.add(
                Gauge.builder("fustor.snapshot.active", feeds, all -> all.activeSnapshots(id))
                        .description("Snapshots that are being delivered")
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
                        .description("Of snapshots that were delivered to their end")
                        .tag("source", id)
                        .register(registry));
        meters.add(
                TimeGauge.builder(
                                "fustor.snapshot.view.age",
                                feeds,
                                TimeUnit.MILLISECONDS,
                                all -> all.oldestViewMillis(id))
                        .description("Of the oldest read view, which holds up the server's purge")
                        .tag("source", id)
                        .register(registry));
    }

    private boolean isIn(String id, String state) {
        Capture capture = sources.capture(id);
        return state.equals(capture == null ? "STOPPED" : capture.state().text());
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

    private Gauge position(String id, String part, ToDoubleFunction<FeedPosition> value) {
        return Gauge.builder(
                        "fustor.source.position",
                        sources,
                        all -> {
                            Capture capture = all.capture(id);
                            FeedPosition position = capture == null ? null : capture.position();
                            return position == null ? Double.NaN : value.applyAsDouble(position);
                        })
                .tag("source", id)
                .tag("part", part)
                .register(registry);
    }
}
