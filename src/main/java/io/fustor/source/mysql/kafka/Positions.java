package io.fustor.source.mysql.kafka;

import io.fustor.source.mysql.error.FailureCode;
import io.fustor.source.mysql.error.SourceException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.jspecify.annotations.Nullable;

/// Reads what the writers of a source have committed. It reads up to the end that the partition has
/// when it is asked, and waits for the transactions of other sources before it: the last committed
/// record of a source may come after the first one of another source's open transaction, which no
/// consumer of committed records passes.
///
/// Blocks on the cluster. Any thread may call.
final class Positions {

    private static final Duration PATIENCE = Duration.ofSeconds(90);
    private static final Duration POLL = Duration.ofMillis(100);
    private static final int FIRST_SPAN = 1_000;
    private static final int GROWTH = 8;

    private final KafkaClients clients;
    private final Topics topics;
    private final KafkaWriterProperties properties;

    Positions(KafkaClients clients, Topics topics, KafkaWriterProperties properties) {
        this.clients = clients;
        this.topics = topics;
        this.properties = properties;
    }

    /// The key of a topic's id in the topic of [#topics].
    static byte[] topicKey(String source, String topic) {
        return (source + "/" + topic).getBytes(StandardCharsets.UTF_8);
    }

    /// The last committed position of a source; null if there is none.
    @Nullable Position last(String source) {
        TopicPartition partition = new TopicPartition(properties.positions(), 0);
        byte[] key = source.getBytes(StandardCharsets.UTF_8);
        try (Consumer<byte[], byte[]> consumer = clients.reader()) {
            consumer.assign(List.of(partition));
            long end = topics.end(partition);
            long begin = begin(consumer, partition);
            // From the end: what compaction has not met yet may be long.
            for (long span = FIRST_SPAN; ; span *= GROWTH) {
                long from = Math.max(begin, end - span);
                byte[][] found = new byte[1][];
                read(
                        consumer,
                        partition,
                        from,
                        end,
                        one -> {
                            if (Arrays.equals(one.key(), key)) {
                                found[0] = one.value();
                            }
                        });
                if (found[0] != null) {
                    return Position.read(found[0]);
                }
                if (from == begin) {
                    return null;
                }
            }
        } catch (KafkaException e) {
            throw KafkaFailures.of(e);
        } catch (IllegalArgumentException e) {
            throw new SourceException(
                    FailureCode.KAFKA_POSITION_MISSING,
                    "the topic "
                            + properties.positions()
                            + " holds a position of "
                            + source
                            + " that cannot be read",
                    e);
        }
    }

    /// The topics that a source was written to, with their ids.
    Map<String, Uuid> topics(String source) {
        TopicPartition partition = new TopicPartition(properties.control(), 0);
        String prefix = source + "/";
        Map<String, Uuid> ids = new HashMap<>();
        try (Consumer<byte[], byte[]> consumer = clients.reader()) {
            consumer.assign(List.of(partition));
            long end = topics.end(partition);
            long begin = begin(consumer, partition);
            read(
                    consumer,
                    partition,
                    begin,
                    end,
                    one -> {
                        String key = new String(one.key(), StandardCharsets.UTF_8);
                        if (key.startsWith(prefix) && one.value() != null) {
                            ids.put(
                                    key.substring(prefix.length()),
                                    Uuid.fromString(
                                            new String(one.value(), StandardCharsets.US_ASCII)));
                        }
                    });
        } catch (KafkaException e) {
            throw KafkaFailures.of(e);
        }
        return ids;
    }

    private static long begin(Consumer<byte[], byte[]> consumer, TopicPartition partition) {
        return Objects.requireNonNull(consumer.beginningOffsets(List.of(partition)).get(partition));
    }

    private static void read(
            Consumer<byte[], byte[]> consumer,
            TopicPartition partition,
            long from,
            long end,
            java.util.function.Consumer<ConsumerRecord<byte[], byte[]>> taker) {
        consumer.seek(partition, from);
        long until = System.nanoTime() + PATIENCE.toNanos();
        while (consumer.position(partition) < end) {
            consumer.poll(POLL).forEach(taker);
            if (System.nanoTime() - until > 0) {
                throw new SourceException(
                        FailureCode.KAFKA_UNAVAILABLE,
                        "an open transaction keeps "
                                + partition
                                + " from being read beyond "
                                + consumer.position(partition));
            }
        }
    }
}
