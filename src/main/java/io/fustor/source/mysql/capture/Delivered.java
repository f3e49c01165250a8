package io.fustor.source.mysql.capture;

import io.fustor.source.mysql.change.BinlogEvent;
import io.fustor.source.mysql.change.CommitEvent;
import io.fustor.source.mysql.change.RowsEvent;
import io.fustor.source.mysql.change.Transaction;
import io.fustor.source.mysql.change.TruncateEvent;
import io.fustor.source.mysql.position.Gtid;
import io.fustor.source.mysql.position.GtidSet;
import io.fustor.source.mysql.position.Place;
import org.jspecify.annotations.Nullable;

/// Tells which events a subscriber at a place has already received. A reader starts at the
/// beginning of the place's transaction. On another server of the topology, it starts at the first
/// missing transaction. Its first events may therefore come before the place. On another server, a
/// partly received transaction is read first, on its own.
///
/// For one thread. Decides once for each transaction.
public final class Delivered {

    private static final int NOTHING = 0;
    private static final int BY_ROWS = 1;
    private static final int EVERYTHING = 2;

    private final Place place;
    private final @Nullable GtidSet executed;

    private @Nullable Transaction decided;
    private int decision;

    public Delivered(Place place) {
        this.place = place;
        this.executed = place.executed();
    }

    /// The number of rows of the event that were already received.
    public int rows(RowsEvent event) {
        return switch (decide(event.transaction())) {
            case NOTHING -> 0;
            case EVERYTHING -> event.rowCount();
            default -> Math.clamp(place.rows() - event.firstRow(), 0, event.rowCount());
        };
    }

    /// Whether nothing of the event is new.
    public boolean includes(BinlogEvent event) {
        int about = decide(event.transaction());
        if (about == NOTHING) {
            return false;
        }
        return about == EVERYTHING
                || switch (event) {
                    case RowsEvent rows -> rows.firstRow() + rows.rowCount() <= place.rows();
                    case TruncateEvent _ -> place.rows() > 0;
                    case CommitEvent _ -> false;
                };
    }

    @SuppressWarnings("ReferenceEquality") // a transaction's events share one instance
    private int decide(Transaction transaction) {
        if (transaction != decided) {
            decided = transaction;
            decision = judge(transaction);
        }
        return decision;
    }

    private int judge(Transaction transaction) {
        Place start = transaction.start();
        boolean isElsewhere = start.server() != place.server() || start.server() == Place.BY_GTIDS;
        if (had(transaction.gtid(), isElsewhere)) {
            return EVERYTHING;
        }
        if (isElsewhere) {
            Gtid begun = place.gtid();
            if (begun == null) {
                return NOTHING;
            }
            return begun.equals(transaction.gtid()) ? BY_ROWS : EVERYTHING;
        }
        int order = Place.compare(start.fileNumber(), start.offset(), 0, place);
        if (start.fileNumber() == place.fileNumber() && start.offset() == place.offset()) {
            return place.rows() == 0 ? NOTHING : BY_ROWS;
        }
        return order < 0 ? EVERYTHING : NOTHING;
    }

    /// On the server of the place, an unknown transaction comes after the place.
    private boolean had(@Nullable Gtid gtid, boolean isElsewhere) {
        GtidSet had = executed;
        if (had == null || gtid == null) {
            return false;
        }
        return isElsewhere ? had.covers(gtid) : had.contains(gtid);
    }
}
