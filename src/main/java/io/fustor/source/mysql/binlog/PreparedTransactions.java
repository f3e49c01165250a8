package io.fustor.source.mysql.binlog;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Where the XA transactions stand in the binlog that a reader saw prepared and not yet committed
/// or rolled back: the newest of each name. Bounded, so that one that is missing may still be
/// there, to be searched for.
///
/// For the reader's thread.
final class PreparedTransactions {

    private static final int MOST = 10_000;

    private final Map<Xid, BinlogStart.AtPosition> places = new LinkedHashMap<>();

    /// A transaction was prepared at the place that the reader stands at.
    void add(Xid xid, BinlogStart.AtPosition place) {
        places.remove(xid);
        if (places.size() == MOST) {
            places.remove(places.keySet().iterator().next());
        }
        places.put(xid, place);
    }

    /// A search backwards found transactions that were prepared before all that it found earlier
    /// and all that the reader saw. With less than all of what is newer known, something older must
    /// not take its place: none are taken in where there is no room for all.
    ///
    /// @return whether they were taken in
    boolean addOlder(Map<Xid, BinlogStart.AtPosition> older) {
        if (places.size() + older.size() > MOST) {
            return false;
        }
        older.forEach(places::putIfAbsent);
        return true;
    }

    void remove(Xid xid) {
        places.remove(xid);
    }

    BinlogStart.@Nullable AtPosition get(Xid xid) {
        return places.get(xid);
    }
}
