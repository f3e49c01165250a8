package io.fustor.source.mysql.feed;

import io.fustor.source.mysql.capture.Capture;
import io.fustor.source.mysql.capture.StartingPoints;
import io.fustor.source.mysql.checkpoint.Checkpoint;
import io.fustor.source.mysql.checkpoint.Checkpoints;
import io.fustor.source.mysql.encode.FrameForm;
import io.fustor.source.mysql.encode.Masks;
import io.fustor.source.mysql.encode.Transport;
import io.fustor.source.mysql.error.FailureCode;
import io.fustor.source.mysql.error.Recovery;
import io.fustor.source.mysql.error.RequestCode;
import io.fustor.source.mysql.error.RequestException;
import io.fustor.source.mysql.error.Sentence;
import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.grant.Sight;
import io.fustor.source.mysql.instance.Budget;
import io.fustor.source.mysql.instance.Budgets;
import io.fustor.source.mysql.memory.ClientMemory;
import io.fustor.source.mysql.position.FeedStart;
import io.fustor.source.mysql.position.FeedToken;
import io.fustor.source.mysql.position.Place;
import io.fustor.source.mysql.position.SnapshotPlace;
import io.fustor.source.mysql.schema.NameRule;
import io.fustor.source.mysql.settings.FeedProperties;
import io.fustor.source.mysql.source.SourceRun;
import java.time.Duration;
import java.time.Instant;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/// Turns what a request asks for into the way its stream begins: finds the place, opens the
/// snapshot. Whatever hinders that is an answer, before the stream starts.
@Component
class Beginnings {

    private static final Duration RETRY_SNAPSHOT_AFTER = Duration.ofSeconds(30);

    private final Checkpoints checkpoints;
    private final int maxSnapshots;
    private final Budget snapshots;
    private final ClientMemory memory = ClientMemory.OF_HEAP;

    Beginnings(Checkpoints checkpoints, FeedProperties properties, Budgets budgets) {
        this.checkpoints = checkpoints;
        this.maxSnapshots = properties.maxSnapshots();
        this.snapshots = budgets.counted("snapshots", maxSnapshots);
    }

    /// The parameters with names as the source's server stores them. It is asked only where that
    /// may make a difference.
    ///
    /// @throws SourceException where the server cannot say how it compares names
    FeedParameters stored(SourceRun run, FeedParameters asked) {
        FeedParameters inLowerCase = asked.under(NameRule.LOWER_CASE);
        if (inLowerCase.equals(asked)) {
            return asked;
        }
        return asked.under(run.capture().server().identity().names());
    }

    /// The form of what a request asks for and its caller may see.
    ///
    /// @param parameters as [#stored] gives them
    /// @throws RequestException `INVALID_REQUEST` if a condition uses a masked column
    FrameForm form(SourceRun run, FeedParameters parameters, Transport transport) {
        Masks masks = masks(run, parameters.sight());
        masks.requireUnmasked(parameters.conditions(), parameters.selection().scope());
        return new FrameForm(
                FeedToken.sourceNumber(run.id()),
                run.id(),
                parameters.format(),
                transport,
                parameters.selection(),
                parameters.operations(),
                parameters.batch(),
                parameters.bigNumbersAsStrings(),
                parameters.commits(),
                parameters.conditions(),
                masks,
                null);
    }

    /// What a caller sees masked, with names as the source's server stores them. It is asked only
    /// where that may make a difference.
    ///
    /// @throws SourceException where the server cannot say how it compares names
    static Masks masks(SourceRun run, Sight sight) {
        Masks configured = run.masks();
        if (sight.grant().unmasked()) {
            return configured.inClear();
        }
        return configured.under(NameRule.LOWER_CASE).equals(configured)
                ? configured
                : configured.under(run.capture().server().identity().names());
    }

    /// @param parameters as [#stored] gives them
    /// @param form of the same parameters
    /// @throws RequestException with what is wrong with the request
    /// @throws SourceException with what is wrong with the source or the server
    Beginning begin(SourceRun run, FeedParameters parameters, FrameForm form) {
        Bound bound = Bounds.of(run, parameters.until(), parameters.sight().isLimited());
        Beginning beginning = beginAnywhere(run, parameters, form);
        try {
            Place place = beginning.place();
            boolean byGtids = !(bound instanceof Bound.Never) && beginning.snapshot() == null;
            return beginning.until(
                    byGtids ? run.capture().startingPoints().withGtids(place) : place, bound);
        } catch (Throwable e) {
            beginning.close();
            throw e;
        }
    }

    private Beginning beginAnywhere(SourceRun run, FeedParameters parameters, FrameForm form) {
        FeedStart start = start(run.id(), parameters);
        try {
            return begin(run, parameters, form, start);
        } catch (SourceException e) {
            boolean ahead =
                    e.code() == FailureCode.POSITION_AHEAD
                            && (start instanceof FeedStart.AfterIndex
                                    || start instanceof FeedStart.AtTime);
            if (ahead) {
                throw new RequestException(
                        RequestCode.INVALID_REQUEST,
                        Sentence.of("feed.from", Sentence.ofFailure(e)),
                        e);
            }
            if (e.recovery() == Recovery.REPOSITION) {
                return beginAnew(run, parameters, form, e);
            }
            throw e;
        }
    }

