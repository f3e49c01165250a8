package io.fustor.source.mysql.bench;

import io.fustor.source.mysql.support.TestMySql;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;

/// All benchmarks of the service on one stage, one after the other; `./mvnw -Pbench verify` runs
/// them. They fail only where a reader did not get every row.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class Benchmarks {

    private final BenchmarkSize size = BenchmarkSize.ofProperties();
    private final VariantsSize variants = VariantsSize.ofProperties();
    private final GrowthSize growth = GrowthSize.ofProperties();
    private final TenantsSize tenants = TenantsSize.ofProperties();
    private final PollingSize polls = PollingSize.ofProperties();
    private BenchmarkStage stage;

    @BeforeAll
    void start() {
        Report.begin(size, variants, growth, tenants, polls);
        stage = BenchmarkStage.start("-Xmx256m");
    }

    @AfterAll
    void stop() {
        if (stage != null) {
            stage.close();
        }
    }

    @Test
    @Order(1)
    void catchUp() throws Exception {
        for (String table : new CatchUpBenchmark(stage, size).run().texts()) {
            Report.table(table);
        }
    }

    @Test
    @Order(2)
    void snapshot() throws Exception {
        Report.table(SnapshotBenchmark.table(new SnapshotBenchmark(stage, size).run()));
    }

    @Test
    @Order(3)
    void latency() throws Exception {
        new LatencyBenchmark(stage, size).run();
    }

    @Test
    @Order(4)
    void variants() throws Exception {
        Report.table(VariantsBenchmark.table(new VariantsBenchmark(stage, variants).run()));
    }

    @Test
    @Order(5)
    void subscribers() throws Exception {
        Report.table(SubscribersBenchmark.table(new SubscribersBenchmark(stage, variants).run()));
    }

    @Test
    @Order(5)
    void crowdedLatency() throws Exception {
        // A hundred that catch up do not fit into 256 MB.
        try (BenchmarkStage roomy = BenchmarkStage.start("-Xmx1g")) {
            CrowdedLatencyBenchmark benchmark =
                    new CrowdedLatencyBenchmark(roomy, variants, size.seconds());
            Report.table(CrowdedLatencyBenchmark.table(benchmark.run(variants.crowds())));
        }
    }

    @Test
    @Order(6)
    void growth() throws Exception {
        // The others are not to meet what it leaves, and a hundred captures do not fit into 256 MB.
        try (BenchmarkStage another = BenchmarkStage.start("-Xmx512m")) {
            Report.table(GrowthBenchmark.table(new GrowthBenchmark(another, growth).run()));
        }
    }

    @Test
    @Order(7)
    void fanOut() throws Exception {
        // The live window and the buffers of a thousand streams do not fit into 256 MB.
        String heap = "-Xmx" + System.getProperty("bench.fan.heap", "512m");
        try (BenchmarkStage roomy = BenchmarkStage.start(heap)) {
            new FanOutBenchmark(roomy, size).run();
        }
    }

    @Test
    @Order(8)
    void compression() throws Exception {
        try (BenchmarkStage roomy = BenchmarkStage.start("-Xmx512m")) {
            CompressionBenchmark benchmark = new CompressionBenchmark(roomy, size);
            CompressionBenchmark.report(benchmark.catchUp());
            benchmark.latency();
        }
    }

    @Test
    @Order(9)
    void compressedFanOut() throws Exception {
        try (BenchmarkStage roomy = BenchmarkStage.start("-Xmx512m")) {
            new CompressionBenchmark(roomy, size).fanOut();
        }
    }

    @Test
    @Order(5)
    void conditions() throws Exception {
        Report.table(ConditionsBenchmark.table(new ConditionsBenchmark(stage, variants).run()));
    }

    @Test
    @Order(7)
    void tenants() throws Exception {
        try (BenchmarkStage roomy = BenchmarkStage.start("-Xmx512m")) {
            TenantsBenchmark benchmark = new TenantsBenchmark(roomy, tenants);
            Report.table(benchmark.table(benchmark.run()));
        }
    }

    @Test
    @Order(7)
    void polls() throws Exception {
        try (BenchmarkStage roomy = BenchmarkStage.start("-Xmx512m")) {
            PollingBenchmark benchmark = new PollingBenchmark(roomy, polls);
            Report.table(PollingBenchmark.HEAD);
            benchmark.run().forEach(run -> Report.line(run.line(polls.clients())));
        }
    }

    @Test
    @Order(5)
    void startUp() throws Exception {
        try (TestMySql mysql = TestMySql.start()) {
            new StartUpBenchmark(mysql).run();
        }
    }

    @Test
    @Order(6)
    void memory() throws Exception {
        new MemoryBenchmark(size).run();
    }
}
