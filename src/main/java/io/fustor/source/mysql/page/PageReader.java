package io.fustor.source.mysql.page;

import io.fustor.source.mysql.binlog.BinlogReader;
import io.fustor.source.mysql.capture.Capture;
import io.fustor.source.mysql.capture.CaptureState;
import io.fustor.source.mysql.capture.CatchUpTurns;
import io.fustor.source.mysql.capture.LiveCursor;
import io.fustor.source.mysql.capture.LiveEvent;
import io.fustor.source.mysql.capture.LiveWindow;
import io.fustor.source.mysql.change.BinlogEvent;
import io.fustor.source.mysql.change.CommitEvent;
import io.fustor.source.mysql.change.RowsEvent;
import io.fustor.source.mysql.encode.EventEncoder;
import io.fustor.source.mysql.encode.FrameForm;
import io.fustor.source.mysql.error.FailureCode;
import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.feed.OverlapZone;
import io.fustor.source.mysql.position.Place;
import io.fustor.source.mysql.thread.Computing;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/// Reads one page: from the live window if it reaches back to the page's start, otherwise from the
/// binlog over a connection of its own, which it closes at the page's end.
///
/// For the request's thread.
final class PageReader {

    /// How long a request waits for its turn to read the binlog.
    private static final Duration TURN_PATIENCE = Duration.ofSeconds(20);

    private static final Duration TURN_LOOK = Duration.ofMillis(100);

    /// How often the binlog is read again for a change that the live window does not have.
    private static final Duration BINLOG_LOOK = Duration.ofMillis(500);

    /// How long the end of the binlog, as the server named it, may not arrive.
    private static final Duration END_PATIENCE = Duration.ofSeconds(10);

    private final Capture capture;
    private final EventEncoder encoder;
    private final Place start;
    private final @Nullable OverlapZone zone;
    private final BooleanSupplier isEnding;

    /// Whether the live window cannot make the page.
    private boolean needsBinlog;

    /// Takes a page, before the bytes of its events are reused.
    interface Taker {
        void take(Page page) throws IOException;
    }

    /// @param zone the changes that a snapshot's rows may also contain; null if none are
    /// @param isEnding whether the request must end now
    PageReader(
            Capture capture,
            FrameForm form,
            Place start,
            @Nullable OverlapZone zone,
            BooleanSupplier isEnding) {
        this.capture = capture;
        this.encoder = new EventEncoder(form);
        this.start = start;
        this.zone = zone;
        this.isEnding = isEnding;
        // The frames of the window mark nothing.
        this.needsBinlog = zone != null;
        encoder.markOverlap(zone == null ? null : zone.overlap());
    }

    /// Reads the page. Waits for its first change if there is none yet.
    ///
    /// @param until how long to wait, by [System#nanoTime]; the page is empty then
    /// @throws SourceException if nothing can be read from the place on
    /// @throws IOException if the taker throws it
    void read(long until, Taker taker) throws IOException {
        boolean isAtEnd = false;
        while (true) {
            boolean mayWait = until - System.nanoTime() > 0 && !isEnding.getAsBoolean();
            LiveCursor cursor = join(isAtEnd && mayWait);
            if (cursor != null) {
                Page page = fromWindow(cursor, until);
                if (page != null) {
                    taker.take(page);
                    return;
                }
                failIfCaptureFailed(cursor.window());
                isAtEnd = false;
                continue;
            }
            if (isAtEnd && mayWait) {
                // The window has begun elsewhere, and does not reach back to the place.
                pause(until);
            }
            Read read = fromBinlog(mayWait, taker);
            if (read == Read.DONE) {
                return;
            }
            isAtEnd = read == Read.NOTHING;
        }
    }

    private void pause(long until) {
        long rest = until - System.nanoTime();
        LockSupport.parkNanos(this, Math.min(rest, BINLOG_LOOK.toNanos()));
    }

    private void failIfCaptureFailed(LiveWindow window) {
        CaptureState state = capture.state();
        SourceException error = state.error();
        boolean isOver =
                state instanceof CaptureState.Failed || state instanceof CaptureState.PositionLost;
        if (capture.isOver(window) && isOver && error != null) {
            throw error;
        }
    }

    /// Rows that commits count have to be read from the transaction's start.
    private @Nullable LiveCursor join(boolean mayBegin) {
        boolean canJoin = !needsBinlog && !(encoder.countsRows() && start.rows() > 0);
        return canJoin ? capture.join(start, mayBegin) : null;
    }

    /// A page of the live window; null if the window does not have all of it.
    private @Nullable Page fromWindow(LiveCursor cursor, long until) {
        try {
            return fromWindow(cursor.window(), cursor.sequence(), until);
        } finally {
            capture.leave();
        }
    }

