package io.fustor.source.mysql.checkpoint;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.fustor.source.mysql.capture.Capture;
import io.fustor.source.mysql.capture.StartingPoints;
import io.fustor.source.mysql.error.RequestException;
import io.fustor.source.mysql.grant.Sight;
import io.fustor.source.mysql.position.FeedToken;
import io.fustor.source.mysql.source.SeenSources;
import io.fustor.source.mysql.source.SourceId;
import io.fustor.source.mysql.source.Sources;
import io.fustor.source.mysql.source.UnknownSource;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.headers.Header;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/// `/api/sources/{id}/checkpoints`: what consumers say they have processed.
@RestController
@Tag(name = "Checkpoints", description = "How far consumers have processed a source")
@RequestMapping("/api/sources/{id}/checkpoints")
class CheckpointController {

    /// How many checkpoints one answer holds.
    static final int LARGEST_PAGE = 1000;

    private static final String NONE =
            "There is no source of this id, or the consumer has no checkpoint at it.";

    private final Checkpoints checkpoints;
    private final Sources sources;

    CheckpointController(Checkpoints checkpoints, Sources sources) {
        this.checkpoints = checkpoints;
        this.sources = sources;
    }

    /// The body of a PUT.
    @Schema(name = "CheckpointPosition", description = "How far a consumer has come.")
    record Position(
            @Schema(
                            description = "The id of the last event that was processed.",
                            example = FeedToken.EXAMPLE,
                            requiredMode = Schema.RequiredMode.REQUIRED)
                    @Nullable String position) {}

    @Schema(name = "Checkpoint", description = "How far a consumer has processed a source.")
    @JsonInclude(JsonInclude.Include.ALWAYS)
    record View(
            @Schema(description = "The consumer's name.", example = "search-index") String consumer,
            @Schema(
                            description =
                                    "The caller that stored it, such as `reader:partner`; null"
                                            + " for the configured tokens, which share theirs.",
                            example = "reader:partner")
                    @Nullable String owner,
            @Schema(
                            description = "The id of the last event that was processed.",
                            example = FeedToken.EXAMPLE)
                    String position,
            @Schema(description = "When it was stored.") Instant updated,
            @Schema(
                            description =
                                    "Whether the binlog still has what follows; null while the"
                                            + " server cannot be asked.",
                            example = "true")
                    @Nullable Boolean available,
            @Schema(
                            description =
                                    "How much binlog follows it, in bytes; null where that"
                                            + " cannot be said.",
                            example = "1547")
                    @Nullable Long lagBytes) {}

    @Operation(
            operationId = "storeCheckpoint",
            summary = "Store how far a consumer has processed the source",
            description =
                    "A checkpoint moves forward only, unless `rewind` is true. A caller may"
                            + " store one under any name, and sees its own only.")
    @ApiResponse(responseCode = "200", description = "The checkpoint is stored.")
    @UnknownSource
    @ApiResponse(
            responseCode = "409",
            description =
                    "The position lies before the stored one, or the source has as many"
                            + " checkpoints as it may have.")
    @PutMapping("/{consumer}")
    View put(
            @PathVariable @SourceId String id,
            @PathVariable @ConsumerName String consumer,
            @RequestParam(defaultValue = "false")
                    @Parameter(
                            description = "Whether the checkpoint may move backwards.",
                            example = "false")
                    boolean rewind,
            @RequestBody Position body,
            @RequestParam(required = false)
                    @Parameter(
                            description =
                                    "Whose checkpoint is meant, as `owner` of an answer has it;"
                                            + " for administrators. Without it, the caller's own.",
                            example = "reader:partner",
                            schema = @Schema(type = "string"))
                    @Nullable String owner,
            Sight sight) {
        SeenSources.of(sources, sight).require(id);
        String token = body.position();
        if (token == null || token.isBlank()) {
            throw RequestException.invalid("checkpoint.position-missing");
        }
        Checkpoint stored = checkpoints.put(id, consumer, owner(owner, sight), token, rewind);
        return view(stored, null);
    }

    @Operation(
            operationId = "getCheckpoint",
            summary = "Read a consumer's checkpoint",
            description =
                    "`available` and `lag_bytes` are asked of the server, and null while that"
                            + " does not answer.")
    @ApiResponse(responseCode = "200", description = "The checkpoint.")
    @ApiResponse(responseCode = "404", description = CheckpointController.NONE)
    @GetMapping("/{consumer}")
    View get(
            @PathVariable @SourceId String id,
            @PathVariable @ConsumerName String consumer,
            @RequestParam(required = false)
                    @Parameter(
                            description =
                                    "Whose checkpoint is meant, as `owner` of an answer has it;"
                                            + " for administrators. Without it, the caller's own.",
                            example = "reader:partner",
                            schema = @Schema(type = "string"))
                    @Nullable String owner,
            Sight sight) {
        SeenSources.of(sources, sight).require(id);
        Checkpoint stored = checkpoints.find(id, consumer, owner(owner, sight));
        if (stored == null) {
            throw Checkpoints.notFound(id, consumer);
        }
        return views(List.of(stored), sources.capture(id)).getFirst();
    }

