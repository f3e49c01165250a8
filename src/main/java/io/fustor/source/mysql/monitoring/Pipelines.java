package io.fustor.source.mysql.monitoring;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.fustor.source.mysql.capture.Capture;
import io.fustor.source.mysql.capture.CaptureState;
import io.fustor.source.mysql.capture.LiveWindow;
import io.fustor.source.mysql.error.Sentence;
import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.feed.FeedStatistics;
import io.fustor.source.mysql.grant.Sight;
import io.fustor.source.mysql.source.SeenSources;
import io.fustor.source.mysql.source.Source;
import io.fustor.source.mysql.source.SourceStatus;
import io.fustor.source.mysql.source.Sources;
import io.swagger.v3.oas.annotations.media.Schema;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/// The running sources in Fustor's terms: a bus for what a source reads from its server, and a
/// pipeline for what it delivers. In Fustor, a pipeline ends at a pusher. Here, any number of
/// subscribers connect on their own, so each source is one pipeline, under its own id.
@Component
class Pipelines {

    /// All that runs on this instance, and in short on the others.
    @Schema(
            name = "InstanceStatus",
            description = "All that runs on this instance, and in short on the others.")
    record Status(
            @Schema(description = "The instance's name.", example = "host-1") String agentId,
            @Schema(description = "Always empty: this service has none.")
                    Map<String, Object> syncTasks,
            @Schema(description = "The sources by id.") Map<String, EventBus> eventBuses,
            @Schema(description = "The number of pipelines of each kind.") Summary globalSummary,
            @Schema(description = "The sources, each as one pipeline.") List<Pipeline> pipelines,
            @Schema(
                            description =
                                    "All instances that share the state, the one that answers"
                                            + " first. Everything else is about that one. A caller"
                                            + " with a grant sees only that one.")
                    List<InstanceStatuses.InstanceView> instances) {

        Status with(List<InstanceStatuses.InstanceView> known) {
            return new Status(agentId, syncTasks, eventBuses, globalSummary, pipelines, known);
        }
    }

    /// The number of pipelines of each kind.
    @Schema(name = "PipelineSummary", description = "The number of pipelines of each kind.")
    record Summary(
            @Schema(description = "The number of running pipelines.", example = "1")
                    int runningPipelines,
            @Schema(description = "The number of failing pipelines.", example = "0")
                    int errorPipelines,
            @Schema(
                            description = "Always 0: a changed configuration takes effect at once.",
                            example = "0")
                    int outdatedPipelines) {}

    /// A running source: what it reads.
    @Schema(description = "A running source, in Fustor's terms.")
    record EventBus(
            @Schema(description = "The source's id.", example = "shop") String id,
            @Schema(description = "The source's id.", example = "shop") String sourceName,
            @Schema(
                            description = "Whether it reads the binlog.",
                            allowableValues = {"IDLE", "PRODUCING", "ERROR"})
                    String state,
            @Schema(description = "Information for an operator, such as the reason of a failure.")
                    String info,
            @Schema(
                            description =
                                    "What it has read: `state`, `since`, `events`, `rows`,"
                                            + " `bytes`, `reconnects`. Empty if it does not"
                                            + " run.")
                    Map<String, Object> statistics) {}

    /// A running source: what it delivers.
    @Schema(description = "What a source delivers, in Fustor's terms.")
    @JsonInclude(JsonInclude.Include.ALWAYS)
    record Pipeline(
            @Schema(description = "The source's id.", example = "shop") String id,
            @Schema(
                            description = "Whether it runs.",
                            allowableValues = {"MESSAGE_SYNC", "STOPPED", "ERROR"})
                    String overallStatus,
            @Schema(description = "The source's id.", example = "shop") String sourceId,
            @Schema(description = "Always null: subscribers connect on their own.")
                    @Nullable String pusherId,
            @Schema(description = "What it reads.") BusInfo busInfo,
            @Schema(description = "What it delivers.") SyncInfo syncInfo) {}

    /// What a pipeline reads.
    @Schema(name = "PipelineBus", description = "What a pipeline reads.")
    record BusInfo(
            @Schema(
                            description = "Whether it reads the binlog.",
                            allowableValues = {"IDLE", "PRODUCING", "ERROR"})
                    String state,
            @Schema(description = "The amount.") Produced statistics) {}

    /// How much a pipeline reads.
    @Schema(name = "PipelineProduced", description = "How much a pipeline reads.")
    record Produced(
            @Schema(description = "Rows events read from the server since the source was started.")
                    long eventsProduced,
            @Schema(description = "Rows events in the live window now.") long bufferSize) {}

