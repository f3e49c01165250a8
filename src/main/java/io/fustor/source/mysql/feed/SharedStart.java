package io.fustor.source.mysql.feed;

import io.fustor.source.mysql.binlog.BinlogReader;
import io.fustor.source.mysql.capture.Capture;
import io.fustor.source.mysql.capture.CatchUpTurns;
import io.fustor.source.mysql.capture.Gathering;
import io.fustor.source.mysql.capture.LiveCursor;
import io.fustor.source.mysql.position.Place;
import io.fustor.source.mysql.server.BinlogStatus;
import java.io.IOException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// Lets a subscription join the live window although it is not at the end of the binlog: together
/// with others that return at the same time, or by a wait for the reader that comes to its place.
/// Thousands of subscribers then need one reader instead of one each.
///
/// For the subscription's thread.
final class SharedStart {

    private static final Duration LOOK = Duration.ofMillis(30);

    /// After this time a subscription catches up with a reader of its own.
    private static final Duration LONGEST = Duration.ofSeconds(5);

    private final Capture capture;
    private final Pace pace;
    private final Join join;

    /// Joins the window at the subscription's place.
    interface Join {
        /// Joins, or answers null.
        ///
        /// @param start whether to begin a window if there is none
        @Nullable LiveCursor at(boolean start);
    }

    SharedStart(Capture capture, Pace pace, Join join) {
        this.capture = capture;
        this.pace = pace;
        this.join = join;
    }

    /// Whether others gather, so that the window must not begin at the end of the binlog: their
    /// places may be older.
    boolean isGathering() {
        return capture.gathering().isUnderWay();
    }

    /// Waits for others, and joins the window that one of them begins at the oldest of their
    /// places.
    ///
    /// @param status the end of the binlog
    /// @return null if the subscription has to catch up
    @Nullable LiveCursor gather(Place place, BinlogStatus status) throws IOException {
        Gathering gathering = capture.gathering();
        if (!gathering.isNear(place, status)) {
            return null;
        }
        try (Gathering.Seat seat = gathering.enter(place)) {
            while (!pace.isEnding() && !capture.isRunning() && !seat.isOver()) {
                if (seat.leads()) {
                    LiveCursor cursor = begin(place);
                    if (cursor != null) {
                        return cursor;
                    }
                    break;
                }
                if (seat.watches()) {
                    pace.pause(LOOK);
                } else {
                    pace.pause(
                            LONGEST, () -> seat.watches() || seat.leads() || capture.isRunning());
                }
            }
        }
        LiveCursor cursor = join.at(false);
        return cursor == null ? awaitReader(place) : cursor;
    }

    /// Begins the window at the client's place, once a reader of its own has shown that the binlog
    /// there is the place's. A failure concerns this subscription only.
    private @Nullable LiveCursor begin(Place place) throws IOException {
        try (CatchUpTurns.Turn turn = capture.catchUpTurns().ask()) {
            while (!turn.isGranted() && !pace.isEnding() && !capture.isRunning()) {
                capture.catchUpTurns().revokeDue();
                pace.pause(LOOK);
            }
            if (!turn.isGranted()) {
                return null;
            }
            BinlogReader reader = capture.catchUpReaders().open(place, (_, _) -> false, turn);
            try {
                reader.next();
            } finally {
                capture.catchUpReaders().close(reader);
            }
            return join.at(true);
        }
    }

    /// Waits for the reader of the window, which has not come to the client's place yet.
    ///
    /// @return null if the window began after the place, or the reader does not come
    @Nullable LiveCursor awaitReader(Place place) throws IOException {
        long begun = System.nanoTime();
        while (!pace.isEnding()
                && isComing(place)
                && System.nanoTime() - begun < LONGEST.toNanos()) {
            pace.pause(LOOK);
        }
        return pace.isEnding() ? null : join.at(false);
    }

    private boolean isComing(Place place) {
        Place reader = capture.position();
        return reader != null && reader.server() == place.server() && place.isAfter(reader);
    }
}
