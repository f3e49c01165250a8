package io.fustor.source.mysql.page;

import io.fustor.source.mysql.position.Place;

/// A time in which a source was read from one server. Epochs of a source follow each other without
/// gaps in their numbers; after a failover and the way back, one server has several.
///
/// @param number from 1
/// @param server the number of the server
/// @param file number of the binlog file, and
/// @param offset offset in it, after which places of the server are of the epoch
record Epoch(int number, long server, long file, long offset) {

    /// Whether a place of the epoch's server is after its start.
    boolean hasBegunAt(Place place) {
        return Place.compare(file, offset, 0, place) < 0;
    }
}
