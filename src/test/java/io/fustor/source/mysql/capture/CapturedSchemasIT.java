package io.fustor.source.mysql.capture;

import static org.assertj.core.api.Assertions.assertThat;

import io.fustor.source.mysql.binlog.BinlogReader;
import io.fustor.source.mysql.binlog.ReadRows;
import io.fustor.source.mysql.change.BinlogEvent;
import io.fustor.source.mysql.change.RowsEvent;
import io.fustor.source.mysql.instance.Budget;
import io.fustor.source.mysql.position.Place;
import io.fustor.source.mysql.schema.Column;
import io.fustor.source.mysql.schemahistory.StateDatabase;
import io.fustor.source.mysql.support.Settings;
import io.fustor.source.mysql.support.Sql;
import io.fustor.source.mysql.support.TestMySql;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// Readers of a server that writes no column names, each at a place of its own.
class CapturedSchemasIT {

    private static final String SWAP = "ALTER TABLE %s RENAME COLUMN a TO b, RENAME COLUMN b TO a";

    private static TestMySql mysql;

    private StateDatabase state = new StateDatabase();

    @BeforeAll
    static void startServer() {
        mysql = TestMySql.start("--binlog-row-metadata=MINIMAL");
        mysql.execute("CREATE DATABASE places");
    }

    @AfterAll
    static void stopServer() {
        mysql.close();
    }

    /// One of an instance that has just started.
    private Capture capture(TestMySql server) {
        return new Capture(
                ReadRows.access(server),
                new RetryPolicy(0, Duration.ofSeconds(1)),
                Settings.feed("window", "1MB"),
                state.histories(),
                Budget.local(32));
    }

    /// The binlog's end, without a baseline for what comes.
    private static Place now(Capture capture) {
        return capture.server().status().place();
    }

    private static void make(String table) {
        mysql.execute(
                "CREATE TABLE places."
                        + table
                        + " (id INT PRIMARY KEY AUTO_INCREMENT, a INT, b INT)");
    }

    private static void each(String... statements) {
        List<String> all = new ArrayList<>(List.of("USE places"));
        all.addAll(List.of(statements));
        mysql.execute(all.toArray(String[]::new));
    }

    /// The rows of `places` between a place and the binlog's end: the columns' names, or why they
    /// are not known.
    private static List<String> read(Capture capture, Place from) {
        return read(
                capture,
                from,
                event ->
                        String.join(
                                " ", event.table().columns().stream().map(Column::name).toList()));
    }

    private static List<String> read(
            Capture capture, Place from, Function<RowsEvent, String> ofNamed) {
        Place end = now(capture);
        List<String> rows = new ArrayList<>();
        BinlogReader reader =
                capture.catchUpReaders().open(from, (_, _) -> true, capture.catchUpTurns().ask());
        try {
            while (end.isAfter(reader.position()) || reader.hasBuffered()) {
                BinlogEvent event = reader.next();
                if (event instanceof RowsEvent each
                        && each.table().id().schema().equals("places")) {
                    String problem = each.table().problem();
                    rows.add(problem == null ? ofNamed.apply(each) : problem);
                }
            }
        } finally {
            capture.catchUpReaders().close(reader);
        }
        return rows;
    }

    @Test
    void namesRowsOfBeforeTheBaselineWhereNoStatementBetweenTouchesTheirTable() {
        make("untouched");
        make("touched");
        try (Capture capture = capture(mysql)) {
            Place start = now(capture);
            each(
                    "INSERT INTO untouched VALUES (1, 2, 3)",
                    "INSERT INTO touched VALUES (1, 2, 3)",
                    SWAP.formatted("touched"),
                    "INSERT INTO touched VALUES (2, 2, 3)",
                    "INSERT INTO untouched VALUES (2, 2, 3)");

            List<String> rows = read(capture, start);

            assertThat(rows.get(0)).isEqualTo("id a b");
            assertThat(rows.get(1)).contains("places.touched").contains("a statement between");
            assertThat(rows.get(2)).isEqualTo("id b a");
            assertThat(rows.get(3)).isEqualTo("id a b");
        }
    }

