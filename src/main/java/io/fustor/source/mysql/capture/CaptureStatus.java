package io.fustor.source.mysql.capture;

import io.fustor.source.mysql.connection.ServerAddress;
import io.fustor.source.mysql.error.SourceException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The state of a capture: what its reader does and, without a reader, what its subscriptions meet
/// on connections of their own, or else the result of the last look at the server. Logs every
/// change.
///
/// Any thread may read it. The capture changes it under its lock.
final class CaptureStatus {

    private static final Logger log = LoggerFactory.getLogger(Capture.class);

    private final ServerAddress address;
    private volatile CaptureState own = new CaptureState.Stopped(Instant.now());
    private volatile Look look = Look.NONE;

    /// The subscriptions that lost the server on connections of their own and try again.
    private final SequencedMap<Object, CaptureState.Reconnecting> losses = new LinkedHashMap<>();

    /// The oldest of these losses, or null.
    private volatile CaptureState.@Nullable Reconnecting loss;

    /// The result of the last look at the server.
    ///
    /// @param isProven whether the server ever accepted a connection
    /// @param failure why it accepts none now, or null
    /// @param since when this result was first found
    private record Look(boolean isProven, @Nullable SourceException failure, Instant since) {
        private static final Look NONE = new Look(false, null, Instant.EPOCH);
    }

    CaptureStatus(ServerAddress address) {
        this.address = address;
    }

    CaptureState state() {
        CaptureState present = own;
        Look last = look;
        if (!(present instanceof CaptureState.Stopped)) {
            return present;
        }
        CaptureState lost = loss;
        if (lost != null) {
            return lost;
        }
        return last.failure() == null
                ? present
                : new CaptureState.Failed(last.since(), last.failure());
    }

    /// Whether a new subscriber would be served, as far as is known.
    boolean isAvailable() {
        Look last = look;
        return last.isProven()
                && last.failure() == null
                && switch (state()) {
                    case CaptureState.Stopped _,
                            CaptureState.Starting _,
                            CaptureState.Streaming _ ->
                            true;
                    case CaptureState.Reconnecting _,
                            CaptureState.PositionLost _,
                            CaptureState.Failed _ ->
                            false;
                };
    }

    /// Why the server accepts no new connection, by the last look at it, or null.
    @Nullable SourceException refusal() {
        return look.failure();
    }

    /// Whether the reader follows the binlog, or is about to go on with it.
    boolean isFollowing() {
        return switch (own) {
            case CaptureState.Streaming _, CaptureState.Reconnecting _ -> true;
            case CaptureState.Stopped _,
                    CaptureState.Starting _,
                    CaptureState.PositionLost _,
                    CaptureState.Failed _ ->
                    false;
        };
    }

    /// The reader is in another state.
    void become(CaptureState next) {
        if (next instanceof CaptureState.Streaming) {
            look = new Look(true, null, Instant.now());
        }
        CaptureState before = state();
        own = next;
        log(before, state());
    }

    /// The state of a reader that makes another attempt. Its beginning stays the same from attempt
    /// to attempt.
    ///
    /// @param failures the number of attempts in a row that failed
    CaptureState reconnecting(SourceException cause, int failures) {
        Instant since =
                own instanceof CaptureState.Reconnecting before ? before.since() : Instant.now();
        return new CaptureState.Reconnecting(since, cause, failures);
    }

    /// A subscription lost the server on a connection of its own, and makes another attempt.
    ///
    /// @param failures the number of its attempts in a row that failed
    void lost(Object subscription, SourceException cause, int failures) {
        CaptureState before = state();
        CaptureState.Reconnecting known = losses.get(subscription);
        Instant since = known == null ? Instant.now() : known.since();
        losses.put(subscription, new CaptureState.Reconnecting(since, cause, failures));
        showLoss(before);
    }

    /// Whether a subscription lost the server and tries again. A thread sees what it noted itself.
    boolean hasLoss() {
        return loss != null;
    }

    /// That subscription reached the server again, or makes no more attempts.
    void recovered(Object subscription) {
        CaptureState before = state();
        if (losses.remove(subscription) != null) {
            showLoss(before);
        }
    }

    private void showLoss(CaptureState before) {
        loss = losses.isEmpty() ? null : losses.sequencedValues().getFirst();
        CaptureState next = state();
        if (!before.text().equals(next.text())) {
            log(before, next);
        }
    }

    /// Notes the result of a look. If it is good, a failure of the reader that concerned the server
    /// is over too.
    ///
    /// @param failure null if all is well
    /// @param hasReader whether the capture has a reader
    void looked(@Nullable SourceException failure, boolean hasReader) {
        CaptureState before = state();
        Look last = look;
        boolean isSame =
                failure != null
                        && last.failure() != null
                        && failure.code() == last.failure().code();
        look =
                new Look(
                        failure == null || last.isProven(),
                        failure,
                        isSame ? last.since() : Instant.now());
        boolean isOver =
                failure == null
                        && !hasReader
                        && own instanceof CaptureState.Failed failed
                        && failed.cause().code().isAboutServer();
        if (isOver) {
            own = new CaptureState.Stopped(Instant.now());
        }
        log(before, state());
    }

    private void log(CaptureState before, CaptureState next) {
        if (before.text().equals(next.text()) && !(next instanceof CaptureState.Reconnecting)) {
            return;
        }
        SourceException error = next.error();
        if (error == null) {
            log.info("capture server={} state={} before={}", address, next.text(), before.text());
        } else if (next instanceof CaptureState.Reconnecting) {
            log.warn(
                    "capture server={} state={} code={} detail={}",
                    address,
                    next.text(),
                    error.code(),
                    error.getMessage());
        } else {
            log.error(
                    "capture server={} state={} code={} detail={}",
                    address,
                    next.text(),
                    error.code(),
                    error.getMessage());
        }
    }
}
