package io.fustor.source.mysql.binlog;

import io.fustor.source.mysql.change.CommitEvent;
import io.fustor.source.mysql.change.Operation;
import io.fustor.source.mysql.change.RowsEvent;
import io.fustor.source.mysql.error.FailureCode;
import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.server.MySqlServer;
import org.jspecify.annotations.Nullable;

/// The XA transactions of one stream: the one that is being prepared, those that are prepared and
/// not yet committed, and the one that was committed last. Its rows are read at the place at which
/// it was prepared (decision 0010).
///
/// For one thread, except [#close].
final class XaTransactions implements AutoCloseable {

    private final MySqlServer server;
    private final EventStream stream;
    private final EventBytes event;
    private final BinlogCursor cursor;
    private final PreparedTransactions prepared = new PreparedTransactions();
    private final XaCommit.@Nullable Opening readers;

    /// The transaction to which a reader of a prepared XA transaction assigns its rows. Null for
    /// all other readers, which skip such rows until they are committed.
    private final XaCommit.@Nullable Commit readAs;

    /// The last XA transaction that started and is not prepared yet.
    private @Nullable Xid preparing;

    private volatile @Nullable XaCommit committing;
    private volatile boolean closed;

    /// @param readers opens readers of prepared XA transactions; null for such a reader
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

    /// Whether the rows that follow are committed later in the binlog, or rolled back.
    boolean isPreparing() {
        return preparing != null;
    }

    /// Whether rows belong to an XA transaction here, so that no ordinary transaction can end.
    boolean isInside() {
        return preparing != null || readAs != null;
    }

    /// The transaction that was committed last, until its rows are read, or null.
    @Nullable XaCommit committing() {
        return committing;
    }

    /// The rows event that was read last, where [#isInside]; null if its rows are read after their
    /// commit.
    @Nullable RowsEvent rows(Operation operation) {
        XaCommit.Commit commit = readAs;
        if (commit == null) {
            return null;
        }
        if (preparing == null) {
            throw failure("does not belong to an XA transaction");
        }
        return stream.rows(operation, commit.transaction(), commit.origin());
    }

    /// `XA START`: the rows that follow are committed later in the binlog, or rolled back.
    void start(@Nullable Xid xid) {
        XaCommit.Commit commit = readAs;
        if (commit != null && !commit.xid().equals(xid)) {
            throw failure("starts another XA transaction than before");
        }
        cursor.beginStatement(event);
        preparing = xid;
    }

    /// All rows of an XA transaction were read. The same event commits it if it has one phase; no
    /// earlier event says so.
    ///
    /// @return null if its rows follow
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

    /// `XA COMMIT`: the rows follow, from [#committing].
    void commit(@Nullable Xid xid) {
        XaCommit.Opening opening = readers;
        if (xid == null || opening == null || preparing != null) {
            throw failure("commits an XA transaction inside another");
        }
        XaCommit.Commit commit =
                new XaCommit.Commit(
                        xid,
                        cursor.transaction(event),
                        cursor.position(),
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

    /// The rows of the last committed transaction were read.
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

    /// Any thread may call this; a waiting read ends.
    @Override
    public void close() {
        closed = true;
        XaCommit xa = committing;
        if (xa != null) {
            xa.close();
        }
    }
}
