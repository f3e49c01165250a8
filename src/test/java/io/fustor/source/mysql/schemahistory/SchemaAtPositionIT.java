package io.fustor.source.mysql.schemahistory;

import static org.assertj.core.api.Assertions.assertThat;

import io.fustor.source.mysql.support.ChangeEvent;
import io.fustor.source.mysql.support.FeedClient;
import io.fustor.source.mysql.support.FeedRequest;
import io.fustor.source.mysql.support.Folder;
import io.fustor.source.mysql.support.Frame;
import io.fustor.source.mysql.support.LocalService;
import io.fustor.source.mysql.support.Seeds;
import io.fustor.source.mysql.support.ServiceApi;
import io.fustor.source.mysql.support.TestMySql;
import java.net.URI;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/// Statements that change tables while no reader follows, with rows on both sides of each. One
/// server writes column names beside the rows, and then none: what a feed says of the same
/// statements is the same.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Tag("fuzz")
class SchemaAtPositionIT {

    private static final List<String> BEFORE =
            List.of(
                    "CREATE DATABASE %s CHARACTER SET latin1",
                    "USE %s",
                    "CREATE TABLE t (id INT PRIMARY KEY, a INT, b INT, c VARCHAR(9), e ENUM('x','y'))",
                    "CREATE TABLE swapped (id INT PRIMARY KEY, one INT, two INT)",
                    "CREATE TABLE `select` (`a``b` INT, `c\"d` INT UNSIGNED, n INT NOT NULL UNIQUE)",
                    "INSERT INTO t VALUES (1, 2, 3, 'c', 'y')");

    private static final List<String> UNWATCHED =
            List.of(
                    "USE %s",
                    "INSERT INTO t VALUES (2, 2, 3, 'c', 'y')",
                    "INSERT INTO swapped VALUES (1, 11, 22)",
                    "ALTER TABLE t ADD COLUMN first INT FIRST, ADD COLUMN later INT AFTER a",
                    "INSERT INTO t VALUES (1, 3, 2, 4, 3, 'c', 'y')",
                    "ALTER TABLE t DROP COLUMN first",
                    "UPDATE t SET a = a + 1",
                    "ALTER TABLE t MODIFY c TEXT CHARACTER SET utf8mb4, CHANGE b bb DECIMAL(9,3)",
                    "UPDATE t SET a = a + 1, c = 'ü', bb = 1.5",
                    "ALTER TABLE t RENAME COLUMN a TO later, RENAME COLUMN later TO a",
                    "UPDATE t SET a = 5",
                    "ALTER TABLE swapped MODIFY two INT AFTER id",
                    "UPDATE swapped SET one = 111",
                    "ALTER TABLE swapped RENAME COLUMN one TO two, RENAME COLUMN two TO one",
                    "UPDATE swapped SET one = 333",
                    "ALTER TABLE t MODIFY e ENUM('y','x','z') FIRST",
                    "UPDATE t SET a = 7, e = 'x'",
                    "/* gh-ost */ CREATE TABLE _t_gho LIKE t",
                    "ALTER TABLE `%s`.`_t_gho` ADD COLUMN ghost DATETIME(3) AFTER e",
                    "INSERT INTO _t_gho (id, a, ghost) VALUES (10, 1, '2024-02-29 01:02:03.004')",
                    "RENAME TABLE t TO _t_del, _t_gho TO t",
                    "UPDATE t SET a = 8",
                    "UPDATE _t_del SET a = 9",
                    "DROP TABLE _t_del",
                    "DROP TABLE t",
                    "CREATE TABLE t (a INT, id INT, PRIMARY KEY (id, a))",
                    "INSERT INTO t VALUES (1, 2)",
                    "CREATE TABLE copied AS SELECT a AS one, id AS two, 'text' AS three FROM t",
                    "INSERT INTO copied VALUES (1, 2, 'x')",
                    "CREATE TABLE alike LIKE copied",
                    "INSERT INTO alike SELECT * FROM copied",
                    "ALTER DATABASE %s CHARACTER SET utf8mb4",
                    "CREATE TABLE by_default (a VARCHAR(5), b CHAR(2))",
                    "INSERT INTO by_default VALUES ('aä', 'b')",
                    "ALTER TABLE by_default CONVERT TO CHARACTER SET latin1",
                    "INSERT INTO by_default VALUES ('aä', 'b')",
                    "ALTER TABLE t ADD COLUMN g INT AS (a + 1) VIRTUAL, ADD COLUMN s INT AS (a) STORED",
                    "INSERT INTO t (a, id) VALUES (3, 4)",
                    "ALTER TABLE t ADD COLUMN hidden INT INVISIBLE DEFAULT 3, ALGORITHM=INSTANT",
                    "INSERT INTO t (a, id) VALUES (5, 6)",
                    "ALTER TABLE t ADD COLUMN quick INT FIRST, ALGORITHM=INSTANT",
                    "ALTER TABLE t ADD INDEX ((a + id))",
                    "INSERT INTO t (a, id) VALUES (7, 8)",
                    "aLtEr/**/TABLE`t`ADD`q``q`INT/*!80000 UNSIGNED*/# odd\n,ADD\t`日`SET('a''b')",
                    "/*!80000 ALTER TABLE t*/ /*!99999 DROP COLUMN a, */ ADD -- odd\n COLUMN v INT",
                    "INSERT INTO t (a, id, `日`) VALUES (9, 10, 'a''b')",
                    "SET SESSION sql_mode = 'ANSI_QUOTES'",
                    "ALTER TABLE \"select\" ADD \"x y\" VARCHAR(3) DEFAULT 'a\"b' FIRST",
                    "INSERT INTO \"select\" (n) VALUES (1)",
                    "SET SESSION sql_mode = 'NO_BACKSLASH_ESCAPES'",
                    "ALTER TABLE `select` ADD z ENUM('\\', 'b') FIRST",
                    "INSERT INTO `select` (n, z) VALUES (2, 'b')",
                    "SET SESSION sql_mode = DEFAULT",
                    "CREATE TEMPORARY TABLE t (nothing INT)",
                    "DROP TEMPORARY TABLE t",
                    "CREATE VIEW seen AS SELECT * FROM t",
                    "UPDATE t SET a = a + 20",
                    "TRUNCATE t",
                    "XA START 'x'",
                    "INSERT INTO t (a, id) VALUES (31, 32)",
                    "XA END 'x'",
                    "XA PREPARE 'x'",
                    "ALTER TABLE by_default ADD COLUMN during INT FIRST",
                    "XA COMMIT 'x'",
                    "INSERT INTO by_default VALUES (1, 'a', 'b')");

