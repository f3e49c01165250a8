package io.fustor.source.mysql.failover;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fustor.source.mysql.support.ConsumerCopy;
import io.fustor.source.mysql.support.FeedClient;
import io.fustor.source.mysql.support.FeedRequest;
import io.fustor.source.mysql.support.FeedRow;
import io.fustor.source.mysql.support.Frame;
import io.fustor.source.mysql.support.RunningService;
import io.fustor.source.mysql.support.Seeds;
import io.fustor.source.mysql.support.ServiceApi;
import io.fustor.source.mysql.support.Sql;
import io.fustor.source.mysql.support.TcpProxy;
import io.fustor.source.mysql.support.TestMySql;
import io.fustor.source.mysql.support.Traffic;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.boot.test.web.server.LocalServerPort;

/// A source whose connections are cut, and whose address leads to a promoted replica one day.
@RunningService
class FeedFailoverIT {

    @LocalServerPort private int port;

    private final TestMySql primary = TestMySql.start();
    private final TestMySql replica =
            TestMySql.start("--server-id=2", "--binlog-row-event-max-size=1024");
    private ServiceApi api;

    @BeforeAll
    void replicate() {
        api = new ServiceApi(URI.create("http://127.0.0.1:" + port));
        replica.execute("FLUSH BINARY LOGS", "FLUSH BINARY LOGS");
        follow();
    }

    private void follow() {
        replica.execute(
                """
                CHANGE REPLICATION SOURCE TO SOURCE_HOST = '%s', SOURCE_PORT = %d,
                SOURCE_USER = '%s', SOURCE_PASSWORD = '%s', SOURCE_AUTO_POSITION = 1,
                GET_SOURCE_PUBLIC_KEY = 1"""
                        .formatted(
                                primary.host(), primary.port(), primary.user(), primary.password()),
                "START REPLICA");
    }

    @AfterAll
    void stop() {
        replica.close();
        primary.close();
    }

    private void awaitReplica() {
        String executed = Sql.value(primary, "SELECT @@GLOBAL.gtid_executed");
        String sql = "SELECT GTID_SUBSET('" + executed + "', @@GLOBAL.gtid_executed)";
        await("the replica")
                .atMost(Duration.ofSeconds(60))
                .until(() -> Sql.value(replica, sql).equals("1"));
    }

    @Test
    void streamGoesOnAfterItsServersConnectionsWereCut() throws Exception {
        long seed = Seeds.of("traffic.seed", FeedFailoverIT.class);
        System.out.println("FeedFailoverIT: seed " + seed);
        try (TcpProxy proxy = TcpProxy.to(primary);
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            api.addSource("cut", proxy.uri(), TestMySql.CAPTURE);
            Traffic traffic = new Traffic(primary, "failover_cut", seed);
            FeedRequest feed = api.feed("cut").with("tables", "failover_cut.*");
            String start = api.tokenOfNow("cut");
            Future<List<FeedRow>> reading =
                    threads.submit(() -> Traffic.readToTheEnd(feed.after(start)));
            for (int i = 0; i < 5; i++) {
                traffic.run(1, 1_500, 800);
                proxy.cut();
            }
            traffic.end();
            List<FeedRow> rows = reading.get(60, TimeUnit.SECONDS);

            assertThat(rows.size()).isEqualTo((int) traffic.committedRows());
            FeedRow.assertSameSequence(Traffic.readToTheEnd(feed.after(start)), rows);
            ConsumerCopy replayed = new ConsumerCopy();
            replayed.apply(rows);
            replayed.assertSameAs(primary, "failover_cut");
            api.delete("/api/configs/sources/cut").expect(204);
        }
    }

    /// By ids of the primary, after each row of its transactions; and by a GTID that the primary
    /// has yet to give, with the move to the replica in between.
    @Test
    void endsOfBoundedStreamsHoldAtAReplica() throws Exception {
        replica.execute("STOP REPLICA", "RESET REPLICA ALL");
        follow();
        try (TcpProxy proxy = TcpProxy.to(primary);
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            api.addSource("bounded", proxy.uri(), TestMySql.CAPTURE);
            primary.execute(
                    "CREATE DATABASE failover_bounded",
                    "CREATE TABLE failover_bounded.t (id INT PRIMARY KEY, v VARCHAR(600))");
            FeedRequest feed = api.feed("bounded").with("tables", "failover_bounded.*");
            String start = api.tokenOfNow("bounded");
            primary.execute(
                    "USE failover_bounded",
                    "INSERT INTO t VALUES (1, REPEAT('x', 600)), (2, REPEAT('x', 600)), (3, 'z')",
                    "BEGIN",
                    "UPDATE t SET v = 'y' WHERE id < 3",
                    "INSERT INTO t VALUES (4, 'z')",
                    "COMMIT",
                    "DELETE FROM t WHERE id = 4");
            List<FeedRow> rows = toEnd(feed.with("batch", 1).with("until", "now").after(start));
            assertThat(rows).hasSize(7);
            String uuid = Sql.value(primary, "SELECT @@server_uuid");
            String executed = Sql.value(primary, "SELECT @@GLOBAL.gtid_executed");
            long last = Long.parseLong(executed.substring(executed.lastIndexOf('-') + 1));
            String two = "gtid:" + uuid + ":1-" + (last + 2);
            Future<List<FeedRow>> moving =
                    threads.submit(() -> toEnd(feed.with("until", two).after(start)));
            primary.execute("INSERT INTO failover_bounded.t VALUES (5, 'before')");
            awaitReplica();
            proxy.redirect(replica);
            primary.execute(
                    "INSERT INTO failover_bounded.t VALUES (6, 'after')",
                    "INSERT INTO failover_bounded.t VALUES (7, 'too late')");
            assertThat(moving.get(60, TimeUnit.SECONDS)).hasSize(9);

            awaitReplica();
            for (int end = 0; end < rows.size(); end++) {
                FeedRequest until = feed.with("until", String.valueOf(rows.get(end).token()));
                FeedRow.assertSameSequence(rows.subList(0, end + 1), toEnd(until.after(start)));
                String half = String.valueOf(rows.get(end / 2).token());
                FeedRow.assertSameSequence(
                        rows.subList(end / 2 + 1, end + 1), toEnd(until.after(half)));
            }
            api.delete("/api/configs/sources/bounded").expect(204);
        }
    }

