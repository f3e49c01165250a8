package io.fustor.source.mysql.binlog;

import io.fustor.source.mysql.error.FailureCode;
import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.position.BinlogPosition;
import io.fustor.source.mysql.position.Gtid;
import io.fustor.source.mysql.position.GtidSet;
import io.fustor.source.mysql.position.MariaDbGtid;
import io.fustor.source.mysql.position.MariaDbGtidSet;
import io.fustor.source.mysql.position.Place;
import io.fustor.source.mysql.server.BinlogStatus;
import io.fustor.source.mysql.server.MySqlServer;
import io.fustor.source.mysql.server.MySqlServer.BinlogFile;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Finds, in a MariaDB binlog, where a reader that has the transactions of a set continues: at the
/// first transaction that the set lacks, wherever those of the set are. A MariaDB server that is
/// asked by GTIDs begins after the last one of each domain. It never sends a missing transaction
/// before that.
///
/// The search reads from the last file before which only transactions of the set exist, until it
/// has found all of the set. It therefore also detects what is missing in the server's binlog
/// (decision 0023).
///
/// Any thread may call this; it blocks on the server while a file is read.
public final class GtidSearch {

    private final GtidSet had;
    private final @Nullable Gtid begun;
    private final GtidWalk walk;

    /// The last transactions of the set that the server has and that were not found yet.
    private final Map<MariaDbGtidSet.Origin, Long> awaited = new HashMap<>();

    /// The set, with all that the server has of it under other names.
    private GtidSet known;

    private BinlogStart.@Nullable AtPosition first;
    private BinlogStart.@Nullable AtPosition rest;

    private GtidSearch(GtidSet had, @Nullable Gtid begun, GtidWalk walk) {
        this.had = had;
        this.begun = begun;
        this.walk = walk;
        this.known = had;
    }

    /// A start at which a reader can be opened.
    ///
    /// @throws SourceException `POSITION_PURGED` if the server lacks what follows
    public static BinlogStart found(MySqlServer server, BinlogStart start) {
        return start instanceof BinlogStart.SearchGtids search ? search(server, search) : start;
    }

    private static BinlogStart search(MySqlServer server, BinlogStart.SearchGtids start) {
        BinlogStatus status = statusOf(server, start.server());
        Head head = head(server, start.executed());
        Place begun = start.begun();
        try (GtidWalk walk =
                GtidWalk.open(server, start.server(), head.file(), status.position())) {
            GtidSearch search =
                    new GtidSearch(start.executed(), begun == null ? null : begun.gtid(), walk);
            search.await(status.executed(), head.before());
            search.walk();
            return begun == null ? search.first() : search.rest(begun);
        }
    }

    private static BinlogStatus statusOf(MySqlServer server, long number) {
        BinlogStatus status = server.status();
        if (status.server().number() != number) {
            throw new SourceException(
                    FailureCode.CONNECTION_LOST,
                    server.access().address() + " led to another server just now");
        }
        return status;
    }

    /// A file and the transactions of the files before it.
    private record Head(String file, GtidSet before) {}

    /// The last file before which only transactions of the set exist.
    private static Head head(MySqlServer server, GtidSet had) {
        List<BinlogFile> files = server.files();
        Head found = null;
        int low = 0;
        int high = files.size() - 1;
        while (low <= high) {
            int middle = (low + high + 1) >>> 1;
            String file = files.get(middle).name();
            GtidSet before = server.gtidsBefore(file);
            if (had.covers(before)) {
                found = new Head(file, before);
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
        if (found == null) {
            throw new SourceException(
                    FailureCode.POSITION_PURGED,
                    "the server's binlog no longer has everything after "
                            + had
                            + "; the oldest file is "
                            + files.getFirst().name());
        }
        return found;
    }

    private void await(@Nullable GtidSet here, GtidSet before) {
        known = known.plus(before);
        if (had instanceof MariaDbGtidSet set && here != null) {
            set.forEach(
                    (origin, last) -> {
                        MariaDbGtid gtid = new MariaDbGtid(origin.domain(), origin.server(), last);
                        if (here.contains(gtid) && !before.contains(gtid)) {
                            awaited.put(origin, last);
                        }
                    });
        }
    }

    private void walk() {
        MariaDbGtid next = walk.next();
        while (next != null) {
            meet(next);
            boolean isFound = begun == null ? first != null : rest != null;
            if (isFound && awaited.isEmpty()) {
                return;
            }
            next = walk.next();
        }
        if (!awaited.isEmpty()) {
            MariaDbGtidSet.Origin origin = awaited.keySet().iterator().next();
            throw missing(origin, awaited.get(origin), "the binlog's end");
        }
    }

    private void meet(MariaDbGtid gtid) {
        var origin = new MariaDbGtidSet.Origin(gtid.domain(), gtid.server());
        Long last = awaited.get(origin);
        if (last != null && gtid.number() >= last) {
            if (gtid.number() > last) {
                throw missing(origin, last, gtid.toString());
            }
            awaited.remove(origin);
        }
        if (gtid.equals(begun)) {
            rest = walk.start();
        } else if (had.covers(gtid)) {
            known = known.plus(gtid);
        } else if (first == null) {
            first = walk.start();
        }
    }

    /// A server's files are contiguous, so a transaction in none of them was never written here:
    /// the server received it in a copy of the data, or skipped it.
    private static SourceException missing(
            MariaDbGtidSet.Origin origin, @Nullable Long last, String met) {
        return new SourceException(
                FailureCode.POSITION_PURGED,
                "the server's binlog continues to "
                        + met
                        + " without "
                        + origin.domain()
                        + "-"
                        + origin.server()
                        + "-"
                        + last
                        + ", so that the start after the position is unknown");
    }

    private BinlogStart first() {
        BinlogStart.AtPosition at = first == null ? walk.here() : first;
        return new BinlogStart.AtPosition(at.position().with(known), at.file());
    }

    private BinlogStart rest(Place place) {
        Gtid transaction = begun;
        BinlogStart.AtPosition at = rest;
        if (transaction == null || at == null) {
            throw new SourceException(
                    FailureCode.POSITION_PURGED,
                    "the transaction "
                            + transaction
                            + ", which was partly delivered, is not in the server's binlog");
        }
        return new BinlogStart.RestAt(at, place, transaction);
    }

    /// The GTIDs before a place in a MariaDB binlog, read from the start of its file.
    ///
    /// @param position the place's position, before a transaction or at the binlog's end
    /// @return null if the place is in the head of its file
    /// @throws SourceException with the reason of a failure
    public static @Nullable GtidSet before(
            MySqlServer server, long number, BinlogPosition position) {
        try (GtidWalk walk = GtidWalk.open(server, number, position.file(), position)) {
            MariaDbGtid next = walk.next();
            GtidSet read = walk.before();
            while (next != null && read != null) {
                read = read.plus(next);
                next = walk.next();
            }
            return read;
        }
    }
}
