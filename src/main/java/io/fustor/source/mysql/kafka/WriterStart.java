package io.fustor.source.mysql.kafka;

import io.fustor.source.mysql.error.FailureCode;
import io.fustor.source.mysql.error.SourceException;
import java.util.List;
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
            return new Position(found.token(), cluster, found.epoch() + 1, instance);
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
        return new Position("", cluster, 1, instance);
    }

    private static void requireCluster(String whose, @Nullable String wanted, String found) {
        if (wanted != null && !wanted.equals(found)) {
            throw new SourceException(
                    FailureCode.KAFKA_OTHER_CLUSTER,
                    whose + " is of the cluster " + wanted + ", and this one is " + found);
        }
    }
}
