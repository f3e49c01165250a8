package io.fustor.source.mysql.page;

import io.fustor.source.mysql.encode.JsonBuffer;
import io.fustor.source.mysql.position.Place;
import org.jspecify.annotations.Nullable;

/// What one request reads: the changes from a place to another one, or rows of a snapshot.
///
/// @param elements the changes, one a line with a comma at its end; empty with a large event
/// @param large something whose frames should not be in memory as a whole, or null
/// @param next the place after the changes; in a snapshot, that from which changes follow
/// @param end why the page ends there
record Page(JsonBuffer elements, @Nullable Large large, Place next, End end) {

    /// Why a page ends where it ends.
    enum End {
        /// It is full. Every page from the same place on with the same form ends there.
        FULL,
        /// The binlog had no more.
        TAIL,
        /// Something else: the server changed, or an event cannot be read.
        CUT,
        /// It is of a snapshot's rows, of which another reader would get others.
        ROWS
    }

    /// What makes a page of its own: an event, or a row of a snapshot.
    interface Large {

        /// Writes its frames; any number of times.
        ///
        /// @param last gets the last piece
        /// @param outlet gets the pieces before it
        void encodeInPieces(JsonBuffer last, JsonBuffer.Outlet outlet);
    }

    boolean isEmpty() {
        return large == null && elements.size() == 0;
    }

    /// What caches may do with a page of changes.
    ///
    /// @param start the place at which the page starts
    Reuse reuse(Place start) {
        if (isEmpty()) {
            return Reuse.BRIEF;
        }
        boolean isLasting =
                end == End.FULL && start.evidence().isSettled() && next.server() == start.server();
        return isLasting ? Reuse.LASTING : Reuse.GROWING;
    }
}
