package io.fustor.source.mysql.change;

import io.fustor.source.mysql.position.FeedPosition;
import io.fustor.source.mysql.position.Gtid;
import org.jspecify.annotations.Nullable;

/// The transaction that events belong to; each of its events holds the same instance.
///
/// @param start the place right before its first row
/// @param file the binlog file's name that holds it
/// @param gtid its GTID, or null where the server gives none
/// @param committedMicros microseconds since 1970 of its commit at the server where it was first
///   committed, or 0 where the binlog does not say (before MySQL 8.0.1)
public record Transaction(
        FeedPosition start, String file, @Nullable Gtid gtid, long committedMicros) {

    /// Its name for people and programs: the GTID, or else file and offset.
    public String id() {
        return gtid != null ? gtid.toString() : file + ":" + start.offset();
    }
}
