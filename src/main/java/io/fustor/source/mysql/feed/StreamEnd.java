package io.fustor.source.mysql.feed;

import io.fustor.source.mysql.change.BinlogEvent;
import io.fustor.source.mysql.change.CommitEvent;
import io.fustor.source.mysql.change.RowsEvent;
import io.fustor.source.mysql.change.TruncateEvent;
import io.fustor.source.mysql.error.Recovery;
import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.position.Place;
import io.fustor.source.mysql.server.MySqlServer;
import java.time.Duration;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Tells a subscription's delivery which events come before the end of its stream. A stream without
/// a bound has no end.
///
/// While changes may also be in a snapshot's rows, the stream does not end: without these changes a
/// copy would have rows of several moments.
///
/// For the subscription's thread.
final class StreamEnd {

    private static final long LOOK_NANOS = Duration.ofSeconds(1).toNanos();

    private static final long LONGEST_MICROS = Duration.ofMinutes(1).toNanos() / 1_000;

    private final Bound bound;
    private final MySqlServer server;
    private final Supplier<@Nullable OverlapZone> overlap;

    /// The end of the binlog when the server's clock had passed the time of the bound.
    private Bound whenPassed = new Bound.Never();

    private boolean isPassed;
    private long nextLook = System.nanoTime();

    /// @param overlap the changes that a snapshot's rows may also contain, or null
    StreamEnd(Bound bound, MySqlServer server, Supplier<@Nullable OverlapZone> overlap) {
        this.bound = bound;
        this.server = server;
        this.overlap = overlap;
    }

    /// Whether the stream has an end.
    boolean isBounded() {
        return !(bound instanceof Bound.Never);
    }

    /// What of an event comes before the end: the event itself, one with its first rows, or null.
    ///
    /// @throws SourceException `FOREIGN_SERVER` if the end cannot be found on the event's server
    @Nullable BinlogEvent part(BinlogEvent event) {
        if (isUnbounded(event.transaction().start())) {
            return event;
        }
        long rows = rows(event);
        if (rows == Bound.ALL) {
            return event;
        }
        return switch (event) {
            case RowsEvent all -> {
                long count = rows - all.firstRow();
                yield count >= all.rowCount() ? all : count <= 0 ? null : all.head((int) count);
            }
            case TruncateEvent truncate -> rows > 0 ? truncate : null;
            case CommitEvent _ -> null;
        };
    }

    private long rows(BinlogEvent event) {
        return Math.min(bound.rows(event), whenPassed.rows(event));
    }

    /// Whether nothing comes before the end after a part that [#part] gave.
    boolean isAfter(BinlogEvent part) {
        if (isUnbounded(part.transaction().start())) {
            return false;
        }
        return switch (part) {
            case RowsEvent some -> {
                long rows = rows(some);
                yield rows != Bound.ALL && some.firstRow() + some.rowCount() >= rows;
            }
            case TruncateEvent truncate -> rows(truncate) != Bound.ALL;
            case CommitEvent commit -> isReachedAt(commit.after());
        };
    }

    /// Whether a client at a place has everything that comes before the end.
    boolean isReachedAt(Place place) {
        return !isUnbounded(place) && (bound.isReachedAt(place) || whenPassed.isReachedAt(place));
    }

    private boolean isUnbounded(Place place) {
        if (bound instanceof Bound.Never) {
            return true;
        }
        OverlapZone zone = overlap.get();
        return zone != null && !zone.overlap().isOverAt(place);
    }

    /// How long to wait at most before the next [#look], in nanoseconds.
    long untilLook() {
        boolean isWaiting = bound instanceof Bound.AtTime && !isPassed;
        return isWaiting ? Math.max(1, nextLook - System.nanoTime()) : Long.MAX_VALUE;
    }

    /// Nothing arrives: asks the server whether the time of the bound has come, when that may be.
    /// Then everything that was committed before it is in the binlog, up to its present end.
    void look() {
        if (!(bound instanceof Bound.AtTime(long micros))
                || isPassed
                || nextLook - System.nanoTime() > 0) {
            return;
        }
        try {
            long left = micros - server.clockMicros();
            if (left >= 0) {
                nextLook = System.nanoTime() + Math.min(left + 1, LONGEST_MICROS) * 1_000;
                return;
            }
            whenPassed = new Bound.AtPlace(server.status().place());
            isPassed = true;
        } catch (SourceException e) {
            if (e.recovery() != Recovery.RETRY) {
                throw e;
            }
            nextLook = System.nanoTime() + LOOK_NANOS;
        }
    }

    /// Whether the subscription has to end, now that the client has everything up to a place.
    boolean isOver(Place place, Pace pace) {
        if (isReachedAt(place)) {
            pace.over();
        }
        return pace.isEnding();
    }
}
