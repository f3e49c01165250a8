package io.fustor.source.mysql.feed;

import io.fustor.source.mysql.change.BinlogEvent;
import io.fustor.source.mysql.change.CommitEvent;
import io.fustor.source.mysql.change.RowsEvent;
import io.fustor.source.mysql.change.Transaction;
import io.fustor.source.mysql.change.TruncateEvent;
import io.fustor.source.mysql.error.FailureCode;
import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.position.Gtid;
import io.fustor.source.mysql.position.GtidSet;
import io.fustor.source.mysql.position.Place;
import org.jspecify.annotations.Nullable;

/// The end of a bounded stream, by which each transaction is judged: how many of its rows come
/// before the end.
sealed interface Bound {

    /// The whole transaction comes before the end, with its commit.
    long ALL = Long.MAX_VALUE;

    /// How many rows of the transaction of an event come before the end: [#ALL], or a number. With
    /// a number, the commit comes after the end.
    ///
    /// @throws SourceException `FOREIGN_SERVER` if the end cannot be found on the event's server
    long rows(BinlogEvent event);

    /// Whether nothing that follows a place comes before the end.
    ///
    /// @throws SourceException as [#rows]
    boolean isReachedAt(Place place);

    /// Without an end.
    record Never() implements Bound {

        @Override
        public long rows(BinlogEvent event) {
            return ALL;
        }

        @Override
        public boolean isReachedAt(Place place) {
            return false;
        }
    }

    /// Before the first transaction that was committed at a time or later. On a server that writes
    /// nothing more, only its clock tells that the time has come.
    ///
    /// @param micros since 1970
    record AtTime(long micros) implements Bound {

        @Override
        public long rows(BinlogEvent event) {
            if (event.timeMicros() < micros) {
                return ALL;
            }
            return switch (event) {
                case RowsEvent rows -> rows.firstRow();
                case CommitEvent commit -> commit.rows();
                case TruncateEvent _ -> 0;
            };
        }

        @Override
        public boolean isReachedAt(Place place) {
            return false;
        }
    }

    /// At a place. On the place's own server it is found by file and offset. On other servers of
    /// the topology it is found by its GTIDs: there it is reached once all transactions of the set
    /// were delivered, and the rows of the transaction in which it is.
    ///
    /// For one thread. Decides once for each transaction.
    final class AtPlace implements Bound {

        private final Place end;
        private @Nullable Transaction decided;
        private long rows;

        AtPlace(Place end) {
            this.end = end;
        }

        @Override
        @SuppressWarnings("ReferenceEquality") // a transaction's events share one instance
        public long rows(BinlogEvent event) {
            Transaction transaction = event.transaction();
            if (transaction != decided) {
                decided = transaction;
                rows = rows(transaction);
            }
            return rows;
        }

        private long rows(Transaction transaction) {
            Place start = transaction.start();
            if (!isHere(start)) {
                return rowsByGtids(transaction);
            }
            if (start.fileNumber() == end.fileNumber() && start.offset() == end.offset()) {
                return end.rows();
            }
            return start.isAfter(end) ? 0 : ALL;
        }

        private long rowsByGtids(Transaction transaction) {
            if (isReachedAt(transaction.start())) {
                return 0;
            }
            Gtid begun = end.gtid();
            boolean isLast =
                    begun != null
                            && begun.equals(transaction.gtid())
                            && transaction.start().executedOrEmpty().covers(gtids());
            return isLast ? end.rows() : ALL;
        }

        @Override
        public boolean isReachedAt(Place place) {
            if (isHere(place)) {
                return !end.isAfter(place);
            }
            GtidSet wanted = gtids();
            GtidSet had = place.executed();
            if (had == null || !had.covers(wanted)) {
                return false;
            }
            Gtid begun = end.gtid();
            return begun == null
                    || had.covers(begun)
                    || (begun.equals(place.gtid()) && place.rows() >= end.rows());
        }

        private boolean isHere(Place place) {
            return place.server() == end.server() && end.server() != Place.BY_GTIDS;
        }

        private GtidSet gtids() {
            GtidSet gtids = end.executed();
            if (gtids == null) {
                throw new SourceException(
                        FailureCode.FOREIGN_SERVER,
                        "the end of the stream (until) was taken from another server, and can be"
                                + " found here only if both have GTIDs");
            }
            return gtids;
        }
    }
}
