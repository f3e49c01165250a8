package io.fustor.source.mysql.feed;

import static org.assertj.core.api.Assertions.assertThat;

import io.fustor.source.mysql.support.FeedClient;
import io.fustor.source.mysql.support.FeedRequest;
import io.fustor.source.mysql.support.Frame;
import io.fustor.source.mysql.support.ServiceApi;
import io.fustor.source.mysql.support.Sql;
import io.fustor.source.mysql.support.TestMySql;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// The rows of a schema by a snapshot, by the changes that led to them, and as the server prints
/// them.
///
/// @param source the server's name in the service
record ThreeReadings(TestMySql mysql, ServiceApi api, String source, String schema) {

    /// Its rows come behind those of all other tables.
    private static final String END = "zz_end";

    /// Fails where the readings of any table differ.
    ///
    /// @param start a token from before the schema's first row
    /// @param tables names without schema
    /// @return how many rows were compared
    int assertSame(String start, List<String> tables) throws SQLException {
        String end = schema + "." + END;
        mysql.execute(
                "CREATE TABLE IF NOT EXISTS " + end + " (id BIGINT PRIMARY KEY AUTO_INCREMENT)",
                "INSERT INTO " + end + " VALUES ()");
        int ends = Integer.parseInt(Sql.value(mysql, "SELECT COUNT(*) FROM " + end));
        ReplayedTables changes = changes(start, end, ends);
        ReplayedTables snapshot = snapshot();
        int count = 0;
        try (Connection connection = mysql.jdbc()) {
            for (String table : tables) {
                List<String> rows = snapshot.rows(schema + "." + table);
                assertSameRows(
                        "changes of %s, and its snapshot".formatted(table),
                        changes.rows(schema + "." + table),
                        rows);
                PrintedTable printed = PrintedTable.read(connection, schema, table);
                assertSameRows(
                        "snapshot of %s, and what the server prints".formatted(table),
                        rows.stream().map(printed::comparable).sorted().toList(),
                        printed.rows().stream().sorted().toList());
                count += rows.size();
            }
        }
        return count;
    }

    /// Fails with the first row that differs.
    private static void assertSameRows(String what, List<String> actual, List<String> expected) {
        for (int i = 0; i < Math.min(actual.size(), expected.size()); i++) {
            assertThat(actual.get(i)).as(what).isEqualTo(expected.get(i));
        }
        assertThat(actual).as(what).hasSameSizeAs(expected);
    }

    private FeedRequest request() {
        return api.feed(source).with("tables", schema + ".*").patience(Duration.ofSeconds(60));
    }

    private ReplayedTables changes(String start, String end, int ends) {
        ReplayedTables tables = new ReplayedTables();
        try (FeedClient client = request().after(start).open()) {
            while (tables.rows(end).size() < ends) {
                tables.take(client.change());
            }
        }
        return tables;
    }

    private ReplayedTables snapshot() {
        ReplayedTables tables = new ReplayedTables();
        try (FeedClient client = request().with("snapshot", "only").open()) {
            Optional<Frame> frame = client.frameOrEnd();
            while (frame.isPresent() && !frame.get().isControl("end")) {
                assertThat(frame.get().isControl("error")).as("%s", frame.get()).isFalse();
                if (frame.get().isChange()) {
                    tables.take(frame.get().change());
                }
                frame = client.frameOrEnd();
            }
        }
        return tables;
    }
}
