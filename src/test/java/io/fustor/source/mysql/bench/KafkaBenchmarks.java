package io.fustor.source.mysql.bench;

import io.fustor.source.mysql.support.TestKafka;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;

/// The benchmarks of the writer to Kafka, with a broker in a process of its own; `./mvnw -Pbench
/// verify -Dit.test=KafkaBenchmarks` runs them alone.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class KafkaBenchmarks {

    private BenchmarkStage stage;
    private TestKafka kafka;
    private KafkaBenchmark benchmark;

    @BeforeAll
    void start() {
        kafka = TestKafka.start(Map.of("auto.create.topics.enable", "true"));
        stage = BenchmarkStage.start("-Xmx512m");
        benchmark =
                new KafkaBenchmark(
                        stage,
                        kafka,
                        Integer.getInteger("bench.kafka.rows", 1_000_000),
                        Integer.getInteger("bench.kafka.seconds", 20),
                        Integer.getInteger("bench.kafka.takeovers", 5));
        Report.begin();
    }

    @AfterAll
    void stop() {
        stage.close();
        kafka.close();
    }

    @Test
    @Order(1)
    void throughput() throws Exception {
        benchmark.throughput();
    }

    @Test
    @Order(2)
    void latency() throws Exception {
        benchmark.latency();
    }

    @Test
    @Order(3)
    void takeover() {
        benchmark.takeover();
    }
}
