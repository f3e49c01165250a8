package io.fustor.source.mysql.encode;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fustor.source.mysql.change.Operation;
import io.fustor.source.mysql.change.RowsEvent;
import io.fustor.source.mysql.change.Transaction;
import io.fustor.source.mysql.condition.Conditions;
import io.fustor.source.mysql.error.FailureCode;
import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.position.Place;
import io.fustor.source.mysql.schema.Column;
import io.fustor.source.mysql.schema.ColumnType;
import io.fustor.source.mysql.schema.Selection;
import io.fustor.source.mysql.schema.TableId;
import io.fustor.source.mysql.schema.TableSchema;
import io.fustor.source.mysql.support.ChangeEvent;
import java.io.ByteArrayOutputStream;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Rows events whose rows meet a condition in part.
class MatchedChangesTests {

    private static final TableSchema TABLE =
            new TableSchema(
                    new TableId("shop", "orders"),
                    List.of(
                            column("id", ColumnType.INT, 0, 0),
                            column("name", ColumnType.VARCHAR, 200, 8),
                            column("n", ColumnType.INT, 0, 0),
                            column("size", ColumnType.SET, 1, 255, "s", "m", "l"),
                            column("pad", ColumnType.BLOB, 4, 0)),
                    new int[] {0});

    private final com.sun.management.ThreadMXBean threads =
            (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();

    private static Column column(
            String name, ColumnType type, int size, int collation, String... labels) {
        return new Column(name, type, size, 0, false, collation, List.of(labels));
    }

    private static EventEncoder encoder(String condition, int batch, Operation... operations) {
        return encoder(condition, batch, Transport.NDJSON, operations);
    }

    private static EventEncoder encoder(
            String condition, int batch, Transport transport, Operation... operations) {
        EnumSet<Operation> wanted = EnumSet.noneOf(Operation.class);
        wanted.addAll(List.of(operations));
        FrameForm all =
                new FrameForm(
                        7,
                        "shop",
                        Format.FUSTOR,
                        transport,
                        Selection.parse("", "shop.orders.id", ""),
                        operations.length == 0 ? EnumSet.allOf(Operation.class) : wanted,
                        batch,
                        false,
                        false);
        return new EventEncoder(
                all.with(Conditions.parse(List.of("shop.orders: " + condition)), Masks.NONE));
    }

    /// Images with the values of `n`, null for NULL; the id is the index.
    private static RowsEvent event(Operation operation, int pad, Integer... values) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.write(0x1F);
        bytes.write(0x1F);
        for (int i = 0; i < values.length; i++) {
            int id = operation == Operation.UPDATE ? i / 2 : i;
            image(bytes, id, values[i], pad);
        }
        return new RowsEvent(
                new Transaction(new Place(1, 1, 4, 0, 0, null, null), "binlog.000001", null, 0),
                operation,
                TABLE,
                new RowsEvent.Images(
                        bytes.toByteArray(),
                        0,
                        operation == Operation.UPDATE ? 1 : 0,
                        2,
                        bytes.size()),
                5,
                new RowsEvent.Origin(4, 1_000, 1, 1));
    }

    private static void image(ByteArrayOutputStream bytes, int id, Integer n, int pad) {
        bytes.write(n == null ? 0x04 : 0);
        number(bytes, id);
        byte[] name = ("n\u00E9 " + n).getBytes(ISO_8859_1);
        bytes.write(name.length);
        bytes.writeBytes(name);
        if (n != null) {
            number(bytes, n);
        }
        bytes.write(n == null ? 0 : n & 7);
        number(bytes, pad);
        bytes.writeBytes(new byte[pad]);
    }

    private static void number(ByteArrayOutputStream bytes, int number) {
        for (int shift = 0; shift < 32; shift += 8) {
            bytes.write(number >> shift);
        }
    }

    /// A line an event: operation, mark, number of the first row, ids.
    private static List<String> encode(EventEncoder encoder, RowsEvent event, int skip) {
        JsonBuffer out = new JsonBuffer();
        int rows = encoder.encode(event, skip, out);
        List<String> lines = lines(new String(out.array(), 0, out.size(), UTF_8));
        assertThat(rows)
                .isEqualTo(lines.stream().mapToInt(line -> line.split(" ").length - 2).sum());
        return lines;
    }

    private static List<String> lines(String frames) {
        List<String> lines = new ArrayList<>();
        frames.lines()
                .map(ChangeEvent::parse)
                .forEach(
                        change -> {
                            boolean entered = change.metadata().path("entered").asBoolean();
                            boolean left = change.metadata().path("left").asBoolean();
                            StringBuilder line =
                                    new StringBuilder(change.operation())
                                            .append(entered ? "+" : left ? "-" : "")
                                            .append(' ')
                                            .append(
                                                    change.metadata()
                                                            .path("transaction")
                                                            .path("first_row"));
                            for (int i = 0; i < change.rows().size(); i++) {
                                line.append(' ').append(change.row(i).path("id"));
                            }
                            lines.add(line.toString());
                        });
        return lines;
    }

    @Test
    void rowsThatBecameTheSameAreOneEvent() {
        RowsEvent event =
                event(Operation.UPDATE, 0, 1, 1, 0, 1, 0, 0, 0, 1, 1, 0, 1, 1, null, 1, 1, null);

        assertThat(encode(encoder("n = 1", 500), event, 0))
                .containsExactly(
                        "update 5 0",
                        "insert+ 6 1 3",
                        "delete- 9 4",
                        "update 10 5",
                        "insert+ 11 6",
                        "delete- 12 7");
        assertThat(encode(encoder("n = 1", 1), event, 2))
                .containsExactly(
                        "insert+ 8 3",
                        "delete- 9 4",
                        "update 10 5",
                        "insert+ 11 6",
                        "delete- 12 7");
        assertThat(encode(encoder("n = 1", 500, Operation.DELETE), event, 0))
                .containsExactly("delete- 9 4 7");
        assertThat(encoder("n = 1", 500, Operation.INSERT).count(event)).isEqualTo(3);
    }

