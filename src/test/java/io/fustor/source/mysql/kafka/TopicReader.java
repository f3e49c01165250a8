package io.fustor.source.mysql.kafka;

import io.fustor.source.mysql.support.TestKafka;
import io.fustor.source.mysql.support.Traffic;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// A plain consumer of committed records, from the beginning of all topics with a prefix. It shares
/// no code with the writer. It fails if it is given a record twice, so that a record that is
/// repeated is one that was written twice.
public final class TopicReader implements AutoCloseable {

    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final int LONG_VALUE = 2_000;
    private static final Pattern RUN = Pattern.compile("([a-z])\\1{99,}");
    private static final Duration POLL = Duration.ofMillis(200);
    private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(300);

    private final KafkaConsumer<byte[], byte[]> consumer;
    private final List<Read> records = new ArrayList<>();
    private final Map<TopicPartition, Long> last = new HashMap<>();
    private final String prefix;
    private long looked;
    private int ends;

    /// A record as it came.
    public record Read(
            String topic,
            int partition,
            @Nullable String key,
            @Nullable String value,
            Map<String, String> headers,
            long offset,
            long timestamp) {

        public boolean isTombstone() {
            return value == null;
        }

        public JsonNode json() {
            return JSON.readTree(String.valueOf(value));
        }

        String operation() {
            return isTombstone() ? "tombstone" : json().path("op").asString();
        }
    }

    public TopicReader(TestKafka kafka, String prefix) {
        this(kafka, prefix, "read_committed");
    }

    TopicReader(TestKafka kafka, String prefix, String isolation) {
        consumer =
                new KafkaConsumer<>(
                        Map.of(
                                "bootstrap.servers",
                                kafka.address(),
                                "isolation.level",
                                isolation,
                                "auto.offset.reset",
                                "none",
                                "enable.auto.commit",
                                false,
                                "allow.auto.create.topics",
                                false,
                                "max.poll.records",
                                10_000),
                        new ByteArrayDeserializer(),
                        new ByteArrayDeserializer());
        this.prefix = prefix + ".";
    }

    /// Takes new topics up. A group would read from the beginning again when they come.
    private void assign() {
        Set<TopicPartition> all = new HashSet<>();
        consumer.listTopics()
                .forEach(
                        (topic, partitions) -> {
                            if (topic.startsWith(prefix)) {
                                partitions.forEach(
                                        one -> all.add(new TopicPartition(topic, one.partition())));
                            }
                        });
        if (!all.equals(consumer.assignment())) {
            Set<TopicPartition> further = new HashSet<>(all);
            further.removeAll(consumer.assignment());
            consumer.assign(all);
            consumer.seekToBeginning(further);
        }
        looked = System.nanoTime();
    }

    /// Reads until the records that came satisfy a condition, and gives all that came so far.
    List<Read> readUntil(Predicate<List<Read>> isEnough, Duration patience) {
        long until = System.nanoTime() + patience.toNanos();
        while (!isEnough.test(records)) {
            if (System.nanoTime() > until) {
                throw new AssertionError(
                        records.size() + " records came, the last " + tail(records));
            }
            poll(POLL);
        }
        return records;
    }

    /// Reads until the last rows of a [Traffic] have come, one in each table, and all that was
    /// written before them.
    public List<Read> readToTheEnd(Duration patience) {
        readUntil(_ -> ends >= Traffic.TABLES.size(), patience);
        return readWhatIsThere(patience);
    }

    /// Reads all that is committed now, and gives all that came so far. What was written first may
    /// come last: it may be in another partition.
    List<Read> readWhatIsThere(Duration patience) {
        assign();
        Map<TopicPartition, Long> offsets = consumer.endOffsets(consumer.assignment());
        return readUntil(
                _ ->
                        offsets.entrySet().stream()
                                .allMatch(end -> consumer.position(end.getKey()) >= end.getValue()),
                patience);
    }

    private static List<Read> tail(List<Read> all) {
        return all.subList(Math.max(0, all.size() - 3), all.size());
    }

    /// Reads what comes within a time, and gives all that came so far.
    public List<Read> readFor(long millis) {
        long until = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
        while (System.nanoTime() < until) {
            poll(Duration.ofMillis(50));
        }
        return records;
    }

    /// Takes what there is, and gives all that came so far.
    List<Read> poll(Duration longest) {
        if (looked == 0 || System.nanoTime() - looked > LOOK_NANOS) {
            assign();
        }
        if (consumer.assignment().isEmpty()) {
            looked = 0;
            LockSupport.parkNanos(this, LOOK_NANOS / 10);
            return records;
        }
        for (ConsumerRecord<byte[], byte[]> one : consumer.poll(longest)) {
            Long before = last.put(new TopicPartition(one.topic(), one.partition()), one.offset());
            if (before != null && before >= one.offset()) {
                throw new AssertionError(
                        "the consumer went back from offset " + before + " to " + one);
            }
            Read read = read(one);
            records.add(read);
            if (read.value() != null && read.value().contains("\"the end\"")) {
                ends++;
            }
        }
        return records;
    }

    private static Read read(ConsumerRecord<byte[], byte[]> one) {
        Map<String, String> headers = new HashMap<>();
        for (Header header : one.headers()) {
            headers.put(header.key(), text(header.value()));
        }
        return new Read(
                one.topic(),
                one.partition(),
                text(one.key()),
                shortened(text(one.value())),
                headers,
                one.offset(),
                one.timestamp());
    }

    /// Long runs of a letter are left out of long values, so that a gigabyte fits into memory.
    private static @Nullable String shortened(@Nullable String text) {
        return text == null || text.length() < LONG_VALUE
                ? text
                : RUN.matcher(text).replaceAll("$1");
    }

    private static @Nullable String text(byte @Nullable [] bytes) {
        return bytes == null ? null : new String(bytes, StandardCharsets.UTF_8);
    }

    @Override
    public void close() {
        consumer.close();
    }
}
