package io.fustor.source.mysql.feed;

import static org.assertj.core.api.Assertions.assertThat;

import io.fustor.source.mysql.position.BinlogPosition;
import io.fustor.source.mysql.support.ChangeEvent;
import io.fustor.source.mysql.support.FeedClient;
import io.fustor.source.mysql.support.FeedRequest;
import io.fustor.source.mysql.support.FeedRow;
import io.fustor.source.mysql.support.RunningService;
import io.fustor.source.mysql.support.ServiceApi;
import io.fustor.source.mysql.support.Sql;
import io.fustor.source.mysql.support.TcpProxy;
import io.fustor.source.mysql.support.TestMySql;
import java.net.URI;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.boot.test.web.server.LocalServerPort;
import tools.jackson.databind.JsonNode;

/// The rows of an XA transaction come where it is committed, however long before it was prepared.
@RunningService
class FeedXaIT {

    private enum Gtids {
        ON,
        OFF
    }

    private static final int ROWS = 300;
    private static final int MANY = 40_000;

    @LocalServerPort private int port;

    private final Map<Gtids, TestMySql> servers = new EnumMap<>(Gtids.class);
    private ServiceApi api;

    @BeforeAll
    void start() {
        api = new ServiceApi(URI.create("http://127.0.0.1:" + port));
        for (Gtids gtids : Gtids.values()) {
            TestMySql mysql = TestMySql.start("--gtid-mode=" + gtids);
            servers.put(gtids, mysql);
            mysql.execute(
                    "CREATE DATABASE xa",
                    "CREATE TABLE xa.t (id INT PRIMARY KEY, v VARCHAR(250))",
                    "CREATE TABLE xa.plain (id INT PRIMARY KEY)");
            api.addSource("xa-" + gtids, mysql);
        }
    }

    @AfterAll
    void stop() {
        for (Gtids gtids : servers.keySet()) {
            api.delete("/api/configs/sources/xa-" + gtids);
            servers.get(gtids).close();
        }
    }

    /// A feed without a source's earlier tests in it.
    private FeedRequest feed(Gtids gtids) {
        servers.get(gtids).execute("DELETE FROM xa.t", "DELETE FROM xa.plain");
        return api.feed("xa-" + gtids);
    }

    private static void prepare(TestMySql mysql, String xid, String... statements) {
        List<String> all = new ArrayList<>();
        all.add("XA START " + xid);
        all.addAll(List.of(statements));
        all.add("XA END " + xid);
        all.add("XA PREPARE " + xid);
        mysql.execute(all.toArray(String[]::new));
    }

    private static String insert(int... ids) {
        List<String> values = IntStream.of(ids).mapToObj(id -> "(" + id + ", 'v')").toList();
        return "INSERT INTO xa.t VALUES " + String.join(", ", values);
    }

    private static String insertMany(int count) {
        return """
        INSERT INTO xa.t WITH RECURSIVE n (i) AS
            (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d)
        SELECT /*+ SET_VAR(cte_max_recursion_depth = 100000) */ i, REPEAT('x', 200) FROM n"""
                .formatted(count);
    }

    private static void compressed(TestMySql mysql, String xid, String insert, String commit) {
        mysql.execute(
                "SET SESSION binlog_transaction_compression = ON",
                "XA START " + xid,
                insert,
                "XA END " + xid,
                commit);
    }

    /// What is committed in which order is said by the ids.
    private static void commitOneToEleven(TestMySql mysql) {
        prepare(mysql, "'a'", insert(3), "UPDATE xa.t SET v = 'w' WHERE id = 3", insert(4));
        prepare(mysql, "'b','branch',7", insert(2));
        prepare(mysql, "'never'", insert(100));
        mysql.execute(
                insert(1),
                "FLUSH BINARY LOGS",
                "XA COMMIT 'b','branch',7",
                "XA ROLLBACK 'never'",
                "FLUSH BINARY LOGS",
                "XA COMMIT 'a'",
                "XA START 'c'",
                insert(5),
                "XA END 'c'",
                "XA COMMIT 'c' ONE PHASE");
        prepare(mysql, "'a'", insert(6, 7));
        mysql.execute("XA COMMIT 'a'");
        compressed(mysql, "'zip'", insert(8), "XA PREPARE 'zip'");
        compressed(mysql, "'zip1'", insert(9), "XA COMMIT 'zip1' ONE PHASE");
        mysql.execute("XA COMMIT 'zip'", insert(10), insert(11));
    }

    private static List<ChangeEvent> readToId(FeedClient client, int last) {
        List<ChangeEvent> changes = new ArrayList<>();
        do {
            changes.add(client.change());
        } while (id(changes.getLast()) != last);
        return changes;
    }

    private static int id(ChangeEvent change) {
        return change.row(0).path("id").asInt();
    }

