package io.fustor.source.mysql.feed;

import io.fustor.source.mysql.change.BinlogEvent;
import io.fustor.source.mysql.encode.EventEncoder;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/// Writes a client's changes one by one, with what it has to be told in front of them.
///
/// For the subscription's thread.
final class ChangeWriter {

    private final EventEncoder encoder;
    private final ClientOutput out;
    private final SchemaNotices notices;
    private @Nullable OverlapZone overlap;

    ChangeWriter(EventEncoder encoder, ClientOutput out, SubscriptionEvents events) {
        this.encoder = encoder;
        this.out = out;
        this.notices = new SchemaNotices(events);
    }

    EventEncoder encoder() {
        return encoder;
    }

    ClientOutput out() {
        return out;
    }

    /// From here on, changes may be in a snapshot's rows too; with null, none is.
    void enter(@Nullable OverlapZone zone) {
        overlap = zone;
        encoder.markOverlap(zone == null ? null : zone.overlap());
    }

    @Nullable OverlapZone overlap() {
        return overlap;
    }

    /// Whether nothing has to be looked at or told in front of a wanted event, and its frames may
    /// be in memory as a whole.
    boolean isPlain(BinlogEvent event) {
        return overlap == null && !encoder.isLarge(event) && !notices.areDue(event);
    }

    /// What has to be looked at and told in front of a wanted event.
    void begin(BinlogEvent event) {
        OverlapZone zone = overlap;
        if (zone != null) {
            zone.check(event);
        }
        notices.beforeRows(event);
    }

    /// Writes a wanted event.
    ///
    /// @param skip how many of its rows the client has had
    /// @param overdue whether a large one takes so long that others come first
    void write(BinlogEvent event, int skip, ClientOutput.Overdue overdue) throws IOException {
        if (encoder.isLarge(event)) {
            out.write(
                    (gathered, outlet) -> encoder.encodeInPieces(event, skip, gathered, outlet),
                    overdue);
            return;
        }
        encoder.encode(event, skip, out.gathered());
        out.pieceDone();
    }
}
