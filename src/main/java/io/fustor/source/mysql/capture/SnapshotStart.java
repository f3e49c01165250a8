package io.fustor.source.mysql.capture;

import io.fustor.source.mysql.binlog.RecentTransactions;
import io.fustor.source.mysql.error.FailureCode;
import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.position.BinlogPosition;
import io.fustor.source.mysql.position.FeedPosition;
import io.fustor.source.mysql.position.GtidSet;
import io.fustor.source.mysql.server.BinlogStatus;
import io.fustor.source.mysql.server.MySqlServer;
import io.fustor.source.mysql.server.SqlErrors;
import io.fustor.source.mysql.snapshot.ConsistentView;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Opens a view and finds the place from which changes follow it. A transaction stands in the
/// binlog before it is visible, so the binlog's end is never that place; see
/// `docs/decisions/0008-hand-over-of-a-snapshot.md` for why these are.
///
/// Any thread may call; calls block on the server.
final class SnapshotStart {

    /// How long the server lets us wait for the lock, in seconds.
    private static final int LOCK_WAIT = 5;

    /// After how many idle seconds the server ends a connection that has the lock, should we be
    /// gone without its noticing.
    private static final int LOCKED_IDLE = 10;

    private static final Duration SCAN = Duration.ofSeconds(30);

    private static final Logger log = LoggerFactory.getLogger(SnapshotStart.class);

    private final MySqlServer server;

    SnapshotStart(MySqlServer server) {
        this.server = server;
    }

    /// @param briefLock whether a global read lock may be held while the position is read
    HandOver handOver(boolean briefLock) {
        ConsistentView view = ConsistentView.connect(server.access());
        try {
            if (view.server().isMariaDb()) {
                return tied(view);
            }
            HandOver locked = briefLock ? locked(view) : null;
            return locked == null ? unlocked(view) : locked;
        } catch (SQLException e) {
            view.close();
            throw SqlErrors.translate(e, server.access());
        } catch (RuntimeException e) {
            view.close();
            throw e;
        }
    }

    /// Without a lock. What is asked for before the view's opening is in the view; what is asked
    /// for after it includes all that is.
    private HandOver unlocked(ConsistentView view) throws SQLException {
        BinlogStatus before = view.status();
        CommitRules rules = CommitRules.read(view.connection());
        GtidSet executed = rules.gtids() ? executed(view) : null;
        view.begin();
        BinlogPosition end = view.status().position();
        FeedPosition place =
                executed == null ? place(before, rules) : startOfFile(before, executed);
        log.debug("snapshot server={} place={} end={}", server.access().address(), place, end);
        return new HandOver(view, place, end);
    }

    private static GtidSet executed(ConsistentView view) throws SQLException {
        return GtidSet.parse(
                Objects.requireNonNullElse(value(view, "SELECT @@global.gtid_executed", 1), ""));
    }

    /// A GTID is in the executed set only when its transaction is visible, and the files before the
    /// current one hold visible transactions only: a reader of the current file passes over those
    /// in the set.
    private static FeedPosition startOfFile(BinlogStatus status, GtidSet executed) {
        return new FeedPosition(
                status.server().number(),
                status.position().fileNumber(),
                BinlogPosition.FIRST_EVENT,
                0,
                0,
                executed,
                null);
    }

    /// A session waits for its commit, so no more transactions are on their way than there are
    /// sessions; in order, these are the binlog's last. Without order, or where some transactions
    /// have GTIDs and a place inside the file would not tell which, the file's start is certain.
    private FeedPosition place(BinlogStatus before, CommitRules rules) {
        boolean byCount = rules.ordered() && before.executed() == null;
        return RecentTransactions.before(server, before, byCount ? rules.waiting() : 0, SCAN);
    }

    /// MariaDB itself says where in the binlog the session's view was opened.
    private static HandOver tied(ConsistentView view) throws SQLException {
        BinlogStatus status = view.status();
        view.begin();
        String file = value(view, "SHOW STATUS LIKE 'binlog_snapshot_file'", 2);
        String offset = value(view, "SHOW STATUS LIKE 'binlog_snapshot_position'", 2);
        if (file == null || file.isEmpty() || offset == null) {
            throw new SourceException(
                    FailureCode.SERVER_ERROR,
                    view.access().address()
                            + " does not say where in its binlog a view stands (binlog_snapshot_file is empty)");
        }
        BinlogPosition at = new BinlogPosition(file, Long.parseLong(offset));
        return new HandOver(view, new BinlogStatus(status.server(), at, null).place(), at);
    }

    private static @Nullable String value(ConsistentView view, String sql, int column)
            throws SQLException {
        try (Statement statement = view.connection().createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            return row.next() ? row.getString(column) : null;
        }
    }

    /// With a lock nothing is on its way, so view and position are of one moment.
    ///
    /// @return null where the lock is not to be had
    private @Nullable HandOver locked(ConsistentView view) {
        view.execute("SET SESSION lock_wait_timeout = " + LOCK_WAIT);
        view.execute("SET SESSION wait_timeout = " + LOCKED_IDLE);
        HandOver handOver = null;
        if (lock(view)) {
            long start = System.nanoTime();
            try {
                view.begin();
                BinlogStatus status = view.status();
                handOver = new HandOver(view, status.place(), status.position());
            } finally {
                view.execute("UNLOCK TABLES");
            }
            log.info(
                    "snapshot server={} lock=global held_ms={}",
                    server.access().address(),
                    (System.nanoTime() - start) / 1_000_000);
        }
        view.prepare();
        return handOver;
    }

    private boolean lock(ConsistentView view) {
        try {
            view.execute("FLUSH TABLES WITH READ LOCK");
            return true;
        } catch (SourceException e) {
            if (e.code() == FailureCode.CONNECTION_LOST || e.code() == FailureCode.SERVER_STALLED) {
                throw e;
            }
            log.warn(
                    "snapshot server={} lock=none code={} detail={}",
                    server.access().address(),
                    e.code(),
                    e.getMessage());
            return false;
        }
    }
}
