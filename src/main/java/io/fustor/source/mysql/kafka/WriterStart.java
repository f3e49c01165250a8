package io.fustor.source.mysql.kafka;

import io.fustor.source.mysql.error.FailureCode;
import io.fustor.source.mysql.error.SourceException;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.Uuid;
import org.jspecify.annotations.Nullable;

/// Decides whether a writer may begin where it does.
final class WriterStart {

    private WriterStart() {}

    /// The position from which to write, with the epoch of the writer that begins.
    ///
    /// @param found the last committed position; null if there is none
    /// @param cluster the id of the cluster
    /// @throws SourceException `KAFKA_OTHER_CLUSTER`, `KAFKA_POSITION_MISSING`
    static Position check(
            String source,
            SourceWriter.WriterResources resources,
            @Nullable Position found,
            String cluster) {
        KafkaWriterProperties properties = resources.properties();
        requireCluster("fustor.kafka.cluster-id", properties.clusterId(), cluster);
        String instance = resources.clients().instance();
        if (found != null) {
            requireCluster("the position of " + source, found.cluster(), cluster);
            return new Position(
                    found.token(), cluster, found.epoch() + 1, instance, found.topics());
        }
        KafkaWriterProperties.SourceTopics settings = properties.of(source);
        String prefix = settings.topicPrefix(source) + ".";
        String filled =
                settings.adoptTopics()
                        ? null
                        : resources
                                .topics()
                                .withRecords(
                                        prefix,
                                        List.of(properties.control(), properties.positions()));
        if (filled != null) {
            throw new SourceException(
                    FailureCode.KAFKA_POSITION_MISSING,
                    "the topic "
                            + filled
                            + " contains records, and "
                            + properties.positions()
                            + " has no position of "
                            + source
                            + ": rows would come twice or be missing. Choose another topic-prefix,"
                            + " delete the topics, or set adopt-topics to begin all the same");
        }
        return new Position("", cluster, 1, instance, 0);
    }

    /// The topics that a source was written to.
    ///
    /// @param start where the source stands
    /// @param ids as they are recorded
    /// @throws SourceException `KAFKA_TOPIC_LOST` if one of them, or their list, is gone
    static KnownTopics topics(
            String source,
            SourceWriter.WriterResources resources,
            Position start,
            Map<String, Uuid> ids,
            ClusterSilence silence) {
        KafkaWriterProperties properties = resources.properties();
        if (ids.size() < start.topics() && !properties.of(source).adoptTopics()) {
            throw new SourceException(
                    FailureCode.KAFKA_TOPIC_LOST,
                    "the topic "
                            + properties.control()
                            + " lists "
                            + ids.size()
                            + " of the "
                            + start.topics()
                            + " topics that the source was written to. Whether they have their"
                            + " rows is not known any more: set adopt-topics if they do");
        }
        return new KnownTopics(resources.topics(), ids, silence, WriterStart::lost);
    }

    private static SourceException lost(String topic) {
        return new SourceException(
                FailureCode.KAFKA_TOPIC_LOST,
                "the topic "
                        + topic
                        + " was deleted, and the rows in it are gone: write the source under"
                        + " another topic-prefix, or delete all its topics and its position");
    }

    private static void requireCluster(String whose, @Nullable String wanted, String found) {
        if (wanted != null && !wanted.equals(found)) {
            throw new SourceException(
                    FailureCode.KAFKA_OTHER_CLUSTER,
                    whose + " is of the cluster " + wanted + ", and this one is " + found);
        }
    }
}
