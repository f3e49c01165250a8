package io.fustor.source.mysql.bench;

import io.fustor.source.mysql.bench.BenchmarkTable.BinlogPlace;
import java.io.IOException;
import java.util.List;

/// How fast a binlog that is there already is read from its beginning: by the service, to a client
/// that counts, beside the replication stream's bytes thrown away, and the connector library with
/// and without JSON.
record CatchUpBenchmark(BenchmarkStage stage, BenchmarkSize size) {

    /// Of the same number of rows each.
    record Tables(SideBySide inserts, long insertBytes, SideBySide updates, long updateBytes) {

        List<String> texts() {
            return List.of(
                    inserts.table("Catch-up, inserts in transactions of 100", insertBytes),
                    updates.table("Catch-up, updates, both images, one an event", updateBytes));
        }
    }

    /// Where the rows are in the binlog.
    ///
    /// @param from the service's word for the place
    /// @param rows row images between there and the end
    /// @param bytes between there and the end
    private record Stretch(BinlogPlace place, String from, long rows, long bytes) {}

    Tables run() throws Exception {
        BenchmarkTable table = stage.table();
        table.insert(size.rows());
        table.finish();
        long inserted = table.binlogBytes();
        Stretch inserts = new Stretch(table.beginning(), "earliest", size.rows(), inserted);
        SideBySide insertFigures = measure(inserts);

        BinlogPlace end = table.end();
        String token = stage.api().tokenOfNow(BenchmarkStage.SOURCE);
        table.update(size.updates(), size.rows());
        table.finish();
        long updated = table.binlogBytes() - inserted;
        Stretch updates = new Stretch(end, token, 2L * size.updates(), updated);
        return new Tables(insertFigures, inserted, measure(updates), updated);
    }

    private SideBySide measure(Stretch stretch) throws Exception {
        SideBySide all = new SideBySide(stage, stretch.rows(), size.rounds());
        String from = "from=" + stretch.from() + "&tables=";
        all.service(
                "this service", () -> stage.readFeed(from + BenchmarkTable.ORDERS, stretch.rows()));
        all.service("this service, nothing selected", () -> passOver(from, stretch));
        all.own("bytes off the socket", () -> raw(stretch));
        all.own(
                "connector, rows thrown away",
                () -> ConnectorBinlog.read(stage.mysql(), stretch.place(), false));
        all.own(
                "connector and Jackson, bytes thrown away",
                () -> ConnectorBinlog.read(stage.mysql(), stretch.place(), true));
        return all;
    }

    /// Selects only the table whose one row is behind all the others.
    private Reading passOver(String from, Stretch stretch) throws Exception {
        Reading reading = stage.readFeed(from + BenchmarkTable.FINISHED, 1);
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
