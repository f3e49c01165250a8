package io.fustor.source.mysql.encode;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.fustor.source.mysql.change.Operation;
import io.fustor.source.mysql.change.RowsEvent;
import io.fustor.source.mysql.change.Transaction;
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
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/// The images of an update have the text that they have alone.
class UnchangedCellsTests {

    private static final TableSchema TABLE =
            new TableSchema(
                    new TableId("shop", "orders"),
                    List.of(
                            column("id", ColumnType.INT, 0, 0),
                            column("name", ColumnType.VARCHAR, 200, 8),
                            column("secret", ColumnType.VARCHAR, 200, 255),
                            column("n", ColumnType.INT, 0, 0),
                            column("size", ColumnType.SET, 1, 255, "s", "m", "l"),
                            column("doc", ColumnType.JSON, 4, 0),
                            column("pad", ColumnType.BLOB, 4, 0),
                            column("weight", ColumnType.DOUBLE, 0, 0),
                            column("last", ColumnType.TINYINT, 0, 0)),
                    new int[] {0});

    private static final int COLUMNS = TABLE.columnCount();
    private static final int ALL = 0x1FF;
    private static final int NULL_BYTES = 2;

    private static final Pattern NOW =
            Pattern.compile(",\"ts_ms\":\\d+,\"ts_us\":\\d+,\"ts_ns\":\\d+}");

    private final Random random = Cells.seeded();

    private static Column column(
            String name, ColumnType type, int size, int collation, String... labels) {
        return new Column(name, type, size, 0, false, collation, List.of(labels));
    }

