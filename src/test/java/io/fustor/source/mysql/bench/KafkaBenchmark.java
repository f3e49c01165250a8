package io.fustor.source.mysql.bench;

import io.fustor.source.mysql.support.Folder;
import io.fustor.source.mysql.support.ServiceApi;
import io.fustor.source.mysql.support.ServiceProcess;
import io.fustor.source.mysql.support.TestKafka;
import io.fustor.source.mysql.support.TestMySql;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.awaitility.Awaitility;

/// The writer to Kafka: how many rows a second it writes exactly once, beside Debezium's engine
/// with a producer that writes them at least once to the same broker; how long after a commit a
/// consumer of committed records has the row; and how long a takeover takes.
record KafkaBenchmark(BenchmarkStage stage, TestKafka kafka, int rows, int seconds, int takeovers) {

    private static final Duration PATIENCE = Duration.ofMinutes(10);
    private static final int RATE = 200;
    private static final int WARM_UP_SECONDS = 3;
    private static final int IDLE_TURNS = 5;
    private static final int IDLE_WARM_UP = 2;
    private static final String SOURCE = "kbench";

    private Map<String, String> settings(String instance) {
        TestMySql mysql = stage.mysql();
        return Map.ofEntries(
                Map.entry("spring.kafka.bootstrap-servers", kafka.address()),
                Map.entry("fustor.security.open", "true"),
                Map.entry("fustor.mysql.tls", "disabled"),
                Map.entry("fustor.agent-id", instance),
                Map.entry("fustor.kafka.prefix", "bench"),
                Map.entry("fustor.kafka.sources.kbench.tables", "bench.orders*,bench.tick*"),
                Map.entry("fustor.kafka.sources.kbench.snapshot", "none"),
                Map.entry("fustor.sources.kbench.driver", "mysql"),
                Map.entry("fustor.sources.kbench.uri", mysql.uri()),
                Map.entry("fustor.sources.kbench.credential.user", TestMySql.CAPTURE.user()),
                Map.entry("fustor.sources.kbench.credential.passwd", TestMySql.CAPTURE.password()),
                Map.entry("fustor.sources.kbench.max_retries", "1000"),
                Map.entry("fustor.sources.kbench.retry_delay_sec", "1"));
    }

    private ServiceProcess start(Folder data, String instance) {
        return ServiceProcess.start(data.path(), settings(instance), "-Xmx512m");
    }

    private static boolean isWriting(ServiceProcess service) {
        try {
            var kafka = new ServiceApi(service.uri("/")).source(SOURCE).path("kafka");
            return !kafka.path("position").isNull() && kafka.path("error").isNull();
        } catch (RuntimeException | AssertionError _) {
            return false;
        }
    }

