package io.fustor.source.mysql.servers;

import static org.assertj.core.api.Assertions.assertThat;

import io.fustor.source.mysql.support.ChangeEvent;
import io.fustor.source.mysql.support.FeedClient;
import io.fustor.source.mysql.support.FeedRequest;
import io.fustor.source.mysql.support.Frame;
import io.fustor.source.mysql.support.RunningService;
import io.fustor.source.mysql.support.ServerRelease;
import io.fustor.source.mysql.support.ServiceApi;
import io.fustor.source.mysql.support.SnapshotStream;
import io.fustor.source.mysql.support.TestMySql;
import io.fustor.source.mysql.values.ThreeReadings;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.boot.test.web.server.LocalServerPort;
import tools.jackson.databind.JsonNode;

/// What MariaDB has and MySQL does not: the same rows by snapshot and stream, or a stop that says
/// why.
@RunningService
@Tag("servers")
class MariaDbFeedIT {

    private static final String SOURCE = "maria";

    @LocalServerPort private int port;

    private ServiceApi api;
    private TestMySql mariaDb;

    @BeforeAll
    void connect() {
        api = new ServiceApi(URI.create("http://127.0.0.1:" + port));
        mariaDb = TestMySql.start(ServerRelease.MARIADB_11_8);
        api.addSource(SOURCE, mariaDb);
        beginHistory();
    }

    /// The history begins with the first reader: what was altered before that is not known.
    private void beginHistory() {
        String start = api.tokenOfNow(SOURCE);
        mariaDb.execute(
                "CREATE DATABASE begun",
                "CREATE TABLE begun.t (u BINARY(16))",
                "INSERT INTO begun.t VALUES ('')");
        try (FeedClient client = feed("begun.*").after(start).open()) {
            client.change();
        }
    }

    @AfterAll
    void stop() {
        mariaDb.close();
    }

    static List<ServerRelease> releases() {
        return Boolean.getBoolean("servers.all")
                ? List.of(
                        ServerRelease.MARIADB_10_5,
                        ServerRelease.MARIADB_10_11,
                        ServerRelease.MARIADB_11_4,
                        ServerRelease.MARIADB_11_8)
                : List.of(ServerRelease.MARIADB_10_11, ServerRelease.MARIADB_11_8);
    }

    @ParameterizedTest
    @MethodSource("releases")
    void ownTypesReadTheSameInAllWays(ServerRelease release) throws Exception {
        String source = "types-" + release.number().replace('.', '-');
        try (TestMySql server = TestMySql.start(release)) {
            api.addSource(source, server);
            String start = api.tokenOfNow(source);
            var values = new MariaDbValues(release);
            server.execute(values.statements().toArray(String[]::new));

            new ThreeReadings(server, api, source, MariaDbValues.SCHEMA)
                    .assertSame(start, values.tables());
            api.delete("/api/configs/sources/" + source).expect(204);
        }
    }

    @Test
    void aTypeThatWasChangedReadsAsItWasInItsRows() {
        String start = api.tokenOfNow(SOURCE);
        mariaDb.execute(
                "CREATE DATABASE changed",
                "CREATE TABLE changed.t (id INT PRIMARY KEY, u BINARY(16))",
                "INSERT INTO changed.t VALUES (1, x'123e4567e89b12d3a456426655440000')",
                "ALTER TABLE changed.t MODIFY u UUID",
                "INSERT INTO changed.t VALUES (2, '123e4567-e89b-12d3-a456-426655440000')");

        List<String> rows = new ArrayList<>();
        try (FeedClient client = feed("changed.*").after(start).open()) {
            while (rows.size() < 2) {
                rows.addAll(client.change().rows());
            }
        }
        assertThat(rows)
                .containsExactly(
                        "{\"id\":1,\"u\":\"Ej5FZ+ibEtOkVkJmVUQAAA==\"}",
                        "{\"id\":2,\"u\":\"123e4567-e89b-12d3-a456-426655440000\"}");
    }

