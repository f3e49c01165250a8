package io.fustor.source.mysql.kafka;

import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.CooperativeStickyAssignor;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/// Makes the clients of the cluster: as `spring.kafka` has them, except for what the delivery of
/// each row exactly once rests on. The caller closes what it gets. Any thread may call.
final class KafkaClients {

    private static final int BATCH = 256 * 1024;

    /// How often a member of the group is heard, and learns that it is to take a source over.
    private static final int HEARTBEAT_MILLIS = 500;

    private final KafkaWriterProperties properties;
    private final Map<String, Object> producer;
    private final Map<String, Object> consumer;
    private final Map<String, Object> admin;
    private final String instance;

    /// @param instance the name of this instance
    KafkaClients(
            KafkaWriterProperties properties,
            Map<String, Object> producer,
            Map<String, Object> consumer,
            Map<String, Object> admin,
            String instance) {
        this.properties = properties;
        this.producer = producer;
        this.consumer = consumer;
        this.admin = admin;
        this.instance = instance;
    }

    String instance() {
        return instance;
    }

    /// The producer of a source. The cluster lets only the newest one with this id write.
    Producer<byte[], byte[]> producer(String source) {
        Map<String, Object> config = new HashMap<>(producer);
        config.putIfAbsent(ProducerConfig.BATCH_SIZE_CONFIG, BATCH);
        config.put(ProducerConfig.TRANSACTIONAL_ID_CONFIG, properties.prefix() + "." + source);
        config.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
        config.put(ProducerConfig.ACKS_CONFIG, "all");
        config.put(ProducerConfig.KEY_SERIALIZER_CLASS_CONFIG, ByteArraySerializer.class);
        config.put(ProducerConfig.VALUE_SERIALIZER_CLASS_CONFIG, ByteArraySerializer.class);
        config.put(ProducerConfig.CLIENT_ID_CONFIG, instance + "." + source);
        return new KafkaProducer<>(config);
    }

    /// A consumer of what was committed, in no group.
    Consumer<byte[], byte[]> reader() {
        Map<String, Object> config = bare();
        config.remove(ConsumerConfig.GROUP_ID_CONFIG);
        config.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        config.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "none");
        return new KafkaConsumer<>(config);
    }

    /// A member of the group that shares the sources.
    Consumer<byte[], byte[]> member() {
        Map<String, Object> config = bare();
        config.put(ConsumerConfig.GROUP_ID_CONFIG, properties.prefix() + ".writers");
        config.put(ConsumerConfig.GROUP_PROTOCOL_CONFIG, "classic");
        config.put(
                ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG,
                Math.toIntExact(properties.sessionTimeout().toMillis()));
        config.put(
                ConsumerConfig.HEARTBEAT_INTERVAL_MS_CONFIG,
                Math.toIntExact(
                        Math.min(HEARTBEAT_MILLIS, properties.sessionTimeout().toMillis() / 3)));
        config.put(
                ConsumerConfig.PARTITION_ASSIGNMENT_STRATEGY_CONFIG,
                CooperativeStickyAssignor.class.getName());
        config.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "latest");
        return new KafkaConsumer<>(config);
    }

    private Map<String, Object> bare() {
        Map<String, Object> config = new HashMap<>(consumer);
        config.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        config.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
        config.put(ConsumerConfig.KEY_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class);
        config.put(ConsumerConfig.VALUE_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class);
        config.put(ConsumerConfig.CLIENT_ID_CONFIG, instance);
        return config;
    }

    Admin admin() {
        Map<String, Object> config = new HashMap<>(admin);
        config.put(AdminClientConfig.CLIENT_ID_CONFIG, instance);
        return Admin.create(config);
    }
}
