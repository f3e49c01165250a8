package io.fustor.source.mysql.feed;

import io.fustor.source.mysql.binlog.BinlogReader;
import io.fustor.source.mysql.capture.Attempts;
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
import io.fustor.source.mysql.change.Transaction;
import io.fustor.source.mysql.encode.EventEncoder;
import io.fustor.source.mysql.encode.FrameForm;
import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.position.FeedToken;
import io.fustor.source.mysql.position.Overlap;
import io.fustor.source.mysql.position.Place;
import io.fustor.source.mysql.server.BinlogStatus;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// The endless part of a subscription. It catches up from the binlog, joins the live window and
/// follows it, and again when it falls out. It reads at its client's pace and buffers nothing.
///
/// For the subscription's thread; any thread may read its progress.
final class ChangeDelivery {

    /// How often a subscription that waits for its turn checks for turns that are over.
    private static final Duration TURN_LOOK = Duration.ofSeconds(1);

    private final Capture capture;
    private final EventEncoder encoder;
    private final ClientOutput out;
    private final ChangeWriter writer;
    private final Pace pace;
    private final ChangeProgress progress;
    private final StreamEnd end;
    private final SharedStart shared;

    private volatile boolean isLive;
    private volatile boolean isWaiting;

    /// The place after the last event that the window does not hold, when the subscription left it.
    private @Nullable Place afterLarge;

    /// @param beginning the place after which to deliver, and the end
    ChangeDelivery(
            Capture capture,
            EventEncoder encoder,
            ClientOutput out,
            SubscriptionEvents events,
            Pace pace,
            Beginning beginning) {
        this.capture = capture;
        this.encoder = encoder;
        this.out = out;
        this.writer = new ChangeWriter(encoder, out, events);
        this.pace = pace;
        this.progress = new ChangeProgress(beginning.place());
        this.end = new StreamEnd(beginning.bound(), capture.server(), writer::overlap);
        this.shared = new SharedStart(capture, pace, this::join);
    }

    ChangeProgress progress() {
        return progress;
    }

    private Place place() {
        return progress.place();
    }

    /// The token of the client's place.
    FeedToken token() {
        Place here = place();
        OverlapZone zone = writer.overlap();
        Overlap ahead = zone == null ? null : zone.after(here);
        return new FeedToken(encoder.form().source(), here, null, ahead);
    }

    boolean isLive() {
        return isLive;
    }

    /// Whether it has to catch up and waits for its turn.
    boolean isWaiting() {
        return isWaiting;
    }

    /// From here on, a snapshot's rows may contain changes too; with null, they contain none.
    void enter(@Nullable OverlapZone zone) {
        writer.enter(zone);
    }

    /// Delivers until the stream's end is reached, or the subscription has to end.
    ///
    /// @throws SourceException if the changes cannot be read any further
    /// @throws IOException if the client has disconnected
    void deliver() throws IOException {
        while (!isOver()) {
            LiveCursor cursor = joinOrCatchUp();
            if (cursor != null) {
                follow(cursor);
                failIfCaptureFailed(cursor.window());
            }
        }
    }

    private boolean isOver() {
        if (end.isReachedAt(place())) {
            pace.over();
        }
        return pace.isEnding();
    }

    private void failIfCaptureFailed(LiveWindow window) {
        CaptureState state = capture.state();
        SourceException error = state.error();
        boolean over =
                state instanceof CaptureState.Failed || state instanceof CaptureState.PositionLost;
        if (capture.isOver(window) && over && error != null) {
            throw error;
        }
    }

    /// Joins the live window, after a catch-up if necessary; null if the subscription has to end.
    private @Nullable LiveCursor joinOrCatchUp() throws IOException {
        Attempts attempts = capture.attempts();
        Place failedAt = null;
        try {
            while (!pace.isEnding()) {
                try {
                    return joinOrCatchUpOnce();
                } catch (SourceException e) {
                    if (!place().equals(failedAt)) {
                        attempts.succeeded();
                        failedAt = place();
                    }
                    if (!capture.losses().retryAfter(e, attempts, this)) {
                        throw e;
                    }
                    pace.pause(attempts.delay(), attempts::isServerBack);
                }
            }
            return null;
        } finally {
            capture.losses().recovered(this);
        }
    }

