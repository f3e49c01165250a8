package io.fustor.source.mysql.kafka;

import io.fustor.source.mysql.error.SourceException;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.Uuid;
import org.jspecify.annotations.Nullable;

/// Topics that are relied on, by their ids: a topic that was deleted and made again has lost its
/// records.
///
/// One thread enters and looks; any thread may ask.
final class KnownTopics {

    private static final long LOOK_NANOS = Duration.ofSeconds(3).toNanos();

    private final Topics topics;
    private final Map<String, Uuid> ids;
    private final ClusterSilence silence;
    private final Function<String, SourceException> lost;
    private final AtomicBoolean isAsked = new AtomicBoolean();
    private volatile long asked = System.nanoTime();
    private volatile boolean isLost;

    /// @param ids as they were when they were relied on first
    /// @param silence learns when the cluster answers
    /// @param lost the failure that a topic's absence is, by its name
    /// @throws SourceException as `lost` makes it, if one of the topics is not there any more
    KnownTopics(
            Topics topics,
            Map<String, Uuid> ids,
            ClusterSilence silence,
            Function<String, SourceException> lost) {
        this.topics = topics;
        this.ids = new ConcurrentHashMap<>(ids);
        this.silence = silence;
        this.lost = lost;
        require();
    }

    private void require() {
        Map<String, TopicDescription> found = topics.describe(ids.keySet());
        ids.forEach(
                (name, id) -> {
                    TopicDescription now = found.get(name);
                    if (now == null || !now.topicId().equals(id)) {
                        throw lost.apply(name);
                    }
                });
    }

    Collection<String> names() {
        return ids.keySet();
    }

    /// The id of a topic that is new here, which is made if necessary; null if it is known already.
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
    /// @throws SourceException if one is not
    void look() {
        if (isLost) {
            isLost = false;
            require();
        }
        ask();
    }

    /// Asks as [#look] does, for one that is blocked and cannot look.
    void ask() {
        if (System.nanoTime() - asked > LOOK_NANOS && isAsked.compareAndSet(false, true)) {
            asked = System.nanoTime();
            silence.asks("a sign of its topics");
            var _ = topics.presence(List.copyOf(ids.values())).thenAccept(this::answered);
        }
    }

    private void answered(Topics.Presence presence) {
        if (presence != Topics.Presence.UNKNOWN) {
            silence.answers();
        }
        if (presence == Topics.Presence.LOST) {
            isLost = true;
        }
        isAsked.set(false);
    }

    /// Whether the last answers told that a topic is gone, and nothing has looked since.
    boolean isLost() {
        return isLost;
    }
}
