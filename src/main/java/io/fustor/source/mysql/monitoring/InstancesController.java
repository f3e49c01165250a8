package io.fustor.source.mysql.monitoring;

import io.fustor.source.mysql.grant.Sight;
import io.fustor.source.mysql.source.Message;
import io.fustor.source.mysql.source.SourceId;
import io.fustor.source.mysql.source.SourceProperties;
import io.fustor.source.mysql.source.SourceSwitch;
import io.fustor.source.mysql.source.UnknownSource;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Locale;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/// Fustor's API for running sources. Its page starts and stops pipelines, which it calls syncs. A
/// source and its pipeline share one id.
@RestController
@RequestMapping("/api/instances")
@Tag(name = "Instances", description = "Running sources, in Fustor's terms")
class InstancesController {

    private final SourceSwitch sources;
    private final InstanceStatuses statuses;
    private final String agentId;

    InstancesController(
            SourceSwitch sources, InstanceStatuses statuses, SourceProperties properties) {
        this.sources = sources;
        this.statuses = statuses;
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
    @Operation(
            operationId = "getInstanceStatus",
            summary = "Describe what runs",
            description =
                    "The sources in the terms of Fustor's interface; `GET /api/sources` has more"
                            + " details. `instances` has all instances that share the state. A caller with a grant gets no numbers but those of the"
                            + " rows that went to its open streams.")
    @ApiResponse(responseCode = "200", description = "The running sources.")
    Pipelines.Status status(Sight sight, Locale language) {
        return statuses.status(agentId, sight, language);
    }

    @PostMapping({"/sources/{id}/_actions/start", "/syncs/{id}/_actions/start"})
    @Operation(
            operationId = "startSource",
            summary = "Start a stopped source, on all instances",
            description = "Subscribers are admitted again. A running source continues.")
    @ApiResponse(responseCode = "200", description = "The source is started.")
    @UnknownSource
    @ApiResponse(responseCode = "409", description = "The source is disabled.")
    Message start(@PathVariable @SourceId String id, Locale language) {
        sources.start(id);
        return Message.of(language, "source.now-started", id);
    }

    @PostMapping({"/sources/{id}/_actions/stop", "/syncs/{id}/_actions/stop"})
    @Operation(
            operationId = "stopSource",
            summary = "Stop a source on all instances, until it is started or enabled",
            description =
                    "Its streams end with a last event, and new ones are refused with 409. It stays"
                            + " stopped when instances restart, and on those that start later.")
    @ApiResponse(responseCode = "200", description = "The source is stopped.")
    @UnknownSource
    Message stop(@PathVariable @SourceId String id, Locale language) {
        sources.stop(id);
        return Message.of(language, "source.now-stopped", id);
    }
}
