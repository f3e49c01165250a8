package io.fustor.source.mysql.binlog;

import io.fustor.source.mysql.change.BinlogEvent;
import io.fustor.source.mysql.change.RowsEvent;
import io.fustor.source.mysql.change.Transaction;
import io.fustor.source.mysql.position.Place;
import io.fustor.source.mysql.server.MySqlServer;
import org.jspecify.annotations.Nullable;

/// The rows of an XA transaction whose commit a reader has reached. The rows are where it was
/// prepared, possibly in an earlier file. They are read there with a connection of their own, as
/// rows of the committing transaction.
///
/// For one thread, except [#close].
final class XaCommit implements AutoCloseable {

    /// The transaction to which the rows belong.
    ///
    /// @param transaction the committing transaction
    /// @param start its start on the reader's server
    /// @param origin of the committing event
    record Commit(Xid xid, Transaction transaction, Place start, RowsEvent.Origin origin) {}

    /// Opens a reader that yields the rows of the XA transaction at a place, and then a commit.
    interface Opening {
        BinlogReader open(BinlogStart.AtPosition place, Commit commit);
    }

    private final MySqlServer server;
    private final Commit commit;
    private final PreparedTransactions prepared;
    private final Opening opening;

    private volatile @Nullable PreparedSearch search;
    private volatile @Nullable BinlogReader reader;
    private volatile boolean closed;
    private boolean isOver;

    XaCommit(MySqlServer server, Commit commit, PreparedTransactions prepared, Opening opening) {
        this.server = server;
        this.commit = commit;
        this.prepared = prepared;
        this.opening = opening;
    }

    Xid xid() {
        return commit.xid();
    }

    /// The next rows, or null if none arrived within about a second or none remain.
    @Nullable RowsEvent next() {
        BinlogReader open = reader;
        if (open == null) {
            BinlogStart.AtPosition place = place();
            if (place == null) {
                return null;
            }
            open = opening.open(place, commit);
            reader = open;
            closeIfClosed();
        }
        BinlogEvent event = open.next();
        if (event instanceof RowsEvent rows) {
            return rows;
        }
        isOver = event != null;
        return null;
    }

    private BinlogStart.@Nullable AtPosition place() {
        PreparedSearch open = search;
        if (open != null) {
            return open.next();
        }
        BinlogStart.AtPosition known = prepared.get(commit.xid());
        if (known != null) {
            return known;
        }
        open = new PreparedSearch(server, commit.xid(), commit.start(), prepared);
        search = open;
        closeIfClosed();
        return open.next();
    }

    /// Whether all rows were read.
    boolean isOver() {
        return isOver;
    }

    boolean hasBuffered() {
        BinlogReader open = reader;
        return open != null && open.hasBuffered();
    }

    boolean isOverdue() {
        BinlogReader open = reader;
        return open != null && open.isOverdue();
    }

    private void closeIfClosed() {
        if (closed) {
            close();
        }
    }

    /// Any thread may call this; a waiting read ends.
    @Override
    public void close() {
        closed = true;
        PreparedSearch openSearch = search;
        if (openSearch != null) {
            openSearch.close();
        }
        BinlogReader openReader = reader;
        if (openReader != null) {
            openReader.close();
        }
    }
}
