package io.fustor.source.mysql.feed;

import io.fustor.source.mysql.binlog.BinlogReader;
import io.fustor.source.mysql.capture.Attempts;
import io.fustor.source.mysql.capture.Capture;
import io.fustor.source.mysql.capture.CaptureState;
import io.fustor.source.mysql.capture.CatchUpTurns;
import io.fustor.source.mysql.capture.LiveCursor;
import io.fustor.source.mysql.capture.LiveWindow;
import io.fustor.source.mysql.encode.EventEncoder;
import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.position.FeedToken;
import io.fustor.source.mysql.position.Overlap;
import io.fustor.source.mysql.position.Place;
import io.fustor.source.mysql.server.BinlogStatus;
import io.fustor.source.mysql.thread.Computing;
import java.io.IOException;
import java.time.Duration;
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
    private final ChangeWriter writer;
    private final Pace pace;
    private final ChangeProgress progress;
    private final StreamEnd end;
    private final SharedStart shared;
    private final Stretches stretches;
    private final LiveDelivery live;

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
            Beginning beginning,
            Stretches stretches) {
        this.capture = capture;
        this.encoder = encoder;
        this.writer = new ChangeWriter(encoder, out, events);
        this.pace = pace;
        this.progress = new ChangeProgress(beginning.place());
        this.end = new StreamEnd(beginning.bound(), capture.server(), writer::overlap);
        this.stretches = stretches;
        this.live = new LiveDelivery(capture, writer, pace, progress, end);
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

    /// Writes the events of the live window until the subscription ends or falls out of it.
    private void follow(LiveCursor cursor) throws IOException {
        isLive = true;
        try {
            Place missing = live.deliver(cursor);
            afterLarge = missing == null ? afterLarge : missing;
        } finally {
            isLive = false;
            capture.leave();
        }
    }

    private boolean isOver() {
        return end.isOver(place(), pace);
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
        try (Following sharing = new Following(stretches, writer, pace, progress)) {
            while (!isOver()) {
                try {
                    LiveCursor cursor = joinOrCatchUpOnce(sharing);
                    if (cursor != null) {
                        return cursor;
                    }
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

    private @Nullable LiveCursor joinOrCatchUpOnce(Following sharing) throws IOException {
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
        if (cursor == null && canShare()) {
            cursor = sharing.follow(() -> join(false));
        }
        return cursor != null || pace.isEnding() ? cursor : catchUp(sharing);
    }

    /// Whether the bytes up to the live window are those of all subscriptions with this form.
    private boolean canShare() {
        return isFree() && !encoder.countsRows();
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
    private @Nullable LiveCursor catchUp(Following sharing) throws IOException {
        try (CatchUpTurns.Turn turn = capture.catchUpTurns().ask()) {
            LiveCursor cursor = await(turn);
            return cursor != null || !turn.isGranted() ? cursor : catchUp(turn, sharing);
        } finally {
            sharing.leave();
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

    private @Nullable LiveCursor catchUp(CatchUpTurns.Turn turn, Following sharing)
            throws IOException {
        BinlogReader reader = capture.catchUpReaders().open(place(), encoder::selects, turn);
        capture.losses().recovered(this);
        try {
            BinlogStatus target = capture.server().status();
            CatchUp catchUp =
                    new CatchUp(
                            reader, turn, writer, pace, progress, end, canShare() ? sharing : null);
            return Computing.run(() -> catchUp.deliver(() -> join(isAtEnd(target))));
        } catch (SourceException e) {
            if (turn.isRevoked()) {
                return null;
            }
            throw e;
        } finally {
            capture.catchUpReaders().close(reader);
        }
    }
}