    private FeedStart start(String id, FeedParameters parameters) {
        String consumer = parameters.consumer();
        Checkpoint checkpoint =
                consumer == null
                        ? null
                        : checkpoints.find(id, consumer, parameters.sight().owner());
        return checkpoint == null
                ? parameters.start()
                : FeedStart.resume("consumer", checkpoint.token());
    }

    private Beginning begin(
            SourceRun run, FeedParameters parameters, FrameForm form, FeedStart start) {
        boolean withChanges = parameters.snapshot() != FeedParameters.SnapshotMode.ONLY;
        if (start instanceof FeedStart.Resume(FeedToken token)) {
            Place place = Checkpoints.requireOf(run, token);
            SnapshotPlace unfinished = token.snapshot();
            return unfinished == null
                    ? resume(run, parameters, token, withChanges)
                    : Beginning.with(
                            open(run, parameters, form, place, unfinished, Beginnings::anyTables),
                            withChanges,
                            null);
        }
        SelectionCheck.requireExisting(parameters.selection(), run.capture());
        SelectionCheck.requireFitting(form, run.capture());
        return parameters.snapshot() == FeedParameters.SnapshotMode.NONE
                ? Beginning.at(place(start, run.capture().startingPoints()), true, null)
                : Beginning.with(openFirst(run, parameters, form), withChanges, null);
    }

    private Snapshot openFirst(SourceRun run, FeedParameters parameters, FrameForm form) {
        return open(run, parameters, form, null, SnapshotPlace.START, Beginnings::anyTables);
    }

    /// A stream says which tables it passes over.
    private static void anyTables(SnapshotTables tables) {}

    private static Beginning resume(
            SourceRun run, FeedParameters parameters, FeedToken token, boolean withChanges) {
        Capture capture = run.capture();
        Place place = capture.startingPoints().resume(token.position());
        OverlapZone zone = OverlapZone.resumed(capture, parameters.selection(), token.overlap());
        return new Beginning(place, zone, null, withChanges, new Bound.Never(), null);
    }

    private static Place place(FeedStart start, StartingPoints points) {
        return switch (start) {
            case FeedStart.Now _ -> points.now();
            case FeedStart.Earliest _ -> points.earliest();
            case FeedStart.Resume(FeedToken token) -> points.resume(token.position());
            case FeedStart.AfterIndex(long index) -> points.afterIndex(index);
            case FeedStart.AtTime(Instant time) -> points.atTime(time);
            case FeedStart.AfterGtids afterGtids -> points.afterGtids(afterGtids.executed());
        };
    }

    /// Opens a snapshot that the caller closes.
    ///
    /// @param parameters as [#stored] gives them
    /// @param form of the same parameters
    /// @param follow the place from which changes follow; null to begin
    /// @param start how far an earlier stream got, as its token says
    /// @param requirement as in [Snapshot#open]
    /// @throws RequestException if the caller may take none, or no more are taken now
    Snapshot open(
            SourceRun run,
            FeedParameters parameters,
            FrameForm form,
            @Nullable Place follow,
            SnapshotPlace start,
            Consumer<SnapshotTables> requirement) {
        if (!parameters.sight().grant().snapshots()) {
            throw RequestException.refused(
                    RequestCode.SNAPSHOT_FORBIDDEN, "feed.snapshot-forbidden");
        }
        if (!snapshots.take()) {
            throw RequestException.later(
                    RequestCode.SNAPSHOTS_FULL,
                    RETRY_SNAPSHOT_AFTER,
                    "feed.snapshots-full",
                    maxSnapshots);
        }
        if (!memory.take(ClientMemory.Use.SNAPSHOT)) {
            snapshots.giveBack();
            throw Subscriptions.heapFull("another snapshot", RETRY_SNAPSHOT_AFTER);
        }
        try {
            SnapshotPlace place = form.masks().opened(start);
            return Snapshot.open(run, form, follow, place, requirement, this::snapshotOver);
        } catch (Throwable e) {
            snapshotOver();
            throw e;
        }
    }

    private void snapshotOver() {
        memory.giveBack(ClientMemory.Use.SNAPSHOT);
        snapshots.giveBack();
    }

    /// What the request wants where its place is gone.
    private Beginning beginAnew(
            SourceRun run, FeedParameters parameters, FrameForm form, SourceException lost) {
        return switch (parameters.onLost()) {
            case FAIL -> throw lost;
            case LATEST -> Beginning.at(run.capture().startingPoints().now(), true, lost);
            case SNAPSHOT ->
                    Beginning.with(
                            openFirst(run, parameters, form),
                            parameters.snapshot() != FeedParameters.SnapshotMode.ONLY,
                            lost);
        };
    }
}
