package io.fustor.source.mysql.capture;

import io.fustor.source.mysql.binlog.BinlogStart;
import io.fustor.source.mysql.error.FailureCode;
import io.fustor.source.mysql.error.Recovery;
import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.position.BinlogPosition;
import io.fustor.source.mysql.position.Evidence;
import io.fustor.source.mysql.position.Gtid;
import io.fustor.source.mysql.position.GtidSet;
import io.fustor.source.mysql.position.MySqlGtid;
import io.fustor.source.mysql.position.MySqlGtidSet;
import io.fustor.source.mysql.position.Place;
import io.fustor.source.mysql.server.BinlogStatus;
import io.fustor.source.mysql.server.MySqlServer;
import io.fustor.source.mysql.server.MySqlServer.BinlogFile;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;

/// Determines whether a server still has the binlog after a place, and where a reader must start to
/// read it. Nothing is guessed: a place of another server is found by GTIDs or not at all.
final class BinlogAvailability {

    /// The size of what a server writes at the end of a file, including the name of the next one;
    /// every transaction is longer.
    private static final int LARGEST_FILE_END = 64;

    private final MySqlServer server;
    private final Lagging lagging;

    /// @param patience how long a server may lack delivered transactions without receiving any of
    ///   them
    BinlogAvailability(MySqlServer server, Supplier<Duration> patience) {
        this.server = server;
        this.lagging = new Lagging(patience);
    }

    /// Where a reader starts for a subscriber at a place.
    ///
    /// @throws SourceException `POSITION_PURGED` if the server no longer has the following binlog,
    ///   `POSITION_AHEAD` if it never had it, `SERVER_LAGS` if it is a replica that may receive it,
    ///   `FOREIGN_SERVER` if the place belongs to a server that does not match this one
    BinlogStart locate(Place place) {
        return locate(place, new BinlogView(server));
    }

    /// Like [#locate(Place)], with one view of the binlog for many places.
    BinlogStart locate(Place place, BinlogView view) {
        return ofOneServer(
                view,
                () ->
                        place.server() == view.status().server().number()
                                ? locateHere(place, view)
                                : locateByGtids(place, view));
    }

    /// A verdict is final for a client, so its view must be of one server: during a failover,
    /// another one may have answered the second question. A reader that starts proves the place
    /// itself.
    private static BinlogStart ofOneServer(BinlogView view, Supplier<BinlogStart> located) {
        try {
            return located.get();
        } catch (SourceException verdict) {
            if (verdict.recovery() == Recovery.RETRY || view.isOfOneServer()) {
                throw verdict;
            }
            throw new SourceException(
                    FailureCode.CONNECTION_LOST,
                    "another server answered while the place was looked for",
                    verdict);
        }
    }

    private static BinlogStart locateHere(Place place, BinlogView view) {
        BinlogStatus status = view.status();
        List<BinlogFile> files = view.files();
        requireSameHistory(place, status);
        for (BinlogFile file : files) {
            if (BinlogPosition.fileNumber(file.name()) == place.fileNumber()) {
                if (place.offset() > file.size()) {
                    throw ahead(place, status);
                }
                if (place.offset() > BinlogPosition.LARGEST_NAMED) {
                    return locateUnnamed(place, file, files, status);
                }
                return new BinlogStart.AtPosition(place, file.name());
            }
        }
        if (place.fileNumber() > status.position().fileNumber()) {
            throw ahead(place, status);
        }
        throw purged(place.fileNumber() + ":" + place.offset(), oldest(files));
    }