    private static final Map<String, String> PROPERTIES =
            Map.of("fustor.feed.heartbeat", "1s", "fustor.mysql.tls", "disabled");

    private static final int STATEMENTS = Integer.getInteger("fuzz.statements", 150);

    /// A value of it takes three bytes.
    private static final String MANY =
            IntStream.rangeClosed(1, 17)
                    .mapToObj(label -> "'" + label + "'")
                    .collect(Collectors.joining(", ", "SET(", ")"));

    private final TestMySql mysql = TestMySql.start("--binlog-row-metadata=MINIMAL");
    private final Folder folder = Folder.temporary("fustor-schemas-");
    private LocalService service = LocalService.on(folder.path(), PROPERTIES);

    @BeforeAll
    void addSource() {
        api().addSource("shop", mysql);
    }

    @AfterAll
    void stop() {
        service.close();
        folder.delete();
        mysql.close();
    }

    private ServiceApi api() {
        return new ServiceApi(URI.create("http://127.0.0.1:" + service.port()));
    }

    private FeedRequest feed(String schema) {
        return api().feed("shop").with("tables", schema + ".*");
    }

    private void metadata(String value) {
        mysql.execute("SET GLOBAL binlog_row_metadata = " + value);
    }

    private void run(String schema, List<String> statements) {
        mysql.execute(
                statements.stream().map(sql -> sql.replace("%s", schema)).toArray(String[]::new));
    }

