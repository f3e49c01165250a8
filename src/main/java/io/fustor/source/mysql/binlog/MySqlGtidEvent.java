package io.fustor.source.mysql.binlog;

import com.github.shyiko.mysql.binlog.event.GtidTaggedEventData;
import com.github.shyiko.mysql.binlog.event.deserialization.GtidTaggedEventDataDeserializer;
import com.github.shyiko.mysql.binlog.io.ByteArrayInputStream;
import io.fustor.source.mysql.position.Gtid;
import io.fustor.source.mysql.position.MySqlGtid;
import java.io.IOException;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// MySQL's GTID event at the start of each transaction, as far as the reader needs it.
///
/// Source: MySQL's `Gtid_event`: flags (1 byte), the server's uuid (16), the number (8); then
/// logical timestamps (1 and 16), and since 8.0.1 the commit time in seven bytes, whose top bit
/// tells that the time at the original server follows. A tagged GTID (8.3) has another form.
///
/// @param gtid null if the server assigns none
/// @param committedMicros microseconds since 1970 at the original server; 0 if absent
record MySqlGtidEvent(@Nullable Gtid gtid, long committedMicros) {

    private static final int GTID_BYTES = 25;
    private static final int LOGICAL_TIMESTAMPS = 2;
    private static final long COMMIT_TIME_BITS = (1L << 55) - 1;

    /// @param event with the cursor at its body
    static MySqlGtidEvent read(EventBytes event) {
        if (event.type() == EventType.GTID_TAGGED) {
            return readTagged(event);
        }
        if (event.type() == EventType.ANONYMOUS_GTID) {
            event.skip(GTID_BYTES);
            return new MySqlGtidEvent(null, commitMicros(event));
        }
        event.skip(1);
        UUID origin = new UUID(event.bigEndian(), event.bigEndian());
        Gtid gtid = new MySqlGtid(origin, "", event.number(8));
        return new MySqlGtidEvent(gtid, commitMicros(event));
    }

    private static long commitMicros(EventBytes event) {
        if (event.remaining() < 1 + 16 + 7 || event.unsignedByte() != LOGICAL_TIMESTAMPS) {
            return 0;
        }
        event.skip(16);
        long immediate = event.number(7);
        boolean hasOriginal = (immediate & ~COMMIT_TIME_BITS) != 0;
        return hasOriginal && event.remaining() >= 7
                ? event.number(7)
                : immediate & COMMIT_TIME_BITS;
    }

    private static MySqlGtidEvent readTagged(EventBytes event) {
        try {
            GtidTaggedEventData data =
                    new GtidTaggedEventDataDeserializer()
                            .deserialize(new ByteArrayInputStream(event.copy(event.remaining())));
            var tagged = data.getMySqlGtid();
            String tag = Objects.requireNonNullElse(tagged.getTag(), "");
            return new MySqlGtidEvent(
                    new MySqlGtid(tagged.getServerId(), tag, tagged.getTransactionId()),
                    data.getOriginalCommitTimestamp());
        } catch (IOException e) {
            throw event.corrupt("its GTID cannot be read: " + e.getMessage());
        }
    }
}
