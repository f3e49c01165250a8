package io.fustor.source.mysql.snapshot;

import static org.assertj.core.api.Assertions.assertThat;

import io.fustor.source.mysql.support.ChangeEvent;
import io.fustor.source.mysql.support.Fault;
import io.fustor.source.mysql.support.FeedClient;
import io.fustor.source.mysql.support.RunningService;
import io.fustor.source.mysql.support.ServiceApi;
import io.fustor.source.mysql.support.SnapshotStream;
import io.fustor.source.mysql.support.TcpProxy;
import io.fustor.source.mysql.support.TestMySql;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.boot.test.web.server.LocalServerPort;

/// A server that is slow, and a client that stops reading in the middle of a snapshot for longer
/// than the server, or what stands between, bears with a connection on which nothing passes.
@RunningService
class SnapshotSlowReaderIT {

    private static final int ROWS = 4_000;

    /// More than the limits of the server and of the proxy, which are 2 s.
    private static final Duration LONG = Duration.ofSeconds(5);

    /// In bytes a second: the table takes some six seconds.
    private static final int SLOW = 4_000_000;

    @LocalServerPort private int port;

    private ServiceApi api;

    @BeforeAll
    void connect() {
        api = new ServiceApi(URI.create("http://127.0.0.1:" + port));
    }

    @Test
    void snapshotIsCompleteAfterTheClientStoodStill() throws Exception {
        try (TestMySql mysql =
                        TestMySql.start(
                                "--net-write-timeout=2",
                                "--wait-timeout=2",
                                "--interactive-timeout=2");
                TcpProxy proxy = TcpProxy.withoutPatience(mysql, Duration.ofSeconds(2))) {
            fill(mysql);
            String source = "slow-" + mysql.port();
            api.addSource(source, proxy.uri(), TestMySql.CAPTURE);
            List<String> ids = new ArrayList<>();
            try (FeedClient client =
                    api.feed(source)
                            .with("tables", "slow.*")
                            .with("snapshot", "only")
                            .with("batch", 10)
                            .receiveBuffer(32_768)
                            .open()) {
                client.hello();
                add(client.change(), ids);
                boolean wasClosed = proxy.awaitSilence(LONG);
                System.out.println("SnapshotSlowReaderIT: closed for silence: " + wasClosed);
                SnapshotStream rest = SnapshotStream.until(client, frame -> frame.isControl("end"));
                rest.snapshotEvents().forEach(event -> add(event, ids));

                assertThat(rest.control("end").path("reason").asString())
                        .isEqualTo("snapshot completed");
                assertThat(ids).isEqualTo(expected());
            }
            api.delete("/api/configs/sources/" + source).expect(204);
        }
    }

    /// The snapshot waits for each part of the answer, and hardly ever computes.
    @Test
    void progressIsToldWhileTheServerIsSlow() {
        try (TestMySql mysql = TestMySql.start();
                TcpProxy proxy = TcpProxy.to(mysql)) {
            fill(mysql);
            String source = "slow-server-" + mysql.port();
            api.addSource(source, proxy.uri(), TestMySql.CAPTURE);
            proxy.injectAll(new Fault.Throttle(Fault.Way.TO_CLIENT, SLOW));

            SnapshotStream all =
                    SnapshotStream.until(
                            api.feed(source).with("tables", "slow.*").with("snapshot", "only"),
                            frame -> frame.isControl("end"));

            assertThat(all.controls("snapshot_progress")).hasSizeGreaterThanOrEqualTo(2);
            assertThat(all.snapshotRows("slow.a")).hasSize(ROWS);
            api.delete("/api/configs/sources/" + source).expect(204);
        }
    }

    /// More than fits into all sockets from the server to the client; and a second table, for which
    /// the connection is needed once more.
    private static void fill(TestMySql mysql) {
        mysql.execute(
                "CREATE DATABASE slow",
                "CREATE TABLE slow.a (id INT PRIMARY KEY, v TEXT)",
                "CREATE TABLE slow.b (id INT PRIMARY KEY)",
                "SET SESSION cte_max_recursion_depth = 100000",
                """
                INSERT INTO slow.a WITH RECURSIVE n (i) AS
                    (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d)
                SELECT i, REPEAT('v', 6000) FROM n"""
                        .formatted(ROWS),
                "INSERT INTO slow.b SELECT id FROM slow.a WHERE id <= 100");
    }

    private static void add(ChangeEvent event, List<String> ids) {
        event.json()
                .path("rows")
                .forEach(row -> ids.add(event.table() + " " + row.path("id").asInt()));
    }

    private static List<String> expected() {
        List<String> ids = new ArrayList<>();
        IntStream.rangeClosed(1, ROWS).forEach(id -> ids.add("slow.a " + id));
        IntStream.rangeClosed(1, 100).forEach(id -> ids.add("slow.b " + id));
        return ids;
    }
}
