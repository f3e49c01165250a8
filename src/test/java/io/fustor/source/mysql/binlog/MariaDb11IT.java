package io.fustor.source.mysql.binlog;

import static org.assertj.core.api.Assertions.assertThat;

import io.fustor.source.mysql.change.BinlogEvent;
import io.fustor.source.mysql.change.CommitEvent;
import io.fustor.source.mysql.change.RowsEvent;
import io.fustor.source.mysql.position.Place;
import io.fustor.source.mysql.server.BinlogStatus;
import io.fustor.source.mysql.server.MySqlServer;
import io.fustor.source.mysql.support.ServerRelease;
import io.fustor.source.mysql.support.Sql;
import io.fustor.source.mysql.support.TestMySql;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// What MariaDB 11 writes into its binlog and older ones do not, as it does by default.
class MariaDb11IT {

    private static TestMySql mariaDb;

    @BeforeAll
    static void startServer() {
        mariaDb =
                TestMySql.start(
                        ServerRelease.MARIADB_11_8, "--binlog-large-commit-threshold=10485760");
        mariaDb.execute(
                "CREATE DATABASE shop", "CREATE TABLE shop.t (id INT PRIMARY KEY, v LONGTEXT)");
    }

    @AfterAll
    static void stopServer() {
        mariaDb.close();
    }

    @Test
    void placesAreCountedWhereEventsDoNotSayThem() throws Exception {
        List<BinlogEvent> events =
                read(
                        "BEGIN",
                        "INSERT INTO shop.t VALUES (1, 'a'), (2, 'b')",
                        "UPDATE shop.t SET v = 'c' WHERE id = 2",
                        "COMMIT",
                        "DELETE FROM shop.t WHERE id = 2");

        String file = Sql.column(mariaDb, "SHOW BINARY LOGS", 1).getLast();
        String listed = "SHOW BINLOG EVENTS IN '" + file + "'";
        List<Long> begins = new ArrayList<>();
        List<String> types = Sql.column(mariaDb, listed, 3);
        List<String> positions = Sql.column(mariaDb, listed, 2);
        for (int i = 0; i < types.size(); i++) {
            if (types.get(i).matches("(Write|Update|Delete)_rows.*")) {
                begins.add(Long.parseLong(positions.get(i)));
            }
        }
        assertThat(
                        events.stream()
                                .filter(RowsEvent.class::isInstance)
                                .map(event -> ((RowsEvent) event).origin().startOffset())
                                .toList())
                .isEqualTo(begins.subList(begins.size() - 3, begins.size()));
        assertThat(events).filteredOn(CommitEvent.class::isInstance).hasSize(2);
    }

    /// As the schema history does, which goes on where a reader of rows stood.
    @Test
    void statementsAreReadFromInsideATransactionOn() throws Exception {
        try (MySqlServer server = new MySqlServer(ReadRows.access(mariaDb))) {
            mariaDb.execute(
                    "BEGIN",
                    "INSERT INTO shop.t VALUES (20, 'a')",
                    "INSERT INTO shop.t VALUES (21, 'b')",
                    "COMMIT",
                    "CREATE TABLE shop.later (id INT)");
            BinlogStatus end = server.status();
            String listed = "SHOW BINLOG EVENTS IN '" + end.position().file() + "'";
            List<String> types = Sql.column(mariaDb, listed, 3);
            int rows = types.lastIndexOf("Write_rows_v1");
            Place at = end.place();
            Place inside =
                    new Place(
                            at.server(),
                            at.fileNumber(),
                            Long.parseLong(Sql.column(mariaDb, listed, 2).get(rows)),
                            0,
                            0,
                            null,
                            null);
            List<String> statements = new ArrayList<>();
            var start = new BinlogStart.AtPosition(inside, end.position().file());
            try (StatementScan scan = StatementScan.open(server, start, end.place())) {
                while (!scan.isOver()) {
                    SchemaStatement statement = scan.next();
                    if (statement != null) {
                        statements.add(new String(statement.sql(), StandardCharsets.UTF_8));
                    }
                }
                assertThat(scan.position().offset()).isEqualTo(end.place().offset());
            }
            assertThat(statements).containsExactly("CREATE TABLE shop.later (id INT)");
        }
    }

    /// The server makes a binlog file of its own of such a transaction.
    @Test
    void aLargeTransactionIsReadInAFileOfItsOwn() {
        List<BinlogEvent> events =
                read(
                        "INSERT INTO shop.t VALUES (10, 'x')",
                        "INSERT INTO shop.t SELECT seq, REPEAT('x', 1000000) FROM shop.seq_100_to_112",
                        "INSERT INTO shop.t VALUES (11, 'z')");

        assertThat(
                        events.stream()
                                .filter(RowsEvent.class::isInstance)
                                .mapToInt(event -> ((RowsEvent) event).rowCount())
                                .sum())
                .isEqualTo(15);
        assertThat(events).filteredOn(CommitEvent.class::isInstance).hasSize(3);
    }

    /// Runs statements on one connection, and reads up to exactly the place that the server says.
    private static List<BinlogEvent> read(String... statements) {
        try (MySqlServer server = new MySqlServer(ReadRows.access(mariaDb))) {
            BinlogStatus from = server.status();
            mariaDb.execute(statements);
            Place end = server.status().place();
            List<BinlogEvent> events = new ArrayList<>();
            var start = new BinlogStart.AtPosition(from.place(), from.position().file());
            try (BinlogReader reader = BinlogReader.open(server, start, true)) {
                while (end.isAfter(reader.position())) {
                    BinlogEvent event = reader.next();
                    if (event != null) {
                        events.add(event);
                    }
                }
                assertThat(reader.position().offset()).isEqualTo(end.offset());
                assertThat(reader.position().fileNumber()).isEqualTo(end.fileNumber());
            }
            return events;
        }
    }
}
