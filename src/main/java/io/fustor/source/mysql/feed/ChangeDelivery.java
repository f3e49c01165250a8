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
import io.fustor.source.mysql.change.CommitEvent;
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
import java.util.concurrent.atomic.AtomicLong;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// The endless part of a subscription: catches up from the binlog, joins the live window, follows
/// it, and catches up again whenever it fell out of it. It pulls at its client's pace and holds
/// nothing for it.
///
/// For the subscription's thread; how far it is, any thread may ask.
final class ChangeDelivery {

    private static final long JOIN_CHECK_NANOS = Duration.ofMillis(20).toNanos();

    /// How often one who waits for its turn looks whether somebody's is over.
    private static final Duration TURN_LOOK = Duration.ofSeconds(1);

    private final Capture capture;
    private final EventEncoder encoder;
    private final ClientOutput out;
    private final Pace pace;
    private final SchemaNotices notices;
    private final RandomGenerator random = RandomGenerator.getDefault();

    private volatile FeedPosition place;
    private volatile @Nullable BinlogEvent last;
    private volatile long servedMicros;
    private volatile boolean isLive;
    private volatile boolean isWaiting;
    private final AtomicLong rows = new AtomicLong();
    private @Nullable OverlapZone overlap;

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
        this.pace = pace;
        this.notices = new SchemaNotices(events);
        this.place = start;
    }

    /// The place up to which the client was served.
    FeedPosition place() {
        BinlogEvent event = last;
        return event == null ? place : event.after();
    }

    /// The token of that place.
    FeedToken token() {
        FeedPosition here = place();
        OverlapZone zone = overlap;
        Overlap ahead = zone == null || zone.overlap().isOverAt(here) ? null : zone.overlap();
        return new FeedToken(encoder.form().source(), here, null, ahead);
    }

    /// When the newest change that the client was served was committed, in microseconds since 1970;
    /// 0 where it was served none yet.
    long servedMicros() {
        BinlogEvent event = last;
        return event == null ? servedMicros : event.transaction().committedMicros();
    }

    boolean isLive() {
        return isLive;
    }

    /// Whether it has to catch up, and others have their turn.
    boolean isWaiting() {
        return isWaiting;
    }

    long rows() {
        return rows.get();
    }

    /// From here on, changes may be in a snapshot's rows too; with null, none is.
    void enter(@Nullable OverlapZone zone) {
        overlap = zone;
        encoder.markOverlap(zone == null ? null : zone.overlap());
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
        OverlapZone zone = overlap;
        if (zone != null && zone.overlap().isOverAt(place())) {
            enter(null);
        }
        return overlap == null && !isAwaitingLarge() ? capture.join(place(), start) : null;
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
            return catchUp(reader, turn);
        } catch (SourceException e) {
            if (turn.isRevoked()) {
                return null;
            }
            throw e;
        } finally {
            capture.closeReader(reader);
        }
    }

    private @Nullable LiveCursor catchUp(BinlogReader reader, CatchUpTurns.Turn turn)
            throws IOException {
        BinlogStatus target = capture.server().status();
        Delivered delivered = new Delivered(place());
        long joinCheck = System.nanoTime();
        while (!pace.isEnding() && !turn.isRevoked()) {
            BinlogEvent event = reader.next();
            take(event, reader, delivered, turn);
            long now = System.nanoTime();
            if (event == null
                    || (event instanceof CommitEvent && now - joinCheck > JOIN_CHECK_NANOS)) {
                joinCheck = now;
                LiveCursor cursor = join(isAtEnd(target));
                if (cursor != null) {
                    return cursor;
                }
            }
            pace.heartbeatIfDue();
            if (event == null || !reader.hasBuffered()) {
                out.flush();
            }
            pace.giveWayIfDue();
        }
        return null;
    }

    private void take(
            @Nullable BinlogEvent event,
            BinlogReader reader,
            Delivered delivered,
            CatchUpTurns.Turn turn)
            throws IOException {
        if (event == null) {
            passTo(reader.position());
        } else if (!delivered.includes(event)) {
            turn.progressed();
            deliver(event, reader, delivered);
        } else if (event instanceof CommitEvent) {
            passTo(event.after());
        }
    }

    /// The binlog went on to a place with nothing in between. Inside a transaction of another
    /// server nothing is known until that transaction comes.
    private void passTo(FeedPosition here) {
        FeedPosition was = place();
        boolean further = here.server() == was.server() ? here.isAfter(was) : was.rows() == 0;
        if (further) {
            place = here;
            last = null;
            pace.moved();
        }
    }

    private void deliver(BinlogEvent event, BinlogReader reader, Delivered delivered)
            throws IOException {
        int skip = event instanceof RowsEvent rowsEvent ? delivered.rows(rowsEvent) : 0;
        pace.moved();
        if (encoder.wants(event)) {
            if (overlap != null) {
                overlap.check(event);
            }
            notices.beforeRows(event);
            encode(event, skip, reader::isOverdue);
            count(event, skip);
        }
        // The event's bytes may be gone with the next one, its place must not be.
        place = event.after();
        last = null;
        servedMicros = event.transaction().committedMicros();
    }

    private void encode(BinlogEvent event, int skip, ClientOutput.Overdue overdue)
            throws IOException {
        if (encoder.isLarge(event)) {
            out.write(
                    (gathered, outlet) -> encoder.encodeInPieces(event, skip, gathered, outlet),
                    overdue);
            return;
        }
        encoder.encode(event, skip, out.gathered());
        out.pieceDone();
    }

    private void count(BinlogEvent event, int skip) {
        pace.served();
        if (event instanceof RowsEvent rowsEvent) {
            rows.lazySet(rows.getPlain() + rowsEvent.rowCount() - skip);
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
        if (edge != null) {
            passTo(edge);
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
            notices.beforeRows(event);
            if (skip > 0 || encoder.isLarge(event)) {
                encode(event, skip, () -> false);
            } else {
                out.write(frame(live));
            }
            count(event, skip);
        }
        last = event;
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
