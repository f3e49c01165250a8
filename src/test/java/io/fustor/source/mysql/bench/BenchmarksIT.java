package io.fustor.source.mysql.bench;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/// The benchmarks in small: every reader gets every row. How fast is not judged here.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class BenchmarksIT {

    private final BenchmarkSize size = BenchmarkSize.small();
    private BenchmarkStage stage;

    @BeforeAll
    void start() {
        stage = BenchmarkStage.start("-Xmx256m");
    }

    @AfterAll
    void stop() {
        stage.close();
    }

    @Test
    void everyReaderOfTheBinlogReadsEveryRow() throws Exception {
        CatchUpBenchmark.Tables tables = new CatchUpBenchmark(stage, size).run();

        tables.texts().forEach(System.out::println);
        assertThat(tables.inserts().figures())
                .hasSize(5)
                .allSatisfy(figure -> assertThat(figure.reading().rows()).isEqualTo(size.rows()));
        assertThat(tables.updates().figures())
                .hasSize(5)
                .allSatisfy(
                        figure ->
                                assertThat(figure.reading().rows()).isEqualTo(2L * size.updates()));
    }

    @Test
    void everyReaderOfTheTableReadsEveryRow() throws Exception {
        SideBySide figures = new SnapshotBenchmark(stage, size).run();

        System.out.println(SnapshotBenchmark.table(figures));
        assertThat(figures.figures())
                .hasSizeGreaterThanOrEqualTo(4)
                .allSatisfy(
                        figure ->
                                assertThat(figure.reading().rows()).isEqualTo(size.snapshotRows()));
    }
}
