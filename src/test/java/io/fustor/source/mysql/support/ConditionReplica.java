package io.fustor.source.mysql.support;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import tools.jackson.databind.JsonNode;

/// Replicas by key of the rows that meet [#CONDITION], while eight writers change all of them: in
/// the end they are what the server selects. One begins with a snapshot during the changes and is
/// cut off again and again, and one reads Debezium's format.
///
/// @param feed delivers the rows of [#TABLE] that meet [#CONDITION]
/// @param start the place of its source before the changes
/// @param printed the columns after `id` as the feed delivers them, in the server's own words
/// @param changes how many rows the writers change, about
public record ConditionReplica(FeedRequest feed, String start, String printed, int changes) {

    public static final String TABLE = "condition_replica.t";

    /// What the rows meet, as the parameter `where` takes it.
    public static final String CONDITION =
            TABLE + ": tenant = 7 and v <> 'A' or tenant between 8 and 9 and v like 'b%'";

    private static final String SELECTED =
            """
            SELECT CONCAT_WS(' ', id, %s) FROM condition_replica.t
            WHERE tenant = 7 AND CAST(v AS BINARY) <> 'A'
               OR tenant BETWEEN 8 AND 9 AND CAST(v AS BINARY) LIKE 'b%%'""";

    private static final int WRITERS = 8;
    private static final int IDS = 300;
    private static final int END = 1_000_000;

    /// A deadlock, a lock that took too long, a row that changed, a key that is taken.
    private static final Set<Integer> REFUSALS = Set.of(1213, 1205, 1020, 1062);

    /// Makes the table anew, without rows.
    public static void prepare(TestMySql mysql) {
        mysql.execute(
                "DROP DATABASE IF EXISTS condition_replica",
                "CREATE DATABASE condition_replica CHARACTER SET utf8mb4",
                "CREATE TABLE condition_replica.t (id INT PRIMARY KEY, tenant INT, v VARCHAR(20),"
                        + " KEY (tenant))");
    }

