package io.fustor.source.mysql.feed;

import io.fustor.source.mysql.binlog.BinlogReader;
import io.fustor.source.mysql.capture.Capture;
import io.fustor.source.mysql.capture.CaptureState;
import io.fustor.source.mysql.capture.Delivered;
import io.fustor.source.mysql.capture.LiveCursor;
import io.fustor.source.mysql.capture.LiveEvent;
import io.fustor.source.mysql.capture.LiveWindow;
import io.fustor.source.mysql.change.BinlogEvent;
import io.fustor.source.mysql.change.CommitEvent;
import io.fustor.source.mysql.change.RowsEvent;
import io.fustor.source.mysql.encode.EventEncoder;
import io.fustor.source.mysql.encode.FrameForm;
import io.fustor.source.mysql.error.Recovery;
import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.position.FeedPosition;
import io.fustor.source.mysql.position.FeedToken;
import io.fustor.source.mysql.server.BinlogStatus;
import io.fustor.source.mysql.source.SourceRun;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// One client's stream, as a sequential program on the thread of its request: catch up from the
/// binlog, join the live window, follow it until the client leaves, and catch up again whenever it
/// fell out of the window.
///
/// It pulls at its client's pace and holds nothing for it but one buffer. Whatever ends it, the
/// client's last token is a place at which it can go on.
final class Subscription {

    private static final long MOVED_HEARTBEAT_NANOS = Duration.ofSeconds(1).toNanos();
    private static final long TURN_NANOS = Duration.ofMillis(5).toNanos();
    private static final long JOIN_CHECK_NANOS = Duration.ofMillis(20).toNanos();

    private final SubscriptionId id;
    private final SourceRun run;
    private final Capture capture;
    private final EventEncoder encoder;
    private final FrameForm form;
    private final ClientOutput out;
    private final SchemaNotices notices;
    private final SubscriptionEvents events;
    private final long heartbeatNanos;
    private final RandomGenerator random = RandomGenerator.getDefault();
    private final Thread thread = Thread.currentThread();

    private volatile FeedPosition place;
    private volatile @Nullable BinlogEvent last;
    private volatile long servedMicros;
    private volatile boolean isLive;
    private volatile @Nullable String endReason;
    private final AtomicLong rows = new AtomicLong();
    private boolean moved;

    /// Who subscribed to what, and when.
    record SubscriptionId(String subscriber, String source, Instant since) {}

    Subscription(
            SubscriptionId id,
            SourceRun run,
            EventEncoder encoder,
            ClientOutput out,
            FeedPosition start,
            Duration heartbeat) {
        this.id = id;
        this.run = run;
        this.capture = run.capture();
        this.encoder = encoder;
        this.form = encoder.form();
        this.out = out;
        this.events = new SubscriptionEvents(encoder, out);
        this.notices = new SchemaNotices(events);
        this.place = start;
        this.heartbeatNanos = heartbeat.toNanos();
    }

    SubscriptionId id() {
        return id;
    }

    FrameForm form() {
        return form;
    }

    boolean isLive() {
        return isLive;
    }

    long rows() {
        return rows.get();
    }

    long bytes() {
        return out.written();
    }

    /// The place up to which the client was served.
    FeedPosition place() {
        BinlogEvent event = last;
        return event == null ? place : event.after();
    }

    /// When the newest change that the client was served was committed, in microseconds since 1970;
    /// 0 where it was served none yet.
    long servedMicros() {
        BinlogEvent event = last;
        return event == null ? servedMicros : event.transaction().committedMicros();
    }

    Capture capture() {
        return capture;
    }

    /// Makes the subscription say goodbye to its client soon. Any thread may call.
    ///
    /// @param reason for the client
    void end(String reason) {
        endReason = reason;
        LockSupport.unpark(thread);
    }

    private boolean isEnding() {
        if (endReason == null && run.endReason() != null) {
            endReason = run.endReason();
        }
        return endReason != null;
    }

    /// Serves the client until it leaves, the source or the service ends, or an error ends the
    /// stream.
    ///
    /// @param lost what to tell the client first where its own position is gone, or null
    /// @throws IOException where the client is gone
    void serve(@Nullable SourceException lost) throws IOException {
        try (var _ = run.onEnd(() -> LockSupport.unpark(thread))) {
            events.start(token());
            if (lost != null) {
                events.positionLost(token(), lost);
            }
            out.flush();
            while (!isEnding()) {
                LiveCursor cursor = joinOrCatchUp();
                if (cursor != null) {
                    follow(cursor);
                    failIfCaptureFailed(cursor.window());
                }
            }
            events.end(token(), String.valueOf(endReason));
        } catch (SourceException e) {
            events.error(token(), e);
            events.end(token(), "error");
        }
        out.flush();
    }

