package io.fustor.source.mysql.bench;

import java.util.ArrayList;
import java.util.List;

/// Whether the catch-up stays as fast where there are more tables, larger transactions, and more
/// sources: pairs of the same number of rows.
record GrowthBenchmark(BenchmarkStage stage, GrowthSize size) {

    private static final int FEW_TABLES = 10;
    private static final String FEW = "bench.few_";
    private static final String LAST = "bench.last_";
    private static final String MANY = "bench.many_";
    private static final String SMALL = "bench.in_small";
    private static final String LARGE = "bench.in_large";

    /// What a row of the orders takes in the binlog.
    private static final int ROW_BYTES = 227;

    private static final int MEGABYTE = 1_000_000;

    /// The same rows in a small and in a large surrounding.
    record Pair(Figure small, Figure large) {

        String line() {
            return "| %s | %s | %.2f | %.2f | %,.0f | %,.0f | %.2f | %.2f | %.1f |%n"
                    .formatted(
                            small.reader(),
                            large.reader(),
                            large.rowsPerSecond() / small.rowsPerSecond(),
                            large.perMillion(large.cpu()) / small.perMillion(small.cpu()),
                            small.rowsPerSecond(),
                            large.rowsPerSecond(),
                            small.perMillion(small.cpu()),
                            large.perMillion(large.cpu()),
                            large.load());
        }
    }

    static String table(List<Pair> pairs) {
        StringBuilder table =
                new StringBuilder(
                        """
                        ### Growth

                        | from | to | speed | CPU | rows/s before | rows/s after | CPU s per million rows before | after | load before |
                        | --- | --- | --- | --- | --- | --- | --- | --- | --- |
                        """);
        pairs.forEach(pair -> table.append(pair.line()));
        return table.toString();
    }

    List<Pair> run() throws Exception {
        FurtherTables tables = new FurtherTables(stage.mysql());
        List<Pair> pairs = new ArrayList<>();
        Stretch few = spread(tables, FEW, FEW_TABLES);
        pairs.add(ofTables(few, spread(tables, MANY, size.tables())));
        pairs.add(ofTransactions(tables));
        // After it nothing follows that a reader whose client is gone would still pass over.
        Stretch last = spread(tables, LAST, FEW_TABLES);
        pairs.add(ofSources("%d sources, one capture", last, false));
        pairs.add(ofSources("%d sources, as many captures", last, true));
        return pairs;
    }

    private Stretch spread(FurtherTables tables, String prefix, int count) {
        List<String> names = FurtherTables.numbered(prefix, count);
        tables.createLikeOrders(names);
        return Stretch.write(
                stage, prefix + "*", size.rows(), () -> tables.insert(names, size.rows()));
    }

    private Pair ofTables(Stretch few, Stretch many) throws Exception {
        return alternately(
                FEW_TABLES + " tables", few, "%,d tables".formatted(size.tables()), many);
    }

    private Pair ofTransactions(FurtherTables tables) throws Exception {
        tables.createLikeOrders(List.of(SMALL, LARGE));
        int rows = (int) ((long) size.transaction() * MEGABYTE / ROW_BYTES);
        Stretch small =
                Stretch.write(
                        stage,
                        SMALL,
                        rows,
                        () -> tables.insertInTransactions(SMALL, rows, MEGABYTE / ROW_BYTES));
        Stretch large =
                Stretch.write(
                        stage, LARGE, rows, () -> tables.insertInTransactions(LARGE, rows, rows));
        return alternately(
                "transactions of 1 MB",
                small,
                "one transaction of %,.0f MB".formatted((double) large.bytes() / MEGABYTE),
                large);
    }

    /// They take turns, so that neither has the warmer service.
    private Pair alternately(String smallName, Stretch small, String largeName, Stretch large)
            throws Exception {
        SideBySide both = new SideBySide(stage, small.rows(), size.rounds());
        both.service(smallName, () -> small.byService(stage));
        both.service(largeName, () -> large.byService(stage));
        List<Figure> figures = both.run().figures();
        return new Pair(figures.getFirst(), figures.getLast());
    }

    /// @param isApart whether each of the others has a capture of its own
    private Pair ofSources(String name, Stretch stretch, boolean isApart) throws Exception {
        String alone = "1 source";
        String many = name.formatted(size.sources());
        Figure before = measure(alone, stretch);
        try (IdleSources _ = new IdleSources(stage, size.sources() - 1, isApart)) {
            return new Pair(before, measure(many, stretch));
        }
    }

    private Figure measure(String name, Stretch stretch) throws Exception {
        SideBySide one = new SideBySide(stage, stretch.rows(), size.rounds());
        one.service(name, () -> stretch.byService(stage));
        return one.run().figures().getFirst();
    }
}