    /// The changes and notices up to a mark that is set now, without what differs from run to run.
    private List<String> readToMark(FeedRequest feed, String schema) {
        mysql.execute(
                "CREATE TABLE IF NOT EXISTS " + schema + ".mark (here INT)",
                "INSERT INTO " + schema + ".mark VALUES (1)");
        List<String> said = new ArrayList<>();
        try (FeedClient client = feed.open()) {
            while (true) {
                Frame frame = client.frame();
                if (frame.isChange()) {
                    ChangeEvent change = frame.change();
                    if (change.table().equals(schema + ".mark")) {
                        return said;
                    }
                    said.add(print(change).replace(schema, "%s"));
                } else if (frame.isControl("error")) {
                    throw new AssertionError(frame + " after " + said);
                } else if (frame.data() != null) {
                    said.add(
                            (frame.event() + frame.data())
                                    .replaceAll(
                                            "\"(timestamp|position|transaction)\":(\\{[^}]*}|[^,}]*),?",
                                            "")
                                    .replace(schema, "%s"));
                }
            }
        }
    }

    private static String print(ChangeEvent change) {
        return change.operation()
                + change.table()
                + change.fields()
                + change.beforeRows()
                + change.rows()
                + change.json().path("metadata").path("primary_key");
    }

    @Test
    void rowsHaveTheNamesOfTheirTime() {
        metadata("MINIMAL");
        run("names_minimal", BEFORE);
        String minimal;
        try (FeedClient client = feed("names_minimal").open()) {
            client.hello();
            run("names_minimal", List.of("INSERT INTO %s.t VALUES (20, 2, 3, 'c', 'y')"));
            assertThat(client.change().fields()).containsExactly("id", "a", "b", "c", "e");
            minimal = client.token();
        }
        metadata("FULL");
        run("names_full", BEFORE);
        String full = api().tokenOfNow("shop");
        run("names_full", List.of("INSERT INTO %s.t VALUES (20, 2, 3, 'c', 'y')"));
        service.close();
        run("names_full", UNWATCHED);
        metadata("MINIMAL");
        run("names_minimal", UNWATCHED);
        service = LocalService.on(folder.path(), PROPERTIES);

        List<String> expected = readToMark(feed("names_full").after(full), "names_full");
        List<String> said = readToMark(feed("names_minimal").after(minimal), "names_minimal");

        assertThat(String.join("\n", said))
                .isEqualTo(String.join("\n", expected.subList(1, expected.size())));
    }

    @Test
    void goesOnWhenTheServerStopsWritingNames() {
        metadata("FULL");
        mysql.execute(
                "CREATE DATABASE switched", "CREATE TABLE switched.t (id INT PRIMARY KEY, a INT)");
        try (FeedClient client = feed("switched").open()) {
            client.hello();
            mysql.execute("INSERT INTO switched.t VALUES (1, 2)");
            client.change();
            metadata("MINIMAL");
            mysql.execute("INSERT INTO switched.t VALUES (2, 2)");
            assertThat(client.change().fields()).containsExactly("id", "a");
            mysql.execute(
                    "ALTER TABLE switched.t RENAME COLUMN a TO id, RENAME COLUMN id TO a",
                    "INSERT INTO switched.t VALUES (3, 2)");
            assertThat(client.change().fields()).containsExactly("a", "id");
            metadata("FULL");
            mysql.execute("INSERT INTO switched.t VALUES (4, 2)");
            assertThat(client.change().fields()).containsExactly("a", "id");
        }
    }

    /// A snapshot's rows, the changes that it overlaps with and those after it, under statements.
    @Test
    void snapshotsGoOnUnderTheNamesOfTheirTime() {
        metadata("MINIMAL");
        mysql.execute(
                "CREATE DATABASE taken",
                "USE taken",
                "CREATE TABLE t (x INT NOT NULL, a INT, b INT, UNIQUE (a), UNIQUE k (x))",
                "INSERT INTO t VALUES (1, 2, 3)");
        try (FeedClient client = feed("taken").with("snapshot", "initial").open()) {
            assertThat(client.change().rows()).containsExactly("{\"x\":1,\"a\":2,\"b\":3}");
            client.control("snapshot_completed");
            mysql.execute(
                    "INSERT INTO taken.t VALUES (2, 3, 4)",
                    "ALTER TABLE taken.t RENAME COLUMN a TO b, RENAME COLUMN b TO a",
                    "INSERT INTO taken.t VALUES (3, 4, 5)");
            ChangeEvent before = client.change();
            ChangeEvent after = client.change();

            assertThat(before.rows()).containsExactly("{\"x\":2,\"a\":3,\"b\":4}");
            assertThat(before.json().at("/metadata/primary_key/0").asString()).isEqualTo("x");
            assertThat(after.rows()).containsExactly("{\"x\":3,\"b\":4,\"a\":5}");
        }
    }