    @Test
    void sequencesAreInNoFeed() {
        mariaDb.execute("CREATE DATABASE counted", "CREATE SEQUENCE counted.s");
        String start = api.tokenOfNow(SOURCE);
        mariaDb.execute(
                "CREATE TABLE counted.t (id INT PRIMARY KEY DEFAULT NEXTVAL(counted.s), v INT)",
                "SELECT NEXTVAL(counted.s)",
                "INSERT INTO counted.t (v) VALUES (1), (2)",
                "SELECT SETVAL(counted.s, 5000)",
                "INSERT INTO counted.t (v) VALUES (3)");

        List<ChangeEvent> changes = new ArrayList<>();
        try (FeedClient client = feed("counted.*").after(start).open()) {
            changes.add(client.change());
            changes.add(client.change());
        }
        assertThat(changes).extracting(ChangeEvent::table).containsOnly("counted.t");
        try (FeedClient client = feed("counted.*").with("snapshot", "only").open()) {
            client.control("snapshot_completed");
        }
    }

    @Test
    void systemVersionedTablesAreRefusedByName() {
        mariaDb.execute("CREATE DATABASE versioned");
        String start = api.tokenOfNow(SOURCE);
        mariaDb.execute(
                "CREATE TABLE versioned.t (id INT PRIMARY KEY, v INT) WITH SYSTEM VERSIONING",
                "CREATE TABLE versioned.own (id INT PRIMARY KEY,"
                        + " a TIMESTAMP(6) GENERATED ALWAYS AS ROW START,"
                        + " b TIMESTAMP(6) GENERATED ALWAYS AS ROW END,"
                        + " PERIOD FOR SYSTEM_TIME (a, b)) WITH SYSTEM VERSIONING",
                "CREATE TABLE versioned.plain (id INT PRIMARY KEY,"
                        + " a TIMESTAMP(6) NOT NULL, b TIMESTAMP(6) NOT NULL,"
                        + " c BIGINT UNSIGNED NOT NULL)",
                "INSERT INTO versioned.t VALUES (1, 1)",
                "INSERT INTO versioned.own (id) VALUES (1)",
                "INSERT INTO versioned.plain VALUES (1, NOW(6), NOW(6), 1)");

        for (String table : List.of("t", "own")) {
            FeedRequest feed = feed("versioned." + table);
            assertThat(stop(feed.after(start)))
                    .contains("UNSUPPORTED_TYPE", "versioned." + table, "system-versioned");
            assertThat(stop(feed.with("snapshot", "only")))
                    .contains("versioned." + table, "system-versioned");
        }
        try (FeedClient client = feed("versioned.plain").after(start).open()) {
            assertThat(client.change().row(0).path("c").asInt()).isEqualTo(1);
        }
        assertSnapshotPassesOver(feed("versioned.*"), "versioned.plain", "own", "t");
    }

    /// A wildcard's snapshot reads one table and names the others with the reason; one that names
    /// them is refused by code.
    private void assertSnapshotPassesOver(FeedRequest wildcard, String read, String... others) {
        SnapshotStream stream = SnapshotStream.toTheEnd(wildcard.with("snapshot", "only"));

        assertThat(stream.snapshotRows(read)).hasSize(1);
        assertThat(stream.control("end").path("reason").asString()).isEqualTo("snapshot completed");
        List<String> passedOver = new ArrayList<>();
        for (JsonNode passed : stream.control("snapshot_started").path("passed_over")) {
            passedOver.add(passed.path("table").asString());
            assertThat(passed.path("reason").asString()).isNotBlank().doesNotContain("null");
        }
        assertThat(passedOver).containsExactlyInAnyOrder(others);
        for (String table : others) {
            String schema = read.substring(0, read.indexOf('.'));
            FeedRequest named = feed(schema + "." + table).with("snapshot", "initial");
            try (FeedClient client = named.send()) {
                assertThat(client.status()).isEqualTo(409);
                JsonNode problem = client.problem();
                assertThat(problem.path("code").asString()).isEqualTo("UNSUPPORTED_TYPE");
                assertThat(problem.path("detail").asString()).contains(schema + "." + table);
            }
        }
    }

