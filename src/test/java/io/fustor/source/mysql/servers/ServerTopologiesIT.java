package io.fustor.source.mysql.servers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fustor.source.mysql.support.ConsumerCopy;
import io.fustor.source.mysql.support.FeedClient;
import io.fustor.source.mysql.support.FeedRequest;
import io.fustor.source.mysql.support.FeedRow;
import io.fustor.source.mysql.support.FreePort;
import io.fustor.source.mysql.support.LocalService;
import io.fustor.source.mysql.support.ServerRelease;
import io.fustor.source.mysql.support.ServiceApi;
import io.fustor.source.mysql.support.Sql;
import io.fustor.source.mysql.support.TcpProxy;
import io.fustor.source.mysql.support.TestMySql;
import io.fustor.source.mysql.support.Traffic;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/// A source that moves over servers of several releases, and over a group whose primary is killed,
/// while writers write: each change comes once, and each id stays good. `-Dlong=servers` runs it.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Tag("servers")
@Tag("long")
class ServerTopologiesIT {

    private final LocalService service =
            LocalService.start(
                    Map.of("fustor.feed.heartbeat", "1s", "fustor.mysql.tls", "disabled"));
    private final ServiceApi api = new ServiceApi(URI.create("http://127.0.0.1:" + service.port()));

    @AfterAll
    void stop() {
        service.close();
    }

    @Test
    void aFeedMovesFromMySql57Over80To97() throws Exception {
        try (TestMySql oldest = TestMySql.start(ServerRelease.MYSQL_5_7, "--log-slave-updates");
                TestMySql middle = TestMySql.start(ServerRelease.MYSQL_8_0_31, "--server-id=2");
                TestMySql newest = TestMySql.start(ServerRelease.MYSQL_9_7, "--server-id=3");
                TcpProxy proxy = TcpProxy.to(oldest);
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            follow(middle, oldest);
            follow(newest, middle);
            api.addSource("chain", proxy.uri(), TestMySql.CAPTURE);
            long seed = System.nanoTime();
            System.out.println("ServerTopologiesIT: seed " + seed);
            Traffic traffic = new Traffic(oldest, "chain", seed);
            FeedRequest feed = api.feed("chain").with("tables", "chain.*");
            String start = api.tokenOfNow("chain");
            Future<List<FeedRow>> staying =
                    threads.submit(() -> Traffic.readToTheEnd(feed.after(start)));

            traffic.run(4, 3_000, 300);
            List<FeedRow> singles = singles(feed.after(start), 2_000);
            awaitEqual(middle, oldest);
            promote(middle);
            proxy.redirect(middle);
            Traffic second = traffic.at(middle);
            second.run(4, 2_000, 200);
            assertEachGoesOn(feed, singles);
            awaitEqual(newest, middle);
            promote(newest);
            proxy.redirect(newest);
            Traffic third = second.at(newest);
            third.run(4, 1_000, 100);
            third.end();

            List<FeedRow> rows = staying.get(120, TimeUnit.SECONDS);
            assertThat(rows).hasSize((int) third.committedRows());
            FeedRow.assertSameSequence(Traffic.readToTheEnd(feed.after(start)), rows);
            FeedRow.assertSameSequence(singles, rows.subList(0, singles.size()));
            assertEachGoesOn(feed, singles);
            assertSame(rows, newest, "chain");
            System.out.println("TOPOLOGY chain: " + rows.size() + " rows, 0 lost, 0 repeated");
        }
    }

