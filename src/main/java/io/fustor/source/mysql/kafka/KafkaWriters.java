package io.fustor.source.mysql.kafka;

import io.fustor.source.mysql.error.FailureCode;
import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.monitoring.LogWriters;
import io.fustor.source.mysql.position.FeedToken;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.common.Uuid;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.ApplicationListener;
import org.springframework.context.SmartLifecycle;
import org.springframework.context.event.ContextClosedEvent;
import org.springframework.core.Ordered;

/// The writers of this instance: takes part in the election, and runs a writer for each source that
/// it wins. Any thread may ask what there is to see.
final class KafkaWriters
        implements SmartLifecycle,
                LogWriters,
                Election.Owner,
                ApplicationListener<ContextClosedEvent>,
                Ordered,
                AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(KafkaWriters.class);

    /// Of the five seconds in which the process has to be gone, for the writers to commit what they
    /// have, and for the group to be left.
    private static final Duration LAST_COMMIT = Duration.ofMillis(1_500);

    private static final Duration LEAVE = Duration.ofSeconds(2);

    private final KafkaWriterProperties properties;
    private final SourceWriter.WriterResources resources;
    private final List<String> sources;
    private final Election election;
    private final Map<String, WriterCounters> counters = new ConcurrentHashMap<>();
    private final Map<String, SourceWriter> writers = new ConcurrentHashMap<>();
    private volatile boolean isRunning;

    KafkaWriters(KafkaWriterProperties properties, SourceWriter.WriterResources resources) {
        this.properties = properties;
        this.resources = resources;
        this.sources = properties.sources().keySet().stream().sorted().toList();
        sources.forEach(source -> counters.put(source, new WriterCounters()));
        this.election =
                new Election(
                        resources.clients(), properties.control(), sources, this, this::prepare);
    }

    private KnownTopics prepare(ClusterSilence silence) {
        Map<String, Uuid> shared = resources.topics().makeShared(properties, sources.size());
        ClusterPromises.log(resources.topics(), properties);
        return new KnownTopics(resources.topics(), shared, silence, KafkaWriters::lost);
    }

    /// It is made again, and each writer tells then what it misses.
    private static SourceException lost(String topic) {
        return new SourceException(
                FailureCode.KAFKA_UNAVAILABLE,
                "the topic " + topic + ", which all writers share, was deleted");
    }

    List<String> sources() {
        return sources;
    }

    WriterCounters counters(String source) {
        return Objects.requireNonNull(counters.get(source));
    }

    /// The writer of a source, if this instance is to write it.
    @Nullable SourceWriter writer(String source) {
        return writers.get(source);
    }

    /// Why this instance takes no part in the election, or null.
    @Nullable SourceException electionError() {
        return election.error();
    }

    @Override
    public void take(String source) {
        SourceWriter writer = new SourceWriter(source, resources, counters(source));
        if (writers.putIfAbsent(source, writer) == null) {
            log.info("kafka source={} is this instance's", source);
            writer.start();
        }
    }

    @Override
    public void release(Collection<String> given) {
        List<SourceWriter> ending =
                given.stream().map(writers::remove).filter(Objects::nonNull).toList();
        ending.forEach(writer -> writer.end(Duration.ZERO));
        long until = System.nanoTime() + LAST_COMMIT.toNanos();
        for (SourceWriter writer : ending) {
            Duration rest = Duration.ofNanos(Math.max(0, until - System.nanoTime()));
            if (!writer.end(rest)) {
                log.warn("kafka a writer does not end in time; the next one fences it");
                writer.abandon();
            }
        }
    }

    @Override
    public void look() {
        writers.values().forEach(SourceWriter::look);
    }

    @Override
    public @Nullable Status of(String source) {
        if (!properties.sources().containsKey(source)) {
            return null;
        }
        SourceWriter writer = writers.get(source);
        SourceException problem = writer == null ? electionError() : writer.error();
        Position position = writer == null ? null : writer.committed();
        return new Status(
                writer == null ? null : resources.clients().instance(),
                position == null ? null : position.epoch(),
                position == null || position.isBeforeAll()
                        ? null
                        : FeedToken.parse(position.token()).position(),
                writer == null || position == null ? null : writer.lagMillis(),
                problem);
    }

    @Override
    public void start() {
        isRunning = true;
        if (!sources.isEmpty()) {
            election.start();
        }
    }

    /// Before the streams end, which may take minutes (`fustor.web.drain`): another instance writes
    /// the sources meanwhile.
    @Override
    public void onApplicationEvent(ContextClosedEvent event) {
        if (event.getApplicationContext().getParent() == null) {
            leave();
        }
    }

    @Override
    public int getOrder() {
        return HIGHEST_PRECEDENCE;
    }

    private void leave() {
        if (isRunning && !sources.isEmpty()) {
            isRunning = false;
            release(sources);
            election.end(LEAVE);
        }
    }

    @Override
    public void stop() {
        leave();
        isRunning = false;
    }

    /// Whether it was started or not.
    @Override
    public void close() {
        resources.topics().close();
    }

    @Override
    public boolean isRunning() {
        return isRunning;
    }

    /// With the subscriptions, before the web server.
    @Override
    public int getPhase() {
        return Integer.MAX_VALUE;
    }
}
