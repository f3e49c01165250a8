package io.fustor.source.mysql.checkpoint;

import io.fustor.source.mysql.capture.Capture;
import io.fustor.source.mysql.capture.StartingPoints.Reach;
import io.fustor.source.mysql.settings.FeedProperties;
import io.fustor.source.mysql.source.Sources;
import io.fustor.source.mysql.thread.SupervisedThread;
import io.fustor.source.mysql.thread.Work;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/// The progress of each consumer by its checkpoint, for meters, whether or not the consumer is
/// connected. A check runs every 30 s. Each check runs on its own virtual thread, because a server
/// may be slow to respond, and costs the server three queries. Any thread may read the results.
@Component
public class ConsumerProgress {

    private static final Logger log = LoggerFactory.getLogger(ConsumerProgress.class);

    /// The number of checkpoints that a check examines; `fustor.feed.max-checkpoints` is lower by
    /// default.
    private static final int MOST_CHECKPOINTS = 10_000;

    private final Sources sources;
    private final Checkpoints checkpoints;
    private final int mostMetered;
    private final Map<String, Looked> bySource = new ConcurrentHashMap<>();

    /// The result of the last check.
    ///
    /// @param updated when the checkpoint was stored
    /// @param isAvailable whether the server still has the binlog after the checkpoint; null if
    ///   unknown
    /// @param lagBytes of binlog after the checkpoint; null if unknown
    public record Progress(
            Instant updated, @Nullable Boolean isAvailable, @Nullable Long lagBytes) {}

    /// The checks of one source.
    private static final class Looked {
        private volatile Map<String, Progress> found = Map.of();
        private volatile boolean isUnderWay;
    }

    ConsumerProgress(Sources sources, Checkpoints checkpoints, FeedProperties properties) {
        this.sources = sources;
        this.checkpoints = checkpoints;
        this.mostMetered = properties.meteredConsumers();
    }

    /// The consumers of a source with their own meters, the first by name. There are at most
    /// `fustor.feed.metered-consumers`, so that invented names cannot flood a monitoring system.
    public List<String> metered(String source) {
        return found(source).keySet().stream().limit(mostMetered).toList();
    }

    /// Null if the last check found no checkpoint of this consumer.
    public @Nullable Progress of(String source, String consumer) {
        return found(source).get(consumer);
    }

    /// The number of consumers of a source with a checkpoint.
    public long count(String source) {
        return found(source).size();
    }

    /// The number of consumers that cannot continue, because the server no longer has the binlog
    /// after their checkpoint.
    public long countLost(String source) {
        return found(source).values().stream()
                .filter(progress -> Boolean.FALSE.equals(progress.isAvailable()))
                .count();
    }

    private Map<String, Progress> found(String source) {
        Looked looked = bySource.get(source);
        return looked == null ? Map.of() : looked.found;
    }

    @Scheduled(initialDelayString = "PT5S", fixedDelayString = "PT30S")
    void look() {
        bySource.keySet().retainAll(sources.ids());
        for (String id : sources.ids()) {
            Looked looked = bySource.computeIfAbsent(id, _ -> new Looked());
            if (!looked.isUnderWay) {
                looked.isUnderWay = true;
                SupervisedThread.virtual(Work.LOOK, "checkpoints of " + id, () -> look(id, looked));
            }
        }
    }

    private void look(String id, Looked looked) {
        try {
            looked.found = progress(id, sources.capture(id));
        } catch (DataAccessException e) {
            // Keep the known results: health reports that the state cannot be read.
            log.debug("source={} checkpoints were not looked at: {}", id, e.getMessage());
        } finally {
            looked.isUnderWay = false;
        }
    }

    /// Runs the check now, on the caller's thread.
    public void lookAt(String id) {
        look(id, bySource.computeIfAbsent(id, _ -> new Looked()));
    }

    private Map<String, Progress> progress(String id, @Nullable Capture capture) {
        List<Checkpoint> stored = checkpoints.first(id, MOST_CHECKPOINTS);
        List<Reach> reaches = Checkpoints.reaches(stored, capture);
        Map<String, Progress> found = new LinkedHashMap<>();
        for (int i = 0; i < stored.size(); i++) {
            Checkpoint one = stored.get(i);
            Reach reach = reaches.isEmpty() ? null : reaches.get(i);
            found.put(
                    one.label(),
                    new Progress(
                            one.updated(),
                            reach == null ? null : reach.available(),
                            reach == null ? null : reach.lagBytes()));
        }
        return found;
    }
}
