package io.fustor.source.mysql.servers;

import static org.assertj.core.api.Assertions.assertThat;

import io.fustor.source.mysql.support.ConditionReplica;
import io.fustor.source.mysql.support.ConditionedOrders;
import io.fustor.source.mysql.support.FeedClient;
import io.fustor.source.mysql.support.FeedRequest;
import io.fustor.source.mysql.support.ServiceApi;
import io.fustor.source.mysql.support.SnapshotStream;
import io.fustor.source.mysql.support.Sql;
import io.fustor.source.mysql.support.TestMySql;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// What readers with a grant get of one server, compared with what the server itself selects: rows
/// that meet the grant's conditions, without hidden columns, and with masks.
final class GrantedReadings {

    private static final int ORDERS = 2_000;

    /// Conditions of a snapshot of the orders, in the service's words and in the server's.
    private static final Map<String, String> CONDITIONS = new LinkedHashMap<>();

    static {
        CONDITIONS.put("customer = 17", "customer = 17");
        CONDITIONS.put("status = 'new'", "CAST(status AS BINARY) = 'new'");
        CONDITIONS.put("status in ('néw', 'paid')", "CAST(status AS BINARY) IN ('néw', 'paid')");
        CONDITIONS.put("id between 100 and 199", "id BETWEEN 100 AND 199");
        CONDITIONS.put("total = 12.5 or total > 98", "total = 12.5 OR total > 98");
        CONDITIONS.put(
                "made >= '2026-01-01T10:00:00' and made < '2026-01-01T11:00:00'",
                "made >= '2026-01-01 10:00:00' AND made < '2026-01-01 11:00:00'");
        CONDITIONS.put("status is null and not total < 49", "status IS NULL AND NOT total < 49");
        CONDITIONS.put("note like '_x'", "CAST(note AS BINARY) LIKE '_x'");
    }

    private final TestMySql mysql;
    private final ServiceApi api;
    private final String source;

    /// Saves a source with masks beside those that the server has already.
    GrantedReadings(TestMySql mysql, ServiceApi api, String server) {
        this.mysql = mysql;
        this.api = api;
        this.source = server + "-masked";
        Map<String, Object> config =
                Map.of(
                        "uri",
                        mysql.uri(),
                        "credential",
                        Map.of(
                                "user",
                                TestMySql.CAPTURE.user(),
                                "passwd",
                                TestMySql.CAPTURE.password()),
                        "masks",
                        Map.of("condition_replica.t.v", "truncate:2", "granted.*.secret", "null"));
        api.post("/api/configs/sources/" + source, Map.of("config", config)).expect(201);
    }

    private FeedRequest feed(String reader, Map<String, Object> grant) {
        return api.as(api.addReader(source + "-" + reader, grant)).feed(source);
    }

    /// A replica of the rows of a grant whose condition uses a hidden and a masked column, under
    /// writers.
    ///
    /// @return how many rows were compared
    int replica(int changes, long seed) throws Exception {
        ConditionReplica.prepare(mysql);
        Map<String, Object> grant =
                Map.of(
                        "tables", List.of(ConditionReplica.TABLE),
                        "without", List.of("*.*.tenant"),
                        "where", List.of(ConditionReplica.CONDITION));
        return new ConditionReplica(
                        feed("replica", grant), api.tokenOfNow(source), "LEFT(v, 2)", changes)
                .run(mysql, seed);
    }

    /// Snapshots under conditions of a grant, and under those of a request.
    ///
    /// @return how many rows were compared
    int snapshots() {
        ConditionedOrders.create(mysql, "narrowed", "utf8mb4_general_ci", ORDERS);
        int rows = 0;
        for (Map.Entry<String, String> condition : CONDITIONS.entrySet()) {
            String where = "narrowed.orders: " + condition.getKey();
            Map<String, Object> grant =
                    Map.of("tables", List.of("narrowed.orders"), "where", List.of(where));
            List<String> expected =
                    Sql.column(
                            mysql,
                            "SELECT id FROM narrowed.orders WHERE "
                                    + condition.getValue()
                                    + " ORDER BY id",
                            1);
            FeedRequest granted = feed("snapshot-" + rows, grant).with("snapshot", "only");
            FeedRequest asked =
                    api.feed(source)
                            .with("tables", "narrowed.orders")
                            .with("where", where)
                            .with("snapshot", "only");
            for (FeedRequest request : List.of(granted, asked)) {
                List<String> ids = ConditionedOrders.ids(SnapshotStream.toTheEnd(request));
                assertThat(ids)
                        .as(where)
                        .isNotEmpty()
                        .containsExactlyInAnyOrderElementsOf(expected);
                rows += ids.size();
            }
        }
        assertIndexIsUsed("customer = 17", 2);
        assertIndexIsUsed("status = 'new'", 15);
        return rows;
    }

    /// @param read how many rows the server needs to send
    private void assertIndexIsUsed(String condition, int read) {
        SnapshotStream stream =
                SnapshotStream.toTheEnd(
                        api.feed(source)
                                .with("tables", "narrowed.orders")
                                .with("where", "narrowed.orders: " + condition)
                                .with("snapshot", "only"));
        assertThat(ConditionedOrders.counts(stream).getLast()).as(condition).isEqualTo(read);
    }

    /// Rows that enter a grant and leave it, one after the other.
    void crossings() {
        mysql.execute(
                "CREATE DATABASE granted CHARACTER SET utf8mb4",
                "CREATE TABLE granted.t (id INT PRIMARY KEY, n INT, secret VARCHAR(20), hidden INT)");
        Map<String, Object> grant =
                Map.of(
                        "tables", List.of("granted.*"),
                        "without", List.of("granted.*.hidden"),
                        "where", List.of("granted.*: n >= 10 and secret = 'in'"));
        List<String> lines = new ArrayList<>();
        try (FeedClient client = feed("crossings", grant).open()) {
            client.hello();
            mysql.execute(
                    "INSERT INTO granted.t VALUES (1, 9, 'in', 4711), (2, 10, 'in', 4711),"
                            + " (3, 11, 'IN', 4711), (4, NULL, 'in', 4711)",
                    "UPDATE granted.t SET n = 21 - n, hidden = 4712",
                    "UPDATE granted.t SET secret = 'in', id = id + 10 WHERE id = 3",
                    "UPDATE granted.t SET secret = 'out' WHERE id = 2",
                    "DELETE FROM granted.t");
            while (lines.size() < 7) {
                lines.addAll(client.change().lines());
            }
        }
        assertThat(lines)
                .containsExactly(
                        "insert {\"id\":2,\"n\":10,\"secret\":null}",
                        "insert entered {\"id\":1,\"n\":12,\"secret\":null}",
                        "update {\"id\":2,\"n\":11,\"secret\":null}",
                        "insert entered {\"id\":13,\"n\":10,\"secret\":null}",
                        "delete left {\"id\":2,\"n\":11,\"secret\":null}",
                        "delete {\"id\":1,\"n\":12,\"secret\":null}",
                        "delete {\"id\":13,\"n\":10,\"secret\":null}");
    }
}
