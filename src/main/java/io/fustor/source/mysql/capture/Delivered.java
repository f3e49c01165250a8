package io.fustor.source.mysql.capture;

import io.fustor.source.mysql.change.BinlogEvent;
import io.fustor.source.mysql.change.CommitEvent;
import io.fustor.source.mysql.change.RowsEvent;
import io.fustor.source.mysql.change.Transaction;
import io.fustor.source.mysql.change.TruncateEvent;
import io.fustor.source.mysql.position.FeedPosition;
import io.fustor.source.mysql.position.GtidSet;
import org.jspecify.annotations.Nullable;

/// Tells which events somebody at a place has had already. A reader begins at the start of the
/// place's transaction, or on another server of the topology at the first transaction that is
/// missing, so that what it yields first may be behind the place.
///
/// For one thread. Decides once a transaction.
public final class Delivered {

    private static final int NOTHING = 0;
    private static final int BY_ROWS = 1;
    private static final int EVERYTHING = 2;

    private final FeedPosition place;
    private final @Nullable GtidSet executed;

    private @Nullable Transaction decided;
    private int decision;

    public Delivered(FeedPosition place) {
        this.place = place;
        this.executed = place.executed();
    }

    /// How many rows of the event were had, all of them where it was had whole.
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
        GtidSet had = executed;
        if (had != null && transaction.gtid() != null && had.contains(transaction.gtid())) {
            return EVERYTHING;
        }
        FeedPosition start = transaction.start();
        if (start.server() != place.server()) {
            return place.gtid() != null && place.gtid().equals(transaction.gtid())
                    ? BY_ROWS
                    : NOTHING;
        }
        int order = FeedPosition.compare(start.fileNumber(), start.offset(), 0, place);
        if (start.fileNumber() == place.fileNumber() && start.offset() == place.offset()) {
            return place.rows() == 0 ? NOTHING : BY_ROWS;
        }
        return order < 0 ? EVERYTHING : NOTHING;
    }
}
