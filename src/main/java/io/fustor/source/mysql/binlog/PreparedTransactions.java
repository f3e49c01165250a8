package io.fustor.source.mysql.binlog;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The places of XA transactions that a reader saw prepared and neither committed nor rolled back:
/// the newest of each name. Its size is limited, so that a missing transaction may still exist in
/// the binlog and has to be searched for.
///
/// For the reader's thread.
final class PreparedTransactions {

    private static final int MOST = 10_000;

    private final Map<Xid, BinlogStart.AtPosition> places = new LinkedHashMap<>();

    /// Adds a transaction that was prepared at the reader's place.
    void add(Xid xid, BinlogStart.AtPosition place) {
        places.remove(xid);
        if (places.size() == MOST) {
            places.remove(places.keySet().iterator().next());
        }
        places.put(xid, place);
    }

    /// Adds transactions from a backward search; they were prepared before all that are known. If
    /// newer transactions are missing here, an older one of the same name must not replace them. So
    /// either all are added, or none if there is not enough room.
    ///
    /// @return whether they were added
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