    /// What a pipeline delivers.
    @Schema(name = "PipelineSync", description = "What a pipeline delivers.")
    record SyncInfo(
            @Schema(
                            description = "Whether it runs.",
                            allowableValues = {"MESSAGE_SYNC", "STOPPED", "ERROR"})
                    String state,
            @Schema(description = "Information for an operator, such as the reason of a failure.")
                    String info,
            @Schema(description = "The amount.") Pushed statistics) {}

    /// How much a pipeline delivers.
    @Schema(name = "PipelinePushed", description = "How much a pipeline delivers.")
    record Pushed(
            @Schema(description = "Rows sent to subscribers since the service started.")
                    long eventsPushed) {}

    private static final String RUNNING = "MESSAGE_SYNC";
    private static final String ERROR = "ERROR";

    private final Sources sources;
    private final FeedStatistics feeds;

    Pipelines(Sources sources, FeedStatistics feeds) {
        this.sources = sources;
        this.feeds = feeds;
    }

    /// @param sight of the caller: one with a grant learns nothing of what others read
    /// @param language of `info`
    Status status(String agentId, Sight sight, Locale language) {
        Map<String, EventBus> buses = new LinkedHashMap<>();
        List<Pipeline> pipelines =
                SeenSources.of(sources, sight).all().stream()
                        .map(
                                source -> {
                                    Capture capture = sources.capture(source.id());
                                    EventBus bus = bus(source, capture, sight, language);
                                    buses.put(source.id(), bus);
                                    return pipeline(bus, capture, sight);
                                })
                        .toList();
        Summary summary = new Summary(count(pipelines, RUNNING), count(pipelines, ERROR), 0);
        return new Status(agentId, Map.of(), buses, summary, pipelines, List.of());
    }

    private static int count(List<Pipeline> pipelines, String status) {
        return (int) pipelines.stream().filter(one -> one.overallStatus().equals(status)).count();
    }

    private EventBus bus(Source source, @Nullable Capture capture, Sight sight, Locale language) {
        String id = source.id();
        SourceStatus status = sources.status(id);
        CaptureState state = status.capture();
        if (capture == null || state == null) {
            Sentence info =
                    source.config().disabled()
                            ? Sentence.of("source.is-disabled")
                            : Sentence.of("source.is-stopped");
            return new EventBus(id, id, "IDLE", info.in(language), Map.of());
        }
        SourceException trouble = status.trouble();
        return new EventBus(
                id,
                id,
                busState(state),
                trouble == null ? "" : Sentence.ofFailure(trouble, sight.isLimited()).in(language),
                sight.isLimited() ? Map.of() : statistics(capture, state));
    }

    private static String busState(CaptureState state) {
        return switch (state) {
            case CaptureState.Stopped _ -> "IDLE";
            case CaptureState.Starting _, CaptureState.Streaming _ -> "PRODUCING";
            case CaptureState.Reconnecting _, CaptureState.PositionLost _, CaptureState.Failed _ ->
                    ERROR;
        };
    }

    private static Map<String, Object> statistics(Capture capture, CaptureState state) {
        Map<String, Object> statistics = new LinkedHashMap<>();
        statistics.put("state", state.text());
        statistics.put("since", state.since());
        statistics.put("events", capture.counters().events());
        statistics.put("rows", capture.counters().rows());
        statistics.put("bytes", capture.counters().bytes());
        statistics.put("reconnects", capture.counters().reconnects());
        return statistics;
    }

    private Pipeline pipeline(EventBus bus, @Nullable Capture capture, Sight sight) {
        String id = bus.id();
        String status = status(bus, capture);
        Capture shown = sight.isLimited() ? null : capture;
        LiveWindow window = shown == null ? null : shown.window();
        Produced produced =
                new Produced(
                        shown == null ? 0 : shown.counters().events(),
                        window == null ? 0 : window.size());
        long pushed = sight.isLimited() ? feeds.rowsOf(id, sight.owner()) : feeds.rows(id);
        return new Pipeline(
                id,
                status,
                id,
                null,
                new BusInfo(bus.state(), produced),
                new SyncInfo(status, bus.info(), new Pushed(pushed)));
    }

    /// A started source without a live subscriber reads nothing and would serve the next
    /// subscriber. It counts as running.
    private static String status(EventBus bus, @Nullable Capture capture) {
        if (capture == null) {
            return "STOPPED";
        }
        return bus.state().equals(ERROR) ? ERROR : RUNNING;
    }
}
