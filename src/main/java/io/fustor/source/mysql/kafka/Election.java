package io.fustor.source.mysql.kafka;

import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.thread.SupervisedThread;
import io.fustor.source.mysql.thread.Work;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Shares the sources among the instances: each is a partition of the topic `control`, which the
/// group assigns to one member. It makes that one instance writes, as a rule; that no row is
/// written twice, it does not promise.
///
/// Runs on a thread of its own, which calls the [Owner].
final class Election {

    private static final Logger log = LoggerFactory.getLogger(Election.class);
    private static final Duration POLL = Duration.ofMillis(500);
    private static final Duration PAUSE = Duration.ofSeconds(1);

    private final KafkaClients clients;
    private final String topic;
    private final List<String> sources;
    private final Owner owner;
    private final Function<ClusterSilence, KnownTopics> prepare;
    private final ClusterSilence silence = new ClusterSilence(System::nanoTime);
    private final CountDownLatch over = new CountDownLatch(1);

    private volatile boolean isEnding;
    private volatile @Nullable Thread thread;
    private volatile @Nullable Consumer<byte[], byte[]> member;
    private volatile @Nullable SourceException error;

    /// Who writes the sources that this instance is given.
    interface Owner {
        void take(String source);

        /// Gives sources up; returns when they are not written any more, or after a while.
        void release(Collection<String> sources);

        /// Looks after the sources that it was given; called about twice a second.
        void look();
    }

    /// @param topic `control`
    /// @param sources in the order of their partitions
    /// @param prepare makes the topics that the writers share; called before each attempt
    Election(
            KafkaClients clients,
            String topic,
            List<String> sources,
            Owner owner,
            Function<ClusterSilence, KnownTopics> prepare) {
        this.clients = clients;
        this.topic = topic;
        this.sources = sources;
        this.owner = owner;
        this.prepare = prepare;
    }

    void start() {
        SupervisedThread.platform(
                Work.TASK,
                "kafka-election",
                this::run,
                failure -> {
                    error = failure;
                    owner.release(sources);
                    over.countDown();
                });
    }

    /// Leaves the group, so that another instance takes the sources over at once.
    void end(Duration patience) {
        isEnding = true;
        Consumer<byte[], byte[]> now = member;
        if (now != null) {
            now.wakeup();
        }
        LockSupport.unpark(thread);
        try {
            if (!over.await(patience.toMillis(), TimeUnit.MILLISECONDS)) {
                log.warn("kafka election: the group is not left yet");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /// Why this instance is not in the group, or null.
    @Nullable SourceException error() {
        SourceException known = error;
        return known == null ? silence.failure() : known;
    }

    private void run() {
        thread = Thread.currentThread();
        while (!isEnding) {
            try {
                silence.blocks("the topics that all writers share");
                KnownTopics shared = prepare.apply(silence);
                silence.goesOn();
                belong(shared);
            } catch (WakeupException e) {
                log.debug("kafka election ends", e);
            } catch (SourceException | KafkaException e) {
                SourceException failure = KafkaFailures.of(e);
                if (error == null) {
                    log.warn(
                            "kafka election pauses code={} detail={}",
                            failure.code(),
                            failure.getMessage());
                }
                error = failure;
                silence.begin();
                LockSupport.parkNanos(this, PAUSE.toNanos());
            }
        }
        over.countDown();
    }

    private void belong(KnownTopics shared) {
        try (Consumer<byte[], byte[]> joined = clients.member()) {
            member = joined;
            joined.subscribe(List.of(topic), new Assignments());
            while (!isEnding) {
                joined.poll(POLL);
                shared.look();
                owner.look();
                error = null;
            }
        } finally {
            member = null;
            owner.release(sources);
        }
    }

    private List<String> of(Collection<TopicPartition> partitions) {
        return partitions.stream()
                .map(TopicPartition::partition)
                .filter(partition -> partition < sources.size())
                .map(sources::get)
                .toList();
    }

    private final class Assignments implements ConsumerRebalanceListener {

        @Override
        public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
            of(partitions).forEach(owner::take);
        }

        @Override
        public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
            owner.release(of(partitions));
        }

        @Override
        public void onPartitionsLost(Collection<TopicPartition> partitions) {
            owner.release(of(partitions));
        }
    }
}
