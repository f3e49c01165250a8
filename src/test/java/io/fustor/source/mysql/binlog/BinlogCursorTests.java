package io.fustor.source.mysql.binlog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fustor.source.mysql.error.FailureCode;
import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.position.Place;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import org.junit.jupiter.api.Test;

class BinlogCursorTests {

    private static final String FILE = "binlog.000007";
    private static final int CREATED = 1_700_000_000;
    private static final int BODY = 70;
    private static final int SIZE = EventBytes.HEADER + BODY;

    private static BinlogCursor at(Place place) {
        BinlogCursor cursor = BinlogCursor.at(new BinlogStart.AtPosition(place, FILE));
        EventBytes head = event(EventType.FORMAT_DESCRIPTION, 0, 0);
        cursor.enter(head);
        cursor.describe(head);
        return cursor;
    }

    private static Place place(long offset) {
        return new Place(1, 7, offset, CREATED, 0, null, null);
    }

    /// An event with the lower half of its end position in the header.
    private static EventBytes event(int type, long end, int content) {
        byte[] bytes =
                ByteBuffer.allocate(SIZE)
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .putInt(CREATED)
                        .put((byte) type)
                        .putInt(1)
                        .putInt(SIZE)
                        .putInt((int) end)
                        .putShort((short) 0)
                        .putInt(content)
                        .array();
        EventBytes event = new EventBytes();
        event.set(bytes, 0, bytes.length, false);
        return event;
    }

    @Test
    void countsOffsetsBeyond4GiBThoughHeadersSayTheirLowerHalf() {
        long start = (1L << 32) - SIZE - 10;
        BinlogCursor cursor = at(place(start));
        cursor.enter(event(EventType.WRITE_ROWS, start + SIZE, 1));
        cursor.enter(event(EventType.WRITE_ROWS, start + 2 * SIZE, 2));

        assertThat(cursor.eventStart()).isEqualTo(start + SIZE);
        assertThat(cursor.offset()).isEqualTo((1L << 32) + SIZE - 10);
        assertThat(cursor.here().offset()).isEqualTo((1L << 32) + SIZE - 10);
    }

    /// Where a place between two transactions, by its reader, comes after these events.
    private static Place after(List<EventBytes> transaction) {
        BinlogCursor cursor = at(place(1_000));
        transaction.forEach(cursor::enter);
        return cursor.here();
    }

    private static List<EventBytes> transaction(int content) {
        return List.of(
                event(EventType.ANONYMOUS_GTID, 1_000 + SIZE, 1),
                event(EventType.WRITE_ROWS, 1_000 + 2 * SIZE, content),
                event(EventType.XID, 1_000 + 3 * SIZE, 3));
    }

    @Test
    void provesAPlaceByTheTransactionBeforeIt() {
        Place place = after(transaction(5));
        BinlogCursor cursor = at(place);

        assertThat(place.evidence().length()).isEqualTo(3 * SIZE);
        for (EventBytes event : transaction(5)) {
            assertThat(cursor.here()).isEqualTo(place);
            assertThat(cursor.isProof(event)).isTrue();
            cursor.prove(event);
        }
        assertThat(cursor.isProven()).isTrue();
        assertThat(cursor.here()).isEqualTo(place);
        assertThat(cursor.isProof(event(EventType.XID, 2_000, 1))).isFalse();
    }

    @Test
    void refusesAPlaceThatOtherBytesStandBefore() {
        BinlogCursor cursor = at(after(transaction(5)));
        List<EventBytes> others = transaction(6);
        cursor.prove(others.get(0));
        cursor.prove(others.get(1));

        assertThatThrownBy(() -> cursor.prove(others.get(2)))
                .isInstanceOfSatisfying(
                        SourceException.class,
                        e -> assertThat(e.code()).isEqualTo(FailureCode.FOREIGN_SERVER));
    }

    @Test
    void refusesAPlaceThatIsInsideAnotherEvent() {
        BinlogCursor cursor = at(after(transaction(5)));
        cursor.prove(event(EventType.ANONYMOUS_GTID, 1_000 + SIZE, 1));

        assertThatThrownBy(() -> cursor.prove(event(EventType.XID, 1_000 + 3 * SIZE, 1)))
                .isInstanceOfSatisfying(
                        SourceException.class,
                        e -> assertThat(e.code()).isEqualTo(FailureCode.FOREIGN_SERVER));
    }

    @Test
    void coversTheEndOnlyOfAStretchThatIsTooLong() {
        BinlogCursor cursor = at(place(1_000));
        cursor.enter(event(EventType.ANONYMOUS_GTID, 1_000 + SIZE, 1));
        for (int i = 2; i <= 3_000; i++) {
            cursor.enter(event(EventType.WRITE_ROWS, 1_000 + (long) i * SIZE, i));
        }

        assertThat(cursor.here().evidence().length()).isBetween(SIZE, 64 * 1024);
    }
}
