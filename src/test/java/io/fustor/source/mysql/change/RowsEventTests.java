package io.fustor.source.mysql.change;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.position.Place;
import io.fustor.source.mysql.schema.Column;
import io.fustor.source.mysql.schema.ColumnType;
import io.fustor.source.mysql.schema.TableId;
import io.fustor.source.mysql.schema.TableSchema;
import java.util.List;
import org.junit.jupiter.api.Test;

class RowsEventTests {

    private static final Column COLUMN =
            new Column("a", ColumnType.TINYINT, 0, 0, false, 0, List.of());

    /// An event whose images start after a bitmap of one byte.
    private static RowsEvent event(Operation operation, int... bytes) {
        byte[] images = new byte[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            images[i] = (byte) bytes[i];
        }
        Place start = new Place(1, 5, 100, 0, 0, null, null);
        return new RowsEvent(
                new Transaction(start, "binlog.000005", null, 0),
                operation,
                new TableSchema(new TableId("s", "t"), List.of(COLUMN), new int[0]),
                new RowsEvent.Images(images, 0, 0, 1, images.length),
                0,
                new RowsEvent.Origin(100, 200, 0, 1));
    }

    @Test
    void countsRows() {
        assertThat(event(Operation.INSERT, 1, 0, 7, 1, 0, 8).rowCount()).isEqualTo(3);
        assertThat(event(Operation.UPDATE, 1, 0, 7, 0, 8).rowCount()).isEqualTo(1);
    }

    @Test
    void countsTheRowOfAnInsertWithoutColumns() {
        assertThat(event(Operation.INSERT, 0).rowCount()).isEqualTo(1);
        assertThat(event(Operation.INSERT, 0).isEmptyRow()).isTrue();
        assertThat(event(Operation.INSERT, 1, 0, 7).isEmptyRow()).isFalse();
    }

    @Test
    void refusesRowsOfWhichThereAreNoBytes() {
        for (RowsEvent event :
                List.of(
                        event(Operation.INSERT, 1),
                        event(Operation.UPDATE, 0),
                        event(Operation.DELETE, 0),
                        event(Operation.INSERT, 0, 0))) {
            assertThatThrownBy(event::rowCount)
                    .isInstanceOf(SourceException.class)
                    .hasMessageContaining("do not match its table map");
        }
    }
}
