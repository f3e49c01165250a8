package io.fustor.source.mysql.feed;

import static org.assertj.core.api.Assertions.assertThat;

import io.fustor.source.mysql.support.FeedClient;
import io.fustor.source.mysql.support.FeedRequest;
import io.fustor.source.mysql.support.Frame;
import io.fustor.source.mysql.support.ServiceApi;
import io.fustor.source.mysql.support.ServiceProcess;
import io.fustor.source.mysql.support.TestMySql;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Transactions that are large beside the service's heap.
///
/// `-Dlarge.rows=…` says how many rows the update has, `-Dlarge.subscribers=…` how many follow it
/// at once.
@TestInstance(Lifecycle.PER_CLASS)
@Tag("soak")
class FeedLargeIT {

    private static final int ROWS = Integer.getInteger("large.rows", 20_000);
    private static final int SUBSCRIBERS = Integer.getInteger("large.subscribers", 2);
    private static final String ROW = "{\"id\":";

    private TestMySql mysql;
    private ServiceProcess service;
    private ServiceApi api;

    @BeforeAll
    void start(@TempDir Path dataDir) {
        mysql = TestMySql.start("--max-allowed-packet=1G", "--cte-max-recursion-depth=10000000");
        service =
                ServiceProcess.start(
                        dataDir,
                        Map.of("fustor.feed.window", "16MB"),
                        "-Xmx100m",
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
    void transactionLargerThanTheHeapStreamsThrough() {
        mysql.execute("CREATE TABLE large.t (id INT PRIMARY KEY, v TEXT)");
        FeedRequest feed = api.feed("large").with("tables", "large.t");
        String start = api.tokenOfNow("large");
        try (FeedClient live = feed.open()) {
            live.hello();
            mysql.execute(
                    """
                    INSERT INTO large.t WITH RECURSIVE n (i) AS
                        (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 6000)
                    SELECT i, REPEAT('x', 20000) FROM n""");

            assertThat(lastIdOf(live, 6_000)).isEqualTo(6_000);
        }
        try (FeedClient catchingUp = feed.after(start).open()) {
            assertThat(lastIdOf(catchingUp, 6_000)).isEqualTo(6_000);
        }
    }

    /// Reads that many rows, which are so long that each has an event of its own, and have to come
    /// in the order of their ids.
    private static int lastIdOf(FeedClient client, int rows) {
        int last = 0;
        while (last < rows) {
            Frame frame = client.frame();
            if (frame.isChange()) {
                last++;
                assertThat(frame.data().indexOf("\"rows\":[{\"id\":" + last + ",")).isPositive();
            }
        }
        return last;
    }

    @ParameterizedTest
    @ValueSource(strings = {"OFF", "ON"})
    void updateOfManyRowsStreamsThrough(String compression)
            throws InterruptedException, ExecutionException {
        String table = "large.many_" + compression;
        mysql.execute(
                "CREATE TABLE " + table + " (id INT PRIMARY KEY, n INT, v CHAR(36))",
                "INSERT INTO "
                        + table
                        + " WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n"
                        + " WHERE i < "
                        + ROWS
                        + ") SELECT i, i, UUID() FROM n");
        FeedRequest feed = api.feed("large").with("tables", table).patience(Duration.ofSeconds(60));
        String start = api.tokenOfNow("large");
        List<FeedClient> live = subscribe(feed);
        mysql.execute(
                "SET SESSION binlog_transaction_compression = " + compression,
                "UPDATE " + table + " SET n = n + 1");

        assertAllGetTheRows(live);
        assertAllGetTheRows(subscribe(feed.after(start)));
    }

    /// By SSE and by NDJSON.
    private static List<FeedClient> subscribe(FeedRequest feed) {
        List<FeedClient> clients = new ArrayList<>();
        for (int i = 0; i < SUBSCRIBERS; i++) {
            FeedClient client = (i % 2 == 0 ? feed : feed.ndjson()).open();
            client.frame();
            clients.add(client);
        }
        return clients;
    }

    private static void assertAllGetTheRows(List<FeedClient> clients)
            throws InterruptedException, ExecutionException {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Integer>> counts = new ArrayList<>();
            for (FeedClient client : clients) {
                counts.add(threads.submit(() -> images(client)));
            }
            for (Future<Integer> count : counts) {
                assertThat(count.get()).isEqualTo(2 * ROWS);
            }
        }
    }

    /// How many before and after images come, up to the number that there are.
    private static int images(FeedClient client) {
        try (client) {
            int images = 0;
            while (images < 2 * ROWS) {
                Frame frame = client.frame();
                images += frame.isChange() ? count(frame.data()) : 0;
            }
            return images;
        }
    }

    private static int count(String data) {
        int count = 0;
        for (int at = data.indexOf(ROW); at >= 0; at = data.indexOf(ROW, at + 1)) {
            // A transaction's id is text.
            count += data.charAt(at + ROW.length()) == '"' ? 0 : 1;
        }
        return count;
    }
}
