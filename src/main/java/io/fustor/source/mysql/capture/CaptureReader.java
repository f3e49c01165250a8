package io.fustor.source.mysql.capture;

import io.fustor.source.mysql.binlog.BinlogReader;
import io.fustor.source.mysql.binlog.BinlogStart;
import io.fustor.source.mysql.binlog.GtidSearch;
import io.fustor.source.mysql.change.BinlogEvent;
import io.fustor.source.mysql.change.RowsEvent;
import io.fustor.source.mysql.error.FailureCode;
import io.fustor.source.mysql.error.Recovery;
import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.position.BinlogPosition;
import io.fustor.source.mysql.position.GtidSet;
import io.fustor.source.mysql.position.Place;
import io.fustor.source.mysql.server.SessionMark;
import io.fustor.source.mysql.thread.InternalFailures;
import io.fustor.source.mysql.thread.SupervisedThread;
import io.fustor.source.mysql.thread.Work;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Reads a server's binlog into a live window as long as there are subscribers. When the connection
/// is lost, it connects again and goes on after the last event that it appended, also on another
/// server. Any other end makes its capture fail, by its [SupervisedThread].
final class CaptureReader {

    /// The reader wakes subscribers when it has to wait itself, and at the latest after this many
    /// bytes.
    private static final long BYTES_PER_WAKE = 64 * 1024;

    /// How often a pause checks whether it is over.
    private static final long LOOK_NANOS = Duration.ofMillis(250).toNanos();

    private final Capture capture;
    private final LiveWindow window;
    private final CountDownLatch stopped = new CountDownLatch(1);

    private volatile Place position;
    private volatile @Nullable BinlogReader current;
    private volatile @Nullable SupervisedThread thread;
    private final Attempts attempts;
    private long unwoken;

    CaptureReader(Capture capture, LiveWindow window, Place start) {
        this.capture = capture;
        this.window = window;
        this.position = start;
        this.attempts = capture.attempts();
    }

    void start() {
        capture.become(this, new CaptureState.Starting(Instant.now()));
        thread =
                SupervisedThread.platform(
                        Work.READER,
                        "capture-" + capture.access().address(),
                        this::run,
                        this::fail);
    }

    LiveWindow window() {
        return window;
    }

    /// The place after the newest event.
    Place position() {
        return position;
    }

    /// The mark that shows whether another connection leads to the reader's server; null without a
    /// connection.
    @Nullable SessionMark mark() {
        BinlogReader open = current;
        return open == null ? null : open.mark();
    }

    /// The thread that runs it; null before the start.
    @Nullable SupervisedThread thread() {
        return thread;
    }

    /// Whether it reads the binlog, so that a step takes seconds at most. Before that it connects,
    /// and may read the definitions of all tables.
    boolean isReading() {
        return current != null;
    }

    /// Gives up a reader that makes no progress. It changes no shared state any more.
    void abandon() {
        stop();
        SupervisedThread running = thread;
        if (running != null) {
            running.interrupt();
        }
    }

    /// Makes the reader end soon, even if it waits.
    void stop() {
        stopped.countDown();
        BinlogReader open = current;
        if (open != null) {
            open.close();
        }
    }

    private boolean isStopped() {
        return stopped.getCount() == 0;
    }

    private void run() {
        while (!isStopped()) {
            try {
                if (!followOnce()) {
                    return;
                }
            } catch (SourceException e) {
                InternalFailures.containSuppressed(Work.READER, "close", e);
                if (isStopped() || !retryAfter(e)) {
                    return;
                }
            }
        }
    }

    /// Connects and follows as long as there are subscribers.
    ///
    /// @return whether to go on with another connection, since the rest of a transaction was read
    ///   that began on another server
    private boolean followOnce() {
        capture.schemas().begin();
        BinlogStart start = withGtids(capture.availability().locate(position));
        try (BinlogReader reader =
                BinlogReader.open(
                        capture.server(), start, capture.windowed(), capture.schemas().names())) {
            current = reader;
            capture.met(capture.server().identity());
            boolean moved = start.server() != position.server();
            Delivered delivered = new Delivered(position);
            SilenceCheck silence =
                    new SilenceCheck(capture.server(), capture.availability(), start);
            capture.become(this, new CaptureState.Streaming(Instant.now()));
            while (!isStopped()) {
                BinlogEvent event = reader.next();
                succeeded();
                if (event == null) {
                    silence.silent(reader);
                    moved = idle(reader.position(), start, moved);
                    if (capture.endIfUnwanted(this)) {
                        return false;
                    }
                    continue;
                }
                silence.heard();
                if (!delivered.includes(event)) {
                    if (moved) {
                        window.continueAt(afterDelivered(event, delivered), leftOut(start));
                        moved = false;
                    }
                    append(event, reader);
                    if (reader.isOver()) {
                        return true;
                    }
                }
            }
            return false;
        } finally {
            current = null;
        }
    }

