package io.fustor.source.mysql.feed;

import io.fustor.source.mysql.change.BinlogEvent;
import io.fustor.source.mysql.encode.EventEncoder;
import io.fustor.source.mysql.schema.TableSchema;
import java.io.IOException;
import java.util.Collection;
import org.jspecify.annotations.Nullable;

/// Writes a client's changes one by one, with the notices that come before them.
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
        this.notices =
                new SchemaNotices(
                        events, encoder.form().selection().scope(), encoder.form().masks());
    }

    EventEncoder encoder() {
        return encoder;
    }

    ClientOutput out() {
        return out;
    }

    /// From here on, a snapshot's rows may also contain the changes; with null, they do not.
    void enter(@Nullable OverlapZone zone) {
        overlap = zone;
        encoder.markOverlap(zone == null ? null : zone.overlap());
    }

    @Nullable OverlapZone overlap() {
        return overlap;
    }

    /// Whether a wanted event needs no check or notice before it, and its frames fit into memory.
    boolean isPlain(BinlogEvent event) {
        return overlap == null && !encoder.isLarge(event) && !notices.areDue(event);
    }

    /// Whether rows of tables with these layouts need no notice before them.
    boolean isPlain(Collection<TableSchema> tables) {
        return overlap == null && tables.stream().noneMatch(notices::areDue);
    }

    /// Frames of rows of these tables were written, which another subscription had made.
    void passed(Collection<TableSchema> tables) {
        tables.forEach(notices::passed);
    }

    /// Performs the checks and writes the notices before a wanted event.
    void begin(BinlogEvent event) {
        OverlapZone zone = overlap;
        if (zone != null) {
            zone.check(event);
        }
        notices.beforeRows(event);
    }

    /// Writes a wanted event.
    ///
    /// @param skip how many of its rows the client already has
    /// @param overdue whether a large event takes so long that other clients come first
    /// @return how many of its rows were written
    int write(BinlogEvent event, int skip, ClientOutput.Overdue overdue) throws IOException {
        if (encoder.isLarge(event)) {
            int[] rows = new int[1];
            out.write(
                    (gathered, outlet) ->
                            rows[0] = encoder.encodeInPieces(event, skip, gathered, outlet),
                    overdue);
            return rows[0];
        }
        int rows = encoder.encode(event, skip, out.gathered());
        out.pieceDone();
        return rows;
    }
}
