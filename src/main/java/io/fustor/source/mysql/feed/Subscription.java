package io.fustor.source.mysql.feed;

import io.fustor.source.mysql.capture.Capture;
import io.fustor.source.mysql.encode.EventEncoder;
import io.fustor.source.mysql.encode.FrameForm;
import io.fustor.source.mysql.error.FailureCode;
import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.grant.ClientLine;
import io.fustor.source.mysql.grant.Sight;
import io.fustor.source.mysql.position.FeedToken;
import io.fustor.source.mysql.position.Place;
import io.fustor.source.mysql.position.SnapshotPlace;
import io.fustor.source.mysql.server.PassedOver;
import io.fustor.source.mysql.source.SourceRun;
import io.fustor.source.mysql.thread.InternalFailures;
import io.fustor.source.mysql.thread.Work;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/// One client's stream, as a sequential program on the thread of its request: deliver a snapshot if
/// one is asked for, then changes until the client leaves.
///
/// It pulls at its client's pace and holds nothing for it but one buffer. Whatever ends it, the
/// client's last token is a place at which it can go on.
final class Subscription {

    /// How a stream ends whose subscriber's grant is over.
    private static final String REVOKED = "authorization";

    /// How long the client of a revoked grant or a cancelled snapshot has to take the last event. A
    /// second after the end of a grant no row may be sent any more.
    static final Duration GOODBYE = Duration.ofMillis(500);

    private final SubscriptionId id;
    private final SourceRun run;
    private final Beginning beginning;
    private final EventEncoder encoder;
    private final ClientOutput out;
    private final SubscriptionEvents events;
    private final Pace pace;
    private final ChangeDelivery changes;
    private final List<PassedOver> passedOver;
    private final ClientLine line;
    private final Thread thread = Thread.currentThread();

    private volatile @Nullable Snapshot snapshot;
    private volatile @Nullable SnapshotPlace snapshotPlace;
    private volatile long snapshotRows;
    private volatile long snapshotMillis;
    private volatile @Nullable String endReason;
    private volatile int retryMillis;

    /// Whether the grant was seen to be over.
    private volatile boolean isRevoked;

    /// When the stream was told to end at once, by [System#nanoTime]; 0 if it was not.
    private volatile long hurried;

    private volatile boolean isCut;
    private volatile @Nullable SourceException failure;
    private volatile @Nullable SourceException cause;

    /// Who subscribed to what, and when.
    ///
    /// @param heartbeatIds whether the heartbeats of NDJSON have ids
    /// @param sight of the subscriber
    /// @param language of the subscriber
    record SubscriptionId(
            String subscriber,
            String source,
            Instant since,
            boolean heartbeatIds,
            Sight sight,
            Locale language) {}

