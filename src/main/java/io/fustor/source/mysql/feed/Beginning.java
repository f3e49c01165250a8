package io.fustor.source.mysql.feed;

import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.position.Place;
import org.jspecify.annotations.Nullable;

/// The start of a stream.
///
/// @param place from which changes are delivered
/// @param overlap the changes that a snapshot's rows may also contain; null for none, and until the
///   snapshot is complete
/// @param snapshot that comes first, or null
/// @param withChanges whether changes follow; otherwise the stream ends after the snapshot
/// @param bound where the stream ends
/// @param lost why the place differs from the requested one; null if it does not
record Beginning(
        Place place,
        @Nullable OverlapZone overlap,
        @Nullable Snapshot snapshot,
        boolean withChanges,
        Bound bound,
        @Nullable SourceException lost)
        implements AutoCloseable {

    static Beginning at(Place place, boolean withChanges, @Nullable SourceException lost) {
        return new Beginning(place, null, null, withChanges, new Bound.Never(), lost);
    }

    static Beginning with(Snapshot snapshot, boolean withChanges, @Nullable SourceException lost) {
        return new Beginning(
                snapshot.follow(), null, snapshot, withChanges, new Bound.Never(), lost);
    }

    /// The same, at the same place with its GTIDs, with an end.
    Beginning until(Place known, Bound end) {
        return new Beginning(known, overlap, snapshot, withChanges, end, lost);
    }

    @Override
    public void close() {
        if (snapshot != null) {
            snapshot.close();
        }
    }
}