    /// @return how many rows were compared
    public int run(TestMySql mysql, long seed) throws Exception {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> writers = new ArrayList<>();
            for (int writer = 0; writer < WRITERS; writer++) {
                Random random = new Random(31 * seed + writer);
                writers.add(
                        threads.submit(
                                () -> {
                                    write(mysql, random);
                                    return null;
                                }));
            }
            CountDownLatch begun = new CountDownLatch(1);
            Future<Map<String, String>> cut = threads.submit(() -> cut(new Random(seed), begun));
            Future<Map<String, String>> debezium = threads.submit(this::debezium);
            for (Future<?> writer : writers) {
                writer.get();
            }
            await("the snapshot's start").until(() -> begun.getCount() == 0 || cut.isDone());
            mysql.execute("INSERT INTO %s VALUES (%d, 7, 'end')".formatted(TABLE, END));
            Map<String, String> expected = selected(mysql);

            assertThat(expected.size()).isGreaterThan(1);
            assertThat(cut.get()).as("seed %d", seed).isEqualTo(expected);
            assertThat(debezium.get()).as("debezium, seed %d", seed).isEqualTo(expected);
            return expected.size();
        }
    }

    private void write(TestMySql mysql, Random random) throws SQLException {
        try (Connection connection = mysql.jdbc();
                Statement statement = connection.createStatement()) {
            statement.execute("USE condition_replica");
            for (int done = 0; done < changes / WRITERS; ) {
                int statements = 1 + random.nextInt(5);
                statement.execute("BEGIN");
                for (int i = 0; i < statements; i++) {
                    change(statement, random);
                }
                statement.execute(random.nextInt(10) == 0 ? "ROLLBACK" : "COMMIT");
                done += statements;
            }
        }
    }

    private static void change(Statement statement, Random random) throws SQLException {
        int id = random.nextInt(IDS);
        int tenant = 5 + random.nextInt(5);
        String tenantOrNull = random.nextInt(8) == 0 ? "NULL" : String.valueOf(tenant);
        String sql =
                switch (random.nextInt(6)) {
                    case 0 -> "DELETE FROM t WHERE id = " + id;
                    case 1 ->
                            "UPDATE t SET tenant = %s WHERE id BETWEEN %d AND %d"
                                    .formatted(tenantOrNull, id, id + 5);
                    case 2 ->
                            "UPDATE t SET v = CONCAT(LEFT(v, 3), %d), tenant = tenant + 1 WHERE id = %d"
                                    .formatted(random.nextInt(100), id);
                    case 3 ->
                            "UPDATE IGNORE t SET id = %d WHERE id = %d"
                                    .formatted(random.nextInt(IDS), id);
                    default ->
                            "REPLACE INTO t VALUES (%d, %s, '%s'), (%d, %d, 'b')"
                                    .formatted(
                                            id,
                                            tenantOrNull,
                                            random.nextBoolean() ? "a" : "A",
                                            (id + 1) % IDS,
                                            tenant);
                };
        try {
            statement.execute(sql);
        } catch (SQLException e) {
            if (!REFUSALS.contains(e.getErrorCode())) {
                throw e;
            }
        }
    }

    private Map<String, String> selected(TestMySql mysql) {
        Map<String, String> rows = new TreeMap<>();
        for (String row : Sql.column(mysql, SELECTED.formatted(printed), 1)) {
            rows.put(row.substring(0, row.indexOf(' ')), row);
        }
        return rows;
    }

    /// Ends with the last row as a change. A snapshot that is resumed may read that row before the
    /// changes of earlier ones come.
    ///
    /// @param begun once all later changes come as such: there is a row to resume after
    private Map<String, String> cut(Random random, CountDownLatch begun) {
        Map<String, String> rows = new TreeMap<>();
        String token = null;
        while (true) {
            FeedRequest request = feed.with("batch", 1 + random.nextInt(4)).after(token);
            try (FeedClient client =
                    (token == null ? request.with("snapshot", "initial") : request).open()) {
                for (int i = random.nextInt(400); i >= 0; i--) {
                    Frame frame = client.frame();
                    if (!frame.isChange()) {
                        continue;
                    }
                    if (apply(frame.change(), rows)) {
                        return rows;
                    }
                    begun.countDown();
                }
                token = client.token();
            }
        }
    }

    /// Says whether it was the last change.
    private static boolean apply(ChangeEvent event, Map<String, String> rows) {
        boolean isSnapshot = event.json().path("message_source").asString().equals("snapshot");
        boolean isLast = false;
        for (int i = 0; i < event.rows().size(); i++) {
            JsonNode row = event.row(i);
            if (event.operation().equals("update")) {
                rows.remove(event.before(i).path("id").toString());
            }
            put(row, event.operation().equals("delete"), rows);
            isLast |= !isSnapshot && row.path("id").asInt() == END;
        }
        return isLast;
    }

    private static void put(JsonNode row, boolean isGone, Map<String, String> rows) {
        String id = row.path("id").toString();
        if (isGone) {
            rows.remove(id);
            return;
        }
        List<String> values = new ArrayList<>();
        row.forEach(value -> values.add(value.asString()));
        rows.put(id, String.join(" ", values));
    }

    private Map<String, String> debezium() {
        Map<String, String> rows = new TreeMap<>();
        try (FeedClient client = feed.with("format", "debezium").after(start).open()) {
            while (!rows.containsKey(String.valueOf(END))) {
                Frame frame = client.frame();
                if (frame.isChange()) {
                    JsonNode envelope = ChangeEvent.JSON.readTree(frame.data());
                    if (!envelope.path("before").isNull()) {
                        put(envelope.path("before"), true, rows);
                    }
                    if (!envelope.path("after").isNull()) {
                        put(envelope.path("after"), false, rows);
                    }
                }
            }
        }
        return rows;
    }
}
