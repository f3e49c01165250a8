package io.fustor.source.mysql.values;

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
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;

/// Rows of 60 MiB through a service with a heap of 256 MB: an update holds two of them.
///
/// `-Dlarge.subscribers=…` says how many follow at once, in every format and transport where there
/// are four or more.
@TestInstance(Lifecycle.PER_CLASS)
@Tag("soak")
class LargeRowIT {

    private static final int SUBSCRIBERS = Integer.getInteger("large.subscribers", 1);
    private static final boolean IS_LONG = SUBSCRIBERS > 1;

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
                        "--innodb-doublewrite=OFF",
                        "--cte-max-recursion-depth=1000000",
                        "--group-concat-max-len=8M");
        service =
                ServiceProcess.start(dataDir, Map.of(), "-Xmx256m", "-XX:+ExitOnOutOfMemoryError");
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

    /// A compressed insert and a plain update, or either way round in the long form.
    @Test
    void aRowComesLiveAndByCatchingUpAndInASnapshot() throws Exception {
        comesThrough("repeated", SAME_TEXT, "ON", "OFF");
        if (IS_LONG) {
            comesThrough("plain", RANDOM_TEXT, "OFF", "ON");
            comesThrough("random", RANDOM_TEXT, "ON", "ON");
        }
    }

    private void comesThrough(String table, String text, String ofInsert, String ofUpdate)
            throws Exception {
        mysql.execute("CREATE TABLE large." + table + " (id INT PRIMARY KEY, v LONGTEXT, w INT)");
        String start = api.tokenOfNow("large");
        List<LargeValueClient> live = subscribe(table, null);
        mysql.execute(
                compression(ofInsert), "INSERT INTO large." + table + " SELECT 1, " + text + ", 2");
        mysql.execute(compression(ofUpdate), "UPDATE large." + table + " SET v = CONCAT('x', v)");
        Value inserted = value(table + " WHERE id = 1", "SUBSTR(v, 2)");
        Value updated = value(table + " WHERE id = 1", "v");
        mysql.execute("INSERT INTO large." + table + " VALUES (2, 'small', 2)");
        Value small = value(table + " WHERE id = 2", "v");

        List<Value> all = List.of(inserted, updated, inserted, small);
        assertAllGet(live, all);
        assertAllGet(subscribe(table, start), all);
        try (LargeValueClient snapshot =
                new LargeValueClient(request(table).with("snapshot", "only"))) {
            assertThat(snapshot.change().values()).containsExactly(updated);
            assertThat(snapshot.change().values()).containsExactly(small);
        }
    }

    private static String compression(String onOrOff) {
        return "SET SESSION binlog_transaction_compression = " + onOrOff;
    }

    private List<LargeValueClient> subscribe(String table, @Nullable String after) {
        List<LargeValueClient> clients = new ArrayList<>();
        for (int i = 0; i < SUBSCRIBERS; i++) {
            FeedRequest request = request(table).after(after);
            if (IS_LONG && i % 2 == 1) {
                request = request.ndjson();
            }
            if (IS_LONG && i % 4 >= 2) {
                request = request.with("format", "debezium");
            }
            LargeValueClient client = new LargeValueClient(request);
            client.line();
            clients.add(client);
        }
        return clients;
    }

    /// In the order of the values, whatever the format puts first of an update.
    private static void assertAllGet(List<LargeValueClient> clients, List<Value> values)
            throws InterruptedException, ExecutionException {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<List<Value>>> results = new ArrayList<>();
            for (LargeValueClient client : clients) {
                results.add(threads.submit(() -> changes(client)));
            }
            for (Future<List<Value>> result : results) {
                assertThat(result.get()).containsExactlyInAnyOrderElementsOf(values);
            }
        }
    }

    private static List<Value> changes(LargeValueClient client) {
        try (client) {
            List<Value> values = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                values.addAll(client.change().values());
            }
            return values;
        }
    }

    @Test
    void bytesComeInASnapshotAsBase64() throws SQLException {
        mysql.execute(
                "CREATE TABLE large.bytes (id INT PRIMARY KEY, v LONGBLOB, w INT)",
                "INSERT INTO large.bytes SELECT 1, REPEAT('0123456789abcdef', 2000000), 2");
        try (LargeValueClient client =
                new LargeValueClient(request("bytes").with("snapshot", "only"))) {
            assertThat(client.change().values())
                    .containsExactly(
                            value("bytes WHERE id = 1", "REPLACE(TO_BASE64(v), '\\n', '')"));
        }
    }

    /// The rows of an event that is passed over count.
    @Test
    void changesOfAnotherTableKeepTheirPlaces() throws SQLException {
        mysql.execute(
                "CREATE TABLE large.passed (id INT PRIMARY KEY, v LONGTEXT)",
                "CREATE TABLE large.other (id INT PRIMARY KEY, v LONGTEXT)");
        try (LargeValueClient live = new LargeValueClient(request("other"))) {
            live.line();
            mysql.execute(
                    "BEGIN",
                    "INSERT INTO large.passed SELECT 1, REPEAT('v', 20000000)",
                    "INSERT INTO large.other VALUES (1, 'later')",
                    "COMMIT");

            assertThat(live.change().text()).contains("\"first_row\":1}");
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
