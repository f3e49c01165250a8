package io.fustor.source.mysql.schemahistory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeout;

import io.fustor.source.mysql.schema.StatementContext;
import io.fustor.source.mysql.schema.TableId;
import io.fustor.source.mysql.schemahistory.DdlStatement.Changes;
import io.fustor.source.mysql.schemahistory.DdlStatement.None;
import io.fustor.source.mysql.schemahistory.DdlStatement.Unknown;
import io.fustor.source.mysql.schemahistory.SchemaChange.Action;
import io.fustor.source.mysql.schemahistory.SchemaChange.AlterTable;
import io.fustor.source.mysql.schemahistory.SchemaChange.CreateTable;
import io.fustor.source.mysql.schemahistory.SchemaChange.LoseTable;
import io.fustor.source.mysql.schemahistory.SchemaChange.RenameTable;
import java.time.Duration;
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

    /// What is not read of MariaDB's own statements is known to be unknown.
    @ParameterizedTest
    @MethodSource("statementsOfMariaDb")
    void namesTheTablesOfStatementsOfMariaDbThatItDoesNotKnow(Corpus.Step step) {
        var mariaDb = new DdlParser(101119, true);

        var statement = mariaDb.parse(step.sql(), sessionOf(step));

        if (statement instanceof Unknown unknown) {
            assertThat(step.title()).isIn("system versioning", "sequence", "versioning added");
            assertThat(unknown.tables())
                    .anyMatch(table -> table.table().startsWith("maria"))
                    .allMatch(table -> table.schema().equals("shop"));
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
    void findsThePrimaryKeyUnderAllItsNames() {
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
                "CREATE TABLE t (a INT) an unknown tail",
                "ALTER TABLE t ADD COLUMN a ENUM(b'1')",
                "CREATE THING t",
                "IMPORT TABLE FROM 't.sdi'",
                "CREATE TABLE t (`a INT)",
                "CREATE TABLE t (a INT)) x",
                "CREATE TABLE t (a INT, /* b INT)",
                "CREATE TABLE t (a INT NULLABLE)",
                "CREATE TABLE t (a INT DEFAULT 1 2)",
                "CREATE TABLE t (a INT); DROP TABLE u",
                "CREATE TABLE t (a\u00A0INT)",
                "ALTER TABLE t ADD a INT FIRST b",
                "CREATE EXTERNAL TABLE t (a INT)",
            })
    void doesNotGuess(String sql) {
        assertThat(parse(sql)).isInstanceOf(Unknown.class);
    }

    /// The history of such a table would come as its rows.
    @ParameterizedTest
    @ValueSource(
            strings = {
                "CREATE TABLE t (a INT) WITH SYSTEM VERSIONING",
                "CREATE TABLE t (a INT WITH SYSTEM VERSIONING)",
                "CREATE TABLE t (a INT, s TIMESTAMP(6) GENERATED ALWAYS AS ROW START, e TIMESTAMP(6) GENERATED ALWAYS AS ROW END, PERIOD FOR SYSTEM_TIME (s, e)) WITH SYSTEM VERSIONING"
            })
    void losesATableThatIsSystemVersioned(String sql) {
        assertThat(only(sql))
                .isEqualTo(new LoseTable(new TableId("shop", "t"), Catalog.Entry.Lost.VERSIONED));
    }

    @ParameterizedTest
    @ValueSource(ints = {800, 5_000, 100_000, 1_000_000})
    void readsColumnsPastExpressionsOfAnyDepth(int depth) {
        var check = "(".repeat(depth) + "a > 0" + ")".repeat(depth);

        var made = (CreateTable) only("CREATE TABLE t (a INT, CHECK %s, b INT)".formatted(check));

        assertThat(made.columns()).extracting(ColumnSpec::name).containsExactly("a", "b");
    }

    static Stream<String> hardStatements() {
        return Stream.of(
                "CREATE TABLE t (a INT CHECK (" + "CASE WHEN a THEN ".repeat(200_000) + "))",
                "CREATE TABLE t (a INT CHECK (" + "a + ".repeat(1_000_000) + "1))",
                "CREATE TABLE t (a INT CHECK (NOT " + "NOT ".repeat(1_000_000) + "a))",
                "CREATE TABLE t (a ENUM(" + "'x',".repeat(240_000) + "'y'))",
                "CREATE TABLE t AS SELECT 1" + " UNION SELECT 1".repeat(150_000),
                "CREATE TABLE t (a INT) PARTITION BY RANGE (a) ("
                        + "PARTITION p VALUES LESS THAN (1),".repeat(60_000)
                        + "PARTITION q VALUES LESS THAN (2))",
                "CREATE TABLE t (" + "a INT,".repeat(100_000) + "b INT)",
                "CREATE TABLE t (a INT " + "/*!99999 */".repeat(500_000) + ")",
                "CREATE TABLE t (a INT " + "/*!99999 ".repeat(500_000) + ")",
                "CREATE TABLE t (a INT " + "/*!50000 ".repeat(500_000) + ")",
                "CREATE TABLE t (a INT COMMENT '" + "''".repeat(2_000_000) + "')",
                "ALTER TABLE t " + "ADD a INT, ".repeat(60_000) + "ORDER BY b",
                "ALTER TABLE t ORDER BY a" + ", a".repeat(100_000),
                "RENAME TABLE a TO b" + ", b TO c".repeat(60_000),
                "DROP TABLE a" + ", a".repeat(200_000),
                "(".repeat(1_000_000),
                "CREATE TABLE t " + "(".repeat(1_000_000),
                "CREATE TABLE t (a INT)" + ";".repeat(400_000),
                "CREATE " + "DEFINER=a@b ".repeat(200_000) + "VIEW v AS SELECT 1",
                "ALTER TABLE t " + "ALTER ".repeat(400_000));
    }

    @ParameterizedTest
    @MethodSource("hardStatements")
    void readsNoStatementForLong(String sql) {
        assertTimeout(Duration.ofSeconds(5), () -> parse(sql));
    }

    @Test
    void takesOnlyTheNewTableForUnknownWhereItsStatementIsTooLong() {
        var comment = "x".repeat(DdlParser.LONGEST);
        var unknown =
                (Unknown)
                        parse(
                                "CREATE TABLE IF NOT EXISTS a.t (a INT COMMENT '%s')"
                                        .formatted(comment));

        assertThat(unknown.made()).containsExactly(new TableId("a", "t"));
        assertThat(unknown.isOfEverything()).isFalse();
    }

    @Test
    void takesEveryTableForUnknownWhereAnotherStatementIsTooLong() {
        var unknown =
                (Unknown)
                        parse(
                                "ALTER TABLE t COMMENT '%s', RENAME u"
                                        .formatted("x".repeat(DdlParser.LONGEST)));

        assertThat(unknown.isOfEverything()).isTrue();
    }

    @Test
    void followsViewsSinceTheyHaveNamesOfTables() {
        assertThat(
                        only(
                                "CREATE ALGORITHM=UNDEFINED DEFINER=`a`@`%` SQL SECURITY DEFINER"
                                        + " VIEW `v` AS SELECT 1"))
                .isEqualTo(new SchemaChange.CreateView(new TableId("shop", "v"), false));
        assertThat(only("CREATE OR REPLACE VIEW x.v AS SELECT 1"))
                .isEqualTo(new SchemaChange.CreateView(new TableId("x", "v"), false));
        assertThat(only("DROP VIEW IF EXISTS v"))
                .isEqualTo(new SchemaChange.DropView(new TableId("shop", "v")));
    }

    @Test
    void readsNoLetterThatOnlyLooksLikeOneOfAKeyword() {
        var made = (CreateTable) only("CREATE TABLE t (a INT, \u212Aey INT)");

        assertThat(made.columns()).extracting(ColumnSpec::name).containsExactly("a", "\u212Aey");
    }
}