    /// Handles a place that a binlog request cannot name, because a transaction of more than 4 GiB
    /// ends there. The server starts another file right after it, so at most the end of this file
    /// follows.
    private static BinlogStart locateUnnamed(
            Place place, BinlogFile file, List<BinlogFile> files, BinlogStatus status) {
        GtidSet executed = place.executed();
        if (executed instanceof MySqlGtidSet && status.executed() != null) {
            return new BinlogStart.AfterGtids(place.server(), executed);
        }
        int next = files.indexOf(file) + 1;
        if (place.rows() > 0 || file.size() - place.offset() > LARGEST_FILE_END) {
            throw new SourceException(
                    FailureCode.UNSUPPORTED_EVENT,
                    file.name()
                            + " continues after "
                            + place.offset()
                            + ", beyond the 4 GiB that a request for the binlog can name");
        }
        if (next == files.size()) {
            throw new SourceException(
                    FailureCode.CONNECTION_LOST,
                    "the server has not begun the file after " + file.name() + " yet");
        }
        String name = files.get(next).name();
        Place head =
                new Place(
                        place.server(),
                        BinlogPosition.fileNumber(name),
                        BinlogPosition.FIRST_EVENT,
                        Evidence.NONE,
                        0,
                        null,
                        null);
        return new BinlogStart.AtPosition(head, name);
    }

    /// Checks a place by its GTID set. A place that was read from the binlog contains the creation
    /// time of its file, which the reader compares. A place that the server named does not contain
    /// it, but its set was in `gtid_executed` at that time. For other places this check would prove
    /// nothing, because the binlog shows a transaction before `gtid_executed` does.
    private static void requireSameHistory(Place place, BinlogStatus status) {
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
                            + " transactions that the server lacks: its binlog was reset, or the server was restored");
        }
    }

    private BinlogStart locateByGtids(Place place, BinlogView view) {
        BinlogStatus status = view.status();
        GtidSet executed = place.executed();
        if (executed == null || status.executed() == null) {
            throw new SourceException(
                    FailureCode.FOREIGN_SERVER,
                    "the position was taken from another server, and can be found on "
                            + server.access().address()
                            + " only if both have GTIDs");
        }
        Gtid begun = place.gtid();
        if (begun == null) {
            return afterGtids(executed, view);
        }
        requireAll(executed.plus(begun), status);
        requireKept(executed, view);
        long number = status.server().number();
        return begun instanceof MySqlGtid gtid && status.executed() instanceof MySqlGtidSet here
                ? new BinlogStart.RestOf(number, place, begun, here.minus(gtid))
                : new BinlogStart.SearchGtids(number, executed, place);
    }

    /// Where a reader starts for a subscriber that has the transactions of a set.
    BinlogStart locateGtids(GtidSet executed, BinlogView view) {
        return ofOneServer(view, () -> afterGtids(executed, view));
    }

    private BinlogStart afterGtids(GtidSet executed, BinlogView view) {
        BinlogStatus status = view.status();
        GtidSet here = status.executed();
        if (here == null) {
            throw new SourceException(
                    FailureCode.FOREIGN_SERVER, "the server provides no GTIDs: gtid_mode is OFF");
        }
        requireAll(executed, status);
        requireKept(executed, view);
        long number = status.server().number();
        return status.server().isMariaDb()
                ? new BinlogStart.SearchGtids(number, executed, null)
                : new BinlogStart.AfterGtids(number, executed);
    }

    private static void requireKept(GtidSet executed, BinlogView view) {
        if (!executed.covers(view.purged())) {
            throw purged("the transaction after " + executed, oldest(view.files()));
        }
    }

    /// Verifies that the server has all delivered transactions, including a partly delivered one. A
    /// server that shares transactions with the set and lacks others is a lagging replica, as long
    /// as it receives them. A server that shares none will never have them.
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
                    lacks + " and has none of them: it is not a replica of the same topology");
        }
        if (!lagging.mayCatchUp(status.server().uuid(), had, here)) {
            throw new SourceException(
                    FailureCode.FOREIGN_SERVER,
                    lacks + " and receives none of them: they are lost, or it does not replicate");
        }
        throw new SourceException(
                FailureCode.SERVER_LAGS,
                lacks + ": waiting until it has them, because a lagging replica receives them");
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

    private static SourceException ahead(Place place, BinlogStatus status) {
        return new SourceException(
                FailureCode.POSITION_AHEAD,
                place.fileNumber()
                        + ":"
                        + place.offset()
                        + " is ahead of the end of the server's binlog, "
                        + status.position()
                        + ": the binlog was reset, or the server was restored");
    }
}
