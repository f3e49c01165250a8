package io.fustor.source.mysql.feed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fustor.source.mysql.change.Operation;
import io.fustor.source.mysql.change.RowsEvent;
import io.fustor.source.mysql.change.Transaction;
import io.fustor.source.mysql.error.FailureCode;
import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.position.Overlap;
import io.fustor.source.mysql.position.Place;
import io.fustor.source.mysql.schema.Column;
import io.fustor.source.mysql.schema.ColumnType;
import io.fustor.source.mysql.schema.TableId;
import io.fustor.source.mysql.schema.TableSchema;
import io.fustor.source.mysql.server.KeyOrder;
import io.fustor.source.mysql.server.TableDescription;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class OverlapZoneTests {

    private static final TableSchema OLD = table("a");
    private static final TableSchema NEW = table("a", "b");
    private static final Overlap END = new Overlap(1, 5, 1_000);

    private static TableSchema table(String... columns) {
        List<Column> list =
                Stream.of(columns)
                        .map(name -> new Column(name, ColumnType.INT, 0, 0, false, 0, List.of()))
                        .toList();
        return new TableSchema(new TableId("s", "t"), list, new int[] {0});
    }

    private static List<TableDescription> described(TableSchema table, boolean isTransactional) {
        return List.of(new TableDescription(table, KeyOrder.NONE, Set.of(), isTransactional, 10));
    }

    private static RowsEvent change(TableSchema table, long offset) {
        Place start = new Place(1, 5, offset, 0, 0, null, null);
        return new RowsEvent(
                new Transaction(start, "binlog.000005", null, 0),
                Operation.INSERT,
                table,
                new RowsEvent.Images(new byte[0], 0, 0, 0, 0),
                0,
                new RowsEvent.Origin(offset, offset, 0, 1));
    }

    @Test
    void takesWhatLooksLikeTheRows() {
        OverlapZone zone = new OverlapZone(END, described(NEW, true));

        zone.check(change(NEW, 600));

        assertThat(zone.overlap()).isEqualTo(END);
    }

    @Test
    void doesNotLookAfterItsEnd() {
        OverlapZone zone = new OverlapZone(END, described(NEW, true));

        zone.check(change(OLD, 1_000));

        assertThat(zone.overlap()).isEqualTo(END);
    }

    @Test
    void stopsForGoodAtOtherColumns() {
        OverlapZone zone = new OverlapZone(END, described(NEW, true));

        assertThatThrownBy(() -> zone.check(change(OLD, 500)))
                .isInstanceOfSatisfying(
                        SourceException.class,
                        e -> assertThat(e.code()).isEqualTo(FailureCode.TABLE_CHANGED));
        assertThat(zone.overlap()).isEqualTo(Overlap.BROKEN);
    }
}
