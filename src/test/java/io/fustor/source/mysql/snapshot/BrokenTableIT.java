package io.fustor.source.mysql.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import io.fustor.source.mysql.support.FeedClient;
import io.fustor.source.mysql.support.FeedRequest;
import io.fustor.source.mysql.support.RunningService;
import io.fustor.source.mysql.support.ServerRelease;
import io.fustor.source.mysql.support.ServiceApi;
import io.fustor.source.mysql.support.SnapshotStream;
import io.fustor.source.mysql.support.Sql;
import io.fustor.source.mysql.support.TestMySql;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.boot.test.web.server.LocalServerPort;
import tools.jackson.databind.JsonNode;

/// Tables that the server cannot open: a wildcard's snapshot passes them over by name, one that
/// names them is refused, and all others are read.
@RunningService
class BrokenTableIT {

    @LocalServerPort private int port;

    private ServiceApi api;

    @BeforeAll
    void reachService() {
        api = new ServiceApi(URI.create("http://127.0.0.1:" + port));
    }

    @ParameterizedTest
    @EnumSource(names = {"MYSQL_8_0_31", "MARIADB_10_11"})
    void arePassedOverByNameOrRefusedWhereNamed(ServerRelease release) throws Exception {
        String source = "broken-" + release.name().toLowerCase(Locale.ROOT).replace('_', '-');
        try (TestMySql mysql = TestMySql.start(release)) {
            makeTables(mysql);
            breakTables(mysql, release);
            api.addSource(source, mysql);

            SnapshotStream stream = SnapshotStream.toTheEnd(snapshot(source, "broken.*"));
            TreeMap<String, String> reasons = new TreeMap<>();
            for (JsonNode passed : stream.control("snapshot_started").path("passed_over")) {
                reasons.put(passed.path("table").asString(), passed.path("reason").asString());
            }

            assertThat(stream.snapshotRows("broken.good")).containsExactly("{\"id\":1}");
            assertThat(stream.control("end").path("reason").asString())
                    .isEqualTo("snapshot completed");
            assertThat(reasons)
                    .containsOnlyKeys(
                            "engine_gone",
                            "file_gone",
                            "keys_gone",
                            "m_index_gone",
                            "merged",
                            "seen",
                            "seen_broken",
                            "seen_by_none");
            for (String table : List.of("engine_gone", "file_gone", "keys_gone", "m_index_gone")) {
                assertThat(reasons.get(table)).as(table).contains("error");
            }
            for (String table : reasons.keySet()) {
                assertRefused(source, "broken." + table);
            }
            assertRefused(source, "broken.engine*", "broken.engine_gone");
            assertEndsByName(source);
            api.delete("/api/configs/sources/" + source).expect(204);
        }
    }

    private static void makeTables(TestMySql mysql) {
        mysql.execute(
                "CREATE DATABASE broken",
                "CREATE TABLE broken.good (id INT PRIMARY KEY)",
                "CREATE TABLE broken.gone (id INT PRIMARY KEY)",
                "CREATE TABLE broken.child (id INT PRIMARY KEY) ENGINE=MyISAM",
                "CREATE DATABASE discarded",
                "CREATE TABLE discarded.data (id INT PRIMARY KEY)",
                "CREATE TABLE broken.file_gone (id INT PRIMARY KEY)",
                // Which key comes first is asked of each such table alone.
                "CREATE TABLE broken.keys_gone (a INT NOT NULL UNIQUE, b INT NOT NULL UNIQUE)",
                "CREATE TABLE broken.m_index_gone (id INT PRIMARY KEY) ENGINE=MyISAM",
                "CREATE TABLE broken.merged (id INT, KEY (id)) ENGINE=MERGE UNION=(broken.child)",
                "CREATE VIEW broken.seen AS SELECT * FROM broken.good",
                "CREATE VIEW broken.seen_broken AS SELECT * FROM broken.gone",
                "CREATE DEFINER = 'never'@'nowhere' SQL SECURITY DEFINER VIEW broken.seen_by_none"
                        + " AS SELECT * FROM broken.good",
                "INSERT INTO broken.good VALUES (1)",
                "INSERT INTO broken.file_gone VALUES (1)",
                "INSERT INTO broken.keys_gone VALUES (1, 1)",
                "INSERT INTO broken.m_index_gone VALUES (1)");
    }

    private static void breakTables(TestMySql mysql, ServerRelease release) throws Exception {
        Path folder = Path.of(Sql.value(mysql, "SELECT @@datadir")).resolve("broken");
        mysql.execute(
                "DROP TABLE broken.gone",
                "DROP TABLE broken.child",
                "CREATE TABLE broken.engine_gone (id INT NOT NULL) ENGINE="
                        + (release.isMariaDb() ? "MyISAM" : "ARCHIVE"),
                "ALTER TABLE discarded.data DISCARD TABLESPACE");
        mysql.stop();
        Files.delete(folder.resolve("m_index_gone.MYI"));
        Files.delete(folder.resolve("file_gone.ibd"));
        Files.delete(folder.resolve("keys_gone.ibd"));
        if (release.isMariaDb()) {
            replaceEngine(folder.resolve("engine_gone.frm"));
        }
        mysql.startAgain("--loose-archive=OFF");
    }

    /// Makes the table one of an engine whose plugin is not installed.
    private static void replaceEngine(Path definition) throws IOException {
        String bytes = Files.readString(definition, StandardCharsets.ISO_8859_1);
        Files.writeString(
                definition, bytes.replace("MyISAM", "SPHINX"), StandardCharsets.ISO_8859_1);
    }

    /// The server opens such a table and fails at its first row, now and at every attempt.
    private void assertEndsByName(String source) {
        try (FeedClient client = snapshot(source, "discarded.*").send()) {
            JsonNode error =
                    client.status() == 200
                            ? SnapshotStream.until(client, frame -> frame.isControl("end"))
                                    .control("error")
                            : client.problem();

            assertThat(error.path("code").asString()).isEqualTo("TABLE_UNREADABLE");
            assertThat(error.path("detail").asString()).contains("discarded.data", "error");
        }
    }

    private FeedRequest snapshot(String source, String tables) {
        return api.feed(source).with("tables", tables).with("snapshot", "only");
    }

    private void assertRefused(String source, String table) {
        assertRefused(source, table, table);
    }

    private void assertRefused(String source, String tables, String table) {
        try (FeedClient client = snapshot(source, tables).send()) {
            assertThat(client.status()).as(table).isEqualTo(409);
            JsonNode problem = client.problem();
            assertThat(problem.path("code").asString()).as(table).isEqualTo("TABLE_UNREADABLE");
            assertThat(problem.path("detail").asString()).contains(table);
        }
    }
}