    private static void awaitWriting(ServiceProcess service) {
        Awaitility.await("the writer")
                .atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(10))
                .until(() -> isWriting(service));
    }

    private void reportLoad(String what) {
        double load = ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage();
        Report.table("Load average before %s: %.1f%n".formatted(what, load));
    }

    /// Rows that are in the binlog already.
    void throughput() throws Exception {
        Folder data = Folder.temporary("fustor-kbench-");
        try {
            try (ServiceProcess first = start(data, "first")) {
                awaitWriting(first);
                first.terminate();
            }
            BenchmarkTable table = stage.table();
            Stretch stretch =
                    Stretch.write(stage, BenchmarkTable.ORDERS, rows, () -> table.insert(rows));
            reportLoad("the writer's catch-up");
            try (ServiceProcess service = start(data, "second")) {
                Pace own = pace(service);
                idle(service, stretch);
                service.terminate();
                reportLoad("Debezium's");
                WarmReading theirs = debezium(stretch);
                double perSecond = theirs.timed().rows() / (theirs.timed().nanos() / 1e9);
                Report.table(
                        """
                        ### Binlog to Kafka, acks=all

                        | writer | rows | rows/s |
                        | --- | --- | --- |
                        | this service, exactly once, from its first commit to its last | %,d | %,.0f |
                        | this service, the second half | %,d | %,.0f |
                        | Debezium's engine and KafkaProducer, at least once, warm | %,d | %,.0f |
                        """
                                .formatted(
                                        rows,
                                        own.all(),
                                        rows / 2,
                                        own.half(),
                                        theirs.timed().rows(),
                                        perSecond));
            }
        } finally {
            data.delete();
        }
    }

    /// A subscriber of a service whose writer has nothing to write, beside one of a service without
    /// a writer. They take turns, and the first readings warm up.
    private void idle(ServiceProcess writer, Stretch stretch) throws Exception {
        List<Double> with = new ArrayList<>();
        List<Double> without = new ArrayList<>();
        String path = "/api/sources/" + SOURCE + "/events?" + stretch.query();
        for (int turn = 0; turn < IDLE_TURNS; turn++) {
            without.add(perSecond(stretch.byService(stage)));
            with.add(perSecond(FeedStream.read(writer.port(), path, stretch.rows())));
        }
        Report.table(
                """
                ### The feed beside an idle writer

                | service | rows/s of the feed, middle of %d readings |
                | --- | --- |
                | without a writer | %,.0f |
                | with an idle writer | %,.0f |
                """
                        .formatted(IDLE_TURNS - IDLE_WARM_UP, middle(without), middle(with)));
    }

    private static double perSecond(Reading reading) {
        return reading.rows() / (reading.nanos() / 1e9);
    }

    private static double middle(List<Double> readings) {
        List<Double> timed =
                readings.subList(IDLE_WARM_UP, readings.size()).stream().sorted().toList();
        return timed.get(timed.size() / 2);
    }

    private record Pace(double all, double half) {}

    /// By the rows that the service has committed, as its meter tells.
    private Pace pace(ServiceProcess service) {
        ServiceApi api = new ServiceApi(service.uri("/"));
        long start = 0;
        long half = 0;
        long startRows = 0;
        long halfRows = 0;
        while (true) {
            long count = written(api);
            long now = System.nanoTime();
            if (start == 0 && count > 0) {
                start = now;
                startRows = count;
            }
            if (half == 0 && count >= rows / 2) {
                half = now;
                halfRows = count;
            }
            if (count >= rows) {
                return new Pace(
                        (count - startRows) / ((now - start) / 1e9),
                        (count - halfRows) / ((now - half) / 1e9));
            }
            // A scrape takes processor time of the service's.
            LockSupport.parkNanos(100_000_000);
        }
    }

    private static long written(ServiceApi api) {
        return api.get("/actuator/prometheus")
                .body()
                .lines()
                .filter(line -> line.startsWith("fustor_kafka_records_total"))
                .mapToLong(line -> (long) Double.parseDouble(line.substring(line.indexOf(' '))))
                .sum();
    }

    private WarmReading debezium(Stretch stretch) throws Exception {
        Map<String, Object> settings =
                Map.of(
                        "bootstrap.servers",
                        kafka.address(),
                        "acks",
                        "all",
                        "batch.size",
                        256 * 1024,
                        "enable.idempotence",
                        true);
        try (var producer =
                new KafkaProducer<>(
                        settings, new ByteArraySerializer(), new ByteArraySerializer())) {
            return DebeziumBinlog.read(
                    stage.mysql(),
                    stretch,
                    Math.min(DebeziumBinlog.ROWS, stretch.rows()),
                    new DebeziumBinlog.Taker() {
                        @Override
                        public void take(byte[] key, byte[] value) {
                            producer.send(
                                    new ProducerRecord<>("debezium.bench.orders", key, value));
                        }

                        @Override
                        public void batchTaken() {
                            producer.flush();
                        }
                    });
        }
    }

    private KafkaConsumer<byte[], byte[]> consumer() {
        return new KafkaConsumer<>(
                Map.of(
                        "bootstrap.servers",
                        kafka.address(),
                        "isolation.level",
                        "read_committed",
                        "fetch.max.wait.ms",
                        500,
                        "group.id",
                        "bench-" + System.nanoTime(),
                        "auto.offset.reset",
                        "latest"),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer());
    }

    /// From the answer to a commit to a consumer of committed records.
    void latency() throws Exception {
        Folder data = Folder.temporary("fustor-kbench-");
        try (ServiceProcess service = start(data, "latency")) {
            Commits commits = new Commits(stage.mysql(), RATE, WARM_UP_SECONDS + seconds);
            commits.createTable();
            awaitWriting(service);
            // The topic is to be there.
            stage.mysql().execute("INSERT INTO bench.ticks (tick, v) VALUES (-1, 'x')");
            Awaitility.await()
                    .atMost(PATIENCE)
                    .until(() -> written(new ServiceApi(service.uri("/"))) > 0);
            Ticks answered = new Ticks(commits.most());
            Ticks came = new Ticks(commits.most());
            reportLoad("the latencies");
            try (KafkaConsumer<byte[], byte[]> consumer = consumer()) {
                String topic = SOURCE + ".bench.ticks";
                consumer.assign(
                        consumer.partitionsFor(topic).stream()
                                .map(one -> new TopicPartition(topic, one.partition()))
                                .toList());
                consumer.seekToEnd(List.of());
                consumer.assignment().forEach(consumer::position);
                int[] count = new int[1];
                Thread writer =
                        Thread.ofPlatform()
                                .start(
                                        () -> {
                                            try {
                                                count[0] = commits.run(answered);
                                            } catch (Exception e) {
                                                throw new IllegalStateException(e);
                                            }
                                        });
                while (writer.isAlive() || came.count() < count[0]) {
                    for (ConsumerRecord<byte[], byte[]> one :
                            consumer.poll(Duration.ofMillis(100))) {
                        long now = System.nanoTime();
                        String key = new String(one.key(), StandardCharsets.UTF_8);
                        int tick =
                                Integer.parseInt(
                                        key.substring(key.indexOf(':') + 1, key.length() - 1));
                        if (tick >= 0) {
                            came.next(tick, now);
                        }
                    }
                }
                long[] nanos =
                        IntStream.range(WARM_UP_SECONDS * RATE, count[0])
                                .mapToLong(row -> came.time(row) - answered.time(row))
                                .toArray();
                Report.table(
                        """
                        ### From commit to a read_committed consumer, %d commits a second

                        | p50 | p99 | p99.9 |
                        | --- | --- | --- |
                        | %s |
                        """
                                .formatted(RATE, Percentiles.of(nanos).cells()));
            }
        } finally {
            data.delete();
        }
    }

    /// From the signal to the first position that the other instance commits.
    void takeover() {
        Folder one = Folder.temporary("fustor-kbench-");
        Folder two = Folder.temporary("fustor-kbench-");
        reportLoad("the takeovers");
        List<Long> kills = new ArrayList<>();
        List<Long> terms = new ArrayList<>();
        try (ServiceProcess first = start(one, "one");
                ServiceProcess second = start(two, "two")) {
            for (int i = 0; i < takeovers; i++) {
                kills.add(takeover(first, second, true));
                terms.add(takeover(first, second, false));
            }
        } finally {
            one.delete();
            two.delete();
        }
        Report.table(
                """
                ### Takeover, session-timeout 6s

                | after | milliseconds |
                | --- | --- |
                | kill -9 | %s |
                | SIGTERM | %s |
                """
                        .formatted(kills, terms));
    }

    private static long takeover(ServiceProcess first, ServiceProcess second, boolean isKill) {
        Awaitility.await("a writer")
                .atMost(PATIENCE)
                .until(() -> isWriting(first) || isWriting(second));
        ServiceProcess writer = isWriting(first) ? first : second;
        ServiceProcess other = writer == first ? second : first;
        long start = System.nanoTime();
        if (isKill) {
            writer.kill();
        } else {
            Thread.ofPlatform().start(writer::terminate);
        }
        awaitWriting(other);
        long taken = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
        Awaitility.await("the end").atMost(PATIENCE).until(() -> !writer.isAlive());
        writer.startAgain();
        return taken;
    }
}
