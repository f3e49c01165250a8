package io.fustor.source.mysql.monitoring;

import io.fustor.source.mysql.grant.Sight;
import io.fustor.source.mysql.instance.Membership;
import io.fustor.source.mysql.instance.SharedViews;
import io.swagger.v3.oas.annotations.media.Schema;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.springframework.stereotype.Component;
import tools.jackson.core.type.TypeReference;

/// What each of the instances that share a state database reads and delivers, without text for
/// people. The source itself tells the reason of a failure.
@Component
class InstanceStatuses {

    private static final TypeReference<List<Task>> DOCUMENT = new TypeReference<>() {};

    private final Pipelines pipelines;
    private final SharedViews views;
    private final Membership membership;

    /// An instance and its sources.
    @Schema(name = "Instance", description = "One of the instances, and what it does.")
    record InstanceView(
            @Schema(
                            description = "Its name, as streams have it in `instance`.",
                            example = "host-1:8080")
                    String instance,
            @Schema(description = "Whether this instance answers the request.") boolean answers,
            @Schema(description = "Its sources.") List<Task> sources) {}

    /// What an instance does for a source.
    @Schema(name = "InstanceSource", description = "What an instance does for a source.")
    record Task(
            @Schema(description = "The source's id.", example = "shop") String id,
            @Schema(
                            description = "Whether it runs.",
                            allowableValues = {"MESSAGE_SYNC", "STOPPED", "ERROR"})
                    String overallStatus,
            @Schema(
                            description = "Whether it reads the binlog.",
                            allowableValues = {"IDLE", "PRODUCING", "ERROR"})
                    String state,
            @Schema(description = "Rows events read from the server since the source was started.")
                    long eventsProduced,
            @Schema(description = "Rows events in the live window now.") long bufferSize,
            @Schema(description = "Rows sent to subscribers since the instance started.")
                    long eventsPushed) {}

    InstanceStatuses(Pipelines pipelines, SharedViews views, Membership membership) {
        this.pipelines = pipelines;
        this.views = views;
        this.membership = membership;
        views.publish(
                SharedViews.Kind.STATUS,
                () ->
                        SharedDocument.of(
                                tasks(
                                        pipelines.status(
                                                "", Sight.OF_ADMINISTRATOR, Locale.ENGLISH))));
    }

    /// What runs, in Fustor's terms on this instance, and in short on each. Waits for other
    /// instances a second or so at most, and leaves out those that do not answer. A caller with a
    /// grant sees this instance only.
    Pipelines.Status status(String agentId, Sight sight, Locale language) {
        Pipelines.Status here = pipelines.status(agentId, sight, language);
        List<InstanceView> instances = new ArrayList<>();
        instances.add(new InstanceView(membership.name(), true, tasks(here)));
        if (!sight.isLimited()) {
            for (SharedViews.View view : views.others()) {
                List<Task> tasks = SharedDocument.read(view, SharedViews.Kind.STATUS, DOCUMENT);
                if (tasks != null) {
                    instances.add(new InstanceView(view.instance(), false, tasks));
                }
            }
        }
        return here.with(instances);
    }

    private static List<Task> tasks(Pipelines.Status status) {
        return status.pipelines().stream()
                .map(
                        one ->
                                new Task(
                                        one.id(),
                                        one.overallStatus(),
                                        one.busInfo().state(),
                                        one.busInfo().statistics().eventsProduced(),
                                        one.busInfo().statistics().bufferSize(),
                                        one.syncInfo().statistics().eventsPushed()))
                .toList();
    }
}