    @Test
    void readsWhatNoReaderSawBeforeIt() {
        make("unseen");
        Place start;
        Place between;
        try (Capture capture = capture(mysql)) {
            start = now(capture);
            each("INSERT INTO unseen VALUES (1, 2, 3)");
            assertThat(read(capture, start)).containsExactly("id a b");
        }
        each(SWAP.formatted("unseen"), "INSERT INTO unseen VALUES (2, 2, 3)", "FLUSH BINARY LOGS");
        try (Capture capture = capture(mysql)) {
            between = now(capture);
            each(
                    "ALTER TABLE unseen ADD c INT FIRST",
                    "CREATE TABLE made AS SELECT b AS x, c AS y FROM unseen",
                    "INSERT INTO unseen VALUES (3, 3, 3, 4)");
            assertThat(read(capture, between)).containsExactly("x y", "c id b a");
        }
        try (Capture capture = capture(mysql)) {
            assertThat(read(capture, start)).containsExactly("id a b", "id b a", "x y", "c id b a");
        }
    }

    @Test
    void keepsTheHistoryOfASourceWithoutSubscribers() {
        make("kept");
        try (Capture capture = capture(mysql)) {
            capture.keepSchemas();
            each(SWAP.formatted("kept"));
        }
        try (Capture capture = capture(mysql)) {
            capture.keepSchemas();
            Place start = now(capture);
            each("FLUSH BINARY LOGS", "INSERT INTO kept VALUES (1, 2, 3)");
            Sql.purgeToNewest(mysql);
            Place oldest = capture.startingPoints().earliest();
            assertThat(oldest.fileNumber()).isGreaterThan(start.fileNumber());
            assertThat(read(capture, oldest)).containsExactly("id b a");
        }
    }

    @Test
    void beginsAgainWhereStatementsArePurgedOrTheBinlogIsAnother() {
        make("again");
        try (Capture capture = capture(mysql)) {
            capture.keepSchemas();
        }
        each(SWAP.formatted("again"), "FLUSH BINARY LOGS");
        try (Capture capture = capture(mysql)) {
            Sql.purgeToNewest(mysql);
            Place start = now(capture);
            each("INSERT INTO again VALUES (1, 2, 3)");
            assertThat(read(capture, start)).containsExactly("id b a");
        }
        each(SWAP.formatted("again"));
        mysql.execute("RESET MASTER");
        try (Capture capture = capture(mysql)) {
            Place start = now(capture);
            each("INSERT INTO again VALUES (2, 2, 3)", "CREATE TABLE longer (name INT)");
            assertThat(read(capture, start)).containsExactly("id a b");
        }
    }

    /// The server writes this statement itself, in UTF-8, and says that it is in latin1.
    @Test
    void asksForATableWhoseStatementMayBeInOneOfTwoCharacterSets() {
        try (Capture capture = capture(mysql)) {
            capture.schemas().begin();
            Place start = now(capture);
            each(
                    "SET NAMES latin1",
                    "CREATE TEMPORARY TABLE source_of_it (one INT, two INT)",
                    "SET @made = CONCAT('CREATE TABLE gr', CONVERT(0xFC USING latin1), 'n LIKE source_of_it')",
                    "PREPARE made FROM @made",
                    "EXECUTE made",
                    "SET NAMES utf8mb4",
                    "INSERT INTO `grün` VALUES (1, 2)");

            assertThat(read(capture, start)).containsExactly("one two");
            each("INSERT INTO `grün` VALUES (3, 4)", "ALTER TABLE `grün` ADD three INT FIRST");
            assertThat(read(capture, start)).containsExactly("one two", "one two");
        }
    }

