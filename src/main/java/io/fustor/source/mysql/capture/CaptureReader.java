package io.fustor.source.mysql.capture;

import io.fustor.source.mysql.binlog.BinlogReader;
import io.fustor.source.mysql.binlog.BinlogStart;
import io.fustor.source.mysql.change.BinlogEvent;
import io.fustor.source.mysql.change.RowsEvent;
import io.fustor.source.mysql.error.FailureCode;
import io.fustor.source.mysql.error.Recovery;
import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.position.FeedPosition;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Reads a server's binlog into a live window until nobody wants it any more, and connects again
/// when the connection is lost: then it goes on right behind the last event that it appended, also
/// on another server.
final class CaptureReader {

    private static final Logger log = LoggerFactory.getLogger(CaptureReader.class);

    /// Subscribers are woken when the reader has to wait itself, and at the latest after so many
    /// bytes.
    private static final long BYTES_PER_WAKE = 64 * 1024;

    /// How often a pause is looked up from.
    private static final long LOOK_NANOS = Duration.ofMillis(250).toNanos();

    private final Capture capture;
    private final LiveWindow window;
    private final CountDownLatch stopped = new CountDownLatch(1);

    private volatile FeedPosition position;
    private volatile @Nullable BinlogReader current;
    private int failures;
    private long unwoken;

    CaptureReader(Capture capture, LiveWindow window, FeedPosition start) {
        this.capture = capture;
        this.window = window;
        this.position = start;
    }

    void start() {
        capture.become(new CaptureState.Starting(Instant.now()));
        Thread.ofPlatform().name("capture-" + capture.access().address()).daemon().start(this::run);
    }

    LiveWindow window() {
        return window;
    }

    /// The place behind the newest event.
    FeedPosition position() {
        return position;
    }

    /// Makes the reader end soon, whatever it waits for.
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
                followOnce();
                return;
            } catch (SourceException e) {
                if (isStopped() || !retryAfter(e)) {
                    return;
                }
            } catch (RuntimeException e) {
                log.error("capture server={} reader failed", capture.access().address(), e);
                fail(new SourceException(FailureCode.INTERNAL, "the reader failed: " + e, e));
                return;
            }
        }
    }

    /// Connects and follows until nobody wants the reader any more.
    private void followOnce() {
        capture.schemas().begin();
        BinlogStart start = capture.availability().locate(position);
        try (BinlogReader reader =
                BinlogReader.open(
                        capture.server(), start, capture.windowed(), capture.schemas().names())) {
            current = reader;
            capture.met(capture.server().identity());
            boolean moved = start.server() != position.server();
            Delivered delivered = new Delivered(position);
            SilenceCheck silence =
                    new SilenceCheck(capture.server(), capture.availability(), start);
            capture.become(new CaptureState.Streaming(Instant.now()));
            while (!isStopped()) {
                BinlogEvent event = reader.next();
                succeeded();
                if (event == null) {
                    silence.silent(reader);
                    moved = idle(reader.position(), moved);
                    if (capture.endIfUnwanted(this)) {
                        return;
                    }
                    continue;
                }
                silence.heard();
                if (!delivered.includes(event)) {
                    if (moved) {
                        window.continueAt(behindDelivered(event, delivered));
                        moved = false;
                    }
                    append(event, reader);
                }
            }
        } finally {
            current = null;
        }
    }

    private void succeeded() {
        if (failures > 0) {
            failures = 0;
            capture.watch().reached();
        }
    }

    /// The place inside or in front of an event behind what was had of it on the server before this
    /// one.
    private static FeedPosition behindDelivered(BinlogEvent event, Delivered delivered) {
        FeedPosition start = event.transaction().start();
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

    /// Nothing came for a while: what stands between the last event and here concerns no rows.
    /// Inside a transaction of another server nothing is known until that transaction comes.
    ///
    /// @return whether the window has still to go on at the server that the reader moved to
    private boolean idle(FeedPosition here, boolean moved) {
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
            window.continueAt(here);
            position = here;
        } else if (here.isAfter(position)) {
            window.advance(here);
            position = here;
            window.wake();
        }
        return false;
    }

    /// Decides what a failure means, and waits before the next attempt if there is to be one.
    private boolean retryAfter(SourceException e) {
        long failed = System.nanoTime();
        if (e.recovery() == Recovery.REPOSITION) {
            capture.ended(this, new CaptureState.PositionLost(Instant.now(), e));
            return false;
        }
        if (e.recovery() == Recovery.STOP || capture.retry().isOver(++failures, e)) {
            fail(e);
            return false;
        }
        capture.counters().reconnected();
        capture.reconnecting(e, failures);
        if (capture.endIfUnwanted(this)) {
            return false;
        }
        if (e.code() == FailureCode.SERVER_STALLED || e.code() == FailureCode.CONNECT_TIMEOUT) {
            capture.server().distrust();
        }
        try {
            return pause(e, failed);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /// Waits for the next attempt's time, or until a server that was out of reach is back.
    ///
    /// @return false where there is to be none
    private boolean pause(SourceException e, long failed) throws InterruptedException {
        Duration delay = capture.retry().delay(failures, e, ThreadLocalRandom.current());
        long until = failed + delay.toNanos();
        while (until - System.nanoTime() > 0) {
            long slice = Math.min(until - System.nanoTime(), LOOK_NANOS);
            if (stopped.await(slice, TimeUnit.NANOSECONDS) || capture.endIfUnwanted(this)) {
                return false;
            }
            if (e.code().isUnreachable() && capture.watch().isBackSince(failed)) {
                return true;
            }
        }
        return true;
    }

    private void fail(SourceException e) {
        capture.ended(this, new CaptureState.Failed(Instant.now(), e));
    }
}
