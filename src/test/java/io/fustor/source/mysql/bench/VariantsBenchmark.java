package io.fustor.source.mysql.bench;

import java.util.ArrayList;
import java.util.List;

/// The catch-up in other circumstances, one at a time: other rows, other formats, a filter, and the
/// service live while the server writes; each beside the connector that decodes the same stretch.
record VariantsBenchmark(BenchmarkStage stage, VariantsSize size) {

    private static final String INSERTED = "bench.inserted";

    /// Of the tables beside which one is selected.
    private static final String OTHERS = "bench.other_";

    private static final int TABLES = 100;

    /// @param binlogBytes that hold the rows
    record Variant(Figure service, Figure connector, Ratio speed, long binlogBytes, String remark) {

        String line() {
            return "| %s | %s | %s | %,.0f | %s | %s | %.2f | %,.0f | %.1f | %s | %s |%n"
                    .formatted(
                            service.reader(),
                            speed.text("× as fast"),
                            Figure.ratio(
                                    service.perMillion(service.cpu()),
                                    connector.perMillion(connector.cpu()),
                                    "× the CPU"),
                            service.rowsPerSecond(),
                            service.megabytesPerSecond(binlogBytes),
                            service.megabytesPerSecond(service.reading().bytes()),
                            service.perMillion(service.cpu()),
                            connector.rowsPerSecond(),
                            service.load(),
                            service.busy(),
                            remark);
        }
    }

    static String table(List<Variant> variants) {
        StringBuilder table =
                new StringBuilder(
                        """
                        ### Variants

                        | variant | the service is | it takes | rows/s | MB/s of binlog | MB/s out | CPU s per million rows | connector's rows/s | load before | others | remark |
                        | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |
                        """);
        variants.forEach(variant -> table.append(variant.line()));
        return table.toString();
    }

    List<Variant> run() throws Exception {
        FurtherTables tables = new FurtherTables(stage.mysql());
        List<Variant> all = new ArrayList<>();
        tables.createLikeOrders(List.of(INSERTED, FurtherTables.COMPRESSED));
        ofInserts(tables, all);
        ofOtherRows(tables, all);
        all.add(oneOfManyTables(tables));
        all.add(live(tables));
        return all;
    }

    private void ofInserts(FurtherTables tables, List<Variant> all) throws Exception {
        int rows = size.rows();
        Stretch inserts =
                Stretch.write(stage, INSERTED, rows, () -> tables.insert(List.of(INSERTED), rows));
        all.add(measure("insert", inserts));
        all.add(
                measure(
                        "insert, `format=debezium`",
                        inserts,
                        () -> stage.readFeed(inserts.query() + "&format=debezium", rows)));
        all.add(
                measure(
                        "insert, NDJSON",
                        inserts,
                        () ->
                                FeedStream.readLines(
                                        stage.service().port(),
                                        BenchmarkStage.feed(inserts.query()),
                                        rows)));
        all.add(
                measure(
                        "insert, compressed transactions",
                        Stretch.write(
                                stage,
                                FurtherTables.COMPRESSED,
                                rows,
                                () -> tables.insertCompressed(rows))));
    }

    private void ofOtherRows(FurtherTables tables, List<Variant> all) throws Exception {
        int rows = size.rows();
        all.add(
                measure(
                        "delete",
                        Stretch.write(
                                stage,
                                FurtherTables.COMPRESSED,
                                rows,
                                () -> tables.delete(FurtherTables.COMPRESSED, rows))));
        tables.createWide();
        all.add(
                measure(
                        "%d columns, insert".formatted(FurtherTables.WIDE_COLUMNS),
                        Stretch.write(
                                stage,
                                FurtherTables.WIDE,
                                rows / 5,
                                () -> tables.insertWide(rows / 5))));
        tables.createNarrow();
        all.add(
                measure(
                        "3 columns, insert",
                        Stretch.write(
                                stage,
                                FurtherTables.NARROW,
                                rows,
                                () -> tables.insertNarrow(rows))));
    }

    /// The tables take turns, and the last one is selected, so that the last of its rows is after
    /// all of the others.
    private Variant oneOfManyTables(FurtherTables tables) throws Exception {
        int round = TABLES * BenchmarkTable.TRANSACTION;
        int rows = Math.max(1, size.rows() / round) * round;
        List<String> names = FurtherTables.numbered(OTHERS, TABLES);
        tables.createLikeOrders(names);
        Stretch stretch =
                Stretch.write(stage, OTHERS + "*", rows, () -> tables.insert(names, rows));
        String query = stretch.query(names.getLast());
        Variant variant =
                measure(
                        "insert, one of 100 tables selected",
                        stretch,
                        () -> {
                            Reading reading = stage.readFeed(query, rows / TABLES);
                            return new Reading(
                                    reading.rows() * TABLES, reading.bytes(), reading.nanos());
                        });
        return new Variant(
                variant.service(),
                variant.connector(),
                variant.speed(),
                variant.binlogBytes(),
                "%,d rows came".formatted(rows / TABLES));
    }

    private Variant measure(String name, Stretch stretch) throws Exception {
        return measure(name, stretch, () -> stretch.byService(stage));
    }

    private Variant measure(String name, Stretch stretch, Reading.Reader service) throws Exception {
        SideBySide both = new SideBySide(stage, stretch.rows(), size.rounds());
        both.service(name, service);
        both.own("connector", () -> stretch.byConnector(stage.mysql()));
        both.run();
        return new Variant(
                both.figures().getFirst(),
                both.figures().getLast(),
                both.speed(1),
                stretch.bytes(),
                "");
    }

    private Variant live(FurtherTables tables) throws Exception {
        tables.createLive(INSERTED);
        LiveReaders readers = new LiveReaders(stage, size.rows());
        SideBySide both = new SideBySide(stage, size.rows(), Math.min(2, size.rounds()));
        both.service("live, insert at full speed", readers::service);
        both.own("connector", readers::connector);
        both.run();
        return new Variant(
                both.figures().getFirst(),
                both.figures().getLast(),
                both.speed(1),
                readers.binlogBytes(),
                readers.remark());
    }
}
