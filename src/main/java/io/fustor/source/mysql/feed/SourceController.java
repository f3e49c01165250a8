package io.fustor.source.mysql.feed;

import io.fustor.source.mysql.capture.Capture;
import io.fustor.source.mysql.capture.StartingPoints;
import io.fustor.source.mysql.error.RequestException;
import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.position.BinlogPosition;
import io.fustor.source.mysql.position.FeedToken;
import io.fustor.source.mysql.source.Sources;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.util.List;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/// `/api/sources`: what there is to see of the sources while they run.
@RestController
@Tag(name = "sources")
@RequestMapping("/api/sources")
class SourceController {

    private final Sources sources;
    private final Subscriptions subscriptions;
    private final SourceViews views;

    SourceController(Sources sources, Subscriptions subscriptions, SourceViews views) {
        this.sources = sources;
        this.subscriptions = subscriptions;
        this.views = views;
    }

    /// @param oldest the oldest position that the server still has
    /// @param latest the newest
    record PositionView(boolean available, Place oldest, Place latest) {}

    record Place(String file, long position, long index) {
        static Place of(BinlogPosition position) {
            return new Place(position.file(), position.offset(), position.index());
        }
    }

    @Operation(summary = "List the sources with their state")
    @GetMapping({"", "/"})
    List<SourceViews.SourceView> list() {
        return sources.ids().stream().map(views::view).toList();
    }

    @Operation(summary = "See one source: state, position, lag, subscribers, snapshots")
    @GetMapping("/{id}")
    SourceViews.SourceView get(@PathVariable String id) {
        sources.require(id);
        return views.view(id);
    }

    @Operation(
            summary = "Cancel a snapshot: its stream ends, and the server gets its read view back")
    @DeleteMapping("/{id}/snapshots/{snapshot}")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void cancel(@PathVariable String id, @PathVariable String snapshot) {
        sources.require(id);
        boolean found = false;
        for (Subscription subscription : subscriptions.of(id)) {
            found |= subscription.cancelSnapshot(snapshot);
        }
        if (!found) {
            throw RequestException.notFound(
                    "the source '" + id + "' takes no snapshot '" + snapshot + "' now");
        }
    }

    @Operation(summary = "Ask whether the server still has what follows a position")
    @GetMapping("/{id}/positions/{position}")
    PositionView position(@PathVariable String id, @PathVariable String position) {
        Capture capture = sources.run(id).capture();
        StartingPoints points = capture.startingPoints();
        FeedStart start = FeedStart.from(position);
        try {
            boolean available =
                    switch (start) {
                        case FeedStart.Resume(FeedToken token) ->
                                points.reach(Checkpoints.requireOf(id, token)).available();
                        case FeedStart.AfterIndex(long index) -> points.hasIndex(index);
                        case FeedStart.Now _,
                                FeedStart.Earliest _,
                                FeedStart.AtTime _,
                                FeedStart.AfterGtids _ ->
                                throw RequestException.invalid(
                                        "position takes an event id or a Fustor index");
                    };
            return new PositionView(
                    available,
                    Place.of(points.oldest()),
                    Place.of(capture.server().status().position()));
        } catch (SourceException e) {
            throw Beginnings.refused(e);
        }
    }
}
