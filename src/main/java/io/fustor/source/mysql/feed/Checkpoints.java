package io.fustor.source.mysql.feed;

import io.fustor.source.mysql.error.RequestException;
import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.position.FeedPosition;
import io.fustor.source.mysql.position.FeedToken;
import io.fustor.source.mysql.position.GtidSet;
import io.fustor.source.mysql.position.SnapshotPlace;
import io.fustor.source.mysql.source.Consumers;
import io.fustor.source.mysql.state.StateDatabase;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.stereotype.Service;

/// How far consumers have processed their sources. A checkpoint moves forward; backwards only when
/// that is said.
@Service
class Checkpoints implements Consumers {

    private final CheckpointStore store;
    private final StateDatabase state;

    Checkpoints(CheckpointStore store, StateDatabase state) {
        this.store = store;
        this.state = state;
    }

    @Nullable Checkpoint find(String source, String consumer) {
        return store.find(source, consumer).orElse(null);
    }

    List<Checkpoint> findAll(String source) {
        return store.findAll(source);
    }

    /// Stores a consumer's place. When this returns, the place is on disk.
    ///
    /// @param rewind whether it may lie before the stored one
    /// @throws RequestException `INVALID` where the token is none of this source's, `CONFLICT`
    ///   where it lies before the stored one
    /// @throws SourceException `STATE_UNAVAILABLE` where it could not be stored
    Checkpoint put(String source, String consumer, String token, boolean rewind) {
        Checkpoint.requireConsumer(consumer);
        FeedToken given = FeedStart.resume("position", token).token();
        requireOf(source, given);
        Checkpoint next = new Checkpoint(source, consumer, token, Instant.now());
        while (true) {
            Checkpoint stored = find(source, consumer);
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
            state.write(() -> store.insert(checkpoint));
            return true;
        } catch (DuplicateKeyException _) {
            return false;
        }
    }

    private boolean replace(Checkpoint checkpoint, String knownToken) {
        return state.write(() -> store.replace(checkpoint, knownToken));
    }

    private static void requireForward(FeedToken stored, FeedToken next) {
        if (!isForward(stored, next)) {
            throw RequestException.conflict(
                    "position lies before the stored checkpoint, or cannot be compared with it;"
                            + " add ?rewind=true to move the consumer there all the same");
        }
    }

    /// A snapshot lies in front of the changes that follow from its place.
    private static boolean isForward(FeedToken stored, FeedToken next) {
        SnapshotPlace before = stored.snapshot();
        SnapshotPlace after = next.snapshot();
        if (after != null && stored.position().equals(next.position())) {
            return before != null && before.rows() <= after.rows();
        }
        return isForward(stored.position(), next.position());
    }

    private static boolean isForward(FeedPosition stored, FeedPosition next) {
        if (stored.server() == next.server()) {
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

    /// The place of a token.
    ///
    /// @throws RequestException `INVALID` where the token belongs to another source
    static FeedPosition requireOf(String source, FeedToken token) {
        if (!token.isOf(source)) {
            throw RequestException.invalid(
                    "the token belongs to another source: give an event id of the feed of '"
                            + source
                            + "'");
        }
        return token.position();
    }

    /// @throws RequestException `NOT_FOUND` where the consumer has none
    void delete(String source, String consumer) {
        if (!state.write(() -> store.delete(source, consumer))) {
            throw notFound(source, consumer);
        }
    }

    static RequestException notFound(String source, String consumer) {
        return RequestException.notFound(
                "the consumer '" + consumer + "' has no checkpoint at the source '" + source + "'");
    }

    @Override
    public boolean hasCheckpoints(String sourceId) {
        return store.exists(sourceId);
    }

    @Override
    public void forget(String sourceId) {
        store.deleteAll(sourceId);
    }
}
