package io.fustor.source.mysql.kafka;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/// Which sources are written to Kafka, under `fustor.kafka`. How the cluster is reached stands
/// under `spring.kafka`. Without any of these settings nothing is written, and no class of Kafka is
/// loaded.
///
/// @param prefix first part of the names of what the writers share: the topics `<prefix>.control`
///   and `<prefix>.positions`, the group `<prefix>.writers` and the transactional ids; the same in
///   all instances
/// @param clusterId the id of the cluster; the writers stop at any other. Without it, they stop
///   only at a cluster whose positions were copied from another one
/// @param sessionTimeout after which silence of an instance another one takes its sources over; the
///   broker must allow it (`group.min.session.timeout.ms`)
/// @param transactionSize at how many bytes of records a Kafka transaction is committed
/// @param transactionTime after which time a Kafka transaction is committed
/// @param sources the sources that are written, by id
@ConfigurationProperties("fustor.kafka")
public record KafkaWriterProperties(
        @DefaultValue("fustor") String prefix,
        @Nullable String clusterId,
        @DefaultValue("6s") Duration sessionTimeout,
        @DefaultValue("16MB") DataSize transactionSize,
        @DefaultValue("100ms") Duration transactionTime,
        @DefaultValue Map<String, SourceTopics> sources) {

    public KafkaWriterProperties {
        requireTopicName("fustor.kafka.prefix", prefix);
        if (sessionTimeout.compareTo(Duration.ofSeconds(1)) < 0) {
            throw new IllegalArgumentException("fustor.kafka.session-timeout must be 1s or more");
        }
        if (transactionSize.toBytes() < 1024) {
            throw new IllegalArgumentException("fustor.kafka.transaction-size must be 1KB or more");
        }
        if (transactionTime.toMillis() < 1) {
            throw new IllegalArgumentException("fustor.kafka.transaction-time must be 1ms or more");
        }
        sources.forEach(
                (id, topics) ->
                        requireTopicName(
                                "fustor.kafka.sources." + id + ".topic-prefix",
                                topics.topicPrefix(id)));
    }

    private static void requireTopicName(String property, String name) {
        if (!name.matches("[a-zA-Z0-9._-]{1,100}")) {
            throw new IllegalArgumentException(
                    property + " must have 1 to 100 letters, digits, dots, underscores and dashes");
        }
    }

    /// Whether rows come before the changes.
    public enum SnapshotMode {
        NONE,
        INITIAL
    }

    /// What happens if the server no longer has the binlog after the position.
    public enum OnLost {
        FAIL,
        SNAPSHOT,
        LATEST
    }

    /// The topics of one source.
    ///
    /// @param tables tables as `schema.table`, with wildcards, separated by commas; as the feed's
    ///   parameter `tables`
    /// @param fields columns as `schema.table.column`; as the feed's parameter `fields`
    /// @param without columns that are left out, as `schema.table.column`; as the feed's parameter
    ///   `without`
    /// @param where conditions as `schema.table: condition`; as the feed's parameter `where`
    /// @param topicPrefix first part of the topics' names, before schema and table; by default the
    ///   source's id
    /// @param snapshot `initial`: the rows of the tables come first; `none`: changes only
    /// @param onLost what happens if the server no longer has the binlog after the position: `fail`
    ///   stops the writer, `snapshot` writes all rows again, `latest` goes on from now
    /// @param schemas whether keys and values are wrapped with their schemas, as with
    ///   JsonConverter's `schemas.enable`
    /// @param tombstones whether a record without a value follows each deletion
    /// @param adoptTopics whether the writer may begin although its topics contain records and no
    ///   position is known, or the list of its topics is lost; remove it after the first start
    public record SourceTopics(
            @Nullable String tables,
            @Nullable String fields,
            @Nullable String without,
            @DefaultValue List<String> where,
            @Nullable String topicPrefix,
            @DefaultValue("initial") SnapshotMode snapshot,
            @DefaultValue("fail") OnLost onLost,
            @DefaultValue("false") boolean schemas,
            @DefaultValue("true") boolean tombstones,
            @DefaultValue("false") boolean adoptTopics) {

        String topicPrefix(String source) {
            return topicPrefix == null ? source : topicPrefix;
        }

        String snapshotWord() {
            return snapshot.name().toLowerCase(Locale.ROOT);
        }

        String onLostWord() {
            return onLost.name().toLowerCase(Locale.ROOT);
        }
    }

    /// The topics of a source that is written.
    SourceTopics of(String source) {
        return Objects.requireNonNull(sources.get(source));
    }

    String control() {
        return prefix + ".control";
    }

    String positions() {
        return prefix + ".positions";
    }
}
