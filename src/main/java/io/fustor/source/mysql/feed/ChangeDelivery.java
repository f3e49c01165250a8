package io.fustor.source.mysql.feed;

import io.fustor.source.mysql.binlog.BinlogReader;
import io.fustor.source.mysql.capture.Capture;
import io.fustor.source.mysql.capture.CaptureState;
import io.fustor.source.mysql.capture.CatchUpTurns;
import io.fustor.source.mysql.capture.Delivered;
import io.fustor.source.mysql.capture.LiveCursor;
import io.fustor.source.mysql.capture.LiveEvent;
import io.fustor.source.mysql.capture.LiveWindow;
import io.fustor.source.mysql.change.BinlogEvent;
import io.fustor.source.mysql.change.RowsEvent;
import io.fustor.source.mysql.encode.EventEncoder;
import io.fustor.source.mysql.error.Recovery;
import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.position.FeedPosition;
import io.fustor.source.mysql.position.FeedToken;
import io.fustor.source.mysql.position.Overlap;
import io.fustor.source.mysql.server.BinlogStatus;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// The endless part of a subscription: catches up from the binlog, joins the live window, follows
/// it, and catches up again whenever it fell out of it. It pulls at its client's pace and holds
/// nothing for it.
///
/// For the subscription's thread; how far it is, any thread may ask.
final class ChangeDelivery {

    /// How often one who waits for its turn looks whether somebody's is over.
    private static final Duration TURN_LOOK = Duration.ofSeconds(1);

    private final Capture capture;
    private final EventEncoder encoder;
    private final ClientOutput out;
    private final ChangeWriter writer;
    private final Pace pace;
    private final ChangeProgress progress;
    private final RandomGenerator random = RandomGenerator.getDefault();

    private volatile boolean isLive;
    private volatile boolean isWaiting;

    /// Behind the last event for which the window had to be left, since it does not hold it.
    private @Nullable FeedPosition behindLarge;

    /// @param start behind which to deliver
    ChangeDelivery(
            Capture capture,
            EventEncoder encoder,
            ClientOutput out,
            SubscriptionEvents events,
            Pace pace,
            FeedPosition start) {
        this.capture = capture;
        this.encoder = encoder;
        this.out = out;
        this.writer = new ChangeWriter(encoder, out, events);
        this.pace = pace;
        this.progress = new ChangeProgress(start);
    }

    ChangeProgress progress() {
        return progress;
    }

    private FeedPosition place() {
        return progress.place();
    }

    /// The token of the client's place.
    FeedToken token() {
        FeedPosition here = place();
        OverlapZone zone = writer.overlap();
        Overlap ahead = zone == null || zone.overlap().isOverAt(here) ? null : zone.overlap();
        return new FeedToken(encoder.form().source(), here, null, ahead);
    }

    boolean isLive() {
        return isLive;
    }

    /// Whether it has to catch up, and others have their turn.
    boolean isWaiting() {
        return isWaiting;
    }

    /// From here on, changes may be in a snapshot's rows too; with null, none is.
    void enter(@Nullable OverlapZone zone) {
        writer.enter(zone);
    }

    /// Delivers until the subscription is to end.
    ///
    /// @throws SourceException where the changes cannot go on
    /// @throws IOException where the client is gone
    void deliver() throws IOException {
        while (!pace.isEnding()) {
            LiveCursor cursor = joinOrCatchUp();
            if (cursor != null) {
                follow(cursor);
                failIfCaptureFailed(cursor.window());
            }
        }
    }

    private void failIfCaptureFailed(LiveWindow window) {
        CaptureState state = capture.state();
        SourceException error = state.error();
        boolean over =
                state instanceof CaptureState.Failed || state instanceof CaptureState.PositionLost;
        if (window.isClosed() && over && error != null) {
            throw error;
        }
    }

    /// Joins the live window, after catching up if need be; null where the subscription is to end.
    private @Nullable LiveCursor joinOrCatchUp() throws IOException {
        int failures = 0;
        FeedPosition failedAt = null;
        while (!pace.isEnding()) {
            try {
                LiveCursor cursor = join(false);
                if (cursor == null && !capture.isRunning()) {
                    cursor = join(isAtEnd(capture.server().status()));
                }
                return cursor != null ? cursor : catchUp();
            } catch (SourceException e) {
                failures = place().equals(failedAt) ? failures + 1 : 1;
                failedAt = place();
                if (e.recovery() != Recovery.RETRY || capture.retry().isOver(failures, e)) {
                    throw e;
                }
                long failed = System.nanoTime();
                boolean isUnreachable = e.code().isUnreachable();
                pace.pause(
                        capture.retry().delay(failures, e, random),
                        () -> isUnreachable && capture.isBackSince(failed));
            }
        }
        return null;
    }

    /// Frames of the live window are made for everybody, and mark nothing.
    private @Nullable LiveCursor join(boolean start) {
        OverlapZone zone = writer.overlap();
        if (zone != null && zone.overlap().isOverAt(place())) {
            enter(null);
        }
        return writer.overlap() == null && !isAwaitingLarge() ? capture.join(place(), start) : null;
    }

