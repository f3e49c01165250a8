package io.fustor.source.mysql.bench;

import io.fustor.source.mysql.bench.BenchmarkTable.BinlogPlace;
import io.fustor.source.mysql.support.TestMySql;
import java.util.List;

/// Rows in the binlog, from a place to its end, after which nothing but the row of
/// [BenchmarkTable#FINISHED] is.
///
/// @param gtids that the server had executed before the rows
/// @param from the service's word for the place
/// @param tables whose rows they are, as the service's parameter has it: one in full, or a prefix
///   and a star
/// @param rows row images between there and the end
/// @param bytes between there and the end
record Stretch(BinlogPlace place, String gtids, String from, String tables, long rows, long bytes) {

    /// Lets a writer write into a new file, and sees to it that no live window holds the rows.
    static Stretch write(BenchmarkStage stage, String tables, long rows, Runnable writing) {
        BenchmarkTable table = stage.table();
        table.beginFile();
        BinlogPlace place = table.end();
        String gtids = table.gtids();
        long before = table.binlogBytes();
        writing.run();
        table.finish();
        stage.renewSource();
        String index = Long.toString(place.index());
        return new Stretch(place, gtids, index, tables, rows, table.binlogBytes() - before);
    }

    /// Inserts into a new table like that of the orders.
    static Stretch ofInserts(BenchmarkStage stage, String table, int rows) {
        FurtherTables tables = new FurtherTables(stage.mysql());
        tables.createLikeOrders(List.of(table));
        return write(stage, table, rows, () -> tables.insert(List.of(table), rows));
    }

    /// Of a subscription to all of its rows.
    String query() {
        return query(tables);
    }

    /// Of a subscription to other tables.
    String query(String selection) {
        return "from=" + from + "&tables=" + selection;
    }

    /// The service, read by a client that counts.
    Reading byService(BenchmarkStage stage) throws Exception {
        return stage.readFeed(query(), rows);
    }

    /// The connector, which throws the rows away.
    Reading byConnector(TestMySql mysql) throws Exception {
        return ConnectorBinlog.read(mysql, this, false);
    }

    /// Whether a table's rows are among those to be counted.
    boolean hasTable(String name) {
        return tables.endsWith("*")
                ? name.startsWith(tables.substring(0, tables.length() - 1))
                : name.equals(tables);
    }
}
