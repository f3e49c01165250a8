package io.fustor.source.mysql.binlog;

import io.fustor.source.mysql.change.CommitEvent;
import io.fustor.source.mysql.change.Operation;
import io.fustor.source.mysql.change.RowsEvent;
import io.fustor.source.mysql.error.FailureCode;
import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.server.MySqlServer;
import org.jspecify.annotations.Nullable;

/// The XA transactions of one stream: the one that is being prepared, those whose commit is still
/// to come, and the one that was committed last, whose rows are read where it was prepared
/// (decision 0010).
///
/// For one thread, except [#close].
final class XaTransactions implements AutoCloseable {

    private final MySqlServer server;
    private final EventStream stream;
    private final EventBytes event;
    private final BinlogCursor cursor;
    private final PreparedTransactions prepared = new PreparedTransactions();
    private final XaCommit.@Nullable Opening readers;

    /// What the rows of an XA transaction are read as, by a reader that begins where it was
    /// prepared; null for all others, which pass over such rows until they are committed.
    private final XaCommit.@Nullable Commit readAs;

    /// The XA transaction whose `XA START` was read last, until it is prepared.
    private @Nullable Xid preparing;

    private volatile @Nullable XaCommit committing;
    private volatile boolean closed;

    /// @param readers opens readers of what was prepared; null where that is itself read
    XaTransactions(
            MySqlServer server,
            EventStream stream,
            XaCommit.@Nullable Opening readers,
            XaCommit.@Nullable Commit readAs) {
        this.server = server;
        this.stream = stream;
        this.event = stream.event();
        this.cursor = stream.cursor();
        this.readers = readers;
        this.readAs = readAs;
    }

    /// Whether rows follow that are not committed where they stand.
    boolean isPreparing() {
        return preparing != null;
    }

    /// Whether an ordinary transaction cannot end here.
    boolean isInside() {
        return preparing != null || readAs != null;
    }

    /// The transaction that was committed last, until its rows were read; null where there is none.
    @Nullable XaCommit committing() {
        return committing;
    }

    /// The rows event that was read last; null where its rows come with their commit.
    @Nullable RowsEvent rows(Operation operation) {
        XaCommit.Commit commit = readAs;
        if (commit != null && preparing != null) {
            return stream.rows(operation, commit.transaction(), commit.origin());
        }
        if (commit != null) {
            throw failure("does not belong to an XA transaction");
        }
        return preparing == null ? stream.rows(operation, cursor.transaction(event), null) : null;
    }

    /// `XA START`: rows follow that are committed further on in the binlog, or rolled back.
    void start(@Nullable Xid xid) {
        XaCommit.Commit commit = readAs;
        if (commit != null && !commit.xid().equals(xid)) {
            throw failure("starts another XA transaction than before");
        }
        cursor.beginStatement(event);
        preparing = xid;
    }

    /// The rows of an XA transaction have all come. It is committed by the same event where it is
    /// of one phase, which nothing before has said.
    ///
    /// @return null where its rows follow
    @Nullable CommitEvent end() {
        boolean isOnePhase = event.unsignedByte() != 0;
        Xid xid = Xid.read(event);
        if (!xid.equals(preparing)) {
            throw failure("prepares the XA transaction " + xid + ", which did not start before it");
        }
        preparing = null;
        if (readAs == null) {
            prepared.add(xid, cursor.again());
            if (isOnePhase) {
                commit(xid);
                return null;
            }
        }
        return cursor.commit(event);
    }

    /// `XA COMMIT`: the rows follow, by [#committing].
    void commit(@Nullable Xid xid) {
        XaCommit.Opening opening = readers;
        if (xid == null || opening == null || preparing != null) {
            throw failure("commits an XA transaction inside another");
        }
        XaCommit.Commit commit =
                new XaCommit.Commit(
                        xid,
                        cursor.transaction(event),
                        new RowsEvent.Origin(
                                cursor.eventStart(),
                                cursor.offset(),
                                event.timestamp(),
                                event.serverId()));
        XaCommit xa = new XaCommit(server, commit, prepared, opening);
        committing = xa;
        if (closed) {
            xa.close();
        }
    }

    /// The rows of the transaction that was committed last were read.
    void committed(XaCommit xa) {
        committing = null;
        xa.close();
        prepared.remove(xa.xid());
    }

    /// `XA ROLLBACK`.
    void rollback(@Nullable Xid xid) {
        if (xid != null) {
            prepared.remove(xid);
        }
    }

    private SourceException failure(String what) {
        return stream.failure(FailureCode.CORRUPT_EVENT, what);
    }

    /// From any thread; a read that waits ends.
    @Override
    public void close() {
        closed = true;
        XaCommit xa = committing;
        if (xa != null) {
            xa.close();
        }
    }
}
