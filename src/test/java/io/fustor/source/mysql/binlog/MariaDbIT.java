package io.fustor.source.mysql.binlog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fustor.source.mysql.change.RowsEvent;
import io.fustor.source.mysql.error.FailureCode;
import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.support.Sql;
import io.fustor.source.mysql.support.TestMySql;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// What MariaDB writes into its binlog and MySQL does not.
class MariaDbIT {

    private static TestMySql mariaDb;

    @BeforeAll
    static void startServer() {
        mariaDb = TestMySql.startMariaDb();
        mariaDb.execute(
                "CREATE DATABASE shop", "CREATE TABLE shop.t (id INT PRIMARY KEY, v VARCHAR(100))");
    }

    @AfterAll
    static void stopServer() {
        mariaDb.close();
    }

    /// The server also writes the statements, and omits them for readers that do not request them.
    @Test
    void rowsComeWithTheirStatementsAmongThem() {
        List<RowsEvent> events =
                ReadRows.of(
                        mariaDb,
                        List.of(
                                "SET SESSION binlog_annotate_row_events = ON",
                                "INSERT INTO shop.t VALUES (1, 'a'), (2, 'b')",
                                "BEGIN",
                                "UPDATE shop.t SET v = 'c' WHERE id <= 2",
                                "DELETE FROM shop.t WHERE id = 2",
                                "COMMIT"));

        assertThat(events).extracting(RowsEvent::rowCount).containsExactly(2, 2, 1);
        assertThat(events).extracting(RowsEvent::firstRow).containsExactly(0L, 0L, 2L);
    }

    @Test
    void compressedEventsReadAsPlainOnes() {
        mariaDb.execute("CREATE TABLE shop.wide (id INT PRIMARY KEY, v VARCHAR(2000))");
        List<String> statements =
                List.of(
                        "INSERT INTO shop.wide VALUES (1, REPEAT('a', 2000)), (2, REPEAT('b', 300))",
                        "UPDATE shop.wide SET v = CONCAT(v, REPEAT('c', 40)) WHERE id = 2",
                        "ALTER TABLE shop.wide COMMENT = '" + "comment ".repeat(50) + "'",
                        "DELETE FROM shop.wide WHERE id <= 2");
        List<RowsEvent> plain = ReadRows.of(mariaDb, statements);
        mariaDb.execute(
                "SET GLOBAL log_bin_compress = ON", "SET GLOBAL log_bin_compress_min_len = 10");

        List<RowsEvent> unpacked = ReadRows.of(mariaDb, statements);

        mariaDb.execute("SET GLOBAL log_bin_compress = OFF");
        assertThat(Sql.column(mariaDb, "SHOW BINLOG EVENTS", 3))
                .contains(
                        "Query_compressed",
                        "Write_rows_compressed_v1",
                        "Update_rows_compressed_v1",
                        "Delete_rows_compressed_v1");
        assertThat(unpacked).extracting(RowsEvent::operation).hasSize(3);
        assertThat(unpacked.stream().map(MariaDbIT::images).toList())
                .isEqualTo(plain.stream().map(MariaDbIT::images).toList());
        assertThat(unpacked.getFirst().images().rowsTo()).isGreaterThan(2_300);
    }

    private static String images(RowsEvent rows) {
        RowsEvent.Images images = rows.images();
        return rows.operation()
                + HexFormat.of().formatHex(images.bytes(), images.beforePresent(), images.rowsTo());
    }

    @Test
    void stopsBeforeTheRowsOfAnXaTransaction() {
        assertThatThrownBy(
                        () ->
                                ReadRows.of(
                                        mariaDb,
                                        List.of(
                                                "XA START 'x'",
                                                "INSERT INTO shop.t VALUES (5, 'x')",
                                                "XA END 'x'",
                                                "XA PREPARE 'x'",
                                                "XA ROLLBACK 'x'")))
                .isInstanceOfSatisfying(
                        SourceException.class,
                        e -> assertThat(e.code()).isEqualTo(FailureCode.XA_TRANSACTION));
    }

    @Test
    void stopsWhereRowsWereRolledBackToASavepoint() {
        mariaDb.execute("CREATE TABLE shop.plain (id INT) ENGINE = MyISAM");

        assertThatThrownBy(
                        () ->
                                ReadRows.of(
                                        mariaDb,
                                        List.of(
                                                "BEGIN",
                                                "INSERT INTO shop.t VALUES (6, 'kept')",
                                                "SAVEPOINT s",
                                                "INSERT INTO shop.t VALUES (7, 'rolled back')",
                                                "INSERT INTO shop.plain VALUES (1)",
                                                "ROLLBACK TO s",
                                                "COMMIT")))
                .isInstanceOfSatisfying(
                        SourceException.class,
                        e -> assertThat(e.code()).isEqualTo(FailureCode.UNSUPPORTED_EVENT));
    }
}
