package io.fustor.source.mysql.kafka;

import io.fustor.source.mysql.encode.RecordKind;
import io.fustor.source.mysql.error.FailureCode;
import io.fustor.source.mysql.error.SourceException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.jspecify.annotations.Nullable;

/// Writes records in Kafka transactions, each with the place after its last row. A transaction ends
/// when it is large or old enough, or when the delivery has nothing more; never between the two
/// halves of an update that changes a key, because there is no place between them.
///
/// What fails is thrown as an IOException whose cause is the failure; nothing may follow it. Then
/// the rows of the open transaction are not written. If one of them was the reason, the next
/// session is to write as many rows one by one, so that all before it are.
///
/// For the writer's thread.
final class RecordTransactions {

    /// The header with the token of the place after the row.
    static final String EVENT_ID = "fustor.event_id";

    private static final String NEW_KEY = "__debezium.newkey";
    private static final String OLD_KEY = "__debezium.oldkey";
    private static final byte[] NOTHING = {};

    /// How often a place is committed that no row leads to.
    private static final long MOVE_NANOS = Duration.ofSeconds(1).toNanos();

    /// What a record takes besides its key and value, about.
    private static final int OVERHEAD = 100;

    private final Producer<byte[], byte[]> producer;
    private final String source;
    private final KafkaWriterProperties properties;
    private final boolean hasTombstones;
    private final KnownTopics topics;
    private final WriterCounters counters;
    private final ClusterSilence silence;
    private final Consumer<Position> whenCommitted;

    private Position committed;
    private byte[] token;
    private boolean isOpen;
    private boolean isBetweenHalves;
    private long bytes;
    private long records;

    /// How many further rows get a transaction of their own.
    private long oneByOne;

    private long begun;
    private long committedAt;
    private volatile @Nullable Exception failed;

    /// One for all records, since each would be an object.
    private final Callback whenSent =
            (_, failure) -> {
                if (failure != null && failed == null) {
                    failed = failure;
                }
            };

    /// What one source is written with.
    ///
    /// @param oneByOne how many rows get a transaction of their own
    record Session(
            Producer<byte[], byte[]> producer,
            String source,
            KafkaWriterProperties properties,
            KnownTopics topics,
            WriterCounters counters,
            ClusterSilence silence,
            long oneByOne) {}

    /// @param start where the source stands
    /// @param whenCommitted called with each position
    RecordTransactions(Session session, Position start, Consumer<Position> whenCommitted) {
        this.producer = session.producer();
        this.source = session.source();
        this.properties = session.properties();
        this.hasTombstones = properties.of(source).tombstones();
        this.topics = session.topics();
        this.counters = session.counters();
        this.silence = session.silence();
        this.oneByOne = session.oneByOne();
        this.whenCommitted = whenCommitted;
        this.committed = start;
        this.token = start.token().getBytes(StandardCharsets.US_ASCII);
        this.committedAt = System.nanoTime() - MOVE_NANOS;
    }

    /// Commits the position as it is, with the epoch of this writer.
    void commitStart() throws IOException {
        begin();
        commit();
    }

    /// How many rows are not committed yet, with the one that failed. Any of them may be the reason
    /// of a failure, which may come long after the row.
    long rowsInHand() {
        return records;
    }

    /// The next rows go to a topic that was not the last one's.
    void enter(String topic) throws IOException {
        try {
            silence.blocks("the topic " + topic);
            Uuid made = topics.enter(topic);
            silence.goesOn();
            if (made != null) {
                begin();
                send(
                        new ProducerRecord<>(
                                properties.control(),
                                0,
                                Positions.topicKey(source, topic),
                                made.toString().getBytes(StandardCharsets.US_ASCII)));
            }
        } catch (SourceException e) {
            throw new IOException(e);
        }
    }

    /// Writes a row's records.
    void add(RecordSink.Row row) throws IOException {
        if (!isOpen) {
            begin();
        }
        records++;
        switch (row.kind()) {
            case READ, CREATE, UPDATE -> send(row, NOTHING, "");
            case MOVED_TO -> send(row, row.otherKey(), OLD_KEY);
            case DELETE -> sendDeletion(row, NOTHING, "");
            case MOVED_FROM -> sendDeletion(row, row.otherKey(), NEW_KEY);
            case TRUNCATE -> sendToAllPartitions(row);
        }
        token = row.token();
        isBetweenHalves = row.kind() == RecordKind.MOVED_FROM;
        if (!isBetweenHalves && isFull()) {
            commit();
        }
    }

    private boolean isFull() {
        return oneByOne-- > 0
                || bytes >= properties.transactionSize().toBytes()
                || System.nanoTime() - begun >= properties.transactionTime().toNanos();
    }

