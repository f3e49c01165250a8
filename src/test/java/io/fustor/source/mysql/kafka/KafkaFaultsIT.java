package io.fustor.source.mysql.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fustor.source.mysql.support.Sql;
import io.fustor.source.mysql.support.TcpProxy;
import io.fustor.source.mysql.support.TestKafka;
import io.fustor.source.mysql.support.TestMySql;
import io.fustor.source.mysql.support.Traffic;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.kafka.clients.consumer.CooperativeStickyAssignor;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;

/// Writers that are killed, paused and moved, brokers and servers that die: no row is lost, and
/// none comes twice. All faults meet the same two instances, one after the other; each test has
/// rows and topics of its own. Long form: `-Dlong=kafka`.
@Tag("kafka")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class KafkaFaultsIT {

    private static final Duration PATIENCE = Duration.ofSeconds(120);
    private static final int KILLS = Integer.getInteger("kafka.kills", 2);

    /// After so many, what came is compared: the records of a hundred do not fit into a small heap.
    private static final int KILLS_OF_A_SERIES = 20;

    private static final int BROKER_KILLS = Integer.getInteger("kafka.broker-kills", 1);
    private static final int OUTAGE_SECONDS = Integer.getInteger("kafka.outage-seconds", 1);
    private static final int PAUSE_SECONDS = Integer.getInteger("kafka.pause-seconds", 1);
    private static final int REBALANCES = Integer.getInteger("kafka.rebalances", 2);

    /// From one rebalance to the next, at least.
    private static final int REBALANCE_SECONDS = Integer.getInteger("kafka.rebalance-seconds", 0);

    /// How long a producer waits for the cluster: less than the shortest outage here, so that the
    /// result of a commit is not known.
    private static final int COMMIT_MILLIS = Integer.getInteger("kafka.commit-millis", 8_000);

    private static final String SOURCE = "faults";
    private static final String SNAPSHOT = "snapshot";
    private static final int SNAPSHOT_ROWS = 20_000;

    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final long seed = System.nanoTime();
    private final Random random = new Random(seed);

    private TestKafka kafka;
    private TestMySql mysql;
    private TestMySql replica;
    private TcpProxy proxy;
    private WriterInstance one;
    private WriterInstance two;

    @BeforeAll
    void start() throws Exception {
        System.out.println("KafkaFaultsIT: seed " + seed);
        Future<TestKafka> broker = threads.submit(() -> TestKafka.start(Map.of()));
        Future<TestMySql> follower = threads.submit(() -> TestMySql.start("--server-id=2"));
        mysql = TestMySql.start();
        proxy = TcpProxy.to(mysql);
        mysql.execute(
                "CREATE DATABASE kafka_snapshot",
                "CREATE TABLE kafka_snapshot.t (id INT AUTO_INCREMENT PRIMARY KEY, v VARCHAR(200))",
                "SET SESSION cte_max_recursion_depth = 10000000",
                """
                INSERT INTO kafka_snapshot.t (v) WITH RECURSIVE n (i) AS
                    (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d)
                SELECT REPEAT('x', 200) FROM n\
                """
                        .formatted(SNAPSHOT_ROWS));
        // It follows while the faults happen, so that no test waits for it.
        replica = follower.get();
        replica.execute(
                """
                CHANGE REPLICATION SOURCE TO SOURCE_HOST = '%s', SOURCE_PORT = %d,
                SOURCE_USER = '%s', SOURCE_PASSWORD = '%s', SOURCE_AUTO_POSITION = 1,
                GET_SOURCE_PUBLIC_KEY = 1\
                """
                        .formatted(mysql.host(), mysql.port(), mysql.user(), mysql.password()),
                "START REPLICA");
        kafka = broker.get();
        Future<WriterInstance> further =
                threads.submit(() -> new WriterInstance(SOURCE, "two", settings()));
        one = new WriterInstance(SOURCE, "one", settings());
        two = further.get();
    }

    @AfterAll
    void stop() {
        one.close();
        two.close();
        proxy.close();
        replica.close();
        mysql.close();
        kafka.close();
        threads.close();
    }

    private Map<String, String> settings() {
        Map<String, String> settings =
                new HashMap<>(WriterSettings.of(kafka, mysql, SNAPSHOT, "kafka_snapshot.*"));
        settings.putAll(WriterSettings.of(kafka, mysql, SOURCE, "kafka_faults_*.*"));
        settings.put("fustor.kafka.session-timeout", "1500ms");
        settings.put("fustor.kafka.transaction-size", "256KB");
        settings.put(
                "spring.kafka.producer.properties.max.block.ms", String.valueOf(COMMIT_MILLIS));
        settings.put("fustor.kafka.sources." + SOURCE + ".snapshot", "none");
        settings.put("fustor.sources." + SOURCE + ".uri", proxy.uri());
        return settings;
    }

    /// A snapshot whose writer is killed on its way goes on at another instance, after the last
    /// committed row.
    @Test
    @Order(1)
    void killedSnapshotGoesOn() {
        try (TopicReader reader = new TopicReader(kafka, SNAPSHOT)) {
            int before = reader.readUntil(all -> all.size() > 500, PATIENCE).size();
            WriterInstance writer =
                    await("the snapshot's writer")
                            .atMost(PATIENCE)
                            .until(this::snapshotWriter, Objects::nonNull);
            writer.process().kill();
            List<TopicReader.Read> records =
                    reader.readUntil(all -> all.size() >= SNAPSHOT_ROWS, PATIENCE);
            reader.readFor(300);
            System.out.printf("Kafka: killed after %d rows of the snapshot%n", before);
            assertThat(records)
                    .hasSize(SNAPSHOT_ROWS)
                    .allMatch(read -> read.operation().equals("r"));
            assertThat(records.stream().map(TopicReader.Read::key).distinct())
                    .hasSize(SNAPSHOT_ROWS);
        }
    }

    /// The instance that writes the snapshot; null while it moves.
    private @Nullable WriterInstance snapshotWriter() {
        if (one.isWriterOf(SNAPSHOT)) {
            return one;
        }
        return two.isWriterOf(SNAPSHOT) ? two : null;
    }

    /// What a test does to the writers, or around them, while rows are committed.
    private interface Fault {
        void happen() throws Exception;
    }

    /// Lets a fault happen while rows are committed, and compares what came.
    private void duringTraffic(String name, Fault fault) throws Exception {
        String schema = "kafka_faults_" + name;
        Traffic traffic = new Traffic(mysql, schema, seed);
        AtomicBoolean isOver = new AtomicBoolean();
        awaitBoth();
        Future<?> writing =
                threads.submit(
                        () -> {
                            while (!isOver.get()) {
                                traffic.run(2, 100, 60);
                                awaitMillis(90);
                            }
                            traffic.end();
                        });
        try {
            awaitMillis(300);
            fault.happen();
        } finally {
            isOver.set(true);
            writing.get(60, TimeUnit.SECONDS);
        }
        try (TopicReader reader = new TopicReader(kafka, SOURCE + "." + schema)) {
            List<TopicReader.Read> records = reader.readToTheEnd(PATIENCE);
            // What came twice would come now.
            reader.readFor(300);
            ComparedTopics.assertSame(BinlogRows.of(mysql, schema), records);
            FoldedTopics.of(records).assertHolds(mysql, SOURCE, schema, Traffic.TABLES);
            assertThat(records).hasSizeGreaterThan(500);
        }
    }

    /// Returns when both instances run, and one of them writes.
    private void awaitBoth() {
        for (WriterInstance instance : List.of(one, two)) {
            if (!instance.process().isAlive()) {
                instance.process().startAgain();
            }
        }
        awaitWriter(one, two);
    }

    private WriterInstance other(WriterInstance than) {
        return than == one ? two : one;
    }

    private static WriterInstance awaitWriter(WriterInstance... instances) {
        return await("a writer")
                .atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(100))
                .until(
                        () -> {
                            for (WriterInstance one : instances) {
                                if (one.process().isAlive() && one.isWriting()) {
                                    return one;
                                }
                            }
                            return null;
                        },
                        one -> one != null);
    }

    /// Lets the traffic go on for a random while, so that a fault meets any step of it.
    private static void awaitMillis(int millis) {
        long until = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
        await().atMost(Duration.ofMillis(millis).plus(PATIENCE))
                .pollInterval(Duration.ofMillis(5))
                .until(() -> System.nanoTime() > until);
    }

    /// Ends a writer and starts its process again, while the other one takes over.
    ///
    /// @param signal as the words tell it
    private void end(WriterInstance writer, Runnable end, String signal) throws Exception {
        long signalled = System.nanoTime();
        Future<?> again =
                threads.submit(
                        () -> {
                            end.run();
                            writer.process().startAgain();
                        });
        // The group may give the source to the process that has started again.
        await("the takeover")
                .atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(50))
                .until(() -> other(writer).isWriting() || (again.isDone() && writer.isWriting()));
        System.out.printf("Kafka: taken over %d ms after %s%n", millisSince(signalled), signal);
        again.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    }

    private static long millisSince(long start) {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
    }

    @Test
    @Order(2)
    void killedWritersLoseAndRepeatNothing() throws Exception {
        for (int first = 0; first < KILLS; first += KILLS_OF_A_SERIES) {
            int kills = Math.min(KILLS_OF_A_SERIES, KILLS - first);
            duringTraffic("kills_" + first, () -> kill(kills));
        }
    }

    private void kill(int times) throws Exception {
        for (int kill = 0; kill < times; kill++) {
            WriterInstance writer = awaitWriter(one, two);
            awaitMillis(random.nextInt(600));
            end(writer, writer.process()::kill, "kill -9");
        }
    }

    @Test
    @Order(3)
    void pausedWriterIsFencedByTheOneThatTookOver() throws Exception {
        duringTraffic(
                "paused",
                () -> {
                    WriterInstance paused = awaitWriter(one, two);
                    paused.process().freeze();
                    try {
                        awaitWriter(other(paused));
                        awaitMillis(1000 * PAUSE_SECONDS);
                    } finally {
                        paused.process().thaw();
                    }
                    // It believes for a moment that the source is its own.
                    awaitMillis(1_000);
                });
    }

    /// Members come and go, and some of them are given the source and do not write it.
    @Test
    @Order(4)
    void rebalancesLoseAndRepeatNothing() throws Exception {
        duringTraffic(
                "moved",
                () -> {
                    for (int i = 0; i < REBALANCES; i++) {
                        long begun = System.nanoTime();
                        WriterInstance writer = awaitWriter(one, two);
                        if (i % 3 == 1) {
                            end(writer, writer.process()::terminate, "SIGTERM");
                        } else {
                            joinAndLeave();
                        }
                        awaitMillis(1000 * REBALANCE_SECONDS - (int) millisSince(begun));
                    }
                });
    }

    private void joinAndLeave() {
        String prefix = "writers-" + SOURCE;
        try (var member =
                new KafkaConsumer<>(
                        Map.of(
                                "bootstrap.servers",
                                kafka.address(),
                                "group.id",
                                prefix + ".writers",
                                "group.protocol",
                                "classic",
                                "session.timeout.ms",
                                1500,
                                "heartbeat.interval.ms",
                                200,
                                "auto.offset.reset",
                                "latest",
                                "partition.assignment.strategy",
                                CooperativeStickyAssignor.class.getName()),
                        new ByteArrayDeserializer(),
                        new ByteArrayDeserializer())) {
            member.subscribe(List.of(prefix + ".control"));
            // It may be given nothing: there are more members than sources.
            long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(1);
            while (member.assignment().isEmpty() && System.nanoTime() < until) {
                member.poll(Duration.ofMillis(50));
            }
        }
    }

    @Test
    @Order(5)
    void killedBrokerLosesAndRepeatsNothing() throws Exception {
        duringTraffic(
                "broker",
                () -> {
                    for (int kill = 0; kill < BROKER_KILLS; kill++) {
                        awaitMillis(random.nextInt(300));
                        kafka.kill();
                        kafka.startAgain();
                    }
                });
    }

    /// All brokers are down: the writer says so within seconds, and goes on by itself.
    @Test
    @Order(6)
    void outageIsToldWithinSecondsAndTheWriterGoesOn() throws Exception {
        duringTraffic(
                "outage",
                () -> {
                    WriterInstance writer = awaitWriter(one, two);
                    kafka.kill();
                    long down = System.nanoTime();
                    await("the error")
                            .atMost(Duration.ofSeconds(15))
                            .until(() -> writer.errorCode().equals("KAFKA_UNAVAILABLE"));
                    long told = millisSince(down);
                    // Feeds over HTTP do not depend on it, so it is no failure of the service.
                    assertThat(writer.get("/actuator/health/kafka"))
                            .contains("\"UP\"", "KAFKA_UNAVAILABLE");
                    assertThat(writer.meter("fustor_kafka_writing", SOURCE)).isZero();
                    assertThat(writer.meter("fustor_kafka_stopped", SOURCE)).isZero();
                    assertThat(writer.meter("fustor_kafka_lag_seconds", SOURCE)).isGreaterThan(1);
                    awaitMillis(1000 * OUTAGE_SECONDS - (int) millisSince(down));
                    assertThat(writer.errorCode()).isEqualTo("KAFKA_UNAVAILABLE");
                    assertThat(writer.meter("fustor_kafka_lag_seconds", SOURCE))
                            .isGreaterThanOrEqualTo(OUTAGE_SECONDS - 2.0);
                    kafka.startAgain();
                    long up = System.nanoTime();
                    awaitWriter(one, two);
                    System.out.printf(
                            "Kafka: down for %d ms, told after %d ms, written again after %d ms%n",
                            millisSince(down) - millisSince(up), told, millisSince(up));
                });
    }

    /// The address leads to a promoted replica, and the writer dies meanwhile.
    @Test
    @Order(7)
    void failoverOfTheServerWhileTheWriterDiesLosesNothing() throws Exception {
        String schema = "kafka_faults_failover";
        awaitBoth();
        Traffic traffic = new Traffic(mysql, schema, seed);
        traffic.run(2, 1_500, 300);
        awaitWriter(one, two).process().kill();
        awaitReplica(mysql, replica);
        proxy.redirect(replica);
        proxy.cut();
        replica.execute("STOP REPLICA");
        traffic.at(replica).run(2, 500, 300);
        traffic.at(replica).end();
        compareByTransaction(schema);
    }

    private static void awaitReplica(TestMySql primary, TestMySql replica) {
        String executed = Sql.value(primary, "SELECT @@GLOBAL.gtid_executed");
        String sql = "SELECT GTID_SUBSET('" + executed + "', @@GLOBAL.gtid_executed)";
        await("the replica").atMost(PATIENCE).until(() -> Sql.value(replica, sql).equals("1"));
    }

    private void compareByTransaction(String schema) throws Exception {
        try (TopicReader reader = new TopicReader(kafka, SOURCE + "." + schema)) {
            List<TopicReader.Read> records = reader.readToTheEnd(PATIENCE);
            reader.readFor(300);
            ComparedTopics.assertSameByTransaction(replica, schema, records);
            FoldedTopics.of(records).assertHolds(replica, SOURCE, schema, Traffic.TABLES);
        }
    }
}