    private static List<FeedRow> flatten(List<ChangeEvent> changes) {
        return changes.stream().flatMap(change -> change.flatten().stream()).toList();
    }

    @ParameterizedTest
    @EnumSource
    void deliversRowsInTheOrderOfTheCommits(Gtids gtids) {
        FeedRequest feed = feed(gtids);
        try (FeedClient live = feed.open()) {
            String start = live.hello();
            commitOneToEleven(servers.get(gtids));

            List<ChangeEvent> changes = readToId(live, 11);

            assertThat(changes.stream().map(FeedXaIT::id))
                    .containsExactly(1, 2, 3, 3, 4, 5, 6, 9, 8, 10, 11);
            assertThat(changes.stream().map(ChangeEvent::index)).isSorted();
            assertThat(changes.stream().map(ChangeEvent::timestamp)).isSorted();
            assertThat(changes.stream().map(FeedXaIT::firstRow).toList())
                    .containsExactly(0, 0, 0, 1, 2, 0, 0, 0, 0, 0, 0);
            assertThat(changes.stream().map(FeedXaIT::transaction).distinct()).hasSize(9);
            checkTokens(feed, start, flatten(changes));
        }
    }

    private static int firstRow(ChangeEvent change) {
        return change.metadata().path("transaction").path("first_row").asInt();
    }

    private static String transaction(ChangeEvent change) {
        return change.metadata().path("transaction").path("id").asString();
    }

