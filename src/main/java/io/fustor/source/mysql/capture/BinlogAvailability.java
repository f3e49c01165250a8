package io.fustor.source.mysql.capture;

import io.fustor.source.mysql.binlog.BinlogStart;
import io.fustor.source.mysql.error.FailureCode;
import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.position.BinlogPosition;
import io.fustor.source.mysql.position.FeedPosition;
import io.fustor.source.mysql.position.Gtid;
import io.fustor.source.mysql.position.GtidSet;
import io.fustor.source.mysql.server.BinlogStatus;
import io.fustor.source.mysql.server.MySqlServer;
import io.fustor.source.mysql.server.MySqlServer.BinlogFile;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;

/// Whether a server still has what comes behind a place, and where a reader has to begin to get it.
/// Nothing here guesses: a place of another server is found by GTIDs or not at all.
final class BinlogAvailability {

    private final MySqlServer server;
    private final Lagging lagging;

    /// @param patience how long a server may lack what was delivered, without getting any of it
    BinlogAvailability(MySqlServer server, Supplier<Duration> patience) {
        this.server = server;
        this.lagging = new Lagging(patience);
    }

    /// Where a reader begins for somebody at a place.
    ///
    /// @throws SourceException `POSITION_PURGED` where the server no longer has what follows,
    ///   `POSITION_AHEAD` where it never had it, `SERVER_LAGS` where it is a replica that may get
    ///   it, `FOREIGN_SERVER` where the place belongs to a server that cannot be matched with this
    ///   one
    BinlogStart locate(FeedPosition place) {
        BinlogStatus status = server.status();
        if (place.server() == status.server().number()) {
            return locateHere(place, status);
        }
        return locateByGtids(place, status);
    }

    private BinlogStart locateHere(FeedPosition place, BinlogStatus status) {
        List<BinlogFile> files = server.files();
        requireSameHistory(place, status);
        for (BinlogFile file : files) {
            if (BinlogPosition.fileNumber(file.name()) == place.fileNumber()) {
                if (place.offset() > file.size()) {
                    throw ahead(place, status);
                }
                return new BinlogStart.AtPosition(place, file.name());
            }
        }
        if (place.fileNumber() > status.position().fileNumber()) {
            throw ahead(place, status);
        }
        throw purged(place.fileNumber() + ":" + place.offset(), oldest(files));
    }

    /// A place that was read from the binlog knows when its file was begun, and the reader compares
    /// that. One that the server named by itself does not, but its set was in `gtid_executed` then.
    /// For others that would be no test: the binlog shows a transaction before `gtid_executed`
    /// does.
    private static void requireSameHistory(FeedPosition place, BinlogStatus status) {
        GtidSet executed = place.executed();
        GtidSet here = status.executed();
        if (place.fileCreated() == 0
                && executed != null
                && here != null
                && !executed.isSubsetOf(here)) {
            throw new SourceException(
                    FailureCode.FOREIGN_SERVER,
                    "the position holds "
                            + executed.countMissingIn(here)
                            + " transactions that the server has not: its binlog was reset, or it was restored");
        }
    }

    private BinlogStart locateByGtids(FeedPosition place, BinlogStatus status) {
        GtidSet executed = place.executed();
        if (executed == null || status.executed() == null) {
            throw new SourceException(
                    FailureCode.FOREIGN_SERVER,
                    "the position was taken from another server, and can be found on "
                            + server.access().address()
                            + " only where both have GTIDs");
        }
        Gtid begun = place.gtid();
        requireAll(begun == null ? executed : executed.plus(begun), status);
        return locateGtids(executed, status);
    }

    /// Where a reader begins for somebody who has the transactions of a set.
    BinlogStart locateGtids(GtidSet executed, BinlogStatus status) {
        GtidSet here = status.executed();
        if (here == null) {
            throw new SourceException(
                    FailureCode.FOREIGN_SERVER, "the server gives no GTIDs: gtid_mode is OFF");
        }
        requireAll(executed, status);
        GtidSet purged = server.purged();
        if (!purged.isSubsetOf(executed)) {
            throw purged("the transaction behind " + executed, oldest(server.files()));
        }
        return new BinlogStart.AfterGtids(status.server().number(), executed);
    }

    /// Makes sure that the server has what was delivered, also the transaction that was delivered
    /// in part. One that shares transactions with the set and lacks others is a replica behind, for
    /// as long as it gets them; one that shares none never will.
    private void requireAll(GtidSet had, BinlogStatus status) {
        GtidSet here = status.executed();
        if (here == null || had.isSubsetOf(here)) {
            return;
        }
        String lacks =
                server.access().address()
                        + " ("
                        + status.server().uuid()
                        + ") lacks "
                        + had.countMissingIn(here)
                        + " transactions that the position holds";
        if (!had.intersects(here)) {
            throw new SourceException(
                    FailureCode.FOREIGN_SERVER,
                    lacks + " and has none of them: it is no replica of the same topology");
        }
        if (!lagging.mayCatchUp(status.server().uuid(), had, here)) {
            throw new SourceException(
                    FailureCode.FOREIGN_SERVER,
                    lacks + " and gets none of them: they are lost, or it follows nobody");
        }
        throw new SourceException(
                FailureCode.SERVER_LAGS,
                lacks + ": it is waited for until it has them, as a replica that lags gets them");
    }

    /// The first position that the server still has.
    static BinlogPosition oldest(List<BinlogFile> files) {
        return new BinlogPosition(files.getFirst().name(), BinlogPosition.FIRST_EVENT);
    }

    static SourceException purged(String what, BinlogPosition oldest) {
        return new SourceException(
                FailureCode.POSITION_PURGED,
                what
                        + " is purged from the server's binlog; the oldest available position is "
                        + oldest);
    }

    private static SourceException ahead(FeedPosition place, BinlogStatus status) {
        return new SourceException(
                FailureCode.POSITION_AHEAD,
                place.fileNumber()
                        + ":"
                        + place.offset()
                        + " lies ahead of the end of the server's binlog, "
                        + status.position()
                        + ": the binlog was reset, or the server restored");
    }
}