    private String token() {
        return new FeedToken(form.source(), place()).toString();
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
        while (!isEnding()) {
            try {
                LiveCursor cursor = capture.join(place(), false);
                if (cursor == null && !capture.isRunning()) {
                    cursor = capture.join(place(), isAtEnd());
                }
                return cursor != null ? cursor : catchUp();
            } catch (SourceException e) {
                failures++;
                if (e.recovery() != Recovery.RETRY || failures > capture.retry().maxRetries()) {
                    throw e;
                }
                pause(capture.retry().delay(failures, random));
            }
        }
        return null;
    }

    private boolean isAtEnd() {
        return isAtEnd(capture.server().status());
    }

    private boolean isAtEnd(BinlogStatus status) {
        FeedPosition end = status.place();
        return end.server() == place().server() && !end.isAfter(place());
    }

    /// Waits before another attempt, while the client gets its heartbeats.
    private void pause(Duration pause) throws IOException {
        long until = System.nanoTime() + pause.toNanos();
        while (!isEnding() && until - System.nanoTime() > 0) {
            heartbeatIfDue();
            LockSupport.parkNanos(this, Math.min(until - System.nanoTime(), untilHeartbeat()));
        }
    }

    /// Reads the binlog by a connection of its own up to where the live window can be joined.
    @SuppressWarnings("ThreadPriorityCheck") // giving way is what it is for
    private @Nullable LiveCursor catchUp() throws IOException {
        BinlogReader reader = capture.openReader(place());
        try {
            BinlogStatus target = capture.server().status();
            Delivered delivered = new Delivered(place());
            long turn = System.nanoTime();
            long joinCheck = turn;
            while (!isEnding()) {
                BinlogEvent event = reader.next();
                if (event == null) {
                    passTo(reader.position());
                } else if (!delivered.includes(event)) {
                    deliver(event, delivered);
                }
                boolean waits = event == null || !reader.hasBuffered();
                long now = System.nanoTime();
                if (event == null
                        || (event instanceof CommitEvent && now - joinCheck > JOIN_CHECK_NANOS)) {
                    joinCheck = now;
                    LiveCursor cursor = capture.join(place(), isAtEnd(target));
                    if (cursor != null) {
                        return cursor;
                    }
                }
                heartbeatIfDue();
                if (waits) {
                    out.flush();
                }
                if (now - turn > TURN_NANOS) {
                    // A loop that never blocks would hold its carrier thread from all others.
                    Thread.yield();
                    turn = now;
                }
            }
            return null;
        } finally {
            capture.closeReader(reader);
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
            moved = true;
        }
    }

    private void deliver(BinlogEvent event, Delivered delivered) throws IOException {
        int skip = event instanceof RowsEvent rowsEvent ? delivered.rows(rowsEvent) : 0;
        moved = true;
        if (encoder.wants(event)) {
            notices.beforeRows(event);
            encoder.encode(event, skip, out.gathered());
            count(event, skip);
            out.pieceDone();
        }
        // The event's bytes may be gone with the next one, its place must not be.
        place = event.after();
        last = null;
        servedMicros = event.transaction().committedMicros();
    }

    private void count(BinlogEvent event, int skip) {
        moved = false;
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
            while (!isEnding()) {
                if (!window.has(sequence)) {
                    FeedPosition edge = window.edge(sequence);
                    if (edge != null) {
                        passTo(edge);
                    }
                    heartbeatIfDue();
                    out.flush();
                    if (window.isClosed()) {
                        return;
                    }
                    window.await(sequence, untilHeartbeat());
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
                if (!delivered.includes(live.event())) {
                    deliverLive(live, delivered);
                }
                sequence++;
            }
        } finally {
            isLive = false;
            capture.leave();
        }
    }

    private void deliverLive(LiveEvent live, Delivered delivered) throws IOException {
        BinlogEvent event = live.event();
        int skip = event instanceof RowsEvent rowsEvent ? delivered.rows(rowsEvent) : 0;
        moved = true;
        if (encoder.wants(event)) {
            notices.beforeRows(event);
            if (skip > 0) {
                encoder.encode(event, skip, out.gathered());
                out.pieceDone();
            } else {
                out.write(frame(live));
            }
            count(event, skip);
        }
        last = event;
    }

    /// The event's frame: whoever needs it first makes it, behind what is gathered, and leaves a
    /// copy for the others.
    private byte[] frame(LiveEvent live) {
        byte[] known = live.frame(form);
        if (known != null) {
            return known;
        }
        int start = out.gathered().size();
        encoder.encode(live.event(), 0, out.gathered());
        byte[] made = Arrays.copyOfRange(out.gathered().array(), start, out.gathered().size());
        out.gathered().truncate(start);
        live.keepFrame(form, made);
        return made;
    }

    private void heartbeatIfDue() throws IOException {
        long silent = System.nanoTime() - out.lastWrite();
        if (silent >= heartbeatNanos || (moved && silent >= MOVED_HEARTBEAT_NANOS)) {
            events.heartbeat(token());
            moved = false;
            out.flush();
        }
    }

    private long untilHeartbeat() {
        long due = moved ? Math.min(heartbeatNanos, MOVED_HEARTBEAT_NANOS) : heartbeatNanos;
        return Math.max(1, due - (System.nanoTime() - out.lastWrite()));
    }
}
