package io.fustor.source.mysql.feed;

import static org.assertj.core.api.Assertions.assertThat;

import io.fustor.source.mysql.support.FeedRequest;
import io.fustor.source.mysql.support.LargeValueClient;
import io.fustor.source.mysql.support.LargeValueClient.Value;
import io.fustor.source.mysql.support.ServiceApi;
import io.fustor.source.mysql.support.ServiceProcess;
import io.fustor.source.mysql.support.TestMySql;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;

/// Rows of 60 MiB through a service with a heap of 256 MB.
@TestInstance(Lifecycle.PER_CLASS)
class LargeRowIT {

    /// Four mebibytes of text that does not repeat within what zstd looks back over.
    private static final String RANDOM_BLOCK =
            """
            (WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 4096)
            SELECT GROUP_CONCAT(REPLACE(TO_BASE64(RANDOM_BYTES(768)), '\\n', '') SEPARATOR '')
            FROM n)""";

    private static final String RANDOM_TEXT = "REPEAT(" + RANDOM_BLOCK + ", 15)";
    private static final String SAME_TEXT = "REPEAT('large rows ', 60 * 1024 * 1024 DIV 11)";

    private TestMySql mysql;
    private ServiceProcess service;
    private ServiceApi api;

    @BeforeAll
    void start(@TempDir Path dataDir) {
        mysql =
                TestMySql.start(
                        "--max-allowed-packet=256M",
                        "--innodb-redo-log-capacity=1G",
                        "--cte-max-recursion-depth=1000000",
                        "--group-concat-max-len=8M");
        service =
                ServiceProcess.start(
                        dataDir,
                        Map.of(),
                        "-Xmx256m",
                        "-XX:+ExitOnOutOfMemoryError",
                        "-XX:TieredStopAtLevel=1");
        api = new ServiceApi(service.uri("/"));
        api.addSource("large", mysql);
        mysql.execute("CREATE DATABASE large");
    }

    @AfterAll
    void stop() {
        try (TestMySql _ = mysql;
                ServiceProcess running = service) {
            assertThat(running.isAlive()).as(running.log()).isTrue();
        }
    }

    @Test
    void textOfRandomCharactersStreamsThrough() throws SQLException {
        streamsThrough("plain", "OFF", RANDOM_TEXT);
    }

    @Test
    void compressedTextStreamsThrough() throws SQLException {
        streamsThrough("compressed", "ON", SAME_TEXT);
    }

    @Test
    void compressedTextOfRandomCharactersStreamsThrough() throws SQLException {
        streamsThrough("random", "ON", RANDOM_TEXT);
    }

    /// Inserts, updates and deletes a row while somebody is live, and lets another one catch up.
    private void streamsThrough(String table, String compression, String text) throws SQLException {
        mysql.execute("CREATE TABLE large." + table + " (id INT PRIMARY KEY, v LONGTEXT)");
        FeedRequest feed = request(table);
        String start = api.tokenOfNow("large");
        String session = "SET SESSION binlog_transaction_compression = " + compression;
        try (LargeValueClient live = new LargeValueClient(feed)) {
            live.line();
            mysql.execute(session, "INSERT INTO large." + table + " SELECT 1, " + text);
            Value inserted = value(table, "v");
            assertIs(live.change(), "insert", inserted);
            mysql.execute(session, "UPDATE large." + table + " SET v = CONCAT('x', v)");
            Value updated = value(table, "v");
            // Not read at once: the reader meets the next large row while this one is written.
            mysql.execute(session, "DELETE FROM large." + table);
            assertIs(live.change(), "update", updated, inserted);
            assertIs(live.change(), "delete", updated);

            try (LargeValueClient catchingUp = new LargeValueClient(feed.after(start))) {
                assertIs(catchingUp.change(), "insert", inserted);
                assertIs(catchingUp.change(), "update", updated, inserted);
                assertIs(catchingUp.change(), "delete", updated);
            }
        }
    }

    private static void assertIs(LargeValueClient.Line line, String operation, Value... values) {
        assertThat(line.text()).contains("\"event_type\":\"" + operation + "\"");
        assertThat(line.values()).containsExactly(values);
    }

    @Test
    void snapshotOfTextAndBytesStreamsThrough() throws SQLException {
        mysql.execute(
                "CREATE TABLE large.texts (id INT PRIMARY KEY, v LONGTEXT, w INT)",
                "CREATE TABLE large.bytes (id INT PRIMARY KEY, v LONGBLOB, w INT)",
                "INSERT INTO large.texts SELECT 1, " + SAME_TEXT + ", 2",
                "INSERT INTO large.texts SELECT 2, 'small', 2",
                "INSERT INTO large.bytes SELECT 1, " + RANDOM_TEXT + ", 2");
        String base64 = "REPLACE(TO_BASE64(v), '\\n', '')";
        try (LargeValueClient client =
                new LargeValueClient(
                        request("texts")
                                .with("tables", "large.texts,large.bytes")
                                .with("snapshot", "only"))) {
            assertIs(client.change(), "insert", value("bytes WHERE id = 1", base64));
            assertIs(client.change(), "insert", value("texts WHERE id = 1", "v"));
            assertIs(client.change(), "insert", value("texts WHERE id = 2", "v"));
        }
    }

    private FeedRequest request(String table) {
        return api.feed("large").with("tables", "large." + table).patience(Duration.ofSeconds(60));
    }

    private Value value(String table, String expression) throws SQLException {
        try (var connection = mysql.jdbc();
                var statement = connection.createStatement();
                var row =
                        statement.executeQuery(
                                "SELECT LENGTH(%1$s), CRC32(%1$s) FROM large.%2$s"
                                        .formatted(expression, table))) {
            row.next();
            return new Value(row.getLong(1), row.getLong(2));
        }
    }
}