    @Test
    void aFeedSurvivesThePrimaryOfAGroup() throws Exception {
        List<Integer> ports = List.of(FreePort.choose(), FreePort.choose(), FreePort.choose());
        List<TestMySql> members = new ArrayList<>();
        String group = UUID.randomUUID().toString();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < ports.size(); i++) {
                members.add(member(i, ports, group));
            }
            join(members);
            TestMySql first = members.getFirst();
            try (TcpProxy proxy = TcpProxy.to(first)) {
                api.addSource("group", proxy.uri(), TestMySql.CAPTURE);
                long seed = System.nanoTime();
                System.out.println("ServerTopologiesIT: seed " + seed);
                Traffic traffic = new Traffic(first, "grouped", seed);
                FeedRequest feed =
                        api.feed("group")
                                .with("tables", "grouped.*")
                                .patience(Duration.ofMinutes(2));
                String start = api.tokenOfNow("group");
                Future<List<FeedRow>> staying =
                        threads.submit(() -> Traffic.readToTheEnd(feed.after(start)));
                traffic.run(4, 3_000, 200);
                List<FeedRow> singles = singles(feed.after(start), 2_000);
                members.subList(1, 3).forEach(each -> awaitEqual(each, first));

                first.kill();
                TestMySql heir = awaitPrimary(members.subList(1, 3));
                proxy.redirect(heir);
                Traffic later = traffic.at(heir);
                later.run(4, 1_500, 100);
                later.end();

                List<FeedRow> rows = staying.get(120, TimeUnit.SECONDS);
                assertThat(rows).hasSize((int) later.committedRows());
                assertSameChanges(Traffic.readToTheEnd(feed.after(start)), rows);
                for (int i = 0; i < singles.size(); i += 401) {
                    List<FeedRow> all = new ArrayList<>(singles.subList(0, i + 1));
                    all.addAll(Traffic.readToTheEnd(feed.after(singles.get(i).token())));
                    assertSameChanges(all, rows);
                }
                assertSame(rows, heir, "grouped");
                System.out.println("TOPOLOGY group: " + rows.size() + " rows, 0 lost, 0 repeated");
            }
        } finally {
            members.forEach(TestMySql::close);
        }
    }

    private static void follow(TestMySql replica, TestMySql primary) {
        replica.execute(
                """
                CHANGE REPLICATION SOURCE TO SOURCE_HOST = '%s', SOURCE_PORT = %d,
                SOURCE_USER = '%s', SOURCE_PASSWORD = '%s', SOURCE_AUTO_POSITION = 1,
                GET_SOURCE_PUBLIC_KEY = 1"""
                        .formatted(
                                primary.host(), primary.port(), primary.user(), primary.password()),
                "START REPLICA");
    }

    private static void promote(TestMySql replica) {
        replica.execute("STOP REPLICA", "RESET REPLICA ALL");
    }

    private static void awaitEqual(TestMySql later, TestMySql ahead) {
        String executed = Sql.value(ahead, "SELECT @@GLOBAL.gtid_executed");
        String sql = "SELECT GTID_SUBSET('" + executed + "', @@GLOBAL.gtid_executed)";
        await("the replica")
                .atMost(Duration.ofSeconds(60))
                .until(() -> Sql.value(later, sql).equals("1"));
    }

    private static List<FeedRow> singles(FeedRequest feed, int count) {
        try (FeedClient client = feed.with("batch", 1).open()) {
            return client.rows(count);
        }
    }

    /// Each id names its place on the server that the address leads to now.
    private static void assertEachGoesOn(FeedRequest feed, List<FeedRow> singles) {
        for (int i = 0; i < singles.size() - 1; i += 97) {
            try (FeedClient client = feed.after(singles.get(i).token()).open()) {
                FeedRow next = client.change().flatten().getFirst();
                assertThat(next.isSameChange(singles.get(i + 1)))
                        .as("row %d: %s", i + 1, next)
                        .isTrue();
            }
        }
    }

    /// Members of a group commit what does not conflict in orders of their own.
    private static void assertSameChanges(List<FeedRow> actual, List<FeedRow> expected) {
        Comparator<FeedRow> order =
                Comparator.comparing(FeedRow::transaction).thenComparing(FeedRow::number);
        FeedRow.assertSameSequence(
                expected.stream().sorted(order).toList(), actual.stream().sorted(order).toList());
    }

    private static void assertSame(List<FeedRow> rows, TestMySql server, String schema)
            throws Exception {
        ConsumerCopy replayed = new ConsumerCopy();
        replayed.apply(rows);
        replayed.assertSameAs(server, schema);
    }

    private static TestMySql member(int number, List<Integer> ports, String group) {
        return TestMySql.start(
                ServerRelease.MYSQL_9_7,
                "--server-id=" + (number + 11),
                "--report-host=127.0.0.1",
                "--performance-schema=ON",
                "--plugin-load-add=group_replication.so",
                "--loose-group-replication-group-name=" + group,
                "--loose-group-replication-start-on-boot=OFF",
                "--loose-group-replication-recovery-get-public-key=ON",
                "--loose-group-replication-local-address=127.0.0.1:" + ports.get(number),
                "--loose-group-replication-group-seeds=127.0.0.1:"
                        + ports.get(0)
                        + ",127.0.0.1:"
                        + ports.get(1)
                        + ",127.0.0.1:"
                        + ports.get(2));
    }

    private static void join(List<TestMySql> members) {
        for (int i = 0; i < members.size(); i++) {
            TestMySql member = members.get(i);
            // Its own transactions of before would be no one else's.
            member.execute("RESET BINARY LOGS AND GTIDS");
            member.execute(
                    "CHANGE REPLICATION SOURCE TO SOURCE_USER = '%s', SOURCE_PASSWORD = '%s' FOR CHANNEL 'group_replication_recovery'"
                            .formatted(member.user(), member.password()),
                    "SET GLOBAL group_replication_bootstrap_group = " + (i == 0 ? "ON" : "OFF"),
                    "START GROUP_REPLICATION",
                    "SET GLOBAL group_replication_bootstrap_group = OFF");
            int count = i + 1;
            await("the group")
                    .atMost(Duration.ofSeconds(60))
                    .until(() -> online(member, "") == count);
        }
    }

    private static int online(TestMySql member, String also) {
        return Integer.parseInt(
                Sql.value(
                        member,
                        "SELECT COUNT(*) FROM performance_schema.replication_group_members"
                                + " WHERE MEMBER_STATE = 'ONLINE'"
                                + also));
    }

    private static TestMySql awaitPrimary(List<TestMySql> left) {
        List<TestMySql> found = new ArrayList<>();
        await("a new primary")
                .atMost(Duration.ofSeconds(90))
                .until(
                        () -> {
                            for (TestMySql each : left) {
                                String port =
                                        " AND MEMBER_ROLE = 'PRIMARY' AND MEMBER_PORT = "
                                                + each.port();
                                if (online(each, port) == 1
                                        && Sql.value(each, "SELECT @@super_read_only")
                                                .equals("0")) {
                                    found.add(each);
                                    return true;
                                }
                            }
                            return false;
                        });
        return found.getFirst();
    }
}
