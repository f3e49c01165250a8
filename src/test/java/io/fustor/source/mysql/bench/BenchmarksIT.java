package io.fustor.source.mysql.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.fustor.source.mysql.bench.ConditionsBenchmark.Cost;
import io.fustor.source.mysql.bench.GrowthBenchmark.Pair;
import io.fustor.source.mysql.bench.SubscribersBenchmark.Crowd;
import io.fustor.source.mysql.bench.TenantsBenchmark.Run;
import io.fustor.source.mysql.bench.VariantsBenchmark.Variant;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;

/// The benchmarks in small: every reader gets every row. How fast is not judged here.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
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

    /// The first, since it reads the binlog from its beginning.
    @Test
    @Order(1)
    void everyReaderOfTheBinlogReadsEveryRow() throws Exception {
        CatchUpBenchmark.Tables tables = new CatchUpBenchmark(stage, size).run();

        tables.texts().forEach(System.out::println);
        assertEachRead(size.rows(), tables.inserts());
        assertEachRead(2L * size.updates(), tables.updates());
    }

    /// But for the last one, Debezium, of whose pass only a part is timed; it has failed already if
    /// it did not read every row.
    private static void assertEachRead(long rows, SideBySide all) {
        assertThat(all.figures()).hasSize(8);
        assertThat(all.figures().subList(0, 7))
                .allSatisfy(figure -> assertThat(figure.reading().rows()).isEqualTo(rows));
        assertThat(all.figures().getLast().reading().rows()).isBetween(1L, rows / 2);
    }

    @Test
    void bothReadersOfEachVariantReadEveryRow() throws Exception {
        List<Variant> all = new VariantsBenchmark(stage, VariantsSize.small()).run();

        System.out.println(VariantsBenchmark.table(all));
        assertThat(all)
                .hasSize(9)
                .allSatisfy(
                        variant ->
                                assertThat(variant.connector().reading().rows())
                                        .isPositive()
                                        .isEqualTo(variant.service().reading().rows()));
    }

    @Test
    void everyPollingClientGetsEachRowOnce() throws Exception {
        PollingSize few = PollingSize.small();
        List<PollingBenchmark.Run> runs = new PollingBenchmark(stage, few).run();

        System.out.print(PollingBenchmark.HEAD);
        runs.forEach(run -> System.out.print(run.line(few.clients())));
        assertThat(runs)
                .hasSize(1)
                .allSatisfy(
                        run ->
                                assertThat(run.rows())
                                        .isPositive()
                                        .isEqualTo((long) run.commits() * few.clients()));
    }

    @Test
    void everyCodingHasEveryRow() throws Exception {
        List<CompressionBenchmark.Pass> passes = new CompressionBenchmark(stage, size).catchUp();

        CompressionBenchmark.report(passes);
        assertThat(passes)
                .hasSize(6)
                .allSatisfy(pass -> assertThat(pass.read().reading().rows()).isPositive());
    }

    @Test
    void everySubscriberOfTheSameRowsGetsThemAll() throws Exception {
        VariantsSize small = VariantsSize.small();
        List<Crowd> crowds = new SubscribersBenchmark(stage, small).run();

        System.out.println(SubscribersBenchmark.table(crowds));
        assertThat(crowds)
                .hasSize(2)
                .allSatisfy(
                        crowd ->
                                assertThat(crowd.reading().rows())
                                        .isEqualTo((long) crowd.subscribers() * small.rows()));
    }

    @Test
    void liveSubscriberGetsEveryRowWhileOthersCatchUp() throws Exception {
        VariantsSize small = VariantsSize.small();
        List<CrowdedLatencyBenchmark.Run> runs =
                new CrowdedLatencyBenchmark(stage, small, 1).run(small.crowds());

        System.out.println(CrowdedLatencyBenchmark.table(runs));
        assertThat(runs).hasSize(2).allSatisfy(run -> assertThat(run.commits()).isPositive());
        assertThat(runs.getLast().perSecond()).isGreaterThan(runs.getFirst().perSecond());
    }

    @Test
    void everyRowIsReadHoweverManyThereAreOfWhatMayGrow() throws Exception {
        List<Pair> pairs = new GrowthBenchmark(stage, GrowthSize.small()).run();

        System.out.println(GrowthBenchmark.table(pairs));
        assertThat(pairs)
                .hasSize(4)
                .allSatisfy(
                        pair ->
                                assertThat(pair.large().reading().rows())
                                        .isPositive()
                                        .isEqualTo(pair.small().reading().rows()));
    }

    @Test
    void everyConditionLetsTheRowsComeThatMeetIt() throws Exception {
        VariantsSize small = VariantsSize.small();
        List<Cost> costs = new ConditionsBenchmark(stage, small).run();

        System.out.println(ConditionsBenchmark.table(costs));
        assertThat(costs).hasSize(7);
        assertThat(costs.stream().filter(cost -> cost.matching() == small.rows())).hasSize(6);
        assertThat(costs)
                .allSatisfy(
                        cost ->
                                assertThat(cost.middle().reading().rows())
                                        .isEqualTo(cost.matching()));
    }

    @Test
    void everySubscriberGetsTheRowsOfItsCustomer() throws Exception {
        TenantsSize small = TenantsSize.small();
        TenantsBenchmark benchmark = new TenantsBenchmark(stage, small);
        List<Run> runs = benchmark.run();

        System.out.println(benchmark.table(runs));
        assertThat(runs).hasSize(2);
        assertThat(runs.getFirst().delivered()).isZero();
        assertThat(runs.getLast().delivered()).isPositive().isEqualTo(runs.getLast().changes());
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
