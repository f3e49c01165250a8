package io.fustor.source.mysql.values;

import static org.assertj.core.api.Assertions.assertThat;

import io.fustor.source.mysql.support.EventSchemas;
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
import java.util.function.Predicate;

/// The rows of a schema by a snapshot, by the changes that led to them, and as the server prints
/// them.
///
/// @param source the server's name in the service
public record ThreeReadings(TestMySql mysql, ServiceApi api, String source, String schema) {

    /// Its rows come after those of all other tables.
    private static final String END = "zz_end";

    private static final boolean ALL = Boolean.getBoolean("values.all");

    /// Fails where the readings of any table differ.
    ///
    /// @param start a token from before the schema's first row
    /// @param tables names without schema
    /// @return how many rows were compared
    public int assertSame(String start, List<String> tables) throws SQLException {
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

    /// Fails where a change, from the stream or a snapshot, is not as its table's schema says, in
    /// either format and with big numbers of either kind. Of the four combinations a table has two,
    /// which differ in both; with `-Dvalues.all=true` it has all.
    ///
    /// @param start a token from before the schema's first row
    /// @return how many changes were judged
    public int assertDescribed(String start) {
        int count = 0;
        for (String format : List.of("fustor", "debezium")) {
            for (String numbers : List.of("number", "string")) {
                boolean isEven = format.equals("fustor") == numbers.equals("number");
                Predicate<String> isJudged = table -> ALL || isEven(table) == isEven;
                EventSchemas schemas = new EventSchemas(api, source, format, numbers);
                FeedRequest form = request().with("format", format).with("big_numbers", numbers);
                count += assertDescribed(form.with("until", "now").after(start), schemas, isJudged);
                count += assertDescribed(form.with("snapshot", "only"), schemas, isJudged);
            }
        }
        return count;
    }

    private static boolean isEven(String table) {
        return table.hashCode() % 2 == 0;
    }

    private static int assertDescribed(
            FeedRequest feed, EventSchemas schemas, Predicate<String> isJudged) {
        int count = 0;
        try (FeedClient client = feed.open()) {
            Frame frame = client.frame();
            while (!frame.isControl("end")) {
                assertThat(frame.isControl("error")).as("%s", frame).isFalse();
                if (frame.isChange()) {
                    String change = String.valueOf(frame.data());
                    if (isJudged.test(schemas.table(change))) {
                        assertThat(schemas.errors(change)).as(change).isEmpty();
                        count++;
                    }
                }
                frame = client.frame();
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