    /// Tokens of earlier releases hold no GTIDs of a MariaDB. The window's events need them, or
    /// subscribers that have them could not join.
    private BinlogStart withGtids(BinlogStart start) {
        if (!(start instanceof BinlogStart.AtPosition at)
                || position.executed() != null
                || position.offset() == BinlogPosition.FIRST_EVENT
                || !capture.server().identity().isMariaDb()) {
            return start;
        }
        BinlogPosition here = new BinlogPosition(at.file(), position.offset());
        position = position.with(GtidSearch.before(capture.server(), position.server(), here));
        if (position.rows() == 0) {
            window.advance(position);
        }
        return new BinlogStart.AtPosition(position, at.file());
    }

    private static GtidSet leftOut(BinlogStart start) {
        return switch (start) {
            case BinlogStart.AfterGtids after -> after.executed();
            case BinlogStart.SearchGtids search when search.begun() == null -> search.executed();
            case BinlogStart.AtPosition _,
                    BinlogStart.RestOf _,
                    BinlogStart.SearchGtids _,
                    BinlogStart.RestAt _ ->
                    GtidSet.EMPTY;
        };
    }

    private void succeeded() {
        if (attempts.failures() > 0) {
            attempts.succeeded();
            capture.watch().reached();
        }
    }

    /// The place before an event, or inside it after the rows that the previous server delivered.
    private static Place afterDelivered(BinlogEvent event, Delivered delivered) {
        Place start = event.transaction().start();
        return event instanceof RowsEvent rows
                ? start.afterRows(rows.firstRow() + delivered.rows(rows), rows.transaction().gtid())
                : start;
    }

    private void append(BinlogEvent event, BinlogReader reader) {
        window.append(event);
        position = event.after();
        unwoken += event.weight();
        if (event instanceof RowsEvent rows) {
            capture.counters().read(rows.rowCount(), rows.weight());
        }
        if (unwoken >= BYTES_PER_WAKE || !reader.hasBuffered()) {
            unwoken = 0;
            capture.counters().lag(lagMillis(event));
            window.wake();
            if (capture.endIfUnwanted(this)) {
                stop();
            }
        }
    }

    private static long lagMillis(BinlogEvent event) {
        long committed = event.transaction().committedMicros();
        long millis = committed != 0 ? committed / 1_000 : event.timestamp() * 1_000;
        return Math.max(0, System.currentTimeMillis() - millis);
    }

    /// Nothing arrived for a while: the events between the last one and here concern no rows.
    /// Inside a transaction of another server nothing is known until that transaction arrives.
    ///
    /// @return whether the window still has to move to the reader's new server
    private boolean idle(Place here, BinlogStart start, boolean moved) {
        capture.counters().lag(0);
        window.trim();
        if (unwoken > 0) {
            unwoken = 0;
            window.wake();
        }
        if (moved && position.rows() > 0) {
            return true;
        }
        if (moved) {
            window.continueAt(here, leftOut(start));
            position = here;
        } else if (here.server() == position.server() && here.isAfter(position)) {
            window.advance(here);
            position = here;
            window.wake();
        }
        return false;
    }

    /// Decides what a failure means, and waits before the next attempt if one follows.
    ///
    /// @return whether one follows
    private boolean retryAfter(SourceException e) {
        if (e.recovery() == Recovery.REPOSITION) {
            capture.ended(this, new CaptureState.PositionLost(Instant.now(), e));
            return false;
        }
        if (!attempts.retryAfter(e)) {
            fail(e);
            return false;
        }
        capture.counters().reconnected();
        capture.reconnecting(this, e, attempts.failures());
        if (capture.endIfUnwanted(this)) {
            return false;
        }
        if (e.code() == FailureCode.SERVER_STALLED || e.code() == FailureCode.CONNECT_TIMEOUT) {
            capture.server().distrust();
        }
        try {
            return pause();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /// Waits before the next attempt, or until a server that was unreachable is back.
    ///
    /// @return false if no attempt follows
    private boolean pause() throws InterruptedException {
        long until = System.nanoTime() + attempts.delay().toNanos();
        while (until - System.nanoTime() > 0) {
            long slice = Math.min(until - System.nanoTime(), LOOK_NANOS);
            SupervisedThread.beat();
            if (stopped.await(slice, TimeUnit.NANOSECONDS) || capture.endIfUnwanted(this)) {
                return false;
            }
            if (attempts.isServerBack()) {
                return true;
            }
        }
        return true;
    }

    private void fail(SourceException e) {
        capture.ended(this, new CaptureState.Failed(Instant.now(), e));
    }
}