    private void sendDeletion(RecordSink.Row row, byte @Nullable [] otherKey, String header)
            throws IOException {
        send(row, otherKey, header);
        if (hasTombstones && row.key() != null) {
            send(
                    new ProducerRecord<>(
                            row.topic(),
                            (Integer) null,
                            row.key(),
                            (byte[]) null,
                            headers(row.token(), otherKey, header)));
        }
    }

    private void send(RecordSink.Row row, byte @Nullable [] otherKey, String header)
            throws IOException {
        send(
                new ProducerRecord<>(
                        row.topic(),
                        // Rows without a key keep their order in one partition.
                        row.key() == null ? 0 : null,
                        row.key(),
                        row.value(),
                        headers(row.token(), otherKey, header)));
    }

    /// A consumer of any partition has to learn that the rows are gone.
    private void sendToAllPartitions(RecordSink.Row row) throws IOException {
        int partitions;
        try {
            silence.blocks("the partitions of " + row.topic());
            partitions = producer.partitionsFor(row.topic()).size();
            silence.goesOn();
        } catch (KafkaException e) {
            throw failure(e);
        }
        for (int partition = 0; partition < partitions; partition++) {
            send(
                    new ProducerRecord<>(
                            row.topic(),
                            partition,
                            (byte[]) null,
                            row.value(),
                            headers(row.token(), NOTHING, "")));
        }
    }

    private static List<Header> headers(byte[] token, byte @Nullable [] otherKey, String name) {
        Header id = new RecordHeader(EVENT_ID, token);
        return name.isEmpty() || otherKey == null
                ? List.of(id)
                : List.of(id, new RecordHeader(name, otherKey));
    }

    private void send(ProducerRecord<byte[], byte[]> sent) throws IOException {
        if (failed != null) {
            throw failure(failed);
        }
        silence.sends();
        try {
            // The callback tells what becomes of it.
            var _ = producer.send(sent, whenSent);
        } catch (KafkaException | IllegalStateException e) {
            throw failure(e);
        }
        silence.sent();
        bytes += length(sent.key()) + length(sent.value()) + OVERHEAD;
    }

    private static int length(byte @Nullable [] array) {
        return array == null ? 0 : array.length;
    }

    /// The delivery has come to another place without a row.
    void moved(byte[] to) {
        if (!isBetweenHalves) {
            token = to;
        }
    }

    /// The delivery has nothing more now.
    void pause() throws IOException {
        if (isBetweenHalves) {
            return;
        }
        if (isOpen) {
            commit();
        } else if (isMoveDue()) {
            begin();
            commit();
        }
        look();
    }

    private boolean isMoveDue() {
        return System.nanoTime() - committedAt >= MOVE_NANOS
                && !Arrays.equals(token, committed.token().getBytes(StandardCharsets.US_ASCII));
    }

    private void look() throws IOException {
        try {
            topics.look();
        } catch (SourceException e) {
            throw new IOException(e);
        }
    }

    private void begin() throws IOException {
        if (isOpen) {
            return;
        }
        try {
            producer.beginTransaction();
        } catch (KafkaException | IllegalStateException e) {
            throw failure(e);
        }
        isOpen = true;
        begun = System.nanoTime();
        bytes = 0;
        records = 0;
    }

    private void commit() throws IOException {
        long start = System.nanoTime();
        Position position =
                committed.at(new String(token, StandardCharsets.US_ASCII), topics.names().size());
        send(
                new ProducerRecord<>(
                        properties.positions(),
                        0,
                        source.getBytes(StandardCharsets.UTF_8),
                        position.json()));
        try {
            silence.blocks("a commit");
            producer.commitTransaction();
            silence.goesOn();
        } catch (KafkaException | IllegalStateException e) {
            throw failure(e);
        }
        isOpen = false;
        committed = position;
        committedAt = System.nanoTime();
        counters.commitNanos.add(committedAt - start);
        counters.transactions.increment();
        counters.records.add(records);
        counters.bytes.add(bytes);
        records = 0;
        whenCommitted.accept(position);
        look();
    }

    /// The failure of a record comes before that of its transaction.
    private IOException failure(Exception now) {
        Exception first = failed;
        return new IOException(first == null ? now : first);
    }

    /// A row's record is larger than any may be.
    IOException tooLarge(int length) {
        records++;
        return new IOException(
                new SourceException(
                        FailureCode.KAFKA_RECORD_TOO_LARGE,
                        "a row makes a record of more than "
                                + length
                                + " bytes: raise max.request.size of the producer"
                                + " (spring.kafka.producer.properties) and max.message.bytes of the"
                                + " topic"));
    }
}