    private @Nullable Page fromWindow(LiveWindow window, long first, long until) {
        PageBuilder page = new PageBuilder(encoder, start, zone);
        long sequence = first;
        while (!page.isFull()) {
            if (!window.has(sequence)) {
                Place edge = window.edge(sequence);
                if (edge != null) {
                    page.passTo(edge);
                }
                long rest = until - System.nanoTime();
                if (page.hasElements() || rest <= 0 || isEnding.getAsBoolean()) {
                    failIfDisconnected(page);
                    return page.end(Page.End.TAIL);
                }
                if (capture.isOver(window)) {
                    return null;
                }
                window.await(sequence, rest);
                continue;
            }
            LiveEvent live = window.get(sequence);
            if (live == null) {
                return null;
            }
            BinlogEvent event = live.event();
            if (event.transaction().start().server() != start.server()) {
                needsBinlog = !page.hasMoved();
                return needsBinlog ? null : page.end(Page.End.CUT);
            }
            if (isMissing(event) || page.isUnsettled(event)) {
                needsBinlog = true;
                return null;
            }
            page.add(event, live);
            sequence++;
        }
        return page.end(Page.End.FULL);
    }

    /// A client at the end must not be told that it has everything while the server is not read.
    private void failIfDisconnected(PageBuilder page) {
        if (!page.hasElements()
                && capture.state() instanceof CaptureState.Reconnecting reconnecting) {
            throw reconnecting.cause();
        }
    }

    private boolean isMissing(BinlogEvent event) {
        return event instanceof RowsEvent rows
                && !rows.isHeld()
                && encoder.selects(rows.operation(), rows.table());
    }

    /// What became of an attempt to read a page.
    private enum Read {
        DONE,
        /// There is nothing after the place yet.
        NOTHING,
        /// The turn is over.
        AGAIN
    }

    private Read fromBinlog(boolean mayWait, Taker taker) throws IOException {
        try (CatchUpTurns.Turn turn = capture.catchUpTurns().ask()) {
            await(turn);
            BinlogReader reader = capture.catchUpReaders().open(start, encoder::selects, turn);
            try {
                Page page = Computing.run(() -> page(reader, turn));
                if (page == null) {
                    return Read.AGAIN;
                }
                if (mayWait && page.isEmpty() && page.end() == Page.End.TAIL && !isPast(page)) {
                    return Read.NOTHING;
                }
                taker.take(page);
                return Read.DONE;
            } finally {
                capture.catchUpReaders().close(reader);
            }
        }
    }

    /// Whether a page leads out of the overlap: the next one can wait at the live window.
    private boolean isPast(Page page) {
        return zone != null && zone.after(page.next()) == null;
    }

    private void await(CatchUpTurns.Turn turn) {
        long until = System.nanoTime() + TURN_PATIENCE.toNanos();
        while (!turn.isGranted()) {
            if (until - System.nanoTime() <= 0 || isEnding.getAsBoolean()) {
                throw new SourceException(
                        FailureCode.TOO_MANY_CONNECTIONS,
                        capture.catchUpTurns().taken()
                                + " subscribers catch up at "
                                + capture.access().address()
                                + ", which is the limit (fustor.feed.max-catch-up)");
            }
            capture.catchUpTurns().revokeDue();
            LockSupport.parkNanos(this, TURN_LOOK.toNanos());
        }
    }

    /// A page from the reader; null if the turn was revoked before the page had anything.
    private @Nullable Page page(BinlogReader reader, CatchUpTurns.Turn turn) {
        PageBuilder page = new PageBuilder(encoder, start, zone);
        try {
            Page.End end = fill(page, reader, turn);
            return page.end(end);
        } catch (SourceException e) {
            if (page.hasMoved()) {
                return page.end(Page.End.CUT);
            }
            if (turn.isRevoked()) {
                return null;
            }
            throw e;
        }
    }

    private Page.End fill(PageBuilder page, BinlogReader reader, CatchUpTurns.Turn turn) {
        Place end = capture.server().status().place();
        if (isAt(start, end)) {
            reader.fileCreated();
            return Page.End.TAIL;
        }
        long silentSince = 0;
        while (true) {
            BinlogEvent event = reader.next();
            Computing.giveWayIfDue(System.nanoTime());
            if (event == null) {
                page.passTo(reader.position());
                silentSince = silentSince == 0 ? System.nanoTime() : silentSince;
                if (isAt(page.next(), end)) {
                    return Page.End.TAIL;
                }
                if (isEnding.getAsBoolean()
                        || System.nanoTime() - silentSince > END_PATIENCE.toNanos()) {
                    return Page.End.CUT;
                }
                continue;
            }
            silentSince = 0;
            turn.progressed();
            page.add(event, null);
            if (page.isFull()) {
                return Page.End.FULL;
            }
            if (event instanceof CommitEvent) {
                if (reader.isOver()) {
                    return Page.End.CUT;
                }
                if (isAt(page.next(), end)) {
                    return Page.End.TAIL;
                }
            }
        }
    }

    /// Whether a place is at the end of the binlog or after it. At another server's end, nothing
    /// more is known to come.
    private static boolean isAt(Place place, Place end) {
        return place.server() == end.server() && !end.isAfter(place);
    }
}