    /// A unique key serves as the primary key unless it covers a prefix, which it may come to do
    /// when its column's type changes: the server says so with full metadata only.
    @Test
    void keysOfAlteredColumnsIdentifyRowsAsWithFullMetadata() {
        List<String> statements = new ArrayList<>();
        for (String set : List.of("latin1", "binary", "gbk", "utf8mb4")) {
            for (String old :
                    List.of("ENUM('x')", "ENUM('x', 'yyy')", "SET('x', 'y')", MANY, "INT")) {
                for (String altered :
                        List.of(
                                "CHAR(1)",
                                "CHAR(4)",
                                "CHAR(4) CHARACTER SET latin1",
                                "BINARY(4)",
                                "VARCHAR(9)",
                                "VARCHAR(9), MODIFY c BIGINT")) {
                    statements.add("DROP TABLE IF EXISTS %s.t");
                    statements.add(
                            "CREATE TABLE %%s.t (c %s NOT NULL, UNIQUE (c)) CHARACTER SET %s"
                                    .formatted(old, set));
                    for (String type : altered.split(", MODIFY c ")) {
                        statements.add("ALTER TABLE %%s.t MODIFY c %s NOT NULL".formatted(type));
                    }
                    statements.add("INSERT INTO %s.t VALUES (1)");
                }
            }
        }
        metadata("MINIMAL");
        mysql.execute("CREATE DATABASE keys_minimal");
        String minimal = api().tokenOfNow("shop");
        run("keys_minimal", statements);
        metadata("FULL");
        mysql.execute("CREATE DATABASE keys_full");
        String full = api().tokenOfNow("shop");
        run("keys_full", statements);

        List<String> expected = readToMark(feed("keys_full").after(full), "keys_full");
        List<String> said = readToMark(feed("keys_minimal").after(minimal), "keys_minimal");

        assertThat(expected).anyMatch(event -> event.endsWith("[\"c\"]"));
        assertThat(expected).anyMatch(event -> event.endsWith("[]"));
        assertThat(String.join("\n", said)).isEqualTo(String.join("\n", expected));
    }

    /// `-Dfuzz.statements=…` says how many, `-Dfuzz.seed=…` which; `-Dlong=fuzz` takes thousands.
    @Test
    void randomStatementsReadAsWithFullMetadata() throws Exception {
        long seed = Seeds.of("fuzz.seed", SchemaAtPositionIT.class);
        System.out.println("seed " + seed);
        metadata("MINIMAL");
        String minimal = replay("random_minimal", seed);
        metadata("FULL");
        String full = replay("random_full", seed);

        List<String> expected = readToMark(feed("random_full").after(full), "random_full");
        List<String> said = readToMark(feed("random_minimal").after(minimal), "random_minimal");

        System.out.println(STATEMENTS + " statements, " + said.size() + " events");
        assertThat(said).hasSizeGreaterThan(STATEMENTS / 10);
        assertThat(String.join("\n", said)).isEqualTo(String.join("\n", expected));
    }

    /// Runs the statements of a seed and returns where they begin; the server may refuse some.
    private String replay(String schema, long seed) throws SQLException {
        Random random = new Random(seed);
        RandomDdl ddl = new RandomDdl(random);
        mysql.execute("CREATE DATABASE " + schema);
        String start = api().tokenOfNow("shop");
        try (Connection connection = mysql.jdbc();
                Statement statement = connection.createStatement()) {
            statement.execute("USE " + schema);
            statement.execute("SET sql_mode = ''");
            for (int i = 0; i < STATEMENTS; i++) {
                execute(statement, ddl.next().replace("%s", schema));
                execute(statement, ddl.change());
                execute(statement, ddl.change());
            }
        }
        return start;
    }

    private static void execute(Statement statement, String sql) {
        try {
            statement.execute(sql);
        } catch (SQLException _) {
            // A column or table that is not there, or one too many; the same in each run.
        }
    }
}