    @Operation(
            operationId = "listCheckpoints",
            summary = "List the checkpoints of a source's consumers, by their names",
            description =
                    "At most `limit` of them; where there are more, the header Link names the"
                            + " next page.")
    @ApiResponse(
            responseCode = "200",
            description = "A page of checkpoints.",
            headers =
                    @Header(
                            name = HttpHeaders.LINK,
                            description =
                                    "The next page, with `rel=\"next\"`; absent on the last one.",
                            schema = @Schema(type = "string")))
    @UnknownSource
    @GetMapping
    ResponseEntity<List<View>> list(
            @PathVariable @SourceId String id,
            @RequestParam(defaultValue = "" + LARGEST_PAGE)
                    @Parameter(
                            description = "At most this many checkpoints.",
                            example = "100",
                            schema =
                                    @Schema(
                                            type = "integer",
                                            minimum = "1",
                                            maximum = "" + LARGEST_PAGE,
                                            defaultValue = "" + LARGEST_PAGE))
                    int limit,
            @RequestParam(defaultValue = "")
                    @Parameter(
                            description =
                                    "Only consumers whose names follow this one, as the header"
                                            + " Link has it. Without it, from the first one.",
                            example = "search-index",
                            schema = @Schema(type = "string"))
                    String after,
            @RequestParam(name = "after_owner", defaultValue = "")
                    @Parameter(
                            name = "after_owner",
                            description =
                                    "For administrators: of the consumers with the name `after`,"
                                            + " only those whose owners follow this one, as the"
                                            + " header Link has it.",
                            example = "reader:partner",
                            schema = @Schema(type = "string"))
                    String afterOwner,
            Sight sight) {
        SeenSources.of(sources, sight).require(id);
        if (limit < 1 || limit > LARGEST_PAGE) {
            throw RequestException.invalid("checkpoint.limit", LARGEST_PAGE);
        }
        List<Checkpoint> found =
                sight.seesAllOwners()
                        ? checkpoints.pageOfAll(id, after, afterOwner, limit + 1)
                        : checkpoints.page(id, sight.owner(), after, limit + 1);
        List<Checkpoint> page = found.subList(0, Math.min(limit, found.size()));
        ResponseEntity.BodyBuilder answer = ResponseEntity.ok();
        if (found.size() > limit) {
            answer.header(HttpHeaders.LINK, next(id, page.getLast(), limit));
        }
        return answer.body(views(page, sources.capture(id)));
    }

    private static String next(String id, Checkpoint last, int limit) {
        String owner =
                last.owner().isEmpty()
                        ? ""
                        : "&after_owner=" + URLEncoder.encode(last.owner(), StandardCharsets.UTF_8);
        return "</api/sources/%s/checkpoints?limit=%d&after=%s%s>; rel=\"next\""
                .formatted(id, limit, last.consumer(), owner);
    }

    @Operation(
            operationId = "deleteCheckpoint",
            summary = "Forget a consumer",
            description = "The next request with `consumer` begins where its `from` says.")
    @ApiResponse(responseCode = "204", description = "The checkpoint is deleted.")
    @ApiResponse(responseCode = "404", description = CheckpointController.NONE)
    @DeleteMapping("/{consumer}")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void delete(
            @PathVariable @SourceId String id,
            @PathVariable @ConsumerName String consumer,
            @RequestParam(required = false)
                    @Parameter(
                            description =
                                    "Whose checkpoint is meant, as `owner` of an answer has it;"
                                            + " for administrators. Without it, the caller's own.",
                            example = "reader:partner",
                            schema = @Schema(type = "string"))
                    @Nullable String owner,
            Sight sight) {
        SeenSources.of(sources, sight).require(id);
        checkpoints.delete(id, consumer, owner(owner, sight));
    }

    /// Callers that see only what is theirs are told the same of any other owner: nothing.
    private static String owner(@Nullable String asked, Sight sight) {
        if (asked == null || asked.equals(sight.owner())) {
            return sight.owner();
        }
        if (!sight.seesAllOwners()) {
            throw RequestException.invalid("checkpoint.owner");
        }
        return asked;
    }

    /// Asks the server once for all.
    private static List<View> views(List<Checkpoint> stored, @Nullable Capture capture) {
        List<StartingPoints.Reach> reaches = Checkpoints.reaches(stored, capture);
        List<View> views = new ArrayList<>();
        for (int i = 0; i < stored.size(); i++) {
            views.add(view(stored.get(i), reaches.isEmpty() ? null : reaches.get(i)));
        }
        return views;
    }

    private static View view(Checkpoint stored, StartingPoints.@Nullable Reach reach) {
        return new View(
                stored.consumer(),
                stored.owner().isEmpty() ? null : stored.owner(),
                stored.token(),
                stored.updated(),
                reach == null ? null : reach.available(),
                reach == null ? null : reach.lagBytes());
    }
}
