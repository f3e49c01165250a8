package io.fustor.source.mysql.encode;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fustor.source.mysql.change.Operation;
import io.fustor.source.mysql.change.RowsEvent;
import io.fustor.source.mysql.change.Transaction;
import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.position.Place;
import io.fustor.source.mysql.schema.Column;
import io.fustor.source.mysql.schema.ColumnType;
import io.fustor.source.mysql.schema.Selection;
import io.fustor.source.mysql.schema.TableId;
import io.fustor.source.mysql.schema.TableSchema;
import java.io.ByteArrayOutputStream;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.regex.Pattern;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Events in pieces have the bytes that they have as a whole.
class LargeEventTests {

    private static final TableSchema TABLE =
            new TableSchema(
                    new TableId("shop", "large"),
                    List.of(
                            column("id", ColumnType.INT, 0, 0),
                            column("b", ColumnType.BLOB, 4, 0),
                            column("doc", ColumnType.JSON, 4, 0),
                            column("latin", ColumnType.TEXT, 4, 8),
                            column("utf8", ColumnType.TEXT, 4, 255)),
                    new int[] {0});

    private static final Pattern NOW =
            Pattern.compile(",\"ts_ms\":\\d+,\"ts_us\":\\d+,\"ts_ns\":\\d+}");

    private final Random random = Cells.seeded();

    private static Column column(String name, ColumnType type, int size, int collation) {
        return new Column(name, type, size, 0, false, collation, List.of());
    }

    @ParameterizedTest
    @EnumSource
    void piecesMakeTheSameFrames(Format format) {
        for (Operation operation : Operation.values()) {
            for (Transport transport : transports(format)) {
                for (int batch : new int[] {1, 500}) {
                    RowsEvent event = event(operation, 2, 0);
                    EventEncoder encoder = encoder(format, transport, batch);
                    for (int skip = 0; skip < 2; skip++) {
                        JsonBuffer whole = new JsonBuffer();
                        whole.ascii("before");
                        encoder.encode(event, skip, whole);

                        assertThat(withoutNow(inPieces(encoder, event, skip)))
                                .isEqualTo(withoutNow(bytes(whole)));
                    }
                }
            }
        }
    }

    /// Debezium's envelope ends with the time at which it was made.
    private static String withoutNow(byte[] frames) {
        return NOW.matcher(new String(frames, ISO_8859_1)).replaceAll("");
    }

    @ParameterizedTest
    @EnumSource
    void nothingIsWrittenOfARowThatCannotBeRead(Format format) {
        RowsEvent event = event(Operation.UPDATE, 2, 1);
        List<byte[]> pieces = new ArrayList<>();
        JsonBuffer out = new JsonBuffer();
        out.ascii("before");

        assertThatThrownBy(
                        () ->
                                encoder(format, Transport.SSE, 500)
                                        .encodeInPieces(
                                                event, 0, out, (_, _, _) -> pieces.add(bytes(out))))
                .isInstanceOf(SourceException.class);
        assertThat(pieces).isEmpty();
        assertThat(bytes(out)).isEqualTo("before".getBytes(UTF_8));
    }

    private static byte[] inPieces(EventEncoder encoder, RowsEvent event, int skip) {
        ByteArrayOutputStream taken = new ByteArrayOutputStream();
        JsonBuffer out = new JsonBuffer();
        out.ascii("before");
        assertThat(encoder.isLarge(event)).isTrue();
        encoder.encodeInPieces(event, skip, out, taken::write);
        assertThat(out.array()).hasSizeLessThan(512 * 1024);
        taken.write(out.array(), 0, out.size());
        return taken.toByteArray();
    }

    private static byte[] bytes(JsonBuffer buffer) {
        return java.util.Arrays.copyOf(buffer.array(), buffer.size());
    }

    private static EventEncoder encoder(Format format, Transport transport, int batch) {
        FrameForm form =
                new FrameForm(
                        7,
                        "large",
                        format,
                        transport,
                        Selection.EVERYTHING,
                        EnumSet.allOf(Operation.class),
                        batch,
                        false,
                        false);
        return new EventEncoder(
                transport == Transport.RECORD ? form.with(new RecordForm("shop", true)) : form);
    }

    /// A record is in Debezium's format.
    private static List<Transport> transports(Format format) {
        return Arrays.stream(Transport.values())
                .filter(each -> each != Transport.RECORD || format == Format.DEBEZIUM)
                .toList();
    }

    /// @param surplus bytes after the last row image
    private RowsEvent event(Operation operation, int rows, int surplus) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.write(0x1F);
        bytes.write(0x1F);
        int images = operation == Operation.UPDATE ? 2 * rows : rows;
        for (int i = 0; i < images; i++) {
            writeImage(bytes, i);
        }
        bytes.writeBytes(new byte[surplus]);
        int after = operation == Operation.UPDATE ? 1 : 0;
        return new RowsEvent(
                new Transaction(new Place(1, 1, 4, 0, 0, null, null), "binlog.000001", null, 0),
                operation,
                TABLE,
                new RowsEvent.Images(bytes.toByteArray(), 0, after, 2, bytes.size()),
                5,
                new RowsEvent.Origin(4, 1_000, 1, 1));
    }

    private void writeImage(ByteArrayOutputStream bytes, int id) {
        bytes.write(0);
        number(bytes, id);
        for (int cell = 0; cell < 4; cell++) {
            if (cell == 1) {
                byte[] document = document();
                number(bytes, document.length);
                bytes.writeBytes(document);
                continue;
            }
            byte[] value = new byte[180_000 + random.nextInt(100_000)];
            random.nextBytes(value);
            if (random.nextBoolean()) {
                java.util.Arrays.fill(value, (byte) (' ' + random.nextInt(90)));
            }
            number(bytes, value.length);
            bytes.writeBytes(value);
        }
    }

    private byte[] document() {
        List<Object> texts = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            texts.add(("é\"\n\u0001" + i).repeat(500 + random.nextInt(500)));
            texts.add(new BigDecimal("-1234567890123456789012345678.90" + i));
        }
        return new BinaryJsonWriter(true).document(texts);
    }

    private static void number(ByteArrayOutputStream bytes, int number) {
        for (int shift = 0; shift < 32; shift += 8) {
            bytes.write(number >> shift);
        }
    }
}