    /// Whether an event comes first that the window does not hold.
    private boolean isAwaitingLarge() {
        FeedPosition large = behindLarge;
        return large != null && large.server() == place().server() && large.isAfter(place());
    }

    private boolean isAtEnd(BinlogStatus status) {
        FeedPosition end = status.place();
        return end.server() == place().server() && !end.isAfter(place());
    }

    /// Waits for its turn, and reads the binlog by a connection of its own up to where the live
    /// window can be joined.
    ///
    /// @return null where it has to be asked for another turn, or the subscription is to end
    private @Nullable LiveCursor catchUp() throws IOException {
        try (CatchUpTurns.Turn turn = capture.catchUpTurns().ask()) {
            LiveCursor cursor = await(turn);
            return cursor != null || !turn.isGranted() ? cursor : catchUp(turn);
        }
    }

    /// Until it is its turn, or the window reaches back to its place after all.
    private @Nullable LiveCursor await(CatchUpTurns.Turn turn) throws IOException {
        isWaiting = !turn.isGranted();
        try {
            while (!turn.isGranted() && !pace.isEnding()) {
                capture.catchUpTurns().revokeDue();
                pace.pause(TURN_LOOK, turn::isGranted);
                LiveCursor cursor = join(false);
                if (cursor != null) {
                    return cursor;
                }
            }
            return null;
        } finally {
            isWaiting = false;
        }
    }

    private @Nullable LiveCursor catchUp(CatchUpTurns.Turn turn) throws IOException {
        BinlogReader reader = capture.openReader(place(), encoder::selects, turn);
        try {
            BinlogStatus target = capture.server().status();
            return new CatchUp(reader, turn, writer, pace, progress)
                    .deliver(() -> join(isAtEnd(target)));
        } catch (SourceException e) {
            if (turn.isRevoked()) {
                return null;
            }
            throw e;
        } finally {
            capture.closeReader(reader);
        }
    }

    /// Writes what the live window holds and what comes, until the subscription ends or falls out
    /// of it.
    private void follow(LiveCursor cursor) throws IOException {
        LiveWindow window = cursor.window();
        long sequence = cursor.sequence();
        Delivered delivered = new Delivered(place());
        long server = place().server();
        isLive = true;
        try {
            while (!pace.isEnding()) {
                if (!window.has(sequence)) {
                    if (!await(window, sequence)) {
                        return;
                    }
                    continue;
                }
                LiveEvent live = window.get(sequence);
                if (live == null) {
                    return;
                }
                long from = live.event().transaction().start().server();
                if (from != server) {
                    delivered = new Delivered(place());
                    server = from;
                }
                if (!delivered.includes(live.event()) && !deliverLive(live, delivered)) {
                    behindLarge = behindLarge(window, sequence);
                    return;
                }
                sequence++;
            }
        } finally {
            isLive = false;
            capture.leave();
        }
    }

    /// Sends what is gathered and waits for the window's next event; false where it gets no more.
    private boolean await(LiveWindow window, long sequence) throws IOException {
        FeedPosition edge = window.edge(sequence);
        if (edge != null && progress.passTo(edge)) {
            pace.moved();
        }
        pace.heartbeatIfDue();
        out.flush();
        if (window.isClosed()) {
            return false;
        }
        window.await(sequence, pace.untilHeartbeat());
        return true;
    }

    /// Delivers an event of the window; false where the window does not hold it, so that it has to
    /// be read from the binlog.
    private boolean deliverLive(LiveEvent live, Delivered delivered) throws IOException {
        BinlogEvent event = live.event();
        if (isMissing(event)) {
            return false;
        }
        int skip = event instanceof RowsEvent rowsEvent ? delivered.rows(rowsEvent) : 0;
        pace.moved();
        if (encoder.wants(event)) {
            writer.begin(event);
            if (skip > 0 || encoder.isLarge(event)) {
                writer.write(event, skip, () -> false);
            } else {
                out.write(frame(live));
            }
            pace.served();
            progress.count(event, skip);
        }
        progress.passedHeld(event);
        return true;
    }

    private boolean isMissing(BinlogEvent event) {
        return event instanceof RowsEvent rowsEvent
                && !rowsEvent.isHeld()
                && encoder.selects(rowsEvent.operation(), rowsEvent.table());
    }

    /// Behind the last event from here on that the window does not hold: whoever read only the
    /// first one from the binlog would be back at once.
    private FeedPosition behindLarge(LiveWindow window, long sequence) {
        FeedPosition behind = place();
        for (long next = sequence; window.has(next); next++) {
            LiveEvent event = window.get(next);
            if (event != null && isMissing(event.event())) {
                behind = event.event().after();
            }
        }
        return behind;
    }

    /// The event's frame: whoever needs it first makes it, behind what is gathered, and leaves a
    /// copy for the others.
    private byte[] frame(LiveEvent live) {
        byte[] known = live.frame(encoder.form());
        if (known != null) {
            return known;
        }
        int start = out.gathered().size();
        encoder.encode(live.event(), 0, out.gathered());
        byte[] made = Arrays.copyOfRange(out.gathered().array(), start, out.gathered().size());
        out.gathered().truncate(start);
        live.keepFrame(encoder.form(), made);
        return made;
    }
}
