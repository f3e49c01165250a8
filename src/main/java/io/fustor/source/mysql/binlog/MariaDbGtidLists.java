package io.fustor.source.mysql.binlog;

import io.fustor.source.mysql.position.GtidSet;
import io.fustor.source.mysql.position.MariaDbGtid;

/// Reads MariaDB's GTID list event at the head of each file: the last GTID of each server in each
/// domain. Source: MariaDB's `Gtid_list_log_event`: a count with flags in its top four bits, and
/// for each GTID its domain (4 bytes), server (4) and number (8).
final class MariaDbGtidLists {

    private static final long COUNT = 0x0FFF_FFFFL;

    private MariaDbGtidLists() {}

    static GtidSet read(EventBytes event) {
        long count = event.number(4) & COUNT;
        StringBuilder text = new StringBuilder();
        for (long i = 0; i < count; i++) {
            long domain = event.number(4);
            long server = event.number(4);
            text.append(i == 0 ? "" : ",").append(new MariaDbGtid(domain, server, event.number(8)));
        }
        return GtidSet.parse(text.toString());
    }
}
