package io.fustor.source.mysql.capture;

import io.fustor.source.mysql.binlog.FirstMissing;
import io.fustor.source.mysql.binlog.GtidSearch;
import io.fustor.source.mysql.binlog.RecentTransactions;
import io.fustor.source.mysql.connection.SqlErrors;
import io.fustor.source.mysql.connection.SqlRows;
import io.fustor.source.mysql.error.FailureCode;
import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.position.BinlogPosition;
import io.fustor.source.mysql.position.GtidSet;
import io.fustor.source.mysql.position.Place;
import io.fustor.source.mysql.server.BinlogStatus;
import io.fustor.source.mysql.server.MySqlServer;
import io.fustor.source.mysql.server.ServerIdentity;
import io.fustor.source.mysql.snapshot.ConsistentView;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Opens a view and finds the place from which changes follow it. A transaction is in the binlog
/// before it is visible, so the end of the binlog is never that place.
/// `docs/decisions/0008-hand-over-of-a-snapshot.md` explains the places that are used.
///
/// Any thread may call; calls block on the server.
final class SnapshotStart {

    /// The lock wait timeout, in seconds.
    private static final int LOCK_WAIT = 5;

    /// The idle timeout of a connection that holds the lock, in seconds. It releases the lock if
    /// the service disappears silently.
    private static final int LOCKED_IDLE = 10;

    private static final Duration SCAN = Duration.ofSeconds(30);

    private static final Logger log = LoggerFactory.getLogger(SnapshotStart.class);

    private final MySqlServer server;

    SnapshotStart(MySqlServer server) {
        this.server = server;
    }

    /// @param briefLock whether to hold a global read lock while the position is read
    HandOver handOver(boolean briefLock) {
        ConsistentView view = ConsistentView.connect(server.access());
        try {
            server.requireSame(view.connection());
            if (view.server().isMariaDb()) {
                return tied(view);
            }
            HandOver locked = briefLock ? locked(view) : null;
            return locked == null ? unlocked(view) : locked;
        } catch (SQLException e) {
            view.close();
            throw SqlErrors.translate(e, server.access());
        } catch (Throwable e) {
            view.close();
            throw e;
        }
    }

    /// Without a lock. The view contains everything that was queried before it was opened. A query
    /// after that covers the whole view.
    private HandOver unlocked(ConsistentView view) {
        BinlogStatus before = view.status();
        CommitRules rules = view.ask(CommitRules::read);
        GtidSet executed = rules.gtids() ? executed(view) : null;
        view.begin();
        BinlogPosition end = view.status().position();
        Place place = executed == null ? place(before, rules) : outside(before, executed);
        log.debug("snapshot server={} place={} end={}", server.access().address(), place, end);
        return new HandOver(view, place, end);
    }

    private static GtidSet executed(ConsistentView view) {
        return GtidSet.parse(
                Objects.requireNonNullElse(value(view, "SELECT @@global.gtid_executed", 1), ""));
    }

    /// A GTID is in the executed set only when its transaction is visible, and earlier files
    /// contain only visible transactions. So the view contains everything before the first
    /// transaction of the current file that the set lacks. A reader skips those in the set after
    /// it.
    private Place outside(BinlogStatus status, GtidSet executed) {
        return FirstMissing.of(server, status, executed, SCAN);
    }

    /// A session waits for its commit, so the number of pending transactions is limited by the
    /// sessions. With ordered commits, these are the last transactions in the binlog. Without
    /// order, the start of the file is safe. It is also used if some transactions have GTIDs,
    /// because a place inside the file would not tell which.
    private Place place(BinlogStatus before, CommitRules rules) {
        boolean byCount = rules.ordered() && before.executed() == null;
        return RecentTransactions.before(server, before, byCount ? rules.waiting() : 0, SCAN);
    }

    /// MariaDB itself reports the binlog position of the session's view.
    private HandOver tied(ConsistentView view) {
        ServerIdentity identity = view.status().server();
        view.begin();
        String file = value(view, "SHOW STATUS LIKE 'binlog_snapshot_file'", 2);
        String offset = value(view, "SHOW STATUS LIKE 'binlog_snapshot_position'", 2);
        if (file.isEmpty() || offset.isEmpty()) {
            throw new SourceException(
                    FailureCode.SERVER_ERROR,
                    view.access().address()
                            + " does not report the binlog position of a view (binlog_snapshot_file is empty)");
        }
        BinlogPosition at = new BinlogPosition(file, Long.parseLong(offset));
        BinlogStatus status = new BinlogStatus(identity, at, executed(view, at));
        return new HandOver(view, status.place(), at);
    }

    /// The GTIDs before a position. If nothing was written since, they are in the server's state;
    /// otherwise the file is read up to the position.
    private @Nullable GtidSet executed(ConsistentView view, BinlogPosition at) {
        BinlogStatus status = view.status();
        GtidSet state = status.executed();
        boolean isStill = status.position().equals(at) && view.status().position().equals(at);
        return isStill && state != null
                ? state
                : GtidSearch.before(server, status.server().number(), at);
    }

    private static String value(ConsistentView view, String sql, int column) {
        return view.ask(open -> SqlRows.text(open, sql, column));
    }

    /// With a lock, no transaction is pending, so view and position belong to one moment.
    ///
    /// @return null if the lock is not available
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