    private static List<FeedRow> toEnd(FeedRequest feed) {
        List<FeedRow> rows = new ArrayList<>();
        try (FeedClient client = feed.open()) {
            while (true) {
                Frame frame = client.frame();
                if (frame.isControl("end")) {
                    assertThat(frame.data()).contains("until");
                    return rows;
                }
                if (frame.isChange()) {
                    rows.addAll(frame.change().flatten());
                }
            }
        }
    }

    /// Its rows events are cut at other rows, its files are others, and before the transaction it
    /// has some of its own.
    @Test
    void tokensInsideAnXaTransactionHoldAtAReplica() throws Exception {
        int count = 60;
        int own = 20;
        replica.execute("STOP REPLICA", "RESET REPLICA ALL");
        follow();
        try (TcpProxy proxy = TcpProxy.to(primary)) {
            api.addSource("xa", proxy.uri(), TestMySql.CAPTURE);
            primary.execute(
                    "CREATE DATABASE failover_xa",
                    "CREATE TABLE failover_xa.t (id INT PRIMARY KEY, v VARCHAR(100))");
            FeedRequest feed = api.feed("xa").with("tables", "failover_xa.*");
            awaitReplica();
            for (int i = 0; i < own; i++) {
                replica.execute(
                        "INSERT INTO failover_xa.t VALUES (%d, 'own')".formatted(2_000 + i));
            }
            String start = api.tokenOfNow("xa");
            primary.execute(
                    "XA START 'moved'",
                    """
                    INSERT INTO failover_xa.t WITH RECURSIVE n (i) AS
                        (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d)
                    SELECT i, REPEAT('x', 100) FROM n"""
                            .formatted(count),
                    "XA END 'moved'",
                    "XA PREPARE 'moved'",
                    "FLUSH BINARY LOGS",
                    "XA COMMIT 'moved'",
                    "INSERT INTO failover_xa.t VALUES (1000, 'later')");
            List<FeedRow> rows;
            try (FeedClient client = feed.with("batch", 1).after(start).open()) {
                rows = client.rows(count + 1);
            }
            awaitReplica();
            proxy.redirect(replica);
            for (int i = 0; i < count; i += 7) {
                List<FeedRow> there;
                try (FeedClient client = feed.with("batch", 1).after(rows.get(i).token()).open()) {
                    there = client.rows(rows.size() - i - 1 + own);
                }
                FeedRow.assertSameSequence(
                        rows.subList(i + 1, count), there.subList(0, count - i - 1));
                FeedRow.assertSameSequence(
                        rows.subList(count, rows.size()),
                        there.subList(there.size() - 1, there.size()));
                for (int k = 0; k < there.size() - 1; k += 9) {
                    try (FeedClient client = feed.after(there.get(k).token()).open()) {
                        List<FeedRow> rest = there.subList(k + 1, there.size());
                        FeedRow.assertSameSequence(rest, client.rows(rest.size()));
                    }
                }
            }
            api.delete("/api/configs/sources/xa").expect(204);
        }
    }

    @Test
    void streamAndTokensGoOnAtAPromotedReplica() throws Exception {
        long seed = Seeds.of("traffic.seed", FeedFailoverIT.class);
        System.out.println("FeedFailoverIT: seed " + seed);
        try (TcpProxy proxy = TcpProxy.to(primary);
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            api.addSource("moved", proxy.uri(), TestMySql.CAPTURE);
            Traffic traffic = new Traffic(primary, "failover", seed);
            FeedRequest feed = api.feed("moved").with("tables", "failover.*");
            String start = api.tokenOfNow("moved");
            Future<List<FeedRow>> reading =
                    threads.submit(() -> Traffic.readToTheEnd(feed.after(start)));
            traffic.run(2, 3_000, 300);
            List<FeedRow> singles;
            try (FeedClient client = feed.with("batch", 1).after(start).open()) {
                singles = client.rows(3_000);
            }
            awaitReplica();
            replica.execute("STOP REPLICA", "RESET REPLICA ALL");
            proxy.redirect(replica);
            Traffic later = traffic.at(replica);
            later.run(1, 500, 100);
            later.end();

            List<FeedRow> rows = reading.get(60, TimeUnit.SECONDS);
            assertThat(rows.size()).isEqualTo((int) later.committedRows());
            FeedRow.assertSameSequence(Traffic.readToTheEnd(feed.after(start)), rows);
            for (int i = 0; i < singles.size(); i += 29) {
                try (FeedClient client = feed.after(singles.get(i).token()).open()) {
                    FeedRow next = client.change().flatten().getFirst();
                    assertThat(next.isSameChange(rows.get(i + 1)))
                            .as("row %d: expected %s, but was %s", i + 1, rows.get(i + 1), next)
                            .isTrue();
                }
            }
            ConsumerCopy replayed = new ConsumerCopy();
            replayed.apply(rows);
            replayed.assertSameAs(replica, "failover");
            api.delete("/api/configs/sources/moved").expect(204);
        }
    }
}
