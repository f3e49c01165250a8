package io.fustor.source.mysql.feed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.fustor.source.mysql.change.BinlogEvent;
import io.fustor.source.mysql.change.CommitEvent;
import io.fustor.source.mysql.change.Operation;
import io.fustor.source.mysql.change.RowCounts;
import io.fustor.source.mysql.change.RowsEvent;
import io.fustor.source.mysql.change.Transaction;
import io.fustor.source.mysql.compression.CodedOutput;
import io.fustor.source.mysql.encode.EventEncoder;
import io.fustor.source.mysql.encode.Format;
import io.fustor.source.mysql.encode.FrameForm;
import io.fustor.source.mysql.encode.JsonBuffer;
import io.fustor.source.mysql.encode.Transport;
import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.position.Place;
import io.fustor.source.mysql.schema.Column;
import io.fustor.source.mysql.schema.ColumnType;
import io.fustor.source.mysql.schema.Selection;
import io.fustor.source.mysql.schema.TableId;
import io.fustor.source.mysql.schema.TableSchema;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

/// However many threads encode a batch: its frames are those of one encoder, in order.
class EncodingBatchTests {

    private static final TableSchema TABLE =
            new TableSchema(
                    new TableId("shop", "notes"),
                    List.of(column("id", ColumnType.INT, 0), column("note", ColumnType.BLOB, 2)),
                    new int[] {0});

    private final Random random = seeded();
    private final BufferPool pieces = new BufferPool();
    private final ByteArrayOutputStream sent = new ByteArrayOutputStream();
    private final ClientOutput out = new ClientOutput(new CodedOutput.Plain(sent), pieces, null);
    private final EncodingBatch batch = new EncodingBatch(encoder(), pieces);
    private final List<BinlogEvent> written = new ArrayList<>();
    private long offset = 4;

    private static Random seeded() {
        long seed = System.nanoTime();
        System.out.println("EncodingBatchTests: seed " + seed);
        return new Random(seed);
    }

    private static Column column(String name, ColumnType type, int size) {
        return new Column(name, type, size, 0, false, 63, List.of());
    }

    private static EventEncoder encoder() {
        return new EventEncoder(
                new FrameForm(
                        7,
                        "notes",
                        Format.FUSTOR,
                        Transport.SSE,
                        Selection.EVERYTHING,
                        EnumSet.allOf(Operation.class),
                        500,
                        true,
                        false));
    }

    private Transaction transaction() {
        return new Transaction(new Place(1, 1, offset, 0, 0, null, null), "binlog.000001", null, 0);
    }