    /// Reads on after the start and after each token.
    private static void checkTokens(FeedRequest feed, String start, List<FeedRow> rows) {
        checkRest(feed.after(start), rows);
        for (int i = 0; i < rows.size() - 1; i++) {
            if (rows.get(i).token() != null) {
                checkRest(feed.after(rows.get(i).token()), rows.subList(i + 1, rows.size()));
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void saysWhichTransactionsEnded(Gtids gtids) {
        TestMySql mysql = servers.get(gtids);
        try (FeedClient client = feed(gtids).with("transactions", true).open()) {
            client.hello();
            prepare(mysql, "'t'", insert(1, 2));
            mysql.execute("XA COMMIT 't'");

            int prepared = client.control("commit").path("transaction").path("rows").asInt();
            ChangeEvent change = client.change();
            JsonNode commit = client.control("commit").path("transaction");

            assertThat(prepared).isZero();
            assertThat(commit.path("rows").asInt()).isEqualTo(2);
            assertThat(commit.path("id").asString()).isEqualTo(transaction(change));
        }
    }

    @ParameterizedTest
    @EnumSource
    void deliversWhatWasPreparedBeforeTheSubscriberCame(Gtids gtids) {
        TestMySql mysql = servers.get(gtids);
        FeedRequest feed = feed(gtids);
        prepare(mysql, "'old'", insert(1));
        prepare(mysql, "'used'", insert(100));
        mysql.execute("XA ROLLBACK 'used'", "FLUSH BINARY LOGS");
        prepare(mysql, "'used'", insert(2));
        prepare(mysql, "'new'", insert(3));
        try (FeedClient live = feed.open()) {
            String start = live.hello();
            mysql.execute(
                    insert(4), "XA COMMIT 'new'", "XA COMMIT 'old'", "XA COMMIT 'used'", insert(5));

            List<ChangeEvent> changes = readToId(live, 5);

            assertThat(changes.stream().map(FeedXaIT::id)).containsExactly(4, 3, 1, 2, 5);
            checkTokens(feed, start, flatten(changes));
        }
    }

    @ParameterizedTest
    @EnumSource
    void deliversWhatWasPreparedBeforeTheServerWasKilled(Gtids gtids) {
        TestMySql mysql = servers.get(gtids);
        FeedRequest feed = feed(gtids);
        try (FeedClient live = feed.open()) {
            String start = live.hello();
            prepare(mysql, "'crash'", insert(1, 2));
            mysql.execute(insert(3));
            mysql.kill();
            mysql.startAgain();
            mysql.execute("XA COMMIT 'crash'", insert(4));

            List<ChangeEvent> changes = readToId(live, 4);

            assertThat(changes.stream().map(FeedXaIT::id)).containsExactly(3, 1, 4);
            assertThat(changes.get(1).rows()).hasSize(2);
            checkTokens(feed, start, flatten(changes));
        }
    }

    /// By tokens before which everything is past, so that each is found by a search.
    @ParameterizedTest
    @EnumSource
    void resumesAfterEachRow(Gtids gtids) throws Exception {
        TestMySql mysql = servers.get(gtids);
        FeedRequest feed = feed(gtids);
        prepare(
                mysql,
                "'rows'",
                insertMany(ROWS / 2),
                "UPDATE xa.t SET v = CONCAT(v, 'y') WHERE id <= " + (ROWS / 2 - 1),
                "INSERT INTO xa.plain VALUES (1)");
        mysql.execute("FLUSH BINARY LOGS");
        prepare(mysql, "'later'", insert(9_000));
        String start = api.tokenOfNow("xa-" + gtids);
        mysql.execute("XA COMMIT 'rows'", "XA COMMIT 'later'");

        List<FeedRow> rows;
        try (FeedClient client = feed.with("batch", 1).after(start).open()) {
            rows = client.rows(ROWS + 1);
        }
        assertThat(rows.stream().map(FeedRow::token).distinct().count()).isEqualTo(ROWS + 1);
        try (ExecutorService readers = Executors.newFixedThreadPool(4)) {
            List<Future<?>> checks = new ArrayList<>();
            for (int i = 0; i < ROWS; i++) {
                FeedRequest resumed = feed.with("batch", 1 + i % 90).after(rows.get(i).token());
                List<FeedRow> rest = rows.subList(i + 1, ROWS + 1);
                checks.add(readers.submit(() -> checkNext(resumed, rest)));
            }
            for (Future<?> check : checks) {
                check.get(60, TimeUnit.SECONDS);
            }
        }
    }

    private static void checkNext(FeedRequest resumed, List<FeedRow> expected) {
        try (FeedClient client = resumed.open()) {
            List<FeedRow> received = client.change().flatten();
            FeedRow.assertSameSequence(expected.subList(0, received.size()), received);
            client.cut();
        }
    }

    private static void checkRest(FeedRequest resumed, List<FeedRow> expected) {
        try (FeedClient client = resumed.open()) {
            FeedRow.assertSameSequence(expected, client.rows(expected.size()));
            client.cut();
        }
    }

    /// One subscriber is live, the other, of another user, catches up at its own pace.
    @ParameterizedTest
    @EnumSource
    void goesOnInTheMiddleOfOneWhenItsConnectionsAreCut(Gtids gtids) {
        TestMySql mysql = servers.get(gtids);
        feed(gtids);
        try (TcpProxy proxy = TcpProxy.to(mysql)) {
            api.addSource("xa-live", proxy.uri(), TestMySql.CAPTURE);
            api.addSource("xa-slow", proxy.uri(), TestMySql.ROOT);
            prepare(mysql, "'many'", insertMany(MANY));
            FeedRequest slow = api.feed("xa-slow").receiveBuffer(64 * 1024);
            long end = end(mysql);
            try (FeedClient live = api.feed("xa-live").open()) {
                live.hello();
                mysql.execute("XA COMMIT 'many'");
                try (FeedClient client = slow.with("from", end).open()) {
                    requireAll(readWithCuts(client, proxy));
                }
                requireAll(live.rows(MANY));
            }
            api.delete("/api/configs/sources/xa-live").expect(204);
            api.delete("/api/configs/sources/xa-slow").expect(204);
        }
    }

    private static long end(TestMySql mysql) {
        String file = Sql.column(mysql, "SHOW MASTER STATUS", 1).getFirst();
        String offset = Sql.column(mysql, "SHOW MASTER STATUS", 2).getFirst();
        return new BinlogPosition(file, Long.parseLong(offset)).index();
    }

    private static List<FeedRow> readWithCuts(FeedClient client, TcpProxy proxy) {
        List<FeedRow> rows = new ArrayList<>();
        for (int cut = 1; cut <= 3; cut++) {
            rows.addAll(client.rows(MANY / 20));
            proxy.cut();
        }
        while (rows.size() < MANY) {
            rows.addAll(client.change().flatten());
        }
        return rows;
    }

    private static void requireAll(List<FeedRow> rows) {
        assertThat(rows.stream().map(FeedRow::number).toList())
                .isEqualTo(LongStream.range(0, MANY).boxed().toList());
        assertThat(rows.stream().map(FeedRow::transaction).distinct()).hasSize(1);
    }

    @ParameterizedTest
    @EnumSource
    void stopsWhereTheRowsArePurged(Gtids gtids) {
        TestMySql mysql = servers.get(gtids);
        FeedRequest feed = feed(gtids);
        prepare(mysql, "'gone'", insert(1));
        mysql.execute("FLUSH BINARY LOGS");
        String last = Sql.purgeToNewest(mysql);
        String start;
        try (FeedClient client = feed.open()) {
            start = client.hello();
            mysql.execute(insert(2), "XA COMMIT 'gone'", insert(3));

            assertThat(id(client.change())).isEqualTo(2);
            JsonNode error = client.control("error");

            assertThat(error.path("code").asString()).isEqualTo("XA_TRANSACTION");
            assertThat(error.path("detail").asString()).contains("X'676f6e65',X'',1", last);
        }
        try (FeedClient client = feed.after(start).open()) {
            assertThat(id(client.change())).isEqualTo(2);
            assertThat(client.control("error").path("code").asString()).isEqualTo("XA_TRANSACTION");
        }
    }
}
