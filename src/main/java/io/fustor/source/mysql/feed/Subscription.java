package io.fustor.source.mysql.feed;

import io.fustor.source.mysql.capture.Capture;
import io.fustor.source.mysql.encode.EventEncoder;
import io.fustor.source.mysql.encode.FrameForm;
import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.position.FeedPosition;
import io.fustor.source.mysql.position.FeedToken;
import io.fustor.source.mysql.position.SnapshotPlace;
import io.fustor.source.mysql.source.SourceRun;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/// One client's stream, as a sequential program on the thread of its request: deliver a snapshot if
/// one is asked for, then changes until the client leaves.
///
/// It pulls at its client's pace and holds nothing for it but one buffer. Whatever ends it, the
/// client's last token is a place at which it can go on.
final class Subscription {

    private final SubscriptionId id;
    private final SourceRun run;
    private final Beginning beginning;
    private final EventEncoder encoder;
    private final ClientOutput out;
    private final SubscriptionEvents events;
    private final Pace pace;
    private final ChangeDelivery changes;
    private final Thread thread = Thread.currentThread();

    private volatile @Nullable Snapshot snapshot;
    private volatile @Nullable SnapshotPlace snapshotPlace;
    private volatile long snapshotRows;
    private volatile long snapshotMillis;
    private volatile @Nullable String endReason;

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
        this.encoder = encoder;
        this.out = out;
        this.beginning = beginning;
        this.events = new SubscriptionEvents(encoder, out);
        this.pace = new Pace(this::isEnding, this::token, out, events, heartbeat);
        this.changes =
                new ChangeDelivery(run.capture(), encoder, out, events, pace, beginning.place());
        changes.enter(beginning.overlap());
        Snapshot first = beginning.snapshot();
        this.snapshot = first;
        this.snapshotPlace = first == null ? null : first.start();
    }

    SubscriptionId id() {
        return id;
    }

    FrameForm form() {
        return encoder.form();
    }

    Capture capture() {
        return run.capture();
    }

    boolean isLive() {
        return changes.isLive();
    }

    boolean isWaiting() {
        return changes.isWaiting();
    }

    /// The place up to which the client was served; in a snapshot, the one from which changes
    /// follow.
    FeedPosition place() {
        return changes.progress().place();
    }

    /// When the newest change that the client was served was committed, in microseconds since 1970;
    /// 0 where it was served none yet.
    long servedMicros() {
        return changes.progress().servedMicros();
    }

    long rows() {
        return snapshotRows + changes.progress().rows();
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

    private String token() {
        SnapshotPlace unfinished = snapshotPlace;
        FeedToken token =
                unfinished == null
                        ? changes.token()
                        : new FeedToken(form().source(), place(), unfinished, null);
        return token.toString();
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
                changes.deliver();
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
                new SnapshotDelivery(first, encoder, out, events, pace, this::delivered);
        try (first) {
            if (!delivery.deliver()) {
                return false;
            }
            changes.enter(first.overlapAtEnd());
            snapshotPlace = null;
            snapshotMillis = Math.max(1, first.progress().age().toMillis());
            delivery.completed(token());
            return true;
        } finally {
            snapshot = null;
        }
    }

    private void delivered(SnapshotPlace behind, int rows) {
        snapshotPlace = behind;
        snapshotRows = snapshotRows() + rows;
    }
}