    /// @param surplus bytes after the last row image, with which an event cannot be read
    private RowsEvent rows(Transaction transaction, int rows, int surplus) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.write(0b11);
        for (int i = 0; i < rows; i++) {
            byte[] note = new byte[random.nextInt(400)];
            random.nextBytes(note);
            bytes.writeBytes(new byte[] {0, (byte) i, 0, 0, 0});
            bytes.write(note.length);
            bytes.write(note.length >> 8);
            bytes.writeBytes(note);
        }
        bytes.writeBytes(new byte[surplus]);
        offset += 100;
        return new RowsEvent(
                transaction,
                Operation.INSERT,
                TABLE,
                new RowsEvent.Images(bytes.toByteArray(), 0, 0, 1, bytes.size()),
                0,
                new RowsEvent.Origin(offset - 100, offset, 1, 1));
    }

    private List<BinlogEvent> events(int count) {
        List<BinlogEvent> events = new ArrayList<>();
        Transaction transaction = transaction();
        for (int i = 0; i < count; i++) {
            if (random.nextInt(5) == 0) {
                Place end = new Place(1, 1, offset, 0, 0, null, null);
                events.add(new CommitEvent(transaction, RowCounts.NONE, end, 1));
                transaction = transaction();
            } else {
                events.add(rows(transaction, 1 + random.nextInt(60), 0));
            }
        }
        return events;
    }

    private static byte[] oneByOne(List<BinlogEvent> events) {
        EventEncoder encoder = encoder();
        JsonBuffer frames = new JsonBuffer();
        events.forEach(event -> encoder.encode(event, 0, frames));
        return Arrays.copyOf(frames.array(), frames.size());
    }

    private void write(List<BinlogEvent> events) throws IOException {
        events.forEach(event -> batch.add(new EncodingBatch.Entry(event, 0, true)));
        batch.write(out, false, (entries, _, _, _) -> take(entries));
    }

    private boolean take(List<EncodingBatch.Entry> entries) {
        entries.forEach(entry -> written.add(entry.event()));
        return false;
    }

    @RepeatedTest(20)
    void framesAreThoseOfOneEncoderInOrder() throws IOException {
        List<BinlogEvent> all = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            List<BinlogEvent> events = events(random.nextInt(150));
            all.addAll(events);
            write(events);

            assertThat(batch.isEmpty()).isTrue();
        }
        out.flush();

        assertThat(written).isEqualTo(all);
        assertThat(sent.toByteArray()).isEqualTo(oneByOne(all));
    }

    @RepeatedTest(20)
    void everythingBeforeAFailureIsWrittenAndNothingAfter() throws IOException {
        int good = random.nextInt(100);
        List<BinlogEvent> before = events(good);
        List<BinlogEvent> all = new ArrayList<>(before);
        all.add(rows(transaction(), 3, 1));
        all.addAll(events(random.nextInt(100)));

        assertThatThrownBy(() -> write(all)).isInstanceOf(SourceException.class);
        out.flush();

        assertThat(written).isEqualTo(before);
        assertThat(sent.toByteArray()).isEqualTo(oneByOne(before));
        assertThat(batch.isEmpty()).isTrue();
    }

    @Test
    void helpersBeginWhileTheBatchIsRead() throws IOException {
        List<Runnable> helpers = new ArrayList<>();
        EncodingBatch read = new EncodingBatch(encoder(), pieces, helpers::add);
        List<BinlogEvent> events = events(150);
        events.forEach(event -> read.add(new EncodingBatch.Entry(event, 0, true)));

        assertThat(helpers).hasSize(Math.min(Runtime.getRuntime().availableProcessors(), 4) - 1);

        helpers.forEach(Runnable::run);
        read.write(out, false, (entries, _, _, _) -> take(entries));
        out.flush();
        assertThat(written).isEqualTo(events);
        assertThat(sent.toByteArray()).isEqualTo(oneByOne(events));
    }

    /// On a busy machine a helper may begin long after its batch was written.
    @Test
    void helpersThatGetNoProcessorKeepNoBatch() throws IOException {
        List<Runnable> helpers = new ArrayList<>();
        EncodingBatch busy = new EncodingBatch(encoder(), pieces, helpers::add);
        List<WeakReference<BinlogEvent>> delivered = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            for (BinlogEvent event : events(150)) {
                busy.add(new EncodingBatch.Entry(event, 0, true));
                delivered.add(new WeakReference<>(event));
            }
            busy.write(out, false, (_, _, _, _) -> false);
        }

        assertThat(helpers).hasSizeLessThan(Runtime.getRuntime().availableProcessors());
        await().until(
                        () -> {
                            System.gc();
                            return delivered.stream().allMatch(event -> event.get() == null);
                        });
        helpers.forEach(Runnable::run);
        assertThat(busy.isEmpty()).isTrue();
    }

    @Test
    void leavesOutWhatTheClientHasHad() throws IOException {
        RowsEvent event = rows(transaction(), 5, 0);
        EventEncoder encoder = encoder();
        JsonBuffer frames = new JsonBuffer();
        encoder.encode(event, 3, frames);

        batch.add(new EncodingBatch.Entry(event, 3, true));
        batch.write(out, false, (entries, _, _, _) -> take(entries));
        out.flush();

        assertThat(sent.toByteArray()).isEqualTo(Arrays.copyOf(frames.array(), frames.size()));
    }

    @Test
    void endsWhereTheClientIsGone() {
        ClientOutput gone =
                new ClientOutput(
                        new CodedOutput.Plain(
                                new OutputStream() {
                                    @Override
                                    public void write(int b) throws IOException {
                                        throw new IOException("gone");
                                    }
                                }),
                        pieces,
                        null);
        events(200).forEach(event -> batch.add(new EncodingBatch.Entry(event, 0, true)));

        assertThatThrownBy(() -> batch.write(gone, false, (entries, _, _, _) -> take(entries)))
                .hasMessage("gone");
        assertThat(written).hasSizeLessThan(200);
        assertThat(batch.isEmpty()).isTrue();
    }
}
