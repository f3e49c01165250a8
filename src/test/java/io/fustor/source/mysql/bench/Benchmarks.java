package io.fustor.source.mysql.bench;

import java.io.IOException;
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
    private BenchmarkStage stage;

    @BeforeAll
    void start() throws IOException {
        Report.begin(size);
        stage = BenchmarkStage.start();
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
            Report.add(table);
        }
    }

    @Test
    @Order(2)
    void snapshot() throws Exception {
        Report.add(SnapshotBenchmark.table(new SnapshotBenchmark(stage, size).run()));
    }
}