    /// The server writes the columns of such a table without its character set.
    @Test
    void asksForATextOfATableThatWasMadeLikeATemporaryOne() {
        try (Capture capture = capture(mysql)) {
            capture.schemas().begin();
            Place start = now(capture);
            each(
                    "CREATE TEMPORARY TABLE in_latin1 (one INT, two INT) DEFAULT CHARSET latin1",
                    "CREATE TABLE like_temporary LIKE in_latin1",
                    "INSERT INTO like_temporary VALUES (1, 2)",
                    "ALTER TABLE like_temporary ADD three VARCHAR(9) FIRST",
                    "INSERT INTO like_temporary VALUES ('x', 1, 2)");

            assertThat(read(capture, start)).containsExactly("one two", "three one two");
        }
    }

    @Test
    void doesNotTakeAStatementForATablesThatMetAView() {
        try (Capture capture = capture(mysql)) {
            capture.schemas().begin();
            Place start = now(capture);
            each(
                    "CREATE VIEW seen AS SELECT 1 AS one",
                    "CREATE TABLE IF NOT EXISTS seen (a INT, b INT)",
                    "DROP VIEW seen",
                    "CREATE TABLE IF NOT EXISTS seen (b INT, a INT)",
                    "INSERT INTO seen VALUES (1, 2)",
                    "DROP TABLE seen");

            assertThat(read(capture, start)).containsExactly("b a");
        }
    }

    @Test
    void doesNotTakeATemporaryTableForAnotherOfItsName() {
        make("shadowed");
        try (Capture capture = capture(mysql)) {
            capture.schemas().begin();
            Place start = now(capture);
            each(
                    "SET SESSION binlog_format = STATEMENT",
                    "CREATE TEMPORARY TABLE shadowed (id INT, a INT, b INT)",
                    SWAP.formatted("shadowed"),
                    "DROP TEMPORARY TABLE shadowed",
                    "SET SESSION binlog_format = ROW",
                    "INSERT INTO shadowed VALUES (1, 2, 3)");

            assertThat(read(capture, start)).containsExactly("id a b");
        }
    }

    /// MySQL marks each `DROP TABLE` as one that depends on its session's temporary tables.
    @Test
    void knowsATableThatIsMadeOnlyIfItIsNotThereAfterItWasDropped() {
        make("remade");
        try (Capture capture = capture(mysql)) {
            capture.schemas().begin();
            Place start = now(capture);
            each(
                    "DROP TABLE IF EXISTS remade",
                    "CREATE TABLE IF NOT EXISTS remade AS SELECT 1 AS id, 2 AS c",
                    "ALTER TABLE remade RENAME COLUMN c TO d");

            assertThat(read(capture, start)).containsExactly("id c");
        }
    }

    @Test
    void leavesTheTroubleOfATableToItself() {
        make("sound");
        each(
                "CREATE TABLE part (id INT) ENGINE=MyISAM",
                "CREATE TABLE broken (id INT) ENGINE=MERGE UNION=(part)",
                "CREATE VIEW broken_view AS SELECT id FROM part",
                "DROP TABLE part");
        state = new StateDatabase();
        try (Capture capture = capture(mysql)) {
            capture.schemas().begin();
            Place start = now(capture);
            each("INSERT INTO sound VALUES (1, 2, 3)");

            assertThat(read(capture, start)).containsExactly("id a b");
        } finally {
            each("DROP TABLE broken", "DROP VIEW broken_view");
        }
    }

    /// The history never saw the statement that made it.
    @Test
    void asksForATableThatWasMadeWithoutTheBinlog() {
        try (Capture capture = capture(mysql)) {
            capture.schemas().begin();
            Place start = now(capture);
            each(
                    "SET SESSION sql_log_bin = 0",
                    "CREATE TABLE hidden (x INT, y INT)",
                    "SET SESSION sql_log_bin = 1",
                    "INSERT INTO hidden VALUES (1, 2)");

            assertThat(read(capture, start)).containsExactly("x y");
        }
    }

