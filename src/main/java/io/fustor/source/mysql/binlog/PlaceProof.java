package io.fustor.source.mysql.binlog;

import io.fustor.source.mysql.error.FailureCode;
import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.position.Place;
import java.util.zip.CRC32C;

/// Proves that a server has the binlog from which a place was taken. The bytes right before the
/// place must have the checksum that they had then (decision 0018).
///
/// For the reader's thread.
final class PlaceProof {

    private final Place place;
    private final CRC32C checksum = new CRC32C();

    /// @param place where the reader was asked to begin
    PlaceProof(Place place) {
        this.place = place;
    }

    Place place() {
        return place;
    }

    /// Whether an event belongs to the bytes that a file holds: servers also send events that they
    /// made for the connection.
    static boolean concerns(EventBytes event) {
        return !event.isMarkedArtificial()
                && switch (event.type()) {
                    case EventType.HEARTBEAT,
                            EventType.HEARTBEAT_V2,
                            EventType.FORMAT_DESCRIPTION,
                            EventType.MARIADB_START_ENCRYPTION ->
                            false;
                    default -> true;
                };
    }

    /// Adds the next event before the place.
    ///
    /// @param start the offset at which the event starts
    /// @param file the name of the binlog file
    /// @return whether the place is proven now
    /// @throws SourceException `FOREIGN_SERVER` if other bytes stand before the place than when it
    ///   was taken
    boolean add(EventBytes event, long start, String file) {
        long end = start + event.size();
        // MariaDB may leave out where an event inside a transaction ends.
        boolean follows = event.saysEnd(end) || event.endPosition() == 0;
        if (!follows || end > place.offset()) {
            throw foreign(file);
        }
        checksum.update(event.array(), event.start(), event.end() - event.start());
        if (end < place.offset()) {
            return false;
        }
        if ((int) checksum.getValue() != place.evidence().checksum()) {
            throw foreign(file);
        }
        return true;
    }

    /// The failure of a server that has other bytes before the place.
    static SourceException foreign(String file) {
        return new SourceException(
                FailureCode.FOREIGN_SERVER,
                "other bytes stand in the server's "
                        + file
                        + " right before the position than stood there when it was taken: the"
                        + " binlog was reset, or the server restored or replaced");
    }
}