    private @Nullable LiveCursor joinOrCatchUpOnce() throws IOException {
        LiveCursor cursor = join(false);
        if (cursor == null && !capture.isRunning()) {
            BinlogStatus status = capture.server().status();
            cursor = join(isAtEnd(status) && !shared.isGathering());
            if (cursor == null && isFree()) {
                cursor = shared.gather(place(), status);
            }
        } else if (cursor == null && isFree()) {
            cursor = shared.awaitReader(place());
        }
        return cursor != null ? cursor : catchUp();
    }

    /// Joins only after the overlap: all subscribers share the window's frames, which mark nothing.
    private @Nullable LiveCursor join(boolean start) {
        OverlapZone zone = writer.overlap();
        if (zone != null && zone.overlap().isOverAt(place())) {
            enter(null);
        }
        boolean canJoin = writer.overlap() == null && !isAwaitingLarge() && !isAwaitingCommit();
        return canJoin ? capture.join(place(), start) : null;
    }

    /// Whether the transaction's rows have to be counted from its start.
    private boolean isAwaitingCommit() {
        return encoder.countsRows() && place().rows() > 0;
    }

    /// Whether an event that the window does not hold comes before it can be joined.
    private boolean isAwaitingLarge() {
        Place large = afterLarge;
        return large != null && large.server() == place().server() && large.isAfter(place());
    }

    /// Whether only the window's beginning keeps it from joining.
    private boolean isFree() {
        return !end.isBounded()
                && writer.overlap() == null
                && !isAwaitingLarge()
                && !isAwaitingCommit();
    }

    private boolean isAtEnd(BinlogStatus status) {
        Place end = status.place();
        return end.server() == place().server() && !end.isAfter(place());
    }

    /// Waits for its turn, and reads the binlog over its own connection up to the live window.
    ///
    /// @return null if it needs another turn, or the subscription has to end
    private @Nullable LiveCursor catchUp() throws IOException {
        try (CatchUpTurns.Turn turn = capture.catchUpTurns().ask()) {
            LiveCursor cursor = await(turn);
            return cursor != null || !turn.isGranted() ? cursor : catchUp(turn);
        }
    }

    /// Waits until it has its turn, or the window reaches back to its place after all.
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
        BinlogReader reader = capture.catchUpReaders().open(place(), encoder::selects, turn);
        capture.losses().recovered(this);
        try {
            BinlogStatus target = capture.server().status();
            return new CatchUp(reader, turn, writer, pace, progress, end)
                    .deliver(() -> join(isAtEnd(target)));
        } catch (SourceException e) {
            if (turn.isRevoked()) {
                return null;
            }
            throw e;
        } finally {
            capture.catchUpReaders().close(reader);
        }
    }

    /// Whether the window's reader has moved to another server since, or reads a transaction again
    /// during which it lost a server.
    private boolean isElsewhere(@Nullable Transaction last, Transaction current) {
        return place().rows() > 0
                || (last != null && last.start().server() != current.start().server());
    }

    /// Writes the events of the live window until the subscription ends or falls out of it.
    @SuppressWarnings("ReferenceEquality") // a transaction's events share one instance
    private void follow(LiveCursor cursor) throws IOException {
        LiveWindow window = cursor.window();
        long sequence = cursor.sequence();
        Delivered delivered = new Delivered(place());
        Transaction last = null;
        progress.transactionBegins();
        // Sequence numbers are those of this window.
        out.endRun();
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
                    afterLarge = afterLarge(window, sequence);
                    return;
                }
                if (part == null || end.isAfter(part)) {
                    pace.over();
                }
                sequence++;
            }
        } finally {
            isLive = false;
            capture.leave();
        }
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
        if (isOver() || capture.isOver(window)) {
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
