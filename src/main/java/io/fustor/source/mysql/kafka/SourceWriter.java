package io.fustor.source.mysql.kafka;

import io.fustor.source.mysql.encode.RecordForm;
import io.fustor.source.mysql.error.FailureCode;
import io.fustor.source.mysql.error.Recovery;
import io.fustor.source.mysql.error.RequestException;
import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.feed.Deliveries;
import io.fustor.source.mysql.feed.Delivery;
import io.fustor.source.mysql.source.SourceRun;
import io.fustor.source.mysql.source.Sources;
import io.fustor.source.mysql.thread.SupervisedThread;
import io.fustor.source.mysql.thread.Work;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Writes one source for as long as this instance is to: takes the source over, delivers from the
/// position that it finds, and begins again after failures that pass. It never trusts that it is
/// the only one: the cluster fences all writers of a source but the newest.
///
/// Runs on a thread of its own; any thread may call [#end], and ask what there is to see.
final class SourceWriter {

    private static final Logger log = LoggerFactory.getLogger(SourceWriter.class);
    private static final Duration FIRST_PAUSE = Duration.ofMillis(200);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(10);
    private static final Duration LOOK = Duration.ofSeconds(1);
    private static final int LARGEST_FRAME_OVERHEAD = 64 * 1024;

    /// In which an open transaction can be aborted, so that no consumer has to wait for its
    /// timeout.
    private static final Duration ABORT = Duration.ofSeconds(1);

    private final String source;
    private final WriterResources resources;
    private final WriterCounters counters;
    private final ClusterSilence silence = new ClusterSilence(System::nanoTime);
    private final CountDownLatch over = new CountDownLatch(1);

    private volatile @Nullable Thread thread;
    private volatile boolean isEnding;
    private volatile @Nullable Producer<byte[], byte[]> producer;
    private volatile @Nullable KnownTopics topics;
    private volatile @Nullable Delivery delivery;
    private volatile @Nullable PausedLag paused;
    private volatile @Nullable Position committed;
    private volatile @Nullable SourceException error;
    private volatile boolean isStopped;

    /// Whether another writer of the source has begun. Until the group has told this instance that
    /// the source is not its own any more, another attempt would fence the other one.
    private boolean wasFenced;

    /// How many rows the last attempt had in hand when it failed.
    private long rowsInHand;

    /// How many rows are to be written one by one, so that all before the one that fails are
    /// written.
    private long oneByOne;

    /// The lag of a delivery when it ended.
    private record PausedLag(long millis, long endedAt) {}

    /// What all writers of this instance share.
    record WriterResources(
            KafkaWriterProperties properties,
            KafkaClients clients,
            Topics topics,
            Positions positions,
            Deliveries deliveries,
            Sources sources,
            int largestRecord) {}

    SourceWriter(String source, WriterResources resources, WriterCounters counters) {
        this.source = source;
        this.resources = resources;
        this.counters = counters;
    }

    void start() {
        SupervisedThread.platform(
                Work.SUBSCRIPTION,
                "kafka-" + source,
                this::run,
                failure -> {
                    stopped(failure);
                    over.countDown();
                });
    }

