package io.fustor.source.mysql.monitoring;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.fustor.source.mysql.capture.Capture;
import io.fustor.source.mysql.capture.StartingPoints;
import io.fustor.source.mysql.capture.StartingPoints.Reach;
import io.fustor.source.mysql.error.FailureCode;
import io.fustor.source.mysql.error.Recovery;
import io.fustor.source.mysql.error.Sentence;
import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.grant.Sight;
import io.fustor.source.mysql.position.BinlogPosition;
import io.fustor.source.mysql.position.FeedToken;
import io.fustor.source.mysql.position.GtidSet;
import io.fustor.source.mysql.position.Place;
import io.fustor.source.mysql.server.MySqlServer;
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
import java.time.Duration;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/// `/api/sources/{id}/places`: what a place is, however it is named. Any thread may call; the
/// source's server is asked.
@RestController
@Tag(name = "Sources")
@RequestMapping("/api/sources/{id}/places")
class PlacesController {

    private final Sources sources;

    PlacesController(Sources sources) {
        this.sources = sources;
    }

    @Schema(
            name = "PlaceDescription",
            description = "What a place is, and whether a stream can start there.")
    @JsonInclude(JsonInclude.Include.ALWAYS)
    record PlaceView(
            @Schema(
                            description = "What the text is.",
                            example = "gtid",
                            allowableValues = {
                                "now",
                                "earliest",
                                "event_id",
                                "event_id_in_snapshot",
                                "index",
                                "time",
                                "gtid",
                                "gtid_set",
                                "position"
                            })
                    String kind,
            @Schema(description = "Whether a stream can start there.") boolean available,
            @Schema(description = "The reason why not.") SourceViews.@Nullable ErrorView error,
            @Schema(
                            description =
                                    "The event id of the place, from which a stream can start and"
                                            + " which a checkpoint can take; null if it is not"
                                            + " available.",
                            example = FeedToken.EXAMPLE)
                    @Nullable String eventId,
            @Schema(description = "The binlog file; null if unknown.", example = "binlog.000042")
                    @Nullable String file,
            @Schema(
                            description = "The offset in the file at which the transaction starts.",
                            example = "1547")
                    @Nullable Long position,
            @Schema(
                            description = "How many rows of that transaction are before the place.",
                            example = "0")
                    @Nullable Long rows,
            @Schema(
                            description = "The GTIDs before the transaction; null if unknown.",
                            example = "7fb6f7b0-e67e-11f1-8cf4-02fc00000001:1-235")
                    @Nullable String gtidSet,
            @Schema(
                            description = "How much binlog follows it, in bytes; null if unknown.",
                            example = "1547")
                    @Nullable Long lagBytes,
            @Schema(
                            description =
                                    "For how many seconds the server keeps what follows it, at"
                                            + " least; null if unknown.",
                            example = "86400")
                    @Nullable Long keptSeconds,
            @Schema(description = "The oldest position that the server still has.")
                    SourceController.Place oldest,
            @Schema(description = "The newest position.") SourceController.Place latest) {}

    @Operation(
            operationId = "describePlace",
            summary = "Say what a place is, and whether a stream can start there",
            description =
                    "Takes a place in any form that people have it in. To find an index, a position, a"
                            + " time or a GTID, the service reads a binlog file up to the place. No"
                            + " position changes.")
    @ApiResponse(
            responseCode = "200",
            description = "The place, also if it is not available any more.")
    @UnknownSource
    @ApiResponse(
            responseCode = "409",
            description =
                    "The source is stopped or disabled, or its server cannot be captured (`code`"
                            + " gives the reason).")
    @GetMapping
    PlaceView describe(
            @PathVariable @SourceId String id,
            @RequestParam
                    @Parameter(
                            description =
                                    "Everything that `from` takes: `now`, `earliest`, an event id, an"
                                            + " `index`, an RFC 3339 time, `gtid:<set>`. Also a set of"
                                            + " GTIDs without the prefix; one GTID, for the place"
                                            + " after its transaction; and `file:position`, as the"
                                            + " server prints it.",
                            example = "binlog.000042:1547",
                            schema = @Schema(type = "string"))
                    String of,
            Sight sight,
            Locale language) {
        SourceRun run = SeenSources.of(sources, sight).run(id);
        NamedPlace named = NamedPlace.parse(of);
        Capture capture = run.capture();
        var oldest = SourceController.Place.of(capture.startingPoints().oldest());
        var latest = SourceController.Place.of(capture.server().status().position());
        try {
            Place place = named.on(run);
            return available(run, named, place, oldest, latest);
        } catch (SourceException e) {
            if (e.recovery() != Recovery.REPOSITION) {
                throw e;
            }
            return gone(run, named, error(e, sight, language), oldest, latest);
        }
    }

    private static SourceViews.ErrorView error(
            SourceException failure, Sight sight, Locale language) {
        FailureCode code = failure.code();
        return new SourceViews.ErrorView(
                code.name(), Sentence.ofFailure(failure, sight.isLimited()).in(language));
    }

    private static PlaceView available(
            SourceRun run,
            NamedPlace named,
            Place place,
            SourceController.Place oldest,
            SourceController.Place latest) {
        StartingPoints points = run.capture().startingPoints();
        Reach reach = points.reach(place);
        Duration kept = points.forecast().left(place);
        FeedToken token = named.token();
        String eventId =
                token == null ? FeedToken.of(run.id(), place).toString() : token.toString();
        return view(run, named, place, true, null, eventId, reach.lagBytes(), kept, oldest, latest);
    }

    /// An event id tells where it was, even if the server has purged that.
    private static PlaceView gone(
            SourceRun run,
            NamedPlace named,
            SourceViews.ErrorView error,
            SourceController.Place oldest,
            SourceController.Place latest) {
        FeedToken token = named.token();
        Place place = token == null ? null : token.position();
        return view(run, named, place, false, error, null, null, null, oldest, latest);
    }

    private static PlaceView view(
            SourceRun run,
            NamedPlace named,
            @Nullable Place place,
            boolean isAvailable,
            SourceViews.@Nullable ErrorView error,
            @Nullable String eventId,
            @Nullable Long lagBytes,
            @Nullable Duration kept,
            SourceController.Place oldest,
            SourceController.Place latest) {
        MySqlServer server = run.capture().server();
        BinlogPosition position =
                place != null && place.server() == server.identity().number()
                        ? server.position(place)
                        : named.position();
        GtidSet executed = place == null ? null : place.executed();
        return new PlaceView(
                named.kind().text(),
                isAvailable,
                error,
                eventId,
                position == null ? null : position.file(),
                position == null ? null : position.offset(),
                place == null ? null : place.rows(),
                executed == null ? null : executed.toString(),
                lagBytes,
                kept == null ? null : Math.max(0, kept.toSeconds()),
                oldest,
                latest);
    }
}
