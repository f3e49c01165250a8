package io.fustor.source.mysql.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import io.fustor.source.mysql.support.ChangeEvent;
import io.fustor.source.mysql.support.FeedClient;
import io.fustor.source.mysql.support.FeedRequest;
import io.fustor.source.mysql.support.Frame;
import io.fustor.source.mysql.support.KeyedCopy;
import io.fustor.source.mysql.support.RunningService;
import io.fustor.source.mysql.support.ServiceApi;
import io.fustor.source.mysql.support.SnapshotStream;
import io.fustor.source.mysql.support.Sql;
import io.fustor.source.mysql.support.TestMySql;
import java.net.URI;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.test.web.server.LocalServerPort;
import tools.jackson.databind.JsonNode;

/// DDL while a snapshot stands in the second of three tables. Whatever is altered, the stream
/// either ends with a clear error or what it brought is the source: rows of two shapes never mix.
@RunningService
class SnapshotSchemaChangeIT {

    private static final List<String> TABLES = List.of("altered.a", "altered.b", "altered.c");

    /// More than all sockets on the way from the service to a client that does not read hold.
    private static final int LARGE_ROWS = 800;

    private static final int LARGE_BYTES = 6_000;

    @LocalServerPort private int port;

    private final TestMySql mysql = TestMySql.shared();
    private ServiceApi api;

    @BeforeAll
    void connect() {
        api = new ServiceApi(URI.create("http://127.0.0.1:" + port));
        api.addSource("snapshot-ddl", mysql);
    }

    @BeforeEach
    void makeTables() {
        mysql.execute("DROP DATABASE IF EXISTS altered", "CREATE DATABASE altered");
        for (String table : TABLES) {
            mysql.execute(
                    "CREATE TABLE " + table + " (id INT PRIMARY KEY, v INT, w MEDIUMTEXT)",
                    "INSERT INTO " + table + " (id, v) VALUES (1, 1), (2, 2), (3, 3), (4, 4)");
        }
        mysql.execute("CREATE TABLE altered.zz_last (id INT PRIMARY KEY)");
    }

    private FeedRequest feed() {
        return api.feed("snapshot-ddl")
                .with("tables", "altered.*")
                .with("snapshot", "initial")
                .with("batch", 1);
    }

