package io.fustor.source.mysql.feed;

import io.fustor.source.mysql.capture.Capture;
import io.fustor.source.mysql.capture.Delivered;
import io.fustor.source.mysql.capture.LiveCursor;
import io.fustor.source.mysql.capture.LiveEvent;
import io.fustor.source.mysql.capture.LiveWindow;
import io.fustor.source.mysql.change.BinlogEvent;
import io.fustor.source.mysql.change.CommitEvent;
import io.fustor.source.mysql.change.RowsEvent;
import io.fustor.source.mysql.change.Transaction;
import io.fustor.source.mysql.encode.EventEncoder;
import io.fustor.source.mysql.encode.FrameForm;
import io.fustor.source.mysql.position.Place;
import java.io.IOException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Delivers the events of a live window. Subscriptions with one form share the frames.
///
/// For the subscription's thread.
final class LiveDelivery {

    private final Capture capture;
    private final EventEncoder encoder;
    private final ClientOutput out;
    private final ChangeWriter writer;
    private final Pace pace;
    private final ChangeProgress progress;
    private final StreamEnd end;

    LiveDelivery(
            Capture capture,
            ChangeWriter writer,
            Pace pace,
            ChangeProgress progress,
            StreamEnd end) {
        this.capture = capture;
        this.encoder = writer.encoder();
        this.out = writer.out();
        this.writer = writer;
        this.pace = pace;
        this.progress = progress;
        this.end = end;
    }

    private Place place() {
        return progress.place();
    }

    /// Whether the window's reader has moved to another server since, or reads a transaction again
    /// during which it lost a server.
    private boolean isElsewhere(@Nullable Transaction last, Transaction current) {
        return place().rows() > 0
                || (last != null && last.start().server() != current.start().server());
    }

    /// Writes the events of a window until the subscription ends or falls out of it.
    ///
    /// @return the place after the last event that the window does not hold, if one comes next
    @SuppressWarnings("ReferenceEquality") // a transaction's events share one instance
    @Nullable Place deliver(LiveCursor cursor) throws IOException {
        LiveWindow window = cursor.window();
        long sequence = cursor.sequence();
        Delivered delivered = new Delivered(place());
        Transaction last = null;
        progress.transactionBegins();
        // Sequence numbers are those of this window.
        out.endRun();
        while (!pace.isEnding()) {
            if (!window.has(sequence)) {
                if (!await(window, sequence)) {
                    return null;
                }
                continue;
            }
            LiveEvent live = window.get(sequence);
            if (live == null) {
                return null;
            }
            out.pass(live, sequence);
            Transaction current = live.event().transaction();
            if (current != last) {
                delivered = isElsewhere(last, current) ? new Delivered(place()) : delivered;
                last = current;
            }
            BinlogEvent part = end.part(live.event());
            if (part == null || delivered.includes(part)) {
                out.endRun();
            } else if (!deliverLive(live, part, sequence, delivered)) {
                return afterLarge(window, sequence);
            }
            if (part == null || end.isAfter(part)) {
                pace.over();
            }
            sequence++;
        }
        return null;
    }

    /// Sends the gathered bytes and waits for the window's next event; false if there is none.
    private boolean await(LiveWindow window, long sequence) throws IOException {
        if (!out.endOfLive(sequence)) {
            return true;
        }
        Place edge = window.edge(sequence);
        if (edge != null && progress.passTo(edge)) {
            pace.moved();
        }
        pace.heartbeatIfDue();
        out.flush();
        end.look();
        if (end.isOver(place(), pace) || capture.isOver(window)) {
            return false;
        }
        window.await(sequence, Math.min(pace.untilHeartbeat(), end.untilLook()));
        return true;
    }

    /// Delivers an event of the window, or the part of it before the end of the stream; false if
    /// the window does not hold it, so that it has to be read from the binlog.
    @SuppressWarnings("ReferenceEquality") // the event itself, or a part of it
    private boolean deliverLive(
            LiveEvent live, BinlogEvent event, long sequence, Delivered delivered)
            throws IOException {
        if (isMissing(event)) {
            return false;
        }
        int skip = event instanceof RowsEvent rowsEvent ? delivered.rows(rowsEvent) : 0;
        pace.moved();
        if (encoder.wants(event) && KeyHashes.mayMatch(encoder, live)) {
            writer.begin(event);
            if (skip > 0 || event != live.event() || encoder.isLarge(event)) {
                out.endRun();
                delivered(writer.write(event, skip, () -> false));
            } else {
                deliverFrame(live, sequence);
            }
        }
        if (event instanceof CommitEvent) {
            progress.transactionBegins();
        }
        progress.passedHeld(event);
        return true;
    }

    private void delivered(int rows) {
        if (rows > 0) {
            pace.served();
            progress.count(rows);
            progress.hasRows(rows);
        }
    }

    private boolean isMissing(BinlogEvent event) {
        return event instanceof RowsEvent rowsEvent
                && !rowsEvent.isHeld()
                && encoder.selects(rowsEvent.operation(), rowsEvent.table());
    }

    /// The place after the last event from here on that the window does not hold.
    private Place afterLarge(LiveWindow window, long sequence) {
        Place after = place();
        for (long next = sequence; window.has(next); next++) {
            LiveEvent event = window.get(next);
            if (event != null && isMissing(event.event())) {
                after = event.event().after();
            }
        }
        return after;
    }

    /// Writes the event's frame. The first subscription that needs it leaves a copy for the others.
    private void deliverFrame(LiveEvent live, long sequence) throws IOException {
        FrameForm form = encoder.form();
        byte[] frame = live.frame(form);
        int rows = live.rows(form);
        if (frame == null) {
            int start = out.gathered().size();
            rows = encoder.encode(visible(live.event()), 0, out.gathered());
            frame = Arrays.copyOfRange(out.gathered().array(), start, out.gathered().size());
            out.gathered().truncate(start);
            live.keepFrame(form, frame, rows);
        }
        out.write(frame, live, sequence);
        if (rows == 0 && frame.length > 0) {
            pace.served();
        }
        delivered(rows);
    }

    /// What the client sees of an event: a commit has the rows that are for it.
    private BinlogEvent visible(BinlogEvent event) {
        return event instanceof CommitEvent commit && encoder.countsRows()
                ? commit.withRows(progress.transactionRows())
                : event;
    }
}
