package io.fustor.source.mysql.monitoring;

import io.fustor.source.mysql.capture.Capture;
import io.fustor.source.mysql.capture.StartingPoints;
import io.fustor.source.mysql.checkpoint.Checkpoints;
import io.fustor.source.mysql.error.RequestCode;
import io.fustor.source.mysql.error.RequestException;
import io.fustor.source.mysql.feed.Subscriptions;
import io.fustor.source.mysql.grant.Sight;
import io.fustor.source.mysql.instance.Instances;
import io.fustor.source.mysql.position.BinlogPosition;
import io.fustor.source.mysql.position.FeedStart;
import io.fustor.source.mysql.position.FeedToken;
import io.fustor.source.mysql.source.SeenSources;
import io.fustor.source.mysql.source.SourceId;
import io.fustor.source.mysql.source.SourceRun;
import io.fustor.source.mysql.source.Sources;
import io.fustor.source.mysql.source.UnknownSource;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.util.List;
import java.util.Locale;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/// `/api/sources`: the current state of the sources.
@RestController
@Tag(name = "Sources", description = "Sources and their streams, current state")
@RequestMapping("/api/sources")
class SourceController {

    private final Sources sources;
    private final Subscriptions subscriptions;
    private final SourceViews views;
    private final Instances instances;

    SourceController(
            Sources sources, Subscriptions subscriptions, SourceViews views, Instances instances) {
        this.sources = sources;
        this.subscriptions = subscriptions;
        this.views = views;
        this.instances = instances;
    }

    @Schema(
            name = "PositionAvailability",
            description = "Whether the server still has the binlog after a position.")
    record PositionView(
            @Schema(description = "Whether the server still has all changes after the position.")
                    boolean available,
            @Schema(description = "The oldest position that the server still has.") Place oldest,
            @Schema(description = "The newest position.") Place latest) {}

    @Schema(name = "BinlogPlace", description = "A place in the server's binlog.")
    record Place(
            @Schema(description = "The binlog file.", example = "binlog.000042") String file,
            @Schema(description = "The offset in the file.", example = "1547") long position,
            @Schema(description = SourceViews.INDEX, example = "180388628000") long index) {
        static Place of(BinlogPosition position) {
            return new Place(position.file(), position.offset(), position.index());
        }
    }

    @Operation(
            operationId = "listSources",
            summary = "List the sources with their state",
            description = "The response of `GET /api/sources/{id}`, for every source.")
    @ApiResponse(responseCode = "200", description = "All sources, by id.")
    @GetMapping
    List<SourceViews.SourceView> list(Sight sight, Locale language) {
        return views.views(SeenSources.of(sources, sight).ids(), sight, language);
    }

    @Operation(
            operationId = "getSource",
            summary = "Get one source: state, position, lag, subscribers, snapshots",
            description =
                    "The state of its reader and the reason of a failure, the position, the lag, and"
                            + " each stream that it serves. A caller with a grant sees its own"
                            + " streams only, and warnings about them.")
    @ApiResponse(responseCode = "200", description = "The source.")
    @UnknownSource
    @GetMapping("/{id}")
    SourceViews.SourceView get(@PathVariable @SourceId String id, Sight sight, Locale language) {
        SeenSources.of(sources, sight).require(id);
        return views.view(id, sight, language);
    }

    @Operation(
            operationId = "cancelSnapshot",
            summary = "Cancel a snapshot: its stream ends, and its read view closes",
            description = "The last event id of the stream stays valid.")
    @ApiResponse(responseCode = "204", description = "The snapshot is cancelled.")
    @ApiResponse(
            responseCode = "404",
            description = "The source does not exist, or the snapshot is not active.")
    @DeleteMapping("/{id}/snapshots/{snapshot}")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void cancel(
            @PathVariable @SourceId String id,
            @PathVariable
                    @Parameter(
                            description =
                                    "The id of the snapshot, as in `snapshot_started` and in the"
                                            + " source's state.",
                            example = "3f9a1c2e")
                    String snapshot) {
        sources.require(id);
        boolean isFound =
                subscriptions.cancelSnapshot(id, snapshot)
                        || instances.tell(Subscriptions.CANCEL, id, snapshot);
        if (!isFound) {
            throw RequestException.refused(RequestCode.NOT_FOUND, "feed.no-snapshot", id, snapshot);
        }
    }

    @Operation(
            operationId = "getPosition",
            summary = "Check whether the server still has the binlog after a position",
            description =
                    "Accepts an event id or an `index`. Nothing is read, and no position"
                            + " changes.")
    @ApiResponse(
            responseCode = "200",
            description = "Whether the server has it, and the available range.")
    @UnknownSource
    @ApiResponse(
            responseCode = "409",
            description =
                    "The source is stopped or disabled, or its server cannot be captured (`code`"
                            + " gives the reason).")
    @ApiResponse(
            responseCode = "410",
            description = "The position cannot be found on this server; `code` gives the reason.")
    @GetMapping("/{id}/positions/{position}")
    PositionView position(
            @PathVariable @SourceId String id,
            @PathVariable
                    @Parameter(
                            description = "An event id, or the `index` of a change.",
                            example = FeedToken.EXAMPLE)
                    String position,
            Sight sight) {
        SourceRun run = SeenSources.of(sources, sight).run(id);
        Capture capture = run.capture();
        StartingPoints points = capture.startingPoints();
        FeedStart start = FeedStart.from(position);
        boolean available =
                switch (start) {
                    case FeedStart.Resume(FeedToken token) ->
                            points.reach(Checkpoints.requireOf(run, token)).available();
                    case FeedStart.AfterIndex(long index) -> points.hasIndex(index);
                    case FeedStart.Now _,
                            FeedStart.Earliest _,
                            FeedStart.AtTime _,
                            FeedStart.AfterGtids _ ->
                            throw RequestException.invalid("feed.position");
                };
        return new PositionView(
                available,
                Place.of(points.oldest()),
                Place.of(capture.server().status().position()));
    }
}
