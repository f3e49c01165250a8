package io.fustor.source.mysql.position;

import java.util.UUID;

/// One MySQL global transaction identifier, `uuid[:tag]:number`, as the manual's 'GTID Format and
/// Storage' describes it.
///
/// @param server the uuid of the server where the transaction was first committed
/// @param tag lower case, empty where the GTID has none (tags exist since MySQL 8.3)
/// @param number 1 or more
public record Gtid(UUID server, String tag, long number) {

    public Gtid {
        if (number < 1) {
            throw new IllegalArgumentException("a GTID's number starts at 1: " + number);
        }
    }

    @Override
    public String toString() {
        return tag.isEmpty() ? server + ":" + number : server + ":" + tag + ":" + number;
    }
}