    private static EventEncoder encoder(Format format, String without) {
        FrameForm form =
                new FrameForm(
                        7,
                        "shop",
                        format,
                        Transport.NDJSON,
                        Selection.parse("", "", without),
                        EnumSet.allOf(Operation.class),
                        500,
                        false,
                        false);
        return new EventEncoder(form);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "shop.orders.id",
                "shop.orders.name,shop.orders.doc",
                "shop.orders.secret,shop.orders.last"
            })
    void imagesOfAnUpdateAreAsTheyAreAlone(String without) {
        for (int i = 0; i < 300; i++) {
            List<byte[]> images = images(2 * (1 + random.nextInt(4)));
            List<byte[]> before = new ArrayList<>();
            List<byte[]> after = new ArrayList<>();
            for (int image = 0; image < images.size(); image += 2) {
                before.add(images.get(image));
                after.add(images.get(image + 1));
            }
            EventEncoder encoder = encoder(Format.FUSTOR, without);

            ChangeEvent update = changes(encoder, event(Operation.UPDATE, images)).getFirst();

            assertThat(update.beforeRows())
                    .isEqualTo(changes(encoder, event(Operation.INSERT, before)).getFirst().rows());
            assertThat(update.rows())
                    .isEqualTo(changes(encoder, event(Operation.INSERT, after)).getFirst().rows());
            assertEnvelopesAreEqual(encoder(Format.DEBEZIUM, without), images, before, after);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "shop.orders.name", "shop.orders.id"})
    void aChangedKeyIsTold(String without) {
        EventEncoder encoder = encoder(Format.FUSTOR, without);
        for (int i = 0; i < 300; i++) {
            List<byte[]> images = images(2);
            boolean isChanged = random.nextBoolean();
            images.get(1)[NULL_BYTES] ^= (byte) (isChanged ? 1 : 0);

            ChangeEvent update = changes(encoder, event(Operation.UPDATE, images)).getFirst();

            assertThat(update.metadata().path("key_changed").asBoolean()).isEqualTo(isChanged);
        }
    }

    private static void assertEnvelopesAreEqual(
            EventEncoder encoder, List<byte[]> images, List<byte[]> before, List<byte[]> after) {
        List<JsonNode> updates = envelopes(encoder, event(Operation.UPDATE, images));
        List<JsonNode> olds = envelopes(encoder, event(Operation.INSERT, before));
        List<JsonNode> news = envelopes(encoder, event(Operation.INSERT, after));
        for (int row = 0; row < updates.size(); row++) {
            assertThat(updates.get(row).path("before")).isEqualTo(olds.get(row).path("after"));
            assertThat(updates.get(row).path("after")).isEqualTo(news.get(row).path("after"));
        }
    }

    /// A buffer that passes on what it has makes the text of each image anew.
    @ParameterizedTest
    @ValueSource(strings = {"", "shop.orders.name,shop.orders.doc"})
    void damageIsFoundAsItIsWithoutCopies(String without) {
        EventEncoder encoder = encoder(Format.DEBEZIUM, without);
        int failed = 0;
        for (int i = 0; i < 5_000; i++) {
            RowsEvent whole = event(Operation.UPDATE, images(4));
            RowsEvent.Images parts = whole.images();
            int at = parts.rowsFrom() + random.nextInt(parts.rowsTo() - parts.rowsFrom());
            parts.bytes()[at] = (byte) random.nextInt(256);

            String copied = textOrCode(encoder, parts, new JsonBuffer());
            JsonBuffer passing = new JsonBuffer();
            passing.overflowTo(
                    (_, _, _) -> {
                        throw new AssertionError("too small an event to pass anything on");
                    });
            String plain = textOrCode(encoder, parts, passing);

            assertThat(copied).isEqualTo(plain);
            failed += copied.equals(FailureCode.CORRUPT_EVENT.name()) ? 1 : 0;
        }
        assertThat(failed).isBetween(200, 4_800);
    }

    /// What an encoder makes of images, which know nothing of each other yet.
    private static String textOrCode(EventEncoder encoder, RowsEvent.Images parts, JsonBuffer out) {
        try {
            encoder.encode(event(Operation.UPDATE, parts), 0, out);
            String text = new String(out.array(), 0, out.size(), UTF_8);
            return NOW.matcher(text).replaceAll("");
        } catch (SourceException e) {
            return e.code().name();
        }
    }

    private static List<ChangeEvent> changes(EventEncoder encoder, RowsEvent event) {
        return lines(encoder, event).map(ChangeEvent::parse).toList();
    }

    private static List<JsonNode> envelopes(EventEncoder encoder, RowsEvent event) {
        return lines(encoder, event).map(ChangeEvent.JSON::readTree).toList();
    }

    private static Stream<String> lines(EventEncoder encoder, RowsEvent event) {
        JsonBuffer out = new JsonBuffer();
        encoder.encode(event, 0, out);
        return new String(out.array(), 0, out.size(), UTF_8).lines();
    }

    private static RowsEvent event(Operation operation, List<byte[]> images) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.write(ALL);
        bytes.write(ALL >> 8);
        images.forEach(bytes::writeBytes);
        return event(operation, new RowsEvent.Images(bytes.toByteArray(), 0, 0, 2, bytes.size()));
    }

    private static RowsEvent event(Operation operation, RowsEvent.Images images) {
        return new RowsEvent(
                new Transaction(new Place(1, 1, 4, 0, 0, null, null), "binlog.000001", null, 0),
                operation,
                TABLE,
                images,
                5,
                new RowsEvent.Origin(4, 1_000, 1, 1));
    }

    /// Images of which each second one is like the one before it in most columns. The key stays.
    private List<byte[]> images(int count) {
        List<byte[]> images = new ArrayList<>();
        byte[][] cells = new byte[COLUMNS][];
        for (int i = 0; i < count; i++) {
            boolean isAfter = i % 2 == 1;
            int changed = random.nextInt(3);
            for (int ordinal = isAfter ? 1 : 0; ordinal < COLUMNS; ordinal++) {
                if (!isAfter || random.nextInt(COLUMNS) < changed) {
                    cells[ordinal] = cellOrNull(ordinal, isAfter && cells[ordinal] != null);
                }
            }
            images.add(image(cells));
        }
        return images;
    }

    private static byte[] image(byte @Nullable [][] cells) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        int nulls = 0;
        for (int ordinal = 0; ordinal < COLUMNS; ordinal++) {
            nulls |= cells[ordinal] == null ? 1 << ordinal : 0;
        }
        bytes.write(nulls);
        bytes.write(nulls >> 8);
        for (byte[] cell : cells) {
            bytes.writeBytes(cell == null ? new byte[0] : cell);
        }
        return bytes.toByteArray();
    }

    /// Rarely a NULL in the place of a value.
    private byte @Nullable [] cellOrNull(int ordinal, boolean hasValue) {
        boolean isNull = ordinal > 0 && random.nextInt(hasValue ? 20 : 5) == 0;
        return isNull ? null : cell(ordinal);
    }

    private byte[] cell(int ordinal) {
        return switch (ordinal) {
            case 0, 3 -> BinaryJsonWriter.little(random.nextInt(100_000), 4);
            case 1, 2 -> afterLength(word().getBytes(UTF_8), 1);
            case 4 -> new byte[] {(byte) random.nextInt(8)};
            case 5 -> afterLength(document(), 4);
            case 6 -> afterLength(word().repeat(random.nextInt(3)).getBytes(UTF_8), 4);
            case 7 -> BinaryJsonWriter.little(Double.doubleToLongBits(random.nextInt(9) / 4.0), 8);
            default -> new byte[] {(byte) random.nextInt(4)};
        };
    }

    private byte[] document() {
        Map<String, Object> members = new LinkedHashMap<>();
        members.put("a", word());
        members.put("bb", (short) random.nextInt(3));
        return new BinaryJsonWriter(false).document(members);
    }

    private String word() {
        return "wörd\n".substring(0, random.nextInt(5)) + random.nextInt(3);
    }

    private static byte[] afterLength(byte[] bytes, int width) {
        ByteArrayOutputStream cell = new ByteArrayOutputStream();
        cell.writeBytes(BinaryJsonWriter.little(bytes.length, width));
        cell.writeBytes(bytes);
        return cell.toByteArray();
    }
}
