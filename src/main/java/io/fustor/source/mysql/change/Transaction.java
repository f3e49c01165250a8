package io.fustor.source.mysql.change;

import io.fustor.source.mysql.position.Gtid;
import io.fustor.source.mysql.position.Place;
import org.jspecify.annotations.Nullable;

/// The transaction that events belong to; all its events hold the same instance.
///
/// @param start the place right before its first row
/// @param file the name of the binlog file that contains it
/// @param gtid its GTID, or null if the server assigns none
/// @param committedMicros when its original server committed it, in microseconds since 1970, or 0
///   if the binlog does not have the time (before MySQL 8.0.1)
public record Transaction(Place start, String file, @Nullable Gtid gtid, long committedMicros) {

    /// Its name for people and programs: the GTID, or otherwise file and offset.
    public String id() {
        return gtid != null ? gtid.toString() : file + ":" + start.offset();
    }
}
