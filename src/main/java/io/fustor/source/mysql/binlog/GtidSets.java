package io.fustor.source.mysql.binlog;

import io.fustor.source.mysql.position.GtidSet;
import java.util.UUID;

/// Reads the GTID set of a previous-GTIDs event. Source: the server's `Gtid_set::encode`: a count
/// of origins, and for each its uuid, since MySQL 8.3 an optional tag, and its half-open intervals.
final class GtidSets {

    private static final int TAGGED = 1;

    private GtidSets() {}

    static GtidSet read(EventBytes event) {
        long head = event.number(8);
        boolean tagged = head >>> 56 == TAGGED;
        long origins = tagged ? head >>> 8 & 0xFFFF_FFFF_FFFFL : head;
        StringBuilder text = new StringBuilder();
        for (long i = 0; i < origins; i++) {
            UUID server = new UUID(event.bigEndian(), event.bigEndian());
            text.append(text.isEmpty() ? "" : ",").append(server);
            if (tagged) {
                // A length-encoded string in the protocol's serialization, where short lengths are
                // doubled.
                int length = event.unsignedByte() >>> 1;
                text.append(length == 0 ? "" : ":").append(event.text(length));
            }
            long intervals = event.number(8);
            for (long j = 0; j < intervals; j++) {
                long first = event.number(8);
                text.append(':').append(first).append('-').append(event.number(8) - 1);
            }
        }
        return GtidSet.parse(text.toString());
    }
}
