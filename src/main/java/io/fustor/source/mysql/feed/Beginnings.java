package io.fustor.source.mysql.feed;

import io.fustor.source.mysql.capture.Capture;
import io.fustor.source.mysql.capture.StartingPoints;
import io.fustor.source.mysql.error.FailureCode;
import io.fustor.source.mysql.error.Recovery;
import io.fustor.source.mysql.error.RequestException;
import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.position.FeedPosition;
import io.fustor.source.mysql.position.FeedToken;
import io.fustor.source.mysql.position.Overlap;
import io.fustor.source.mysql.position.SnapshotPlace;
import io.fustor.source.mysql.source.SourceRun;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/// Turns what a request asks for into the way its stream begins: finds the place, opens the
/// snapshot. Whatever hinders that is an answer, before the stream starts.
@Component
class Beginnings {

    private static final Duration RETRY_AFTER = Duration.ofSeconds(5);
    private static final Duration RETRY_SNAPSHOT_AFTER = Duration.ofSeconds(30);

    private final Checkpoints checkpoints;
    private final int maxSnapshots;
    private final Semaphore snapshots;

    Beginnings(Checkpoints checkpoints, FeedProperties properties) {
        this.checkpoints = checkpoints;
        this.maxSnapshots = properties.maxSnapshots();
        this.snapshots = new Semaphore(maxSnapshots);
    }

    /// @throws RequestException with what is wrong with the request, the source or the server
    Beginning begin(SourceRun run, FeedParameters parameters) {
        FeedStart start = start(run.id(), parameters);
        try {
            return begin(run, parameters, start);
        } catch (SourceException e) {
            boolean ahead =
                    e.code() == FailureCode.POSITION_AHEAD
                            && (start instanceof FeedStart.AfterIndex
                                    || start instanceof FeedStart.AtTime);
            if (ahead) {
                throw new RequestException(
                        RequestException.Kind.INVALID, "from: " + e.getMessage(), e);
            }
            if (e.recovery() == Recovery.REPOSITION) {
                return beginAnew(run, parameters, e);
            }
            throw refused(e);
        }
    }

    private FeedStart start(String id, FeedParameters parameters) {
        String consumer = parameters.consumer();
        Checkpoint checkpoint = consumer == null ? null : checkpoints.find(id, consumer);
        return checkpoint == null
                ? parameters.start()
                : FeedStart.resume("consumer", checkpoint.token());
    }

    private Beginning begin(SourceRun run, FeedParameters parameters, FeedStart start) {
        boolean withChanges = parameters.snapshot() != FeedParameters.SnapshotMode.ONLY;
        if (start instanceof FeedStart.Resume(FeedToken token)) {
            FeedPosition place = Checkpoints.requireOf(run.id(), token);
            SnapshotPlace unfinished = token.snapshot();
            return unfinished == null
                    ? resume(run, parameters, token, withChanges)
                    : Beginning.with(open(run, parameters, place, unfinished), withChanges, null);
        }
        SelectionCheck.requireExisting(parameters.selection(), run.capture());
        return parameters.snapshot() == FeedParameters.SnapshotMode.NONE
                ? Beginning.at(place(start, run.capture().startingPoints()), true, null)
                : Beginning.with(
                        open(run, parameters, null, SnapshotPlace.START), withChanges, null);
    }

    private static Beginning resume(
            SourceRun run, FeedParameters parameters, FeedToken token, boolean withChanges) {
        Capture capture = run.capture();
        FeedPosition place = capture.startingPoints().resume(token.position());
        Overlap overlap = token.overlap();
        if (Overlap.BROKEN.equals(overlap)) {
            throw new SourceException(
                    FailureCode.TABLE_CHANGED,
                    "the changes behind the snapshot cannot be matched with its rows: take a new one");
        }
        OverlapZone zone =
                overlap == null
                        ? null
                        : new OverlapZone(
                                overlap, capture.server().describe(parameters.selection()));
        return new Beginning(place, zone, null, withChanges, null);
    }

    private static FeedPosition place(FeedStart start, StartingPoints points) {
        return switch (start) {
            case FeedStart.Now _ -> points.now();
            case FeedStart.Earliest _ -> points.earliest();
            case FeedStart.Resume(FeedToken token) -> points.resume(token.position());
            case FeedStart.AfterIndex(long index) -> points.behindIndex(index);
            case FeedStart.AtTime(Instant time) -> points.atTime(time);
            case FeedStart.AfterGtids afterGtids -> points.afterGtids(afterGtids.executed());
        };
    }

    private Snapshot open(
            SourceRun run,
            FeedParameters parameters,
            @Nullable FeedPosition follow,
            SnapshotPlace start) {
        if (!snapshots.tryAcquire()) {
            throw RequestException.unavailable(
                    maxSnapshots
                            + " snapshots are being taken, and no more at a time (fustor.feed.max-snapshots)",
                    RETRY_SNAPSHOT_AFTER);
        }
        try {
            return Snapshot.open(run, parameters.selection(), follow, start, snapshots::release);
        } catch (RuntimeException e) {
            snapshots.release();
            throw e;
        }
    }

    /// What the request wants where its place is gone.
    private Beginning beginAnew(SourceRun run, FeedParameters parameters, SourceException lost) {
        try {
            return switch (parameters.onLost()) {
                case FAIL -> throw lost;
                case LATEST -> Beginning.at(run.capture().startingPoints().now(), true, lost);
                case SNAPSHOT ->
                        Beginning.with(
                                open(run, parameters, null, SnapshotPlace.START),
                                parameters.snapshot() != FeedParameters.SnapshotMode.ONLY,
                                lost);
            };
        } catch (SourceException e) {
            throw refused(e);
        }
    }

    /// A failure before the stream starts, as an answer.
    static RequestException refused(SourceException e) {
        return switch (e.recovery()) {
            case RETRY -> RequestException.unavailable(e.getMessage(), RETRY_AFTER);
            case REPOSITION -> new RequestException(RequestException.Kind.GONE, e.getMessage(), e);
            case STOP -> new RequestException(RequestException.Kind.CONFLICT, e.getMessage(), e);
        };
    }
}