    @Test
    void tokensAreThoseAfterTheLastRow() {
        RowsEvent event = event(Operation.INSERT, 0, 1, 0, 1, 1, 0);
        for (Transport transport : List.of(Transport.SSE, Transport.NDJSON, Transport.PAGE)) {
            String whole = text(encoder("n = 1", 500, transport), event);
            List<String> parts = text(encoder("n = 1", 1, transport), event).lines().toList();
            List<String> tokens =
                    parts.stream()
                            .filter(line -> line.contains("event_id"))
                            .map(line -> ChangeEvent.parse(object(line)).token())
                            .toList();

            assertThat(tokens).hasSize(3);
            assertThat(ChangeEvent.parse(object(whole)).token()).isEqualTo(tokens.getLast());
            if (transport == Transport.SSE) {
                assertThat(whole).startsWith("id: " + tokens.getLast() + "\ndata: {");
            }
        }
    }

    private static String object(String frame) {
        return frame.substring(frame.indexOf('{'), frame.lastIndexOf('}') + 1);
    }

    private static String text(EventEncoder encoder, RowsEvent event) {
        JsonBuffer out = new JsonBuffer();
        encoder.encode(event, 0, out);
        return new String(out.array(), 0, out.size(), UTF_8);
    }

    @Test
    void eventsInPiecesHaveTheSameRows() {
        Integer[] values = {1, 1, 0, 1, 0, 0, 1, 0};
        EventEncoder encoder = encoder("n = 1", 500);
        RowsEvent large = event(Operation.UPDATE, 300_000, values);
        assertThat(encoder.isLarge(large)).isTrue();
        ByteArrayOutputStream taken = new ByteArrayOutputStream();
        JsonBuffer out = new JsonBuffer();

        int rows = encoder.encodeInPieces(large, 0, out, taken::write);

        taken.write(out.array(), 0, out.size());
        assertThat(rows).isEqualTo(3);
        assertThat(lines(taken.toString(UTF_8)))
                .isEqualTo(encode(encoder, event(Operation.UPDATE, 0, values), 0));
    }

    @Test
    void conditionsMayBeOnColumnsThatAreNotSelected() {
        RowsEvent event = event(Operation.INSERT, 0, 1, 2, 3, 4, 7, null);

        assertThat(encode(encoder("name = 'n\u00E9 3'", 500), event, 0))
                .containsExactly("insert 7 2");
        assertThat(encode(encoder("size = 's,m,l' or size like '_'", 500), event, 0))
                .containsExactly("insert 5 0 1 3 4");
        assertThat(encode(encoder("n is null", 500), event, 0)).containsExactly("insert 10 5");
    }

    @Test
    void anImageWithoutTheColumnIsAnError() {
        RowsEvent whole = event(Operation.INSERT, 0, 1);
        byte[] bytes = whole.images().bytes();
        bytes[0] = 0x1B;

        assertThatThrownBy(() -> encoder("n = 1", 500).encode(whole, 0, new JsonBuffer()))
                .isInstanceOfSatisfying(
                        SourceException.class,
                        e -> assertThat(e.code()).isEqualTo(FailureCode.ROW_IMAGE_INCOMPLETE));
    }

    @Test
    void aTableThatDoesNotFitIsAnError() {
        RowsEvent event = event(Operation.INSERT, 0, 1);

        assertThatThrownBy(() -> encoder("other = 1", 500).encode(event, 0, new JsonBuffer()))
                .isInstanceOfSatisfying(
                        SourceException.class,
                        e -> assertThat(e.code()).isEqualTo(FailureCode.CONDITION_UNFIT));
    }

    @Test
    void valuesOfAnEventAreTakenOutOnce() {
        RowsEvent event = event(Operation.UPDATE, 0, 1, 17, 4, 4, null, 9);
        EventEncoder one = encoder("n = 17 and id >= 0", 500);
        EventEncoder other = encoder("n = 18", 500);

        long[] hashes = one.hashes(event);

        assertThat(one.keyColumn(event)).isEqualTo(2).isEqualTo(other.keyColumn(event));
        assertThat(hashes).containsExactly(1, 4, 4, 9, 17).isEqualTo(other.hashes(event));
        assertThat(one.mayMatch(event, hashes)).isTrue();
        assertThat(other.mayMatch(event, hashes)).isFalse();
        assertThat(encoder("n > 17", 500).keyColumn(event)).isEqualTo(-1);
    }

    @Test
    void judgingRowsTakesNoMemory() {
        Integer[] values = new Integer[20_000];
        for (int i = 0; i < values.length; i++) {
            values[i] = i % 7 == 0 ? null : i;
        }
        RowsEvent event = event(Operation.UPDATE, 3, values);
        EventEncoder encoder =
                encoder("n < 0 or name like '%x%' or size = 'm,s' or not (id >= 0)", 500);
        JsonBuffer out = new JsonBuffer();
        encoder.encode(event, 0, out);
        long before = threads.getCurrentThreadAllocatedBytes();
        encoder.encode(event, 0, out);
        long taken = threads.getCurrentThreadAllocatedBytes() - before;

        assertThat(out.size()).isZero();
        assertThat(taken).isLessThan(1_000);
    }
}
