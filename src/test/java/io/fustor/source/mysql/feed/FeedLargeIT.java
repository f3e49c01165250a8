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
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Transactions and rows that are large beside the service's heap.
class FeedLargeIT {

    private static final int ROW_BYTES = 64 * 1024 * 1024;

    @TempDir private Path dataDir;

    @Test
    void transactionLargerThanTheHeapStreamsThrough() {
        try (TestMySql mysql = TestMySql.start();
                ServiceProcess service = start("-Xmx100m")) {
            ServiceApi api = new ServiceApi(service.uri("/"));
            api.addSource("large", mysql);
            mysql.execute(
                    "CREATE DATABASE large", "CREATE TABLE large.t (id INT PRIMARY KEY, v TEXT)");
            FeedRequest feed = api.feed("large").with("tables", "large.t");
            String start = api.tokenOfNow("large");
            try (FeedClient live = feed.open()) {
                live.hello();
                mysql.execute(
                        "SET SESSION cte_max_recursion_depth = 100000",
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

    @Test
    void rowOfSixtyFourMebibytesStreamsThrough() {
        try (TestMySql mysql =
                        TestMySql.start(
                                "--max-allowed-packet=256M", "--innodb-redo-log-capacity=1G");
                ServiceProcess service = start("-Xmx768m")) {
            ServiceApi api = new ServiceApi(service.uri("/"));
            api.addSource("large", mysql);
            mysql.execute(
                    "CREATE DATABASE large",
                    "CREATE TABLE large.t (id INT PRIMARY KEY, v LONGBLOB)");
            FeedRequest feed =
                    api.feed("large").with("tables", "large.t").patience(Duration.ofSeconds(60));
            String start = api.tokenOfNow("large");
            try (FeedClient live = feed.open()) {
                live.hello();
                mysql.execute("INSERT INTO large.t SELECT 1, REPEAT('x', " + ROW_BYTES + ")");

                assertIsTheRow(live);
            }
            try (FeedClient catchingUp = feed.after(start).open()) {
                assertIsTheRow(catchingUp);
            }
        }
    }

    private static void assertIsTheRow(FeedClient client) {
        Frame frame = client.frame();
        while (!frame.isChange()) {
            frame = client.frame();
        }
        int base64 = (ROW_BYTES + 2) / 3 * 4;
        assertThat(frame.data().length()).isBetween(base64, base64 + 2_000);
        assertThat(frame.data()).contains("\"v\":\"eHh4eHh4");
    }

    private ServiceProcess start(String heap) {
        return ServiceProcess.start(
                dataDir,
                Map.of("fustor.feed.window", "16MB"),
                heap,
                "-XX:+ExitOnOutOfMemoryError",
                "-XX:TieredStopAtLevel=1");
    }
}
