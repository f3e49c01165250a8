package io.fustor.source.mysql.binlog;

import io.fustor.source.mysql.error.FailureCode;
import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.memory.HeapParts;
import io.fustor.source.mysql.position.Gtid;
import io.fustor.source.mysql.position.GtidSet;
import io.fustor.source.mysql.position.MariaDbGtid;
import org.jspecify.annotations.Nullable;

/// The GTIDs of the transactions before a cursor, and of those that the server does not send.
///
/// For the reader's thread.
final class ExecutedGtids {

    /// The transactions that the server leaves out, in any file; empty if it was asked for all
    /// transactions from a place on.
    private GtidSet leftOut;

    /// The GTID of the only transaction to read; null for all transactions.
    private final @Nullable Gtid only;

    private final DomainOrder order = new DomainOrder();
    private @Nullable GtidSet executed;
    private boolean isOver;

    private ExecutedGtids(GtidSet leftOut, @Nullable Gtid only, @Nullable GtidSet executed) {
        this.leftOut = leftOut;
        this.only = only;
        this.executed = executed;
    }

    /// Of a reader that reads all transactions after a set.
    ///
    /// @param executed null if the server has no GTIDs, or the set is not known yet
    static ExecutedGtids from(@Nullable GtidSet executed) {
        return new ExecutedGtids(GtidSet.EMPTY, null, executed);
    }

    /// Of a reader that reads all transactions outside a set.
    static ExecutedGtids outside(GtidSet leftOut) {
        return new ExecutedGtids(leftOut, null, leftOut);
    }

    /// Of a reader that reads one transaction.
    ///
    /// @param leftOut the transactions that the server leaves out
    /// @param executed the set of the place in the transaction
    static ExecutedGtids ofOne(Gtid only, GtidSet leftOut, @Nullable GtidSet executed) {
        return new ExecutedGtids(leftOut, only, executed);
    }

    /// The GTIDs before the cursor; null if the server has none, or they are not known yet.
    @Nullable GtidSet executed() {
        return executed;
    }

    /// Whether only one transaction is read.
    boolean isOfOne() {
        return only != null;
    }

    /// Whether the only transaction to read was read.
    boolean isOver() {
        return isOver;
    }

    /// Whether the server leaves transactions out from here on.
    boolean areIncomplete() {
        return !leftOut.isEmpty();
    }

    /// Checks a MariaDB's GTID against those before it.
    void follow(MariaDbGtid gtid) {
        order.add(gtid);
    }

    /// Adds the GTIDs of the earlier files. A reader that began at a file's start without a set
    /// needs them.
    ///
    /// @param file the name of the current file
    /// @throws SourceException `UNSUPPORTED_EVENT` if they do not fit into memory
    void addPreviousGtids(EventBytes event, String file) {
        if (event.remaining() > HeapParts.LARGEST_STATEMENT) {
            throw new SourceException(
                    FailureCode.UNSUPPORTED_EVENT,
                    "the GTIDs before "
                            + file
                            + " take "
                            + (event.remaining() >> 20)
                            + " MiB, which the heap has no room for; start the service with a"
                            + " larger -Xmx");
        }
        addPrevious(GtidSets.read(event));
    }

    /// Adds the GTIDs of the earlier files of a MariaDB.
    void addGtidList(EventBytes event) {
        if (!event.isArtificial()) {
            GtidSet previous = MariaDbGtidLists.read(event);
            order.add(previous);
            addPrevious(previous);
        }
    }

    private void addPrevious(GtidSet previous) {
        if (leftOut.isSubsetOf(previous)) {
            leftOut = GtidSet.EMPTY; // earlier files hold them all
        }
        if (only == null) {
            executed = executed == null ? previous : executed.plus(previous);
        }
    }

    /// Adds a transaction that was read to its end.
    ///
    /// @param gtid null if it has none
    void add(@Nullable Gtid gtid) {
        isOver = only != null && only.equals(gtid);
        GtidSet known = executed;
        if (gtid != null && known != null && (only == null || isOver)) {
            executed = known.plus(gtid);
        }
    }
}
