package io.fustor.source.mysql.checkpoint;

import io.fustor.source.mysql.capture.Capture;
import io.fustor.source.mysql.capture.StartingPoints.Reach;
import io.fustor.source.mysql.error.RequestCode;
import io.fustor.source.mysql.error.RequestException;
import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.position.FeedStart;
import io.fustor.source.mysql.position.FeedToken;
import io.fustor.source.mysql.position.GtidSet;
import io.fustor.source.mysql.position.Place;
import io.fustor.source.mysql.position.SnapshotPlace;
import io.fustor.source.mysql.settings.FeedProperties;
import io.fustor.source.mysql.source.Consumers;
import io.fustor.source.mysql.source.SourceRun;
import io.fustor.source.mysql.state.StateDatabase;
import io.fustor.source.mysql.state.StateWrite;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.stereotype.Service;

/// How far consumers have processed their sources. A checkpoint moves forward; backwards only when
/// that is said.
@Service
public class Checkpoints implements Consumers {

    private final CheckpointStore store;
    private final StateDatabase state;
    private final int most;

    Checkpoints(CheckpointStore store, StateDatabase state, FeedProperties properties) {
        this.most = properties.maxCheckpoints();
        this.store = store;
        this.state = state;
    }

    /// The checkpoint of a consumer, or null.
    ///
    /// @param owner the caller that stored it
    public @Nullable Checkpoint find(String source, String consumer, String owner) {
        return store.find(source, consumer, owner).orElse(null);
    }

    /// The first of an owner's whose consumers' names come after one, by their names.
    List<Checkpoint> page(String source, String owner, String after, int limit) {
        return store.page(source, owner, after, limit);
    }

    /// The first of all owners' that come after one, by the consumers' names and then the owners'.
    List<Checkpoint> pageOfAll(String source, String after, String afterOwner, int limit) {
        return store.pageOfAll(source, after, afterOwner, limit);
    }

    /// The first checkpoints of a source, of all owners.
    public List<Checkpoint> first(String source, int limit) {
        return store.pageOfAll(source, "", "", limit);
    }

    /// Stores a consumer's place. When this returns, the place is on disk.
    ///
    /// @param owner the caller that stores it
    /// @param rewind whether it may lie before the stored one
    /// @throws RequestException `INVALID` where the token is none of this source's, `CONFLICT`
    ///   where it lies before the stored one
    /// @throws SourceException `STATE_UNAVAILABLE` where it could not be stored
    public Checkpoint put(
            String source, String consumer, String owner, String token, boolean rewind) {
        Checkpoint.requireConsumer(consumer);
        Checkpoint.requireStorable(token);
        FeedToken given = FeedStart.resume("position", token).token();
        requireOf(source, given);
        Checkpoint next = new Checkpoint(source, consumer, owner, token, Instant.now());
        while (true) {
            Checkpoint stored = find(source, consumer, owner);
            if (stored != null && !rewind) {
                requireForward(FeedToken.parse(stored.token()), given);
            }
            if (stored == null ? insert(next) : replace(next, stored.token())) {
                return next;
            }
        }
    }

    private boolean insert(Checkpoint checkpoint) {
        try {
            state.write(
                    write -> {
                        requireRoom(checkpoint.source(), checkpoint.owner());
                        store.insert(write, checkpoint);
                    });
            return true;
        } catch (DuplicateKeyException _) {
            return false;
        }
    }

    /// A reader may store checkpoints under any names; they must not fill the state. Each owner has
    /// room of its own, so that none learns of another's.
    private void requireRoom(String source, String owner) {
        if (store.count(source, owner) >= most) {
            throw RequestException.refused(
                    RequestCode.CHECKPOINTS_FULL, "checkpoint.too-many", source, most);
        }
    }

    private boolean replace(Checkpoint checkpoint, String knownToken) {
        return state.writeAnd(write -> store.replace(write, checkpoint, knownToken));
    }

    private static void requireForward(FeedToken stored, FeedToken next) {
        if (!isForward(stored, next)) {
            throw RequestException.refused(RequestCode.CHECKPOINT_BACKWARD, "checkpoint.backward");
        }
    }

    /// A snapshot lies before the changes that follow from its place.
    private static boolean isForward(FeedToken stored, FeedToken next) {
        SnapshotPlace before = stored.snapshot();
        SnapshotPlace after = next.snapshot();
        if (after != null && stored.position().equals(next.position())) {
            return before != null && before.rows() <= after.rows();
        }
        return isForward(stored.position(), next.position());
    }

    private static boolean isForward(Place stored, Place next) {
        if (stored.server() == next.server() && stored.server() != Place.BY_GTIDS) {
            return !stored.isAfter(next);
        }
        GtidSet before = stored.executed();
        GtidSet after = next.executed();
        if (before == null || after == null) {
            return false;
        }
        if (before.equals(after)) {
            return stored.rows() <= next.rows();
        }
        return before.isSubsetOf(after);
    }

    /// The place of a token that is of the source, or of another source of the same server: it
    /// names a place on the server, and proves of which binlog it is.
    ///
    /// @throws RequestException `INVALID` where the token belongs to another server's source
    /// @throws SourceException where the server does not say who it is
    public static Place requireOf(SourceRun run, FeedToken token) {
        Place place = token.position();
        boolean isOfServer =
                !token.isOf(run.id())
                        && place.fileCreated() != 0
                        && place.server() == run.capture().server().identity().number();
        return isOfServer ? place : requireOf(run.id(), token);
    }

    /// The place of a token.
    ///
    /// @throws RequestException `INVALID` where the token belongs to another source
    static Place requireOf(String source, FeedToken token) {
        if (!token.isOf(source)) {
            throw RequestException.refused(
                    RequestCode.POSITION_INVALID, "feed.other-source", source);
        }
        return token.position();
    }

    /// How much binlog follows the places of checkpoints, for the price of three questions to the
    /// server; none while it cannot be asked.
    static List<Reach> reaches(List<Checkpoint> stored, @Nullable Capture capture) {
        if (capture == null || stored.isEmpty()) {
            return List.of();
        }
        try {
            return capture.startingPoints()
                    .reach(
                            stored.stream()
                                    .map(one -> FeedToken.parse(one.token()).position())
                                    .toList());
        } catch (SourceException _) {
            return List.of();
        }
    }

    /// @throws RequestException `NOT_FOUND` where the consumer has none
    void delete(String source, String consumer, String owner) {
        if (!state.writeAnd(write -> store.delete(write, source, consumer, owner))) {
            throw notFound(source, consumer);
        }
    }

    static RequestException notFound(String source, String consumer) {
        return RequestException.refused(
                RequestCode.CHECKPOINT_UNKNOWN, "checkpoint.none", consumer, source);
    }

    /// Removes all checkpoints of a caller.
    public void forgetOwner(StateWrite write, String owner) {
        store.deleteOwner(write, owner);
    }

    @Override
    public boolean hasCheckpoints(String sourceId) {
        return store.count(sourceId) > 0;
    }

    @Override
    public void forget(StateWrite write, String sourceId) {
        store.deleteAll(write, sourceId);
    }
}
