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
import io.fustor.source.mysql.position.Overlap;
import io.fustor.source.mysql.position.SnapshotPlace;
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

/// One client's stream, as a sequential program on the thread of its request: deliver a snapshot if
/// one is asked for, catch up from the binlog, join the live window, follow it until the client
/// leaves, and catch up again whenever it fell out of the window.
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

    private final Beginning beginning;
    private volatile FeedPosition place;
    private volatile @Nullable Snapshot snapshot;
    private volatile @Nullable SnapshotPlace snapshotPlace;
    private volatile long snapshotRows;
    private volatile long snapshotMillis;
    private @Nullable OverlapZone overlap;
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
            Beginning beginning,
            Duration heartbeat) {
        this.id = id;
        this.run = run;
        this.capture = run.capture();
        this.encoder = encoder;
        this.form = encoder.form();
        this.out = out;
        this.events = new SubscriptionEvents(encoder, out);
        this.notices = new SchemaNotices(events);
        this.beginning = beginning;
        this.place = beginning.place();
        Snapshot first = beginning.snapshot();
        this.snapshot = first;
        this.snapshotPlace = first == null ? null : first.start();
        enter(beginning.overlap());
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

    /// How many of the rows came from a snapshot.
    long snapshotRows() {
        return snapshotRows;
    }

    /// How long the snapshot took, in milliseconds; 0 where none was delivered to its end.
    long snapshotMillis() {
        return snapshotMillis;
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

    /// The snapshot that is being delivered, or null.
    @Nullable SnapshotProgress snapshot() {
        Snapshot now = snapshot;
        return now == null ? null : now.progress();
    }

    /// Ends the stream where it delivers that snapshot, and gives the view back at once. Any thread
    /// may call.
    ///
    /// @return whether it was this one's
    boolean cancelSnapshot(String wanted) {
        Snapshot now = snapshot;
        if (now == null || !now.progress().id().equals(wanted)) {
            return false;
        }
        end("snapshot cancelled");
        now.abort();
        return true;
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
    /// @throws IOException where the client is gone
    void serve() throws IOException {
        try (var _ = run.onEnd(() -> LockSupport.unpark(thread))) {
            events.start(token());
            SourceException lost = beginning.lost();
            if (lost != null) {
                events.positionLost(token(), lost);
            }
            out.flush();
            if (deliverSnapshot() && beginning.withChanges()) {
                deliverChanges();
            }
            events.end(token(), isEnding() ? String.valueOf(endReason) : "snapshot completed");
        } catch (SourceException e) {
            events.error(token(), e);
            events.end(token(), "error");
        }
        out.flush();
    }

    /// Delivers the snapshot, if there is one; false where the subscription is to end before its
    /// end.
    private boolean deliverSnapshot() throws IOException {
        Snapshot first = snapshot;
        if (first == null) {
            return true;
        }
        SnapshotDelivery delivery =
                new SnapshotDelivery(first, encoder, out, capture.retry(), new SnapshotPace());
        try (first) {
            if (!delivery.deliver()) {
                return false;
            }
            enter(first.overlapAtEnd());
            snapshotPlace = null;
            snapshotMillis = Math.max(1, first.progress().age().toMillis());
            delivery.completed(token());
            return true;
        } finally {
            snapshot = null;
        }
    }

    private final class SnapshotPace implements SnapshotDelivery.Pace {

        @Override
        public boolean isEnding() {
            return Subscription.this.isEnding();
        }

        @Override
        public void heartbeatIfDue() throws IOException {
            Subscription.this.heartbeatIfDue();
        }

        @Override
        public void pause(Duration pause) throws IOException {
            Subscription.this.pause(pause);
        }

        @Override
        public void delivered(SnapshotPlace behind, int count) {
            snapshotPlace = behind;
            rows.lazySet(rows.getPlain() + count);
            snapshotRows = rows.getPlain();
        }
    }

    /// From here on, changes may be in a snapshot's rows too; with null, none is.
    private void enter(@Nullable OverlapZone zone) {
        overlap = zone;
        encoder.markOverlap(zone == null ? null : zone.overlap());
    }

    private void leaveOverlapIfOver() {
        OverlapZone zone = overlap;
        if (zone != null && zone.overlap().isOverAt(place)) {
            enter(null);
        }
    }

    private void deliverChanges() throws IOException {
        while (!isEnding()) {
            LiveCursor cursor = joinOrCatchUp();
            if (cursor != null) {
                follow(cursor);
                failIfCaptureFailed(cursor.window());
            }
        }
    }

    private String token() {
        FeedPosition here = place();
        SnapshotPlace inSnapshot = snapshotPlace;
        OverlapZone zone = overlap;
        Overlap ahead =
                inSnapshot != null || zone == null || zone.overlap().isOverAt(here)
                        ? null
                        : zone.overlap();
        return new FeedToken(form.source(), here, inSnapshot, ahead).toString();
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
                LiveCursor cursor = join(false);
                if (cursor == null && !capture.isRunning()) {
                    cursor = join(isAtEnd());
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

    /// Frames of the live window are made for everybody, and mark nothing.
    private @Nullable LiveCursor join(boolean start) {
        leaveOverlapIfOver();
        return overlap == null ? capture.join(place(), start) : null;
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
                } else if (event instanceof CommitEvent) {
                    passTo(event.after());
                }
                boolean waits = event == null || !reader.hasBuffered();
                long now = System.nanoTime();
                if (event == null
                        || (event instanceof CommitEvent && now - joinCheck > JOIN_CHECK_NANOS)) {
                    joinCheck = now;
                    LiveCursor cursor = join(isAtEnd(target));
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
            if (overlap != null) {
                overlap.check(event);
            }
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
