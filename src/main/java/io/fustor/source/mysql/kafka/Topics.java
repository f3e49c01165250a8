package io.fustor.source.mysql.kafka;

import io.fustor.source.mysql.error.FailureCode;
import io.fustor.source.mysql.error.SourceException;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicCollection;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicIdException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.jspecify.annotations.Nullable;

/// The topics of the cluster: makes those that the writers need, and tells what there is. Every
/// method blocks on the cluster, for 30 s at most. Any thread may call.
///
/// All methods throw a [SourceException] with a code of Kafka's if the cluster does not answer or
/// refuses.
final class Topics implements AutoCloseable {

    private static final int PATIENCE_SECONDS = 30;
    private static final long SEEN_NANOS = Duration.ofMillis(20).toNanos();
    private static final int POSITIONS_SEGMENT = 16 * 1024 * 1024;

    private final Admin admin;

    Topics(Admin admin) {
        this.admin = admin;
    }

    @Override
    public void close() {
        admin.close(Duration.ZERO);
    }

    Admin admin() {
        return admin;
    }

    String clusterId() {
        return get(admin.describeCluster().clusterId());
    }

    /// Makes the topics that all writers share, if they are not there.
    ///
    /// @param sources how many sources there are; each has a partition
    /// @return their ids, by name
    Map<String, Uuid> makeShared(KafkaWriterProperties properties, int sources) {
        make(
                new NewTopic(properties.control(), Optional.of(sources), Optional.empty())
                        .configs(Map.of("cleanup.policy", "compact")));
        make(
                new NewTopic(properties.positions(), Optional.of(1), Optional.empty())
                        .configs(
                                Map.of(
                                        "cleanup.policy",
                                        "compact",
                                        "segment.bytes",
                                        String.valueOf(POSITIONS_SEGMENT),
                                        "min.cleanable.dirty.ratio",
                                        "0.1")));
        TopicDescription control = made(properties.control());
        if (control.partitions().size() < sources) {
            get(
                    admin.createPartitions(
                                    Map.of(properties.control(), NewPartitions.increaseTo(sources)))
                            .all());
        }
        return Map.of(
                properties.control(),
                control.topicId(),
                properties.positions(),
                made(properties.positions()).topicId());
    }

    private void make(NewTopic topic) {
        if (!describe(List.of(topic.name())).isEmpty()) {
            return;
        }
        try {
            admin.createTopics(List.of(topic)).all().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            if (!(e.getCause() instanceof TopicExistsException)) {
                throw KafkaFailures.of(e);
            }
        } catch (TimeoutException e) {
            throw KafkaFailures.of(e);
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    /// The id of a topic, which is made with the cluster's defaults if it is not there.
    Uuid idOf(String topic) {
        make(new NewTopic(topic, Optional.empty(), Optional.empty()));
        return made(topic).topicId();
    }

    /// A topic that was made. A broker may see it only some time later.
    private TopicDescription made(String topic) {
        long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (true) {
            TopicDescription made = describe(List.of(topic)).get(topic);
            if (made != null) {
                return made;
            }
            if (System.nanoTime() - until > 0) {
                throw new SourceException(
                        FailureCode.KAFKA_UNAVAILABLE,
                        "the topic " + topic + " was made and is not seen");
            }
            LockSupport.parkNanos(this, SEEN_NANOS);
        }
    }

    /// Those of the topics that exist.
    Map<String, TopicDescription> describe(Collection<String> names) {
        Map<String, TopicDescription> found = new HashMap<>();
        admin.describeTopics(names)
                .topicNameValues()
                .forEach(
                        (name, future) -> {
                            try {
                                found.put(name, get(future));
                            } catch (SourceException e) {
                                if (!isUnknown(e)) {
                                    throw e;
                                }
                            }
                        });
        return found;
    }

    /// What is known of a set of topics.
    enum Presence {
        ALL,
        /// At least one of them does not exist.
        LOST,
        /// The cluster did not answer.
        UNKNOWN
    }

    /// Asks whether topics with these ids exist. The answer comes later, on any thread. Without
    /// ids, it tells whether the cluster answers.
    CompletionStage<Presence> presence(Collection<Uuid> ids) {
        KafkaFuture<?> answer =
                ids.isEmpty()
                        ? admin.describeCluster().nodes()
                        : admin.describeTopics(TopicCollection.ofTopicIds(ids)).allTopicIds();
        return answer.toCompletionStage().handle((_, failure) -> presence(failure));
    }

    private static Presence presence(@Nullable Throwable failure) {
        if (failure == null) {
            return Presence.ALL;
        }
        return isUnknown(failure) ? Presence.LOST : Presence.UNKNOWN;
    }

    /// One of the topics that hold a record; null if none does.
    ///
    /// @param prefix the beginning of the topics' names
    /// @param except topics that do not count
    @Nullable String withRecords(String prefix, Collection<String> except) {
        Map<TopicPartition, OffsetSpec> earliest = new HashMap<>();
        Map<TopicPartition, OffsetSpec> latest = new HashMap<>();
        List<String> names =
                get(admin.listTopics().names()).stream()
                        .filter(name -> name.startsWith(prefix) && !except.contains(name))
                        .toList();
        describe(names)
                .forEach(
                        (name, topic) ->
                                topic.partitions()
                                        .forEach(
                                                one -> {
                                                    var of =
                                                            new TopicPartition(
                                                                    name, one.partition());
                                                    earliest.put(of, OffsetSpec.earliest());
                                                    latest.put(of, OffsetSpec.latest());
                                                }));
        var first = get(admin.listOffsets(earliest).all());
        var end = get(admin.listOffsets(latest).all());
        return end.entrySet().stream()
                .filter(one -> isFilled(first.get(one.getKey()), one.getValue()))
                .map(Map.Entry::getKey)
                .map(TopicPartition::topic)
                .findFirst()
                .orElse(null);
    }

    private static boolean isFilled(
            @Nullable ListOffsetsResultInfo first, ListOffsetsResultInfo end) {
        return first == null || first.offset() < end.offset();
    }

    private static boolean isUnknown(@Nullable Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof UnknownTopicIdException
                    || cause instanceof UnknownTopicOrPartitionException) {
                return true;
            }
        }
        return false;
    }

    /// The end of a partition, with what is not committed yet.
    long end(TopicPartition partition) {
        return get(admin.listOffsets(
                                Map.of(partition, OffsetSpec.latest()),
                                new ListOffsetsOptions(IsolationLevel.READ_UNCOMMITTED))
                        .partitionResult(partition))
                .offset();
    }

    static <T> T get(KafkaFuture<T> future) {
        try {
            return future.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            throw KafkaFailures.of(e);
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    private static SourceException interrupted(InterruptedException e) {
        Thread.currentThread().interrupt();
        return new SourceException(FailureCode.KAFKA_UNAVAILABLE, "interrupted", e);
    }
}
