package io.fustor.source.mysql.feed;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.fustor.source.mysql.capture.Capture;
import io.fustor.source.mysql.error.RequestException;
import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.position.FeedToken;
import io.fustor.source.mysql.source.Sources;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
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
@Tag(name = "checkpoints")
@RequestMapping("/api/sources/{id}/checkpoints")
class CheckpointController {

    private final Checkpoints checkpoints;
    private final Sources sources;

    CheckpointController(Checkpoints checkpoints, Sources sources) {
        this.checkpoints = checkpoints;
        this.sources = sources;
    }

    /// The body of a PUT.
    record Position(@Nullable String position) {}

    /// @param available whether the binlog still has what follows; null while the server cannot be
    ///   asked
    /// @param lagBytes how much binlog lies behind it; null where that cannot be said
    @JsonInclude(JsonInclude.Include.ALWAYS)
    record View(
            String consumer,
            String position,
            Instant updated,
            @Nullable Boolean available,
            @Nullable Long lagBytes) {}

    @Operation(summary = "Store how far a consumer has processed the source")
    @PutMapping("/{consumer}")
    View put(
            @PathVariable String id,
            @PathVariable String consumer,
            @RequestParam(defaultValue = "false") boolean rewind,
            @RequestBody Position body) {
        sources.require(id);
        String token = body.position();
        if (token == null || token.isBlank()) {
            throw RequestException.invalid(
                    "position is missing: give the id of the last event that was processed");
        }
        Checkpoint stored = checkpoints.put(id, consumer, token, rewind);
        return new View(stored.consumer(), stored.token(), stored.updated(), null, null);
    }

    @Operation(summary = "Read a consumer's checkpoint")
    @GetMapping("/{consumer}")
    View get(@PathVariable String id, @PathVariable String consumer) {
        sources.require(id);
        Checkpoint stored = checkpoints.find(id, consumer);
        if (stored == null) {
            throw Checkpoints.notFound(id, consumer);
        }
        return view(stored, sources.capture(id));
    }

    @Operation(summary = "List the checkpoints of a source's consumers")
    @GetMapping({"", "/"})
    List<View> list(@PathVariable String id) {
        sources.require(id);
        Capture capture = sources.capture(id);
        return checkpoints.findAll(id).stream().map(stored -> view(stored, capture)).toList();
    }

    @Operation(summary = "Forget a consumer")
    @DeleteMapping("/{consumer}")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void delete(@PathVariable String id, @PathVariable String consumer) {
        sources.require(id);
        checkpoints.delete(id, consumer);
    }

    private static View view(Checkpoint stored, @Nullable Capture capture) {
        Boolean available = null;
        Long lag = null;
        if (capture != null) {
            try {
                var reach =
                        capture.startingPoints().reach(FeedToken.parse(stored.token()).position());
                available = reach.available();
                lag = reach.lagBytes();
            } catch (SourceException _) {
                // The server cannot be asked now; the checkpoint itself is here.
            }
        }
        return new View(stored.consumer(), stored.token(), stored.updated(), available, lag);
    }
}