    /// Each row says itself what its columns are called: a is 1, b is 2.
    @Test
    void neverTakesOneColumnForAnotherWhileTablesChange() throws Exception {
        long seed = System.nanoTime();
        System.out.println("seed " + seed);
        List<String> tables = List.of("r0", "r1", "r2");
        tables.forEach(CapturedSchemasIT::make);
        AtomicBoolean over = new AtomicBoolean();
        AtomicInteger written = new AtomicInteger();
        Thread writer =
                Thread.ofPlatform().start(() -> change(new Random(seed), tables, written, over));
        int rows = 0;
        Place start = null;
        try {
            for (int i = 0; i < 6; i++) {
                state = i % 3 == 0 ? new StateDatabase() : state;
                try (Capture capture = capture(mysql)) {
                    capture.schemas().begin();
                    start = i % 3 == 0 ? now(capture) : start;
                    int before = written.get();
                    Awaitility.await().until(() -> written.get() > before + 10);
                    for (String said : read(capture, start, CapturedSchemasIT::nameOfOne)) {
                        rows += said.equals("a") ? 1 : 0;
                        assertThat(said).containsPattern("^a$|again and again");
                    }
                }
            }
        } finally {
            over.set(true);
            writer.join();
        }
        assertThat(rows).isGreaterThan(30);
    }

    private static void change(
            Random random, List<String> tables, AtomicInteger written, AtomicBoolean over) {
        while (!over.get()) {
            String table = tables.get(random.nextInt(tables.size()));
            String insert = "INSERT INTO " + table + " (a, b) VALUES (1, 2)";
            switch (random.nextInt(4)) {
                case 0 -> each(SWAP.formatted(table), insert);
                case 1 ->
                        each(
                                "CREATE TABLE new_one LIKE " + table,
                                "ALTER TABLE new_one MODIFY a INT AFTER id",
                                "RENAME TABLE " + table + " TO old_one, new_one TO " + table,
                                "DROP TABLE old_one",
                                insert);
                case 2 -> {
                    String columns = random.nextBoolean() ? "a INT, b INT" : "b INT, a INT";
                    each(
                            "DROP TABLE " + table,
                            "CREATE TABLE "
                                    + table
                                    + " (id INT PRIMARY KEY AUTO_INCREMENT, "
                                    + columns
                                    + ")",
                            insert);
                }
                default -> each(insert, insert, insert);
            }
            written.incrementAndGet();
        }
    }

    private static String nameOfOne(RowsEvent event) {
        int first =
                ByteBuffer.wrap(event.images().bytes())
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .getInt(event.images().rowsFrom() + 1 + 4);
        return event.table().columns().get(first).name();
    }

    /// Types of MariaDB's `ORACLE` mode are unknown here.
    @Test
    void goesOnWhereAnUnknownStatementTouchesAnotherTable() {
        try (var mariaDb = TestMySql.startMariaDb("--binlog-row-metadata=MINIMAL");
                Capture capture = capture(mariaDb)) {
            mariaDb.execute(
                    "CREATE DATABASE places",
                    "CREATE TABLE places.lost (a INT, b INT)",
                    "CREATE TABLE places.known (a INT, b INT)");
            capture.keepSchemas();
            Place start = now(capture);
            mariaDb.execute(
                    "USE places",
                    "INSERT INTO known VALUES (1, 2)",
                    "SET sql_mode = 'ORACLE'",
                    "ALTER TABLE lost MODIFY COLUMN IF EXISTS a INT AFTER b",
                    "SET sql_mode = DEFAULT",
                    "INSERT INTO lost VALUES (1, 2)",
                    "INSERT INTO known VALUES (3, 4)",
                    "DROP TABLE lost",
                    "CREATE TABLE lost (c INT)",
                    "INSERT INTO lost VALUES (1)");

            List<String> rows = read(capture, start);

            assertThat(rows.get(0)).isEqualTo("a b");
            assertThat(rows.get(1)).contains("places.lost").contains("could not be read");
            assertThat(rows.get(2)).isEqualTo("a b");
            assertThat(rows.get(3)).isEqualTo("c");
        }
    }
}
