package io.fustor.source.mysql.binlog;

import static org.assertj.core.api.Assertions.assertThat;

import io.fustor.source.mysql.binlog.Statement.Kind;
import io.fustor.source.mysql.schema.TableId;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StatementTests {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "BEGIN | BEGIN",
                "COMMIT | COMMIT",
                "ROLLBACK | ROLLBACK",
                "ROLLBACK TO `s1` | ROLLBACK_TO_SAVEPOINT",
                "rollback work to savepoint x | ROLLBACK_TO_SAVEPOINT",
                "SAVEPOINT `s1` | INSIDE",
                "XA START X'61',X'',1 | XA_START",
                "XA END X'61',X'',1 | XA_END",
                "XA COMMIT X'61',X'62',-1 | XA_COMMIT",
                "XA ROLLBACK X'61',X'62',7 | XA_ROLLBACK",
                "XA COMMIT X'61',X'',1 ONE PHASE | UNKNOWN_XA",
                "XA START 'a' | UNKNOWN_XA",
                "INSERT INTO t VALUES (1) | CHANGES_ROWS",
                "/* hint */ update t set a = 1 | CHANGES_ROWS",
                "/*!80000 DELETE */ FROM t | CHANGES_ROWS",
                "WITH x AS (SELECT 1) DELETE FROM t | CHANGES_ROWS",
                "LOAD DATA INFILE 'x' INTO TABLE t | CHANGES_ROWS",
                "INSERT INTO mysql.rds_heartbeat2(id, value) values (1,2) | INSIDE",
                "CREATE TABLE t (a INT) | OTHER",
                "ALTER TABLE t ADD b INT | OTHER",
                "DROP TABLE `insert` | OTHER",
                "FLUSH TABLES | OTHER",
            })
    void isKnownByItsFirstWords(String sql, Kind kind) {
        assertThat(Statement.of("shop", sql).kind()).isEqualTo(kind);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "TRUNCATE TABLE t | shop | t",
                "truncate t | shop | t",
                "TRUNCATE TABLE other.t | other | t",
                "TRUNCATE `t``1` | shop | t`1",
                "TRUNCATE TABLE `o.x`.`t y` | o.x | t y",
                "TRUNCATE/**/TABLE/* a */`o` . `t` /* b */ | o | t",
                "-- why | shop | ",
            })
    void namesTheTableThatItEmpties(String sql, String schema, String table) {
        if (table == null) {
            assertThat(Statement.of("shop", sql).kind()).isEqualTo(Kind.OTHER);
        } else {
            assertThat(Statement.of("shop", sql))
                    .isEqualTo(new Statement(Kind.TRUNCATE, new TableId(schema, table), null));
        }
    }

    @Test
    void namesAnXaTransactionByTheLowerBitsOfItsFormat() {
        Statement statement = Statement.of("shop", "XA COMMIT X'61',X'62',4294967295");

        assertThat(statement.xid()).isEqualTo(new Xid("X'61',X'62'", -1));
        assertThat(Xid.of("X'61',X'6'2',1")).isNull();
    }

    @Test
    void readsALineCommentInFrontOfATruncation() {
        assertThat(Statement.of("shop", "-- why\n# not\nTRUNCATE t").table())
                .isEqualTo(new TableId("shop", "t"));
    }
}
