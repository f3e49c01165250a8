package io.fustor.source.mysql.schemahistory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fustor.source.mysql.binlog.ReadRows;
import io.fustor.source.mysql.change.RowsEvent;
import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.position.BinlogPosition;
import io.fustor.source.mysql.position.Place;
import io.fustor.source.mysql.schema.TableSchema;
import io.fustor.source.mysql.support.Sql;
import io.fustor.source.mysql.support.TestMySql;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/// Rows between DDL, once with full metadata and once with minimal: the history gives the second
/// ones the names that the first ones have in the binlog.
class SchemaHistoryIT {

    private static final TestMySql MYSQL = TestMySql.start();

    private static final List<String> BEFORE =
            List.of(
                    "DROP DATABASE IF EXISTS watched",
                    "CREATE DATABASE watched CHARACTER SET latin1",
                    "USE watched",
                    "CREATE TABLE t (id INT PRIMARY KEY, a INT, b INT, c VARCHAR(9), e ENUM('x','y'))",
                    "INSERT INTO t VALUES (1, 2, 3, 'c', 'y')",
                    "CREATE TABLE partner (k BIGINT UNSIGNED NOT NULL, v TEXT)");

    private static final List<String> DURING =
            List.of(
                    "USE watched",
                    "INSERT INTO t VALUES (2, 2, 3, 'c', 'y')",
                    "ALTER TABLE t ADD COLUMN first INT FIRST, ADD COLUMN later INT AFTER a",
                    "INSERT INTO t VALUES (1, 3, 2, 4, 3, 'c', 'y')",
                    "ALTER TABLE t DROP COLUMN first",
                    "UPDATE t SET a = a + 1",
                    "ALTER TABLE t MODIFY c TEXT CHARACTER SET utf8mb4, CHANGE b bb DECIMAL(9,3)",
                    "UPDATE t SET a = a + 1",
                    "ALTER TABLE t RENAME COLUMN a TO later, RENAME COLUMN later TO a",
                    "UPDATE t SET a = 5",
                    "ALTER TABLE t MODIFY a INT AFTER id",
                    "UPDATE t SET a = 6",
                    "ALTER TABLE t MODIFY e ENUM('y','x','z') FIRST",
                    "UPDATE t SET a = 7",
                    "/* gh-ost */ CREATE TABLE _t_gho LIKE t",
                    "ALTER TABLE `watched`.`_t_gho` ADD COLUMN ghost DATETIME(3) AFTER e",
                    "INSERT INTO _t_gho (id, a) VALUES (10, 1)",
                    "RENAME TABLE t TO _t_del, _t_gho TO t",
                    "UPDATE t SET a = 8",
                    "DROP TABLE _t_del",
                    "DROP TABLE t",
                    "CREATE TABLE t (a INT, id INT, PRIMARY KEY (a, id))",
                    "INSERT INTO t VALUES (1, 2)",
                    "CREATE TABLE copied AS SELECT a AS one, id AS two, 'text' AS three FROM t",
                    "INSERT INTO copied VALUES (1, 2, 'x')",
                    "ALTER DATABASE watched CHARACTER SET utf8mb4",
                    "CREATE TABLE by_default (a VARCHAR(5), b CHAR(2))",
                    "INSERT INTO by_default VALUES ('a', 'b')",
                    "ALTER TABLE by_default CONVERT TO CHARACTER SET latin1",
                    "INSERT INTO by_default VALUES ('a', 'b')",
                    "ALTER TABLE t ADD COLUMN g INT AS (a + 1) VIRTUAL, ADD COLUMN s INT AS (a) STORED",
                    "INSERT INTO t (a, id) VALUES (3, 4)",
                    "ALTER TABLE t ADD COLUMN hidden INT INVISIBLE DEFAULT 3, ALGORITHM=INSTANT",
                    "INSERT INTO t (a, id) VALUES (5, 6)",
                    "ALTER TABLE t ADD INDEX ((a + id))",
                    "INSERT INTO t (a, id) VALUES (7, 8)",
                    "aLtEr/**/TABLE`t`ADD`q``q`INT/*!80000 UNSIGNED*/# odd\n,ADD\t`日`SET('a''b')",
                    "INSERT INTO t (a, id) VALUES (9, 10)",
                    "ALTER TABLE partner MODIFY v ENUM(b'01100001', 'b')",
                    "INSERT INTO t (a, id) VALUES (11, 12)");

    @AfterAll
    static void close() {
        MYSQL.close();
    }

    private static Place at(BinlogStatements statement, long offset) {
        return new Place(1, BinlogPosition.fileNumber(statement.file()), offset, 0, 0, null, null);
    }

    @Test
    void givesRowsTheNamesThatFullMetadataHas() throws Exception {
        MYSQL.execute("SET GLOBAL binlog_row_metadata = FULL");
        MYSQL.execute(BEFORE.toArray(String[]::new));
        var expected = ReadRows.of(MYSQL, DURING).stream().map(RowsEvent::table).toList();
        MYSQL.execute("SET GLOBAL binlog_row_metadata = MINIMAL");
        MYSQL.execute(BEFORE.toArray(String[]::new));
        String file = Sql.value(MYSQL, "SHOW MASTER STATUS");
        long offset = Long.parseLong(Sql.column(MYSQL, "SHOW MASTER STATUS", 2).getFirst());
        var state = new StateDatabase();
        begin(state, file, offset);

        var rows = ReadRows.of(MYSQL, DURING);
        var statements = BinlogStatements.read(MYSQL, file, offset);
        readInTwoRuns(state, statements);

        assertThat(rows).hasSameSizeAs(expected).allMatch(event -> !event.table().isNamed());
        var history = SchemaHistory.load(state.store(), 1, 1);
        var named = new ArrayList<TableSchema>();
        for (RowsEvent event : rows) {
            named.add(history.named(event.transaction().start(), event.table(), true).named());
        }
        for (int i = 0; i < named.size(); i++) {
            assertThat(named.get(i).columns()).isEqualTo(expected.get(i).columns());
            assertThat(named.get(i).primaryKey()).isEqualTo(expected.get(i).primaryKey());
            assertThat(named.get(i).id()).isEqualTo(expected.get(i).id());
        }
    }

    private static void begin(StateDatabase state, String file, long offset) throws Exception {
        try (var connection = MYSQL.jdbc()) {
            var history = SchemaHistory.load(state.store(), 1, 1);
            history.begin(
                    history.revision(),
                    new Place(1, BinlogPosition.fileNumber(file), offset, 0, 0, null, null),
                    SchemaBaseline.read(connection, null, null));
        }
    }

    /// The second run finds what the first one stored.
    private static void readInTwoRuns(StateDatabase state, List<BinlogStatements> statements) {
        int half = statements.size() / 2;
        read(state, statements.subList(0, half));
        assertThatThrownBy(() -> read(state, statements.subList(half + 1, statements.size())))
                .isInstanceOf(SourceException.class);
        read(state, statements);
    }

    private static void read(StateDatabase state, List<BinlogStatements> statements) {
        var first = statements.getFirst();
        var follower = SchemaHistory.load(state.store(), 1, 1).follow(at(first, first.start()));
        for (var statement : statements) {
            follower.statement(
                    at(statement, statement.start()),
                    at(statement, statement.end()),
                    statement.sql(),
                    statement.context());
            if (statement.text().equals("BEGIN")) {
                continue;
            }
            follower.passed(at(statement, statement.end()));
        }
    }
}