    /// Every one in a table that is done, that is being read, that is still to be read.
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    ALTER TABLE %s ADD COLUMN x INT DEFAULT 7, ALGORITHM=INSTANT
                    ALTER TABLE %s ADD COLUMN x INT DEFAULT 7 FIRST, ALGORITHM=COPY
                    TRUNCATE TABLE %s
                    DROP TABLE %s
                    """)
    void ddlWhileTheSnapshotRunsNeverMixesRows(String ddl) throws Exception {
        for (String table : TABLES) {
            makeTables();
            makeLarge();
            alterWhileItRuns(ddl.formatted(table), table);
        }
    }

    private void makeLarge() {
        mysql.execute(
                "SET SESSION cte_max_recursion_depth = 10000",
                """
                INSERT INTO altered.b WITH RECURSIVE n (i) AS
                    (SELECT 5 UNION ALL SELECT i + 1 FROM n WHERE i < %d)
                SELECT i, i, REPEAT('w', %d) FROM n"""
                        .formatted(LARGE_ROWS, LARGE_BYTES));
    }

    private void alterWhileItRuns(String ddl, String table) throws Exception {
        boolean isDone = table.equals("altered.a");
        try (FeedClient client = feed().receiveBuffer(32_768).open()) {
            SnapshotStream first = SnapshotStream.until(client, frame -> isRowOfB(frame));
            CompletableFuture<Void> altering =
                    CompletableFuture.runAsync(
                            () -> {
                                mysql.execute("SET SESSION lock_wait_timeout = 60", ddl);
                                mysql.execute("INSERT INTO altered.zz_last VALUES (1)");
                            });
            if (isDone) {
                altering.get(60, TimeUnit.SECONDS);
            }
            SnapshotStream rest = SnapshotStream.until(client, frame -> isLast(frame));
            altering.get(60, TimeUnit.SECONDS);
            check(ddl, first, rest);
        }
    }

    private static boolean isRowOfB(Frame frame) {
        return frame.isChange() && frame.change().table().equals("altered.b");
    }

    private static boolean isLast(Frame frame) {
        return frame.isControl("end")
                || (frame.isChange()
                        && !SnapshotStream.isSnapshotRow(frame)
                        && frame.data().contains("\"table\":\"zz_last\""));
    }

    /// The same, while the client is away.
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    ALTER TABLE %s ADD COLUMN x INT DEFAULT 7, ALGORITHM=INSTANT
                    ALTER TABLE %s ADD COLUMN x INT DEFAULT 7 FIRST, ALGORITHM=COPY
                    ALTER TABLE %s MODIFY COLUMN id BIGINT
                    ALTER TABLE %s DROP COLUMN v
                    TRUNCATE TABLE %s
                    DROP TABLE %s
                    RENAME TABLE %s TO altered.other
                    """)
    void ddlWhileTheClientIsAwayNeverMixesRows(String ddl) {
        for (String table : TABLES) {
            makeTables();
            SnapshotStream first = SnapshotStream.until(feed(), frame -> isRowOfB(frame));
            mysql.execute(ddl.formatted(table), "INSERT INTO altered.zz_last VALUES (1)");
            try (FeedClient client = feed().after(first.token()).send()) {
                if (client.status() == 410) {
                    assertThat(client.problem().path("detail").asString()).contains(table);
                    assertStartsAnew(first.token());
                    continue;
                }
                SnapshotStream rest = SnapshotStream.until(client, frame -> isLast(frame));
                check(ddl.formatted(table), first, rest);
            }
        }
    }

    /// A change from before the ALTER would bring a newer row back to its older columns.
    @Test
    void changeFromBeforeAnAlterIsNotPutOnRowsFromAfterIt() {
        SnapshotStream first = SnapshotStream.until(feed(), frame -> isRowOfB(frame));
        mysql.execute(
                "UPDATE altered.c SET v = 10 WHERE id = 1",
                "ALTER TABLE altered.c ADD COLUMN x INT DEFAULT 7",
                "INSERT INTO altered.zz_last VALUES (1)");
        SnapshotStream rest =
                SnapshotStream.until(feed().after(first.token()), frame -> isLast(frame));

        assertThat(rest.control("error").path("code").asString()).isEqualTo("TABLE_CHANGED");
        assertStartsAnew(rest.token());
    }

    /// What an earlier table of the same name held does not come back.
    @Test
    void tableMadeAnewHasNoRowsOfTheOneBefore() {
        try (TestMySql plain =
                TestMySql.start("--gtid-mode=OFF", "--enforce-gtid-consistency=OFF")) {
            String source = "anew-" + plain.port();
            api.addSource(source, plain);
            plain.execute(
                    "CREATE DATABASE altered",
                    "CREATE TABLE altered.a (id INT PRIMARY KEY)",
                    "INSERT INTO altered.a VALUES (1)",
                    "DROP TABLE altered.a",
                    "CREATE TABLE altered.a (id INT PRIMARY KEY)",
                    "INSERT INTO altered.a VALUES (2)",
                    "CREATE TABLE altered.zz_last (id INT PRIMARY KEY)",
                    "INSERT INTO altered.zz_last VALUES (1)");
            FeedRequest feed =
                    api.feed(source).with("tables", "altered.*").with("snapshot", "initial");
            KeyedCopy copy = new KeyedCopy();
            for (Frame frame : SnapshotStream.until(feed, one -> isLast(one)).frames()) {
                if (frame.isChange()) {
                    copy.apply(frame.change());
                }
            }

            assertThat(copy.keys("altered.a")).containsExactly("2");
        }
    }

    private void check(String ddl, SnapshotStream first, SnapshotStream rest) {
        List<JsonNode> errors = rest.controls("error").toList();
        System.out.println("SnapshotSchemaChangeIT: " + ddl + ": " + errors);
        if (errors.isEmpty()) {
            rest.control("snapshot_completed");
            assertConsistent(ddl, first, rest);
            return;
        }
        assertThat(errors.getFirst().path("code").asString()).isEqualTo("TABLE_CHANGED");
        assertThat(rest.frames().getLast().isControl("end")).isTrue();
        resumeAfterTheError(ddl, SnapshotStream.join(first, rest));
    }

    /// A table that was altered before any row of it came may be read as it is now; of any other
    /// the rows that came are of no use.
    private void resumeAfterTheError(String ddl, SnapshotStream before) {
        try (FeedClient client = feed().after(before.token()).send()) {
            if (client.status() == 410) {
                assertThat(client.problem().path("detail").asString()).contains("altered.");
                assertStartsAnew(before.token());
                return;
            }
            SnapshotStream rest = SnapshotStream.until(client, frame -> isLast(frame));
            assertConsistent(ddl, before, rest);
        }
    }

    private void assertConsistent(String ddl, SnapshotStream first, SnapshotStream rest) {
        SnapshotStream all = SnapshotStream.join(first, rest);
        assertThat(rest.controls("error")).isEmpty();
        assertSameShape(ddl, all);
        assertReplayed(ddl, all.frames());
    }

    private void assertStartsAnew(String token) {
        FeedRequest feed = feed().after(token).with("on_lost", "snapshot");
        List<Frame> frames =
                SnapshotStream.until(feed, frame -> frame.isControl("snapshot_completed")).frames();

        assertThat(frames.stream().anyMatch(frame -> frame.isControl("position_lost"))).isTrue();
        assertReplayed("a new snapshot", frames);
    }

    private static void assertSameShape(String ddl, SnapshotStream stream) {
        Map<String, List<String>> fields = new HashMap<>();
        for (ChangeEvent event : stream.snapshotEvents()) {
            List<String> known = fields.putIfAbsent(event.table(), event.fields());
            assertThat(known == null || known.equals(event.fields()))
                    .as("%s: %s, then %s", ddl, known, event.json())
                    .isTrue();
            assertThat(event.row(0).propertyNames()).containsExactlyElementsOf(event.fields());
        }
    }

    /// Tables that are gone have no rows to compare; those that there are have the copy's.
    private void assertReplayed(String ddl, List<Frame> frames) {
        KeyedCopy copy = new KeyedCopy();
        for (Frame frame : frames) {
            if (frame.isChange()) {
                copy.apply(frame.change());
            } else if (frame.isControl("truncate")) {
                copy.clear(truncated(ChangeEvent.JSON.readTree(frame.data())));
            }
        }
        for (String table : TABLES) {
            String name = table.substring(table.indexOf('.') + 1);
            String exists =
                    "SELECT COUNT(*) FROM information_schema.TABLES"
                            + " WHERE TABLE_SCHEMA = 'altered' AND TABLE_NAME = '"
                            + name
                            + "'";
            if (Sql.value(mysql, exists).equals("0")) {
                continue;
            }
            TreeSet<String> ids = new TreeSet<>(Sql.column(mysql, "SELECT id FROM " + table, 1));
            assertThat(copy.keys(table)).as("%s, %s", ddl, table).isEqualTo(ids);
        }
    }

    private static String truncated(JsonNode truncate) {
        return truncate.path("event_schema").asString() + "." + truncate.path("table").asString();
    }
}
