package io.fustor.source.mysql.binlog;

import static org.assertj.core.api.Assertions.assertThat;

import io.fustor.source.mysql.binlog.StatementEffect.Kind;
import io.fustor.source.mysql.schema.StatementContext;
import io.fustor.source.mysql.schema.TableId;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class StatementEffectTests {

    private static final long ANSI_QUOTES = 4;
    private static final long NO_BACKSLASH_ESCAPES = 1 << 20;
    private static final int LATIN1 = 8;

    private static StatementEffect judge(StatementContext context, byte[] sql, boolean isMariaDb) {
        return new StatementJudge(new StatementTokens(context, sql, 0, sql.length, isMariaDb))
                .judge();
    }

    private static StatementEffect of(String sql) {
        return of(sql, false);
    }

    private static StatementEffect of(String sql, boolean isMariaDb) {
        byte[] bytes = sql.getBytes(StandardCharsets.UTF_8);
        return judge(StatementContext.plain("shop"), bytes, isMariaDb);
    }

    private static StatementEffect of(String sql, long mode, int collation, String charset) {
        var context = new StatementContext("shop", mode, collation, 0, 0);
        return judge(context, sql.getBytes(Charset.forName(charset)), false);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "BEGIN | BEGIN",
                "begin work | BEGIN",
                "START TRANSACTION | BEGIN",
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
                "CREATE TABLE t (a INT) | OTHER",
                "CREATE TABLE t (a INT) /* xid=7 */ | OTHER",
                "CREATE TABLE t (a INT) START TRANSACTION | BEGIN_WITH_TABLE",
                "CREATE TABLE t (a INT, `select` INT, c TEXT COMMENT 'SELECT') | OTHER",
                "CREATE TABLE d.select (a INT, FOREIGN KEY (a) REFERENCES d.table (a)) | OTHER",
                "CREATE TABLE t (a INT) PARTITION BY RANGE (a) (PARTITION p VALUES LESS THAN (9)) | OTHER",
                "CREATE TABLE t (a INT) PARTITION BY LIST (a) (PARTITION p VALUES IN (9)) | OTHER",
                "CREATE TABLE t (a TEXT, FULLTEXT (a) WITH PARSER ngram) | OTHER",
                "CREATE TABLE t (a INT) WITH SYSTEM VERSIONING | OTHER",
                "CREATE OR REPLACE TABLE t LIKE u | OTHER",
                "CREATE TEMPORARY TABLE t (a INT) | OTHER",
                "CREATE DEFINER=`root`@`%` PROCEDURE p() INSERT INTO t VALUES (1) | OTHER",
                "CREATE DEFINER=table@localhost TRIGGER x AFTER INSERT ON t FOR EACH ROW DELETE FROM u | OTHER",
                "CREATE ALGORITHM=MERGE SQL SECURITY INVOKER VIEW v AS SELECT 1 | OTHER",
                "CREATE DEFINER=CURRENT_USER() EVENT e ON SCHEDULE EVERY 1 DAY DO DELETE FROM t | OTHER",
                "CREATE UNIQUE INDEX i ON t (a) | OTHER",
                "ALTER TABLE t ADD b INT | OTHER",
                "DROP TABLE `insert` | OTHER",
                "FLUSH TABLES | OTHER",
                "ANALYZE LOCAL TABLE t | OTHER",
                "SET PASSWORD FOR 'a'@'%'='*0123' | OTHER",
                "SET STATEMENT max_statement_time=1 FOR CREATE TABLE t (a INT) | OTHER",
                "# Dummy event replacing event type 160 that slave cannot handle. | OTHER",
            })
    void isKnownToChangeNoRows(String sql, Kind kind) {
        assertThat(of(sql).kind()).isEqualTo(kind);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "INSERT INTO t VALUES (1)",
                "/* hint */ update t set a = 1",
                "/*!80000 DELETE */ FROM t WHERE f()",
                "WITH x AS (SELECT 1) DELETE FROM t",
                "LOAD DATA INFILE 'x' INTO TABLE t",
                "CREATE TABLE c SELECT * FROM t",
                "CREATE TABLE c (a INT) AS TABLE t",
                "CREATE TABLE c VALUES ROW(1)",
                "CREATE TABLE c AS WITH x AS (SELECT 1) SELECT * FROM x",
                "CREATE TABLE c ENGINE=InnoDB (SELECT 1)",
                "CREATE OR REPLACE TABLE c IGNORE SELECT 1",
                "CREATE TEMPORARY TABLE c SELECT f()",
                "CREATE TABLE c /*!50000 SELECT */ f()",
                "CREATE TABLE c SELECT 1 -- START TRANSACTION",
                "CREATE MATERIALIZED VIEW v AS SELECT 1",
                "SELECT f()",
                "DO f()",
                "CALL p()",
                "SET @x = f()",
                "SET PASSWORD = 'x', @x = f()",
                "SET STATEMENT max_statement_time=1 FOR INSERT INTO t VALUES (1)",
                "SET STATEMENT max_statement_time=(SELECT f()) FOR COMMIT",
                "BEGIN NOT ATOMIC INSERT INTO t VALUES (1); END",
                "EXECUTE IMMEDIATE 'x'",
                "HANDLER t OPEN",
                "ANALYZE UPDATE t SET a = 1",
                "UPDATE t SET v = 'dev.mysql.com'",
                "UPDATE t, mysql.x SET a = 1",
                "UPDATE t, mysql.x SET a = (SELECT 1)",
                "DELETE mysql.x, t FROM mysql.x JOIN t",
                "DELETE FROM mysql.x USING t",
                "INSERT INTO mysql.x SELECT * FROM v",
                "INSERT INTO mysql.x VALUES (f(1))",
                "INSERT INTO mysql.x VALUES (shop.now(1))",
                "INSERT INTO mysql.x VALUES (`now`(1))",
                "TRUNCATE t, u",
                "TRUNCATE TABLE",
                "(SELECT f())",
                "BINLOG 'x'",
                "IMPORT TABLE FROM 'x'",
                "VACUUM",
                "CREATE TABLE t (a INT) COMMENT 'no end",
                "/* no end",
            })
    void stopsAtWhatMayChangeRows(String sql) {
        StatementEffect statement = of(sql);

        if (statement.kind() == Kind.CHANGES_TABLE) {
            assertThat(statement.table().schema()).isEqualTo("shop");
        } else {
            assertThat(statement.kind()).isEqualTo(Kind.CHANGES_ROWS);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "INSERT INTO mysql.rds_heartbeat2(id, value) values (1,2) ON DUPLICATE KEY UPDATE value = 2",
                "REPLACE `mysql`.`ha` SET a = NOW(), b = 'SELECT f()'",
                "UPDATE mysql.x SET a = UNIX_TIMESTAMP() WHERE id IN (1, 2)",
                "DELETE FROM mysql.x WHERE a < DATE_SUB(NOW(), INTERVAL 1 DAY)",
                "delete from mysql . x",
            })
    void namesTheOnlyTableThatItChanges(String sql) {
        assertThat(of(sql).kind()).isEqualTo(Kind.CHANGES_TABLE);
        assertThat(of(sql).table().schema()).isEqualTo("mysql");
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
                "TRUNCATE /*!50000 TABLE*/ t | shop | t",
                "/*!50000 TRUNCATE TABLE t */ | shop | t",
                "TRUNCATE /*!080000 TABLE */ t | shop | t",
                "TRUNCATE TABLE t WAIT 5 | shop | t",
                "TRUNCATE TABLE t NOWAIT | shop | t",
                "TRUNCATE TABLE o.table | o | table",
                "TRUNCATE 1t; | shop | 1t",
                "TRUNCATE /*M!100000 x */ grün /* xid=2 */ | shop | grün",
                "TRUNCATE TABLE `m` /* generated by server */ | shop | m",
            })
    void namesTheTableThatItEmpties(String sql, String schema, String table) {
        assertThat(of(sql).kind()).isEqualTo(Kind.TRUNCATE);
        assertThat(of(sql).table()).isEqualTo(new TableId(schema, table));
    }

    @Test
    void readsMariaDbsVersionedComments() {
        assertThat(of("TRUNCATE /*M!100000 TABLE */ t", true).table())
                .isEqualTo(new TableId("shop", "t"));
        assertThat(of("CREATE TABLE c /*M! SELECT 1 */", true).kind()).isEqualTo(Kind.CHANGES_ROWS);
    }

    @Test
    void readsNamesInTheClientsCharacterSet() {
        assertThat(of("TRUNCATE d.grün", 0, LATIN1, "ISO-8859-1").table())
                .isEqualTo(new TableId("d", "grün"));
        assertThat(of("TRUNCATE\u00A0TABLE\u00A0t", 0, LATIN1, "ISO-8859-1").table())
                .isEqualTo(new TableId("shop", "t"));
        assertThat(of("TRUNCATE `许功盖`", 0, 28, "GBK").table().table()).isEqualTo("许功盖");
    }

    @Test
    void readsQuotesByTheMode() {
        assertThat(of("TRUNCATE \"d\".\"a\"\"b\"", ANSI_QUOTES, 33, "UTF-8").table())
                .isEqualTo(new TableId("d", "a\"b"));
        assertThat(of("TRUNCATE \"d\"").kind()).isEqualTo(Kind.CHANGES_ROWS);
        String comment = "CREATE TABLE t (a INT) COMMENT '\\' SELECT '";
        assertThat(of(comment).kind()).isEqualTo(Kind.OTHER);
        assertThat(of(comment + "'", NO_BACKSLASH_ESCAPES, 33, "UTF-8").kind())
                .isEqualTo(Kind.CHANGES_ROWS);
    }

    @ParameterizedTest
    @CsvSource({"28,GBK,誠", "13,Shift_JIS,表", "1,Big5,功", "248,GB18030,誠"})
    void takesNoByteOfACharacterForABackslash(int collation, String charset, String letter) {
        byte[] bytes = letter.getBytes(Charset.forName(charset));
        assertThat(bytes[1]).isEqualTo((byte) '\\');

        String sql = "CREATE TABLE t (a INT) COMMENT '" + letter + "' SELECT 'x";
        assertThat(of(sql + "'", 0, collation, charset).kind()).isEqualTo(Kind.CHANGES_ROWS);
    }

    @Test
    void readsAfterLongComments() {
        String comment = "/*" + "x".repeat(100_000) + "*/ -- y\n# z\n";

        assertThat(of(comment + "TRUNCATE t").table()).isEqualTo(new TableId("shop", "t"));
        assertThat(of(comment + "DELETE FROM t").kind()).isEqualTo(Kind.CHANGES_TABLE);
    }

    /// Four times the text takes about four times as long; 16 times as long would be the square.
    @Test
    void takesTimeThatGrowsWithTheText() {
        long shorter = nanosToJudge(10_000_000);
        long longer = nanosToJudge(40_000_000);

        assertThat(longer).isLessThan(10 * shorter);
    }

    /// The best of three.
    private static long nanosToJudge(int length) {
        byte[] sql = new byte[length];
        Arrays.fill(sql, (byte) '(');
        byte[] head = "CREATE TABLE t ".getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(head, 0, sql, 0, head.length);
        long best = Long.MAX_VALUE;
        for (int i = 0; i < 3; i++) {
            long begin = System.nanoTime();
            judge(StatementContext.plain("shop"), sql, false);
            best = Math.min(best, System.nanoTime() - begin);
        }
        return best;
    }

    @Test
    void namesAnXaTransactionByTheLowerBitsOfItsFormat() {
        StatementEffect statement = of("XA COMMIT X'61',X'62',4294967295");

        assertThat(statement.xid()).isEqualTo(new Xid("X'61',X'62'", -1));
        assertThat(Xid.of("X'61',X'6'2',1")).isNull();
    }

    @Test
    void tellsAPersonItsFirstWordOnly() {
        assertThat(of("insert into secret values ('value')").words()).isEqualTo("INSERT");
        assertThat(of("CREATE TABLE c SELECT 'value'").words())
                .isEqualTo("CREATE TABLE with a query");
    }
}
