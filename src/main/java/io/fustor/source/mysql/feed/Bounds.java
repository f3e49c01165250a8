package io.fustor.source.mysql.feed;

import io.fustor.source.mysql.capture.StartingPoints;
import io.fustor.source.mysql.checkpoint.Checkpoints;
import io.fustor.source.mysql.error.FailureCode;
import io.fustor.source.mysql.error.Recovery;
import io.fustor.source.mysql.error.RequestCode;
import io.fustor.source.mysql.error.RequestException;
import io.fustor.source.mysql.error.Sentence;
import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.position.FeedStart;
import io.fustor.source.mysql.position.FeedToken;
import io.fustor.source.mysql.position.GtidSet;
import io.fustor.source.mysql.position.MariaDbGtidSet;
import io.fustor.source.mysql.position.Place;
import io.fustor.source.mysql.server.ServerIdentity;
import io.fustor.source.mysql.source.SourceRun;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// Turns the parameter `until` into the end of a stream. Blocks on the server; for a time it reads
/// a binlog file up to it.
final class Bounds {

    private Bounds() {}

    /// @param until null for a stream without an end
    /// @throws RequestException if the server cannot have the place, or not any more
    /// @throws SourceException if the server cannot be asked
    static Bound of(SourceRun run, @Nullable FeedStart until, boolean isLimited) {
        if (until == null) {
            return new Bound.Never();
        }
        try {
            return bound(run, until);
        } catch (SourceException e) {
            if (e.recovery() != Recovery.REPOSITION) {
                throw e;
            }
            throw new RequestException(
                    RequestCode.POSITION_INVALID,
                    Sentence.of("feed.until", Sentence.ofFailure(e, isLimited)),
                    e);
        }
    }

    private static Bound bound(SourceRun run, FeedStart until) {
        StartingPoints points = run.capture().startingPoints();
        return switch (until) {
            case FeedStart.Now _ -> new Bound.AtPlace(points.end());
            case FeedStart.AtTime(Instant time) -> at(time, points);
            case FeedStart.AfterGtids(GtidSet set) -> after(run, set);
            case FeedStart.Resume(FeedToken token) -> after(run, token);
            case FeedStart.Earliest _, FeedStart.AfterIndex _ ->
                    throw new IllegalArgumentException("until takes no such place: " + until);
        };
    }

    private static Bound at(Instant time, StartingPoints points) {
        try {
            return new Bound.AtPlace(points.atTime(time));
        } catch (SourceException e) {
            if (e.code() == FailureCode.POSITION_AHEAD) {
                return new Bound.AtTime(StartingPoints.micros(time));
            }
            if (e.code() == FailureCode.POSITION_PURGED) {
                return new Bound.AtPlace(points.earliest());
            }
            throw e;
        }
    }

    private static Bound after(SourceRun run, GtidSet set) {
        ServerIdentity server = run.capture().server().identity();
        boolean hasGtids = server.isMariaDb() || server.gtids();
        boolean isOfKind = set.isEmpty() || set instanceof MariaDbGtidSet == server.isMariaDb();
        if (!hasGtids || !isOfKind) {
            throw RequestException.refused(RequestCode.POSITION_INVALID, "feed.until-gtids");
        }
        return new Bound.AtPlace(new Place(Place.BY_GTIDS, 0, 0, 0, 0, set, null));
    }

    private static Bound after(SourceRun run, FeedToken token) {
        Place place = Checkpoints.requireOf(run, token);
        if (token.snapshot() != null) {
            throw RequestException.refused(RequestCode.POSITION_INVALID, "feed.until-snapshot");
        }
        try {
            run.capture().startingPoints().resume(place);
        } catch (SourceException e) {
            // What is purged comes before every stream; what a replica still lacks will come.
            if (e.code() != FailureCode.POSITION_PURGED && e.code() != FailureCode.SERVER_LAGS) {
                throw e;
            }
        }
        return new Bound.AtPlace(place);
    }
}
