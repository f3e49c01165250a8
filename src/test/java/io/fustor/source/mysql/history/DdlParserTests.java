package io.fustor.source.mysql.history;

import static org.assertj.core.api.Assertions.assertThat;

import io.fustor.source.mysql.history.DdlStatement.Changes;
import io.fustor.source.mysql.history.DdlStatement.None;
import io.fustor.source.mysql.history.DdlStatement.Unknown;
import io.fustor.source.mysql.history.SchemaChange.Action;
import io.fustor.source.mysql.history.SchemaChange.AlterTable;
import io.fustor.source.mysql.history.SchemaChange.CreateTable;
import io.fustor.source.mysql.history.SchemaChange.LoseTable;
import io.fustor.source.mysql.history.SchemaChange.RenameTable;
import io.fustor.source.mysql.schema.TableId;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class DdlParserTests {

    private static final long ANSI_QUOTES = 4;
    private static final long NO_BACKSLASH_ESCAPES = 1 << 20;

    private final DdlParser parser = new DdlParser(80031, false);

    static Stream<Corpus.Step> statementsOfMySql8() {
        return Corpus.of("mysql-8.0").steps().stream();
    }

    static Stream<Corpus.Step> statementsOfMySql9() {
        return Corpus.of("mysql-9").steps().stream();
    }

    static Stream<Corpus.Step> statementsOfMariaDb() {
        return Corpus.of("mariadb").steps().stream();
    }

    @ParameterizedTest
    @MethodSource("statementsOfMySql8")
    void knowsEveryStatementOfMySql8(Corpus.Step step) {
        assertThat(parser.parse(step.sql(), sessionOf(step))).isNotInstanceOf(Unknown.class);
    }

    @ParameterizedTest
    @MethodSource("statementsOfMySql9")
    void knowsEveryStatementOfMySql9(Corpus.Step step) {
        var parser9 = new DdlParser(90704, false);

        assertThat(parser9.parse(step.sql(), sessionOf(step))).isNotInstanceOf(Unknown.class);
    }

    /// What MariaDB alone knows is either about no table, or known to be unknown.
    @ParameterizedTest
    @MethodSource("statementsOfMariaDb")
    void namesTheTablesOfStatementsThatOnlyMariaDbKnows(Corpus.Step step) {
        var mariaDb = new DdlParser(101119, true);

        var statement = mariaDb.parse(step.sql(), sessionOf(step));

        if (statement instanceof Unknown unknown) {
            assertThat(unknown.tables())
                    .anyMatch(table -> table.table().startsWith("maria"))
                    .allMatch(table -> table.schema().equals("shop"));
        } else {
            assertThat(step.title())
                    .isIn(
                            "database",
                            "[use]",
                            "table that both know",
                            "altered as both know it",
                            "column's default altered",
                            "index if not exists");
        }
    }

    private static StatementContext sessionOf(Corpus.Step step) {
        long mode =
                switch (step.title()) {
                    case "names in double quotes", "altered with double quotes" -> ANSI_QUOTES;
                    case "backslashes that are themselves" -> NO_BACKSLASH_ESCAPES;
                    default -> 0;
                };
        return new StatementContext("shop", mode, 0, 0, 0);
    }

    private DdlStatement parse(String sql) {
        return parser.parse(sql, StatementContext.plain("shop"));
    }

    private SchemaChange only(String sql) {
        return ((Changes) parse(sql)).changes().getFirst();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ";",
                "/* nothing */",
                "INSERT INTO t VALUES (1)",
                "CREATE TEMPORARY TABLE t (id INT)",
                "DROP TEMPORARY TABLE IF EXISTS t",
                "/*!50003 CREATE*/ /*!50017 DEFINER=`a`@`b`*/ /*!50003 TRIGGER x BEFORE INSERT ON t"
                        + " FOR EACH ROW SET NEW.a = 1 */",
                "CREATE DEFINER=`a`@`%` PROCEDURE p() BEGIN a b c d this is no SQL at all END",
                "CREATE OR REPLACE VIEW v AS SELECT 1",
                "GRANT ALL ON t TO u",
                "TRUNCATE TABLE t",
                "ANALYZE TABLE t",
                "ALTER TABLE t ADD FULLTEXT INDEX (a), DROP FOREIGN KEY f, ENGINE=InnoDB",
                "CREATE INDEX i ON t (a)"
            })
    void letsWhatIsNotAboutColumnsGo(String sql) {
        assertThat(parse(sql)).isEqualTo(new None());
    }

    @Test
    void takesTheSessionsDatabaseWhereNoneIsNamed() {
        assertThat(only("RENAME TABLE a TO x.b"))
                .isEqualTo(new RenameTable(new TableId("shop", "a"), new TableId("x", "b")));
    }

    @Test
    void readsVersionedCommentsByTheServersVersion() {
        var sql = "CREATE TABLE t (a INT /*!80031 , b INT */ /*!80032 , c INT */)";

        assertThat(((CreateTable) only(sql)).columns())
                .extracting(ColumnSpec::name)
                .containsExactly("a", "b");
    }

    @Test
    void keepsADefaultApartFromAColumn() {
        assertThat(parse("ALTER TABLE t ALTER COLUMN a DROP DEFAULT")).isEqualTo(new None());
    }

    @Test
    void findsThePrimaryKeyBehindAllItsNames() {
        assertThat(((AlterTable) only("DROP INDEX `primary` ON t")).actions())
                .containsExactly(new Action.DropKey("primary"));
        assertThat(((AlterTable) only("ALTER TABLE t DROP PRIMARY KEY")).actions())
                .containsExactly(new Action.DropKey("PRIMARY"));
    }

    @Test
    void findsKeysByTheNamesThatTheServerGivesThem() {
        var made = (CreateTable) only("CREATE TABLE t (a INT UNIQUE, UNIQUE k (a(3), (b + 1)))");
        var added = (AlterTable) only("CREATE UNIQUE INDEX i ON t (a)");

        assertThat(made.keys())
                .containsExactly(
                        new TableKey("", true, List.of(new TableKey.Part("a", true))),
                        new TableKey(
                                "k",
                                true,
                                List.of(
                                        new TableKey.Part("a", false),
                                        new TableKey.Part("", false))));
        assertThat(added.actions()).containsExactly(new Action.AddKey(TableKey.of("i", "a")));
    }

    @Test
    void losesATableWhoseColumnsComeFromASelect() {
        assertThat(only("CREATE TABLE t AS SELECT 1 AS one"))
                .isEqualTo(
                        new LoseTable(new TableId("shop", "t"), "its columns come from a SELECT"));
    }

    @Test
    void namesEveryTableThatAnUnknownStatementMightTouch() {
        var unknown = (Unknown) parse("ALTER TABLE `a b`.c FROBNICATE COLUMN d WITH other.t2");

        assertThat(unknown.tables())
                .contains(
                        new TableId("a b", "c"),
                        new TableId("other", "t2"),
                        new TableId("shop", "d"));
        assertThat(unknown.made()).containsExactly(new TableId("a b", "c"));
        assertThat(unknown.schemas()).isEmpty();
        assertThat(unknown.why()).doesNotContain("FROBNICATE");
    }

    @Test
    void namesEveryDatabaseThatAnUnknownStatementMightTouch() {
        var unknown = (Unknown) parse("DROP DATABASE a_shop FORCEFULLY NOW");

        assertThat(unknown.schemas()).contains("a_shop");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "CREATE TABLE t (a GEOMETRY_OF_THE_FUTURE)",
                "CREATE TABLE t (a INT",
                "CREATE TABLE t (a INT) a tail that nobody knows",
                "ALTER TABLE t ADD COLUMN a ENUM(b'1')",
                "CREATE THING t",
                "CREATE TABLE t (a UUID, b INET6)",
                "SET STATEMENT max_statement_time=1 FOR DROP TABLE t",
                "IMPORT TABLE FROM 't.sdi'",
                "CREATE TABLE t (`a INT)",
            })
    void doesNotGuess(String sql) {
        assertThat(parse(sql)).isInstanceOf(Unknown.class);
    }
}