    /// Ends the writing after a whole row, and waits for it.
    ///
    /// @return whether it ended within that time; a writer that did not is fenced by the next one
    boolean end(Duration patience) {
        isEnding = true;
        Delivery now = delivery;
        if (now != null) {
            now.end("handed over");
        }
        LockSupport.unpark(thread);
        try {
            return over.await(patience.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /// Closes the producer of a writer that does not end in time. Otherwise it could fence, later,
    /// the one that comes after it.
    void abandon() {
        isEnding = true;
        Producer<byte[], byte[]> now = producer;
        if (now != null) {
            now.close(Duration.ZERO);
        }
    }

    /// Ends the wait for a topic that is gone, which a producer hopes for during two minutes; for
    /// another thread than the writer's, every now and then.
    void look() {
        KnownTopics known = topics;
        Producer<byte[], byte[]> now = producer;
        if (known == null || now == null || silence.failure() == null) {
            return;
        }
        known.ask();
        if (known.isLost()) {
            now.close(Duration.ZERO);
        }
    }

    @Nullable Position committed() {
        return committed;
    }

    /// Why the source is not written now, or null.
    @Nullable SourceException error() {
        SourceException known = error;
        return known == null ? silence.failure() : known;
    }

    /// Whether only a person can let it go on.
    boolean isStopped() {
        return isStopped;
    }

    /// It grows while nothing is delivered, or what was delivered is not committed.
    long lagMillis() {
        Delivery now = delivery;
        if (now != null) {
            return lagMillis(now);
        }
        PausedLag last = paused;
        return last == null
                ? 0
                : last.millis() + TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - last.endedAt());
    }

    private long lagMillis(Delivery now) {
        long uncommitted = silence.failure() == null ? 0 : silence.length().toMillis();
        return Math.max(now.status().lagMillis(), uncommitted);
    }

    private void run() {
        thread = Thread.currentThread();
        Duration pause = FIRST_PAUSE;
        while (!isEnding) {
            long before = counters.transactions.sum();
            wasFenced = false;
            try {
                write();
                oneByOne = 0;
                pause = LOOK;
            } catch (SourceException e) {
                failed(e);
                pause =
                        wasFenced
                                ? resources.properties().sessionTimeout()
                                : counters.transactions.sum() > before + 1
                                        ? FIRST_PAUSE
                                        : shorter(pause.multipliedBy(2), LONGEST_PAUSE);
            }
            if (!isStopped) {
                park(pause);
            }
        }
        over.countDown();
    }

    private static Duration shorter(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }

    private void park(Duration longest) {
        if (!isEnding) {
            LockSupport.parkNanos(this, longest.toNanos());
        }
    }

    private void failed(SourceException failure) {
        if (failure.recovery() == Recovery.RETRY || isReposition(failure)) {
            if (error == null || error.code() != failure.code()) {
                log.warn(
                        "kafka source={} pauses code={} detail={}",
                        source,
                        failure.code(),
                        failure.getMessage());
            }
            error = failure;
            return;
        }
        if (rowsInHand > 1 && oneByOne == 0) {
            oneByOne = rowsInHand;
            log.warn(
                    "kafka source={} writes rows={} one by one, since one of them fails code={}",
                    source,
                    oneByOne,
                    failure.code());
            return;
        }
        oneByOne = 0;
        stopped(failure);
        awaitRestart();
    }

    /// Whether the next attempt finds another place.
    private boolean isReposition(SourceException failure) {
        return failure.recovery() == Recovery.REPOSITION
                && settings().onLost() != KafkaWriterProperties.OnLost.FAIL;
    }

    private KafkaWriterProperties.SourceTopics settings() {
        return resources.properties().of(source);
    }

    private void stopped(SourceException failure) {
        error = failure;
        isStopped = true;
        log.error(
                "kafka source={} writer stopped code={} detail={}",
                source,
                failure.code(),
                failure.getMessage());
    }

    /// A person who starts the source again wants another attempt.
    private void awaitRestart() {
        SourceRun stoppedIn = resources.sources().started(source);
        while (!isEnding) {
            park(LOOK);
            SourceRun now = resources.sources().started(source);
            if (now != null && now != stoppedIn) {
                isStopped = false;
                error = null;
                return;
            }
        }
    }

    /// Takes the source over and writes it until it has to end.
    private void write() {
        if (resources.sources().started(source) == null) {
            throw new SourceException(
                    FailureCode.KAFKA_UNAVAILABLE,
                    "the source is stopped or disabled, or there is none of this id");
        }
        rowsInHand = 0;
        silence.begin();
        try {
            Producer<byte[], byte[]> own = resources.clients().producer(source);
            producer = own;
            try {
                if (!isEnding) {
                    silence.blocks("the end of older writers");
                    own.initTransactions();
                    write(own);
                }
            } finally {
                own.close(ABORT);
                producer = null;
                topics = null;
            }
        } catch (IOException e) {
            throw failure(e.getCause() == null ? e : e.getCause());
        } catch (KafkaException e) {
            throw failure(e);
        }
    }

    private SourceException failure(Throwable cause) {
        if (KafkaFailures.isFenced(cause)) {
            counters.fenced.increment();
            wasFenced = true;
            log.info("kafka source={} another instance writes it", source);
            return new SourceException(
                    FailureCode.KAFKA_UNAVAILABLE, "another instance writes the source", cause);
        }
        return KafkaFailures.of(cause);
    }

    private void write(Producer<byte[], byte[]> producer) throws IOException {
        silence.blocks("the position");
        Position found = resources.positions().last(source);
        String cluster = resources.topics().clusterId();
        Position start = WriterStart.check(source, resources, found, cluster);
        KnownTopics known =
                WriterStart.topics(
                        source, resources, start, resources.positions().topics(source), silence);
        topics = known;
        ClusterPromises.log(resources.topics(), known.names());
        var session =
                new RecordTransactions.Session(
                        producer,
                        source,
                        resources.properties(),
                        known,
                        counters,
                        silence,
                        oneByOne);
        var transactions = new RecordTransactions(session, start, this::committed);
        if (isEnding) {
            // The source is another writer's by now.
            return;
        }
        // From here on the topics may hold records, and this position tells that they are ours.
        transactions.commitStart();
        counters.takeovers.increment();
        log.info(
                "kafka source={} writer begins epoch={} at={}",
                source,
                start.epoch(),
                start.isBeforeAll() ? "the beginning" : start.token());
        deliver(start, transactions);
    }

    private void committed(Position position) {
        committed = position;
        error = null;
    }

    private void deliver(Position start, RecordTransactions transactions) throws IOException {
        int longest = resources.largestRecord() + LARGEST_FRAME_OVERHEAD;
        var sink = new RecordSink(transactions, longest);
        try (Delivery begun = resources.deliveries().open(source, "kafka", wanted(start), sink)) {
            delivery = begun;
            if (isEnding) {
                return;
            }
            try {
                SourceException failure = begun.serve();
                if (failure != null) {
                    throw failure;
                }
            } finally {
                paused = new PausedLag(lagMillis(begun), System.nanoTime());
                rowsInHand = transactions.rowsInHand();
            }
        } catch (RequestException e) {
            throw refused(e);
        } finally {
            delivery = null;
        }
    }

    /// A source that is stopped, or places that are taken, come again; anything else is a setting.
    private static SourceException refused(RequestException e) {
        boolean passes =
                switch (e.code()) {
                    case SOURCE_STOPPED, SOURCE_DISABLED, NOT_FOUND, SOURCE_UNKNOWN -> true;
                    default -> e.retryAfter() != null;
                };
        return new SourceException(
                passes ? FailureCode.KAFKA_UNAVAILABLE : FailureCode.KAFKA_REFUSED,
                "the source cannot be delivered: " + e.getMessage(),
                e);
    }

    private Deliveries.Wanted wanted(Position start) {
        var settings = settings();
        return new Deliveries.Wanted(
                settings.tables(),
                settings.fields(),
                settings.without(),
                settings.where().toArray(String[]::new),
                settings.snapshotWord(),
                settings.onLostWord(),
                start.isBeforeAll() ? null : start.token(),
                new RecordForm(settings.topicPrefix(source), settings.schemas()));
    }
}
