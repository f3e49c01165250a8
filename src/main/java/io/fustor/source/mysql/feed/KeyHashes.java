package io.fustor.source.mysql.feed;

import io.fustor.source.mysql.capture.LiveEvent;
import io.fustor.source.mysql.change.RowsEvent;
import io.fustor.source.mysql.encode.EventEncoder;

/// The hashes of the values that decide the conditions of many subscriptions, kept with live
/// events.
final class KeyHashes {

    private KeyHashes() {}

    /// Whether rows of an event may meet the condition. The subscription that asks first takes the
    /// values out that decide it, and leaves them with the event for the others.
    static boolean mayMatch(EventEncoder encoder, LiveEvent live) {
        if (!(live.event() instanceof RowsEvent rowsEvent)) {
            return true;
        }
        int column = encoder.keyColumn(rowsEvent);
        if (column < 0) {
            return true;
        }
        long[] hashes = live.hashes(column);
        if (hashes == null) {
            hashes = encoder.hashes(rowsEvent);
            live.keepHashes(column, hashes);
        }
        return encoder.mayMatch(rowsEvent, hashes);
    }
}
