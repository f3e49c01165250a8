package io.fustor.source.mysql.kafka;

import io.fustor.source.mysql.error.FailureCode;
import io.fustor.source.mysql.error.SourceException;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.Uuid;
import org.jspecify.annotations.Nullable;

/// The topics that one source is written to, by their ids: a topic that was deleted and made again
/// has lost its records. For the writer's thread.
final class KnownTopics {

    private static final long LOOK_NANOS = Duration.ofSeconds(3).toNanos();

    private final Topics topics;
    private final Map<String, Uuid> ids;
    private final ClusterSilence silence;
    private long looked = System.nanoTime();
    private @Nullable CompletableFuture<Topics.Presence> answer;

    /// @param ids as the writers before have left them
    /// @param silence learns when the cluster answers
    /// @throws SourceException `KAFKA_TOPIC_LOST` if one of the topics is not there any more
    KnownTopics(Topics topics, Map<String, Uuid> ids, ClusterSilence silence) {
        this.topics = topics;
        this.ids = new HashMap<>(ids);
        this.silence = silence;
        require();
    }

    private void require() {
        Map<String, TopicDescription> found = topics.describe(ids.keySet());
        ids.forEach(
                (name, id) -> {
                    TopicDescription now = found.get(name);
                    if (now == null || !now.topicId().equals(id)) {
                        throw lost(name);
                    }
                });
    }

    private static SourceException lost(String name) {
        return new SourceException(
                FailureCode.KAFKA_TOPIC_LOST,
                "the topic "
                        + name
                        + " was deleted, and the rows in it are gone: write the source under"
                        + " another topic-prefix, or delete all its topics and its position");
    }

    Collection<String> names() {
        return ids.keySet();
    }

    /// The id of a topic that is new to this source, which is made if necessary; null if it is
    /// known already.
    @Nullable Uuid enter(String topic) {
        if (ids.containsKey(topic)) {
            return null;
        }
        Uuid id = topics.idOf(topic);
        ids.put(topic, id);
        return id;
    }

    /// Asks every few seconds whether all topics are still there, without waiting for the answer.
    ///
    /// @throws SourceException `KAFKA_TOPIC_LOST`
    void look() {
        CompletableFuture<Topics.Presence> asked = answer;
        if (asked != null && asked.isDone()) {
            answer = null;
            if (asked.getNow(Topics.Presence.UNKNOWN) == Topics.Presence.LOST) {
                require();
            }
        }
        long now = System.nanoTime();
        if (answer == null && now - looked > LOOK_NANOS) {
            looked = now;
            silence.asks("a sign of its topics");
            answer =
                    topics.presence(List.copyOf(ids.values()))
                            .thenApply(this::answered)
                            .toCompletableFuture();
        }
    }

    private Topics.Presence answered(Topics.Presence presence) {
        if (presence != Topics.Presence.UNKNOWN) {
            silence.answers();
        }
        return presence;
    }
}
