package io.fustor.source.mysql.feed;

import io.fustor.source.mysql.change.BinlogEvent;
import io.fustor.source.mysql.position.Place;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/// The place up to which a client received changes. The subscription's thread updates it; any
/// thread may read it.
final class ChangeProgress {

    private volatile Place place;
    private volatile @Nullable BinlogEvent last;
    private volatile long servedMicros;
    private final AtomicLong rows = new AtomicLong();

    /// For the subscription's thread only.
    private long transactionRows;

    ChangeProgress(Place start) {
        this.place = start;
    }

    /// The place up to which the client was served.
    Place place() {
        BinlogEvent event = last;
        return event == null ? place : event.after();
    }

    /// When the newest change that the client received was committed, in microseconds since 1970; 0
    /// before the first change.
    long servedMicros() {
        BinlogEvent event = last;
        return event == null ? servedMicros : event.transaction().committedMicros();
    }

    long rows() {
        return rows.get();
    }

    /// The binlog advanced to a place without a change in between. Inside a transaction of another
    /// server nothing is known until that transaction arrives.
    ///
    /// @return whether the client's place moved
    boolean passTo(Place here) {
        Place was = place();
        boolean further = here.server() == was.server() ? here.isAfter(was) : was.rows() == 0;
        if (further) {
            place = here;
            last = null;
        }
        return further;
    }

    /// The client was served up to the end of an event whose bytes the next event may overwrite.
    void passed(BinlogEvent event) {
        place = event.after();
        last = null;
        servedMicros = event.transaction().committedMicros();
    }

    /// The client was served up to a place.
    ///
    /// @param micros when the last change before it was committed, in microseconds since 1970
    void passed(Place here, long micros) {
        place = here;
        last = null;
        servedMicros = micros;
    }

    /// The client was served up to the end of an event whose bytes do not change.
    void passedHeld(BinlogEvent event) {
        last = event;
    }

    /// A transaction begins, or is read again from its start.
    void transactionBegins() {
        transactionRows = 0;
    }

    /// A transaction, as it is read, has so many more rows for the client.
    void hasRows(int more) {
        transactionRows += more;
    }

    /// How many rows for the client the transaction has so far.
    long transactionRows() {
        return transactionRows;
    }

    /// The client got so many rows more.
    void count(int delivered) {
        rows.lazySet(rows.getPlain() + delivered);
    }
}
