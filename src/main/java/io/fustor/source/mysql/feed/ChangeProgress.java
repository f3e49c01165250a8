package io.fustor.source.mysql.feed;

import io.fustor.source.mysql.change.BinlogEvent;
import io.fustor.source.mysql.change.RowsEvent;
import io.fustor.source.mysql.position.FeedPosition;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/// How far a client was served with changes. The subscription's thread moves it; any thread may
/// ask.
final class ChangeProgress {

    private volatile FeedPosition place;
    private volatile @Nullable BinlogEvent last;
    private volatile long servedMicros;
    private final AtomicLong rows = new AtomicLong();

    ChangeProgress(FeedPosition start) {
        this.place = start;
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

    long rows() {
        return rows.get();
    }

    /// The binlog went on to a place with nothing in between. Inside a transaction of another
    /// server nothing is known until that transaction comes.
    ///
    /// @return whether the client's place moved
    boolean passTo(FeedPosition here) {
        FeedPosition was = place();
        boolean further = here.server() == was.server() ? here.isAfter(was) : was.rows() == 0;
        if (further) {
            place = here;
            last = null;
        }
        return further;
    }

    /// The client was served up to behind an event, whose bytes may be gone with the next one.
    void passed(BinlogEvent event) {
        place = event.after();
        last = null;
        servedMicros = event.transaction().committedMicros();
    }

    /// The client was served up to behind an event that stays as it is.
    void passedHeld(BinlogEvent event) {
        last = event;
    }

    /// The client got an event's rows.
    ///
    /// @param skip how many of them it had before
    void count(BinlogEvent event, int skip) {
        if (event instanceof RowsEvent rowsEvent) {
            rows.lazySet(rows.getPlain() + rowsEvent.rowCount() - skip);
        }
    }
}
