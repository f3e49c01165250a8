package io.fustor.source.mysql.capture;

import static org.assertj.core.api.Assertions.assertThat;

import io.fustor.source.mysql.change.CommitEvent;
import io.fustor.source.mysql.change.Operation;
import io.fustor.source.mysql.change.RowCounts;
import io.fustor.source.mysql.change.RowsEvent;
import io.fustor.source.mysql.change.Transaction;
import io.fustor.source.mysql.change.TruncateEvent;
import io.fustor.source.mysql.position.GtidSet;
import io.fustor.source.mysql.position.MariaDbGtid;
import io.fustor.source.mysql.position.MySqlGtid;
import io.fustor.source.mysql.position.Place;
import io.fustor.source.mysql.schema.Column;
import io.fustor.source.mysql.schema.ColumnType;
import io.fustor.source.mysql.schema.TableId;
import io.fustor.source.mysql.schema.TableSchema;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class DeliveredTests {

    private static final UUID ORIGIN = UUID.fromString("3e11fa47-71ca-11e1-9e33-c80aa9429562");
    private static final TableSchema TABLE =
            new TableSchema(
                    new TableId("shop", "t"),
                    List.of(new Column("id", ColumnType.TINYINT, 0, 0, false, 0, List.of())),
                    new int[] {0});

    private static Transaction transaction(long server, long offset, long number) {
        Place start =
                new Place(
                        server,
                        1,
                        offset,
                        0,
                        0,
                        number == 1 ? GtidSet.EMPTY : GtidSet.parse(ORIGIN + ":1-" + (number - 1)),
                        null);
        return new Transaction(start, "binlog.000001", new MySqlGtid(ORIGIN, "", number), 0);
    }

    /// A rows event of `count` rows of one column of one byte.
    private static RowsEvent rows(Transaction transaction, long first, int count) {
        byte[] bytes = new byte[1 + 2 * count];
        bytes[0] = 1;
        return new RowsEvent(
                transaction,
                Operation.INSERT,
                TABLE,
                new RowsEvent.Images(bytes, 0, 0, 1, bytes.length),
                first,
                new RowsEvent.Origin(400, 500, 0, 1));
    }

    @Test
    void skipsTheRowsBeforeAPlaceInsideARowsEvent() {
        Transaction transaction = transaction(1, 100, 5);
        Delivered delivered = new Delivered(transaction.start().afterRows(7, transaction.gtid()));

        assertThat(delivered.includes(rows(transaction, 0, 5))).isTrue();
        assertThat(delivered.includes(rows(transaction, 5, 5))).isFalse();
        assertThat(delivered.rows(rows(transaction, 5, 5))).isEqualTo(2);
        assertThat(delivered.rows(rows(transaction, 10, 5))).isZero();
    }

    @Test
    void skipsWholeTransactionsBeforeThePlace() {
        Delivered delivered = new Delivered(new Place(1, 1, 300, 0, 0, null, null));
        Transaction before = transaction(1, 100, 5);
        Transaction at = transaction(1, 300, 6);

        assertThat(delivered.includes(rows(before, 0, 5))).isTrue();
        assertThat(delivered.includes(new CommitEvent(before, RowCounts.NONE, at.start(), 0)))
                .isTrue();
        assertThat(delivered.includes(rows(at, 0, 5))).isFalse();
    }

    @Test
    void deliversTheCommitOfATransactionWhoseRowsWereAllHad() {
        Transaction transaction = transaction(1, 100, 5);
        Delivered delivered = new Delivered(transaction.start().afterRows(5, transaction.gtid()));

        assertThat(delivered.includes(rows(transaction, 0, 5))).isTrue();
        assertThat(
                        delivered.includes(
                                new CommitEvent(
                                        transaction, RowCounts.NONE, transaction.start(), 0)))
                .isFalse();
    }

    @Test
    void countsATruncationAsOneRow() {
        Transaction transaction = transaction(1, 100, 5);
        TruncateEvent truncate = new TruncateEvent(transaction, TABLE.id(), 0);

        assertThat(new Delivered(transaction.start()).includes(truncate)).isFalse();
        assertThat(new Delivered(truncate.after()).includes(truncate)).isTrue();
    }

    @Test
    void findsItsPlaceOnAReplicaByTheTransactionsGtid() {
        Transaction here = transaction(1, 100, 5);
        Delivered delivered = new Delivered(here.start().afterRows(7, here.gtid()));
        Transaction before = transaction(2, 9_000, 4);
        Transaction same = transaction(2, 9_900, 5);
        Transaction next = transaction(2, 9_999, 6);

        assertThat(delivered.includes(rows(before, 0, 100))).isTrue();
        assertThat(delivered.rows(rows(same, 0, 10))).isEqualTo(7);
        assertThat(delivered.includes(rows(next, 0, 1)))
                .as("what a reader of the one transaction is sent besides")
                .isTrue();
    }

    @Test
    void goesOnInATransactionThatASecondServerWasLostIn() {
        Transaction there = transaction(Place.BY_GTIDS, 9_900, 5);
        Transaction elsewhere = transaction(Place.BY_GTIDS, 300, 5);
        Delivered delivered = new Delivered(there.start().afterRows(7, there.gtid()));

        assertThat(delivered.rows(rows(elsewhere, 0, 10))).isEqualTo(7);
    }

    @Test
    void skipsTransactionsThatASetWithGapsHolds() {
        Place place = new Place(1, 1, 100, 0, 0, GtidSet.parse(ORIGIN + ":1-4:6-7"), null);
        Delivered delivered = new Delivered(place);

        assertThat(delivered.includes(rows(transaction(1, 100, 5), 0, 1))).isFalse();
        assertThat(delivered.includes(rows(transaction(1, 200, 6), 0, 1))).isTrue();
        assertThat(delivered.includes(rows(transaction(1, 300, 8), 0, 1))).isFalse();
    }

    @Test
    void whatAServerOfMariaDbWritesAfterThePlaceIsNewWhateverItsNumber() {
        GtidSet executed = GtidSet.parse("0-1-100");
        Delivered delivered = new Delivered(new Place(1, 1, 100, 0, 0, executed, null));

        assertThat(delivered.includes(rows(ofMariaDb(1, 0, 3, 50), 0, 1))).isFalse();
        assertThat(delivered.includes(rows(ofMariaDb(1, 0, 1, 100), 0, 1))).isTrue();
        assertThat(delivered.includes(rows(ofMariaDb(2, 0, 3, 50), 0, 1)))
                .as("it came before, on another server")
                .isTrue();
        assertThat(delivered.includes(rows(ofMariaDb(2, 0, 3, 101), 0, 1))).isFalse();
        assertThat(delivered.includes(rows(ofMariaDb(2, 4, 1, 1), 0, 1))).isFalse();
    }

    private static Transaction ofMariaDb(long server, long domain, long origin, long number) {
        Place start = new Place(server, 1, 500, 0, 0, GtidSet.EMPTY, null);
        return new Transaction(start, "binlog.000001", new MariaDbGtid(domain, origin, number), 0);
    }
}