    /// @param lease of the form of its frames
    Subscription(
            SubscriptionId id,
            SourceRun run,
            FrameForms.Lease lease,
            ClientOutput out,
            Beginning beginning,
            Duration heartbeat,
            ClientLine line) {
        this.line = line;
        this.id = id;
        this.run = run;
        this.encoder = new EventEncoder(lease.form());
        this.out = out;
        this.beginning = beginning;
        this.events =
                new SubscriptionEvents(
                        encoder, out, id.sight().isLimited(), id.heartbeatIds(), id.language());
        this.pace = new Pace(this::isEnding, this::token, out, events, heartbeat);
        this.changes =
                new ChangeDelivery(
                        run.capture(), encoder, out, events, pace, beginning, lease.stretches());
        changes.enter(beginning.overlap());
        Snapshot first = beginning.snapshot();
        this.snapshot = first;
        this.snapshotPlace = first == null ? null : first.start();
        this.passedOver = first == null ? List.of() : first.passedOver();
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
    Place place() {
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

    /// What its snapshot passed over, also once it is done: the changes come without those rows.
    List<PassedOver> passedOver() {
        return passedOver;
    }

    /// What there is to see of it now. Any thread may ask.
    SubscriptionStatus status() {
        Place place = place();
        SnapshotProgress progress = snapshot();
        return new SubscriptionStatus(
                id.subscriber(),
                id.sight().owner(),
                id.since(),
                state(progress),
                form(),
                place,
                capture().server().position(place),
                lagMillis(),
                rows(),
                bytes(),
                passedOver,
                progress == null ? null : progress.status());
    }

    private SubscriptionStatus.State state(@Nullable SnapshotProgress progress) {
        if (progress != null) {
            return SubscriptionStatus.State.SNAPSHOT;
        }
        if (isWaiting()) {
            return SubscriptionStatus.State.WAITING;
        }
        return isLive() ? SubscriptionStatus.State.LIVE : SubscriptionStatus.State.CATCHING_UP;
    }

    /// How long ago the change that the client was served last was committed, in milliseconds; 0
    /// where it has all.
    long lagMillis() {
        Place newest = capture().position();
        Place place = place();
        boolean hasAll =
                newest != null && newest.server() == place.server() && !newest.isAfter(place);
        long micros = servedMicros();
        return hasAll || micros == 0 ? 0 : Math.max(0, System.currentTimeMillis() - micros / 1_000);
    }

    /// Ends the stream where it delivers that snapshot, and gives the view back at once; the rest
    /// after [#GOODBYE], even if the client takes nothing. Any thread may call.
    ///
    /// @return whether it was this one's
    boolean cancelSnapshot(String wanted) {
        Snapshot now = snapshot;
        if (now == null || !now.progress().id().equals(wanted)) {
            return false;
        }
        hurry("snapshot cancelled");
        return true;
    }

    /// The fault of the service that ended the stream, or null.
    @Nullable SourceException failure() {
        return failure;
    }

    /// The failure that ended the stream, of whatever kind, or null.
    @Nullable SourceException cause() {
        return cause;
    }

    /// Makes the subscription say goodbye to its client soon. Any thread may call.
    ///
    /// @param reason for the client
    void end(String reason) {
        endReason = reason;
        LockSupport.unpark(thread);
    }

    /// The client sends nothing more: whether it has left, the next write tells. Any thread may
    /// call.
    void doubt() {
        pace.doubt();
        LockSupport.unpark(thread);
    }

    /// As [#end], and tells the client when to return.
    ///
    /// @param millis after which it connects again
    void endWithRetry(String reason, int millis) {
        retryMillis = millis;
        end(reason);
    }

    /// Whether the stream ended, or is to end, since the subscriber's grant is over.
    boolean isRevoked() {
        return isRevoked;
    }

    /// Ends the stream where the subscriber's grant is over. To be called again and again, by one
    /// thread: a client that has not taken the last event of a hurried end in time loses its
    /// connection, with everything that was written.
    void look(Instant now) {
        if (!isRevoked && id.sight().isOver(now)) {
            isRevoked = true;
            hurry(REVOKED);
        }
        long told = hurried;
        if (told != 0 && !isCut && System.nanoTime() - told > GOODBYE.toNanos()) {
            cut();
        }
    }

    /// Ends the stream without a last word, with everything that was written and not yet taken. Any
    /// thread may call.
    void cut() {
        isCut = true;
        line.cut(thread);
    }

    private void hurry(String reason) {
        if (hurried == 0) {
            hurried = Math.max(1, System.nanoTime());
        }
        end(reason);
        Snapshot now = snapshot;
        if (now != null) {
            now.abort();
        }
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
                        : new FeedToken(form().source(), place(), form().sealed(unfinished), null);
        return token.toString();
    }

    /// Serves the client until it leaves, the source or the service ends, or an error ends the
    /// stream.
    ///
    /// @throws IOException where the client is gone
    void serve() throws IOException {
        try {
            deliver();
            out.finish();
        } finally {
            out.close();
        }
    }

    private void deliver() throws IOException {
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
            if (retryMillis > 0) {
                events.retry(retryMillis);
            }
            events.end(token(), reason());
        } catch (SourceException e) {
            cause = e;
            if (e.code() == FailureCode.INTERNAL) {
                sayFailed(e);
            } else {
                out.requireWhole();
                events.error(token(), e);
                events.end(token(), "error");
            }
        } catch (RuntimeException | Error e) {
            sayFailed(InternalFailures.contain(Work.SUBSCRIPTION, id.subscriber(), e));
        }
    }

    private String reason() {
        if (isEnding()) {
            return String.valueOf(endReason);
        }
        return beginning.withChanges() ? "until" : "snapshot completed";
    }

    /// Without a token: the last one that the client had is right, whatever was being done since.
    private void sayFailed(SourceException unexpected) throws IOException {
        failure = unexpected;
        cause = unexpected;
        out.requireWhole();
        events.control("error", null, events.data(unexpected));
        events.control("end", null, Map.of("reason", "error"));
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

    private void delivered(SnapshotPlace place, int rows) {
        snapshotPlace = place;
        snapshotRows = snapshotRows() + rows;
    }
}
