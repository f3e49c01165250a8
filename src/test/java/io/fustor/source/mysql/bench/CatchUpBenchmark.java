package io.fustor.source.mysql.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.net.URLEncoder;
import java.util.List;

/// How fast a binlog that is there already is read from its beginning: by the service, to a client
/// that counts, beside the replication stream's bytes thrown away, the connector library with and
/// without JSON, and Debezium.
record CatchUpBenchmark(BenchmarkStage stage, BenchmarkSize size) {

    /// Of the same number of rows each.
    record Tables(SideBySide inserts, long insertBytes, SideBySide updates, long updateBytes) {

        List<String> texts() {
            return List.of(
                    inserts.table("Catch-up, inserts in transactions of 100", insertBytes),
                    updates.table("Catch-up, updates, both images, one an event", updateBytes));
        }
    }

    Tables run() throws Exception {
        BenchmarkTable table = stage.table();
        String gtids = table.gtids();
        table.insert(size.rows());
        table.finish();
        long inserted = table.binlogBytes();
        Stretch inserts =
                new Stretch(
                        table.beginning(),
                        gtids,
                        "earliest",
                        BenchmarkTable.ORDERS,
                        size.rows(),
                        inserted);
        SideBySide insertFigures = measure(inserts);

        Stretch updates =
                Stretch.write(
                        stage,
                        BenchmarkTable.ORDERS,
                        2L * size.updates(),
                        () -> table.update(size.updates(), size.rows()));
        return new Tables(insertFigures, inserted, measure(updates), updates.bytes());
    }

    private SideBySide measure(Stretch stretch) throws Exception {
        SideBySide all = new SideBySide(stage, stretch.rows(), size.rounds());
        all.service("this service", () -> stretch.byService(stage));
        all.service("this service, nothing selected", () -> passOver(stretch));
        all.service(
                "this service, a condition that all rows meet",
                () -> conditioned(stretch, "id > 0 and total_amount >= 0", stretch.rows()));
        all.service(
                "this service, a condition that no row meets",
                () -> conditioned(stretch, "id = 0", 0));
        all.own("bytes off the socket", () -> raw(stretch));
        all.own("connector, rows thrown away", () -> stretch.byConnector(stage.mysql()));
        all.own(
                "connector and Jackson, bytes thrown away",
                () -> ConnectorBinlog.read(stage.mysql(), stretch, true));
        all.warm(
                "Debezium embedded, tuned, warm, bytes thrown away",
                Math.min(DebeziumBinlog.ROWS, stretch.rows()),
                rows -> DebeziumBinlog.read(stage.mysql(), stretch, rows));
        return all.run();
    }

    /// Selects the rows that meet a condition, and the table whose one row comes after all of them.
    private Reading conditioned(Stretch stretch, String condition, long matching) throws Exception {
        String where = URLEncoder.encode(stretch.tables() + ": " + condition, UTF_8);
        String tables = stretch.tables() + "," + BenchmarkTable.FINISHED;
        Reading reading = stage.readFeed(stretch.query(tables) + "&where=" + where, matching + 1);
        return new Reading(stretch.rows(), 0, reading.nanos());
    }

    /// Selects only the table whose one row is after all the others.
    private Reading passOver(Stretch stretch) throws Exception {
        Reading reading = stage.readFeed(stretch.query(BenchmarkTable.FINISHED), 1);
        return new Reading(reading.rows() * stretch.rows(), 0, reading.nanos());
    }

    private Reading raw(Stretch stretch) throws IOException {
        Reading reading = RawBinlog.read(stage.mysql(), stretch.place());
        if (reading.bytes() < stretch.bytes()) {
            throw new AssertionError(
                    "%d bytes of %d came".formatted(reading.bytes(), stretch.bytes()));
        }
        return new Reading(stretch.rows(), 0, reading.nanos());
    }
}
