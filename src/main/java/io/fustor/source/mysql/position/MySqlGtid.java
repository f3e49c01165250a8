package io.fustor.source.mysql.position;

import java.util.UUID;

/// One MySQL global transaction identifier, `uuid[:tag]:number`, as the manual's 'GTID Format and
/// Storage' describes it.
///
/// @param server the uuid of the server where the transaction was first committed
/// @param tag lower case, empty if the GTID has none (MySQL 8.3 introduced tags)
/// @param number 1 or more
public record MySqlGtid(UUID server, String tag, long number) implements Gtid {

    public MySqlGtid {
        if (number < 1) {
            throw new IllegalArgumentException("a GTID's number starts at 1: " + number);
        }
    }

    @Override
    public String toString() {
        return tag.isEmpty() ? server + ":" + number : server + ":" + tag + ":" + number;
    }
}
