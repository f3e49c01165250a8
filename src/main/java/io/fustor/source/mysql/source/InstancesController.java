package io.fustor.source.mysql.source;

import io.fustor.source.mysql.capture.Capture;
import io.fustor.source.mysql.capture.CaptureState;
import io.fustor.source.mysql.error.SourceException;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/// Fustor's interface for what runs.
@RestController
@RequestMapping("/api/instances")
@Tag(name = "Instances", description = "Sources as they run")
class InstancesController {

    /// All that runs on this instance.
    record Status(
            @Schema(example = "host-1") String agentId,
            Map<String, Object> syncTasks,
            Map<String, EventBus> eventBuses) {}

    /// A source that runs, in Fustor's words.
    ///
    /// @param info what a person should know, such as why it fails
    record EventBus(
            String id,
            String sourceName,
            @Schema(allowableValues = {"IDLE", "PRODUCING", "ERROR"}) String state,
            String info,
            Map<String, Object> statistics) {}

    private final Sources sources;
    private final String agentId;

    InstancesController(Sources sources, SourceProperties properties) {
        this.sources = sources;
        this.agentId = properties.agentId() == null ? hostName() : properties.agentId();
    }

    private static String hostName() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException _) {
            return "localhost";
        }
    }

    @GetMapping("/status")
    @Operation(summary = "Say what runs")
    Status status() {
        Map<String, EventBus> buses = new LinkedHashMap<>();
        sources.all().forEach(source -> buses.put(source.id(), bus(source)));
        return new Status(agentId, Map.of(), buses);
    }

    @PostMapping("/sources/{id}/_actions/start")
    @Operation(summary = "Start a stopped source")
    Message start(@PathVariable String id) {
        sources.start(id);
        return new Message("The source " + id + " is started.");
    }

    @PostMapping("/sources/{id}/_actions/stop")
    @Operation(summary = "Stop a source until it is started or the service restarts")
    Message stop(@PathVariable String id) {
        sources.stop(id);
        return new Message("The source " + id + " is stopped.");
    }

    private EventBus bus(Source source) {
        String id = source.id();
        Capture capture = sources.capture(id);
        if (capture == null) {
            String info = source.config().disabled() ? "disabled" : "stopped by hand";
            return new EventBus(id, id, "IDLE", info, Map.of());
        }
        CaptureState state = capture.state();
        SourceException error = state.error();
        return new EventBus(
                id,
                id,
                fustorState(state),
                error == null ? "" : String.valueOf(error.getMessage()),
                statistics(capture, state));
    }

    private static String fustorState(CaptureState state) {
        return switch (state) {
            case CaptureState.Stopped _ -> "IDLE";
            case CaptureState.Starting _, CaptureState.Streaming _ -> "PRODUCING";
            case CaptureState.Reconnecting _, CaptureState.PositionLost _, CaptureState.Failed _ ->
                    "ERROR";
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
}
