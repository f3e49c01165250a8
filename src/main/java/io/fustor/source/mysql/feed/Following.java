package io.fustor.source.mysql.feed;

import io.fustor.source.mysql.capture.LiveCursor;
import io.fustor.source.mysql.encode.JsonBuffer;
import io.fustor.source.mysql.thread.Computing;
import java.io.IOException;
import java.time.Duration;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Catches up by the frames that others make of the same stretches of the binlog.
///
/// For the subscription's thread.
final class Following implements AutoCloseable {

    /// How long the maker of a stretch may stand still. Its own client may take nothing more.
    private static final Duration PATIENCE = Duration.ofMillis(250);

    private static final long TURN_NANOS = Duration.ofMillis(1).toNanos();
    private static final long JOIN_CHECK_NANOS = Duration.ofMillis(20).toNanos();

    private final Stretches stretches;
    private final ChangeWriter writer;
    private final Pace pace;
    private final ChangeProgress progress;
    private long joinCheck = System.nanoTime();
    private long turn = System.nanoTime();

    /// From the first stretch on that can be shared.
    private Stretches.@Nullable Reader entered;

    /// The stretch that this subscription has to make.
    private Stretches.@Nullable Stretch mine;

    Following(Stretches stretches, ChangeWriter writer, Pace pace, ChangeProgress progress) {
        this.stretches = stretches;
        this.writer = writer;
        this.pace = pace;
        this.progress = progress;
    }

    /// Writes stretches for as long as others make them.
    ///
    /// @param join at the client's place
    /// @return null if the subscription must end or has to read the binlog itself from its place
    @Nullable LiveCursor follow(Supplier<@Nullable LiveCursor> join) throws IOException {
        leave();
        Stretches.Reader reader = reader();
        Stretches.Stretch next = reader.next();
        while (!pace.isEnding() && !reader.makes(next)) {
            if (System.nanoTime() - joinCheck > JOIN_CHECK_NANOS) {
                joinCheck = System.nanoTime();
                LiveCursor cursor = join.get();
                if (cursor != null) {
                    return cursor;
                }
            }
            if (next.isMaking()) {
                next = await(reader, next);
            } else if (!reader.use(next)) {
                next = reader.next();
            } else if (write(reader, next)) {
                next = reader.next();
            } else {
                return null;
            }
        }
        mine = next;
        return null;
    }

    private Stretches.Reader reader() {
        Stretches.Reader reader = entered;
        if (reader == null) {
            reader = stretches.enter(progress);
            entered = reader;
        }
        return reader;
    }

    private Stretches.Stretch await(Stretches.Reader reader, Stretches.Stretch stretch)
            throws IOException {
        reader.awaits(stretch);
        pace.pause(PATIENCE, () -> !stretch.isMaking());
        boolean isLate = stretch.isMaking() && stretch.standstill() > PATIENCE.toNanos();
        return isLate ? reader.takeOver(stretch) : reader.next();
    }

    /// Writes a stretch that is in use.
    ///
    /// @return false if the client has to be told of something before rows of it
    private boolean write(Stretches.Reader reader, Stretches.Stretch stretch) throws IOException {
        try {
            if (!writer.isPlain(stretch.tables())) {
                return false;
            }
            for (Stretches.Piece piece : stretch.made()) {
                if (pace.isEnding()) {
                    return true;
                }
                write(piece);
                progress.passed(piece.after(), piece.micros());
            }
            writer.passed(stretch.tables());
            return true;
        } finally {
            reader.used(stretch);
        }
    }

    private void write(Stretches.Piece piece) throws IOException {
        JsonBuffer frames = piece.frames();
        pace.moved();
        if (frames != null && frames.size() > 0) {
            writer.out().write(frames);
            pace.served();
            progress.count(piece.rows());
        }
        long now = System.nanoTime();
        pace.heartbeatIfDue(now);
        if (now - turn > TURN_NANOS) {
            turn = now;
            Computing.giveWay();
        }
    }

    /// The stretch that the next rows belong to; null where they cannot be shared.
    Stretches.@Nullable Stretch mine() {
        return mine;
    }

    /// The reader of this subscription has come to a place after a commit, and everything before it
    /// is written.
    ///
    /// @return false if another subscription has made what follows, or makes it
    boolean passes() {
        Stretches.Reader reader = reader();
        Stretches.Stretch made = mine;
        if (made != null) {
            reader.made(made);
        }
        Stretches.Stretch next = reader.next();
        mine = reader.makes(next) ? next : null;
        return mine != null;
    }

    /// Another subscription may make what this one began.
    void leave() {
        Stretches.Stretch begun = mine;
        if (begun != null) {
            mine = null;
            reader().leave(begun);
        }
    }

    @Override
    public void close() {
        leave();
        if (entered != null) {
            entered.close();
        }
    }
}