    @Test
    void oldTimesWithAFractionConcernTheirColumnOnly() {
        mariaDb.execute("CREATE DATABASE old");
        String start = api.tokenOfNow(SOURCE);
        mariaDb.execute(
                "SET GLOBAL mysql56_temporal_format = OFF",
                "CREATE TABLE old.t (id INT PRIMARY KEY, a TIME(3), b DATETIME(6), c TIMESTAMP(1) NULL,"
                        + " d TIME, e DATETIME, f TIMESTAMP NULL, g INT)",
                "INSERT INTO old.t VALUES (1, '10:11:12.123', '2024-01-02 03:04:05.678901',"
                        + " '2024-01-02 03:04:05.6', '-10:11:12', '2024-01-02 03:04:05',"
                        + " '2024-01-02 03:04:05', 77)",
                "SET GLOBAL mysql56_temporal_format = ON");

        FeedRequest all = feed("old.t");
        assertThat(stop(all.after(start))).contains("UNSUPPORTED_TYPE", "`a`");
        assertThat(stop(all.with("snapshot", "only"))).contains("UNSUPPORTED_TYPE", "`a`");
        FeedRequest readable = all.with("fields", "old.t.id,old.t.d,old.t.e,old.t.f,old.t.g");
        String row =
                "{\"id\":1,\"d\":\"-10:11:12\",\"e\":\"2024-01-02T03:04:05\",\"f\":\"2024-01-02T03:04:05Z\",\"g\":77}";
        try (FeedClient client = readable.after(start).open()) {
            assertThat(client.change().rows()).containsExactly(row);
        }
        try (FeedClient client = readable.with("snapshot", "only").open()) {
            assertThat(client.change().rows()).containsExactly(row);
        }
        mariaDb.execute(
                "CREATE TABLE old.new (id INT PRIMARY KEY)", "INSERT INTO old.new VALUES (1)");
        assertSnapshotPassesOver(feed("old.*"), "old.new", "t");
    }

    /// `START ALTER`, `COMMIT ALTER` and `ROLLBACK ALTER`; without names in the binlog, so that the
    /// statements decide how rows read.
    @Test
    void onlyAnAlterThatIsCommittedTakesEffect() {
        mariaDb.execute(
                "SET GLOBAL binlog_row_metadata = MINIMAL",
                "CREATE DATABASE phases",
                "CREATE TABLE phases.t (id INT PRIMARY KEY, a INT, b INT)",
                "INSERT INTO phases.t VALUES (1, 7, 8), (2, 7, 8)");
        String start = api.tokenOfNow(SOURCE);
        try {
            mariaDb.execute(
                    "SET SESSION binlog_alter_two_phase = ON",
                    "ALTER TABLE phases.t CHANGE a c INT, CHANGE b a INT, ALGORITHM = COPY",
                    "INSERT INTO phases.t VALUES (3, 1, 2)",
                    "ALTER TABLE phases.t ADD d INT FIRST");
            assertThat(
                            refused(
                                    "SET SESSION binlog_alter_two_phase = ON",
                                    "ALTER TABLE phases.t CHANGE c e INT, ADD UNIQUE (a), ALGORITHM = COPY"))
                    .contains("Duplicate");
            mariaDb.execute("INSERT INTO phases.t VALUES (0, 4, 5, 6)");

            List<String> rows = new ArrayList<>();
            try (FeedClient client = feed("phases.*").after(start).open()) {
                while (rows.size() < 2) {
                    rows.addAll(client.change().rows());
                }
            }
            assertThat(rows)
                    .containsExactly(
                            "{\"id\":3,\"c\":1,\"a\":2}", "{\"d\":0,\"id\":4,\"c\":5,\"a\":6}");
        } finally {
            mariaDb.execute("SET GLOBAL binlog_row_metadata = FULL");
        }
    }

    private String refused(String... statements) {
        try {
            mariaDb.execute(statements);
        } catch (IllegalStateException e) {
            return String.valueOf(e.getMessage());
        }
        return "";
    }

    private FeedRequest feed(String tables) {
        return api.feed(SOURCE).with("tables", tables);
    }

    /// How a feed ends, or is refused.
    private static String stop(FeedRequest request) {
        try (FeedClient client = request.open()) {
            while (true) {
                Frame frame = client.frame();
                if (frame.isControl("error")) {
                    return frame.toString();
                }
            }
        } catch (AssertionError e) {
            return String.valueOf(e.getMessage());
        }
    }
}
