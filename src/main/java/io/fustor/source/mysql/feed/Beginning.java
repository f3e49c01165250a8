package io.fustor.source.mysql.feed;

import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.position.FeedPosition;
import org.jspecify.annotations.Nullable;

/// How a stream begins.
///
/// @param place from which changes are delivered
/// @param overlap the changes that a snapshot's rows may hold too; null for none, and while the
///   snapshot is not done
/// @param snapshot what comes first, or null
/// @param withChanges whether changes follow; otherwise the stream ends behind the snapshot
/// @param lost why the place is not the one that was asked for, if so
record Beginning(
        FeedPosition place,
        @Nullable OverlapZone overlap,
        @Nullable Snapshot snapshot,
        boolean withChanges,
        @Nullable SourceException lost)
        implements AutoCloseable {

    static Beginning at(FeedPosition place, boolean withChanges, @Nullable SourceException lost) {
        return new Beginning(place, null, null, withChanges, lost);
    }

    static Beginning with(Snapshot snapshot, boolean withChanges, @Nullable SourceException lost) {
        return new Beginning(snapshot.follow(), null, snapshot, withChanges, lost);
    }

    @Override
    public void close() {
        if (snapshot != null) {
            snapshot.close();
        }
    }
}
