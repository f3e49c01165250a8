package io.fustor.source.mysql.binlog;

import static org.assertj.core.api.Assertions.assertThat;

import io.fustor.source.mysql.position.Place;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PreparedTransactionsTests {

    private static final int MOST = 10_000;

    private final PreparedTransactions prepared = new PreparedTransactions();

    private static Xid xid(int number) {
        return new Xid("X'61',X''", number);
    }

    private static BinlogStart.AtPosition at(long offset) {
        return new BinlogStart.AtPosition(
                new Place(1, 1, offset, 0, 0, null, null), "binlog.000001");
    }

    @Test
    void knowTheNewestPlaceOfAName() {
        prepared.add(xid(1), at(100));
        prepared.add(xid(1), at(200));

        assertThat(prepared.addOlder(Map.of(xid(1), at(50), xid(2), at(60)))).isTrue();

        assertThat(prepared.get(xid(1))).isEqualTo(at(200));
        assertThat(prepared.get(xid(2))).isEqualTo(at(60));
        prepared.remove(xid(2));
        assertThat(prepared.get(xid(2))).isNull();
    }

    @Test
    void letGoOfTheOldestWhenTheyAreFull() {
        for (int i = 0; i <= MOST; i++) {
            prepared.add(xid(i), at(100 + i));
        }

        assertThat(prepared.get(xid(0))).isNull();
        assertThat(prepared.get(xid(1))).isEqualTo(at(101));
        assertThat(prepared.get(xid(MOST))).isEqualTo(at(100 + MOST));
    }

    /// Otherwise an older one of the same name could pass for the newest.
    @Test
    void takeNothingOlderInWhereThereIsNoRoomForAll() {
        for (int i = 0; i < MOST - 1; i++) {
            prepared.add(xid(i), at(100 + i));
        }

        assertThat(prepared.addOlder(Map.of(xid(-1), at(50), xid(-2), at(60)))).isFalse();

        assertThat(prepared.get(xid(-1))).isNull();
        assertThat(prepared.get(xid(-2))).isNull();
    }
}
