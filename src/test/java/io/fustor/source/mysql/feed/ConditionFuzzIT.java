package io.fustor.source.mysql.feed;

import static org.assertj.core.api.Assertions.assertThat;

import io.fustor.source.mysql.feed.ConditionKind.Written;
import io.fustor.source.mysql.support.ChangeEvent;
import io.fustor.source.mysql.support.FeedClient;
import io.fustor.source.mysql.support.FeedRequest;
import io.fustor.source.mysql.support.Frame;
import io.fustor.source.mysql.support.KeyedCopy;
import io.fustor.source.mysql.support.RunningService;
import io.fustor.source.mysql.support.Seeds;
import io.fustor.source.mysql.support.ServiceApi;
import io.fustor.source.mysql.support.SnapshotStream;
import io.fustor.source.mysql.support.TestMySql;
import java.net.URI;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.springframework.boot.test.web.server.LocalServerPort;

/// Random conditions over random tables: the rows that a replica holds in the end, and those of a
/// snapshot, are the rows that MySQL's own `WHERE` finds.
///
/// `-Dfuzz.tables=…` says how many tables, `-Dfuzz.seed=…` which; `-Dlong=fuzz` takes thousands.
@Tag("fuzz")
@RunningService
class ConditionFuzzIT {

    private static final int TABLES = Integer.getInteger("fuzz.tables", 60);
    private static final int CONDITIONS = 4;
    private static final int ROWS = 25;
    private static final int COLUMNS = 5;

    private final TestMySql mysql = TestMySql.shared();
    private final long seed = Seeds.of("fuzz.seed", ConditionFuzzIT.class);

    @LocalServerPort private int port;

    private ServiceApi api;
    private int compared;
    private int matched;

    @Test
    void rowsAreThoseThatTheServerFinds() throws SQLException {
        System.out.println("seed " + seed);
        api = new ServiceApi(URI.create("http://127.0.0.1:" + port));
        api.addSource("fuzzed", mysql);
        mysql.execute(
                "DROP DATABASE IF EXISTS condition_fuzz",
                "CREATE DATABASE condition_fuzz",
                "CREATE TABLE condition_fuzz.mark (id INT PRIMARY KEY)");
        try (Connection connection = mysql.jdbc();
                Statement statement = connection.createStatement()) {
            statement.execute("USE condition_fuzz");
            statement.execute("SET sql_mode = '', time_zone = '+00:00'");
            for (int table = 0; table < TABLES; table++) {
                check(statement, table);
            }
        }
        System.out.printf("%d tables, %d conditions, %d rows matched%n", TABLES, compared, matched);

        assertThat(compared).isEqualTo(TABLES * CONDITIONS);
        assertThat(matched).isGreaterThan(compared);
    }

    private void check(Statement statement, int number) throws SQLException {
        Random random = new Random(seed + number);
        String start = api.tokenOfNow("fuzzed");
        List<ConditionKind> kinds =
                IntStream.range(0, COLUMNS)
                        .mapToObj(
                                column ->
                                        column == 0
                                                ? ConditionKind.values()[
                                                        number % ConditionKind.values().length]
                                                : pick(random))
                        .toList();
        make(statement, kinds, random);
        change(statement, kinds, random);
        statement.execute("REPLACE INTO mark VALUES (" + number + ")");
        for (int i = 0; i < CONDITIONS; i++) {
            Written condition = condition(kinds, random, 3);
            Set<String> expected = found(statement, condition);
            String what =
                    "seed %d table %d %s%n%s".formatted(seed, number, kinds, condition.where());
            assertThat(replayed(start, condition, number)).as(what).isEqualTo(expected);
            assertThat(read(condition)).as("snapshot, %s", what).isEqualTo(expected);
            compared++;
            matched += expected.size();
        }
        statement.execute("DROP TABLE t");
    }

    private static ConditionKind pick(Random random) {
        return ConditionKind.values()[random.nextInt(ConditionKind.values().length)];
    }

    private static void make(Statement statement, List<ConditionKind> kinds, Random random)
            throws SQLException {
        String columns =
                IntStream.range(0, COLUMNS)
                        .mapToObj(i -> "c" + i + " " + kinds.get(i).type())
                        .collect(Collectors.joining(", "));
        boolean isIndexed =
                switch (kinds.getFirst()) {
                    case TEXT, BLOB, JSON, GEOMETRY -> false;
                    default -> random.nextBoolean();
                };
        statement.execute(
                "CREATE TABLE t (id INT PRIMARY KEY, %s%s)"
                        .formatted(columns, isIndexed ? ", KEY (c0)" : ""));
        String rows =
                IntStream.range(0, ROWS)
                        .mapToObj(id -> row(id, kinds, random))
                        .collect(Collectors.joining(", "));
        statement.execute("INSERT INTO t VALUES " + rows);
    }

    private static String row(int id, List<ConditionKind> kinds, Random random) {
        return kinds.stream()
                .map(kind -> kind.value(random))
                .collect(Collectors.joining(", ", "(" + id + ", ", ")"));
    }

    private static void change(Statement statement, List<ConditionKind> kinds, Random random)
            throws SQLException {
        for (int i = 0; i < 6; i++) {
            int column = random.nextInt(COLUMNS);
            statement.execute(
                    "UPDATE t SET c%d = %s WHERE id %% 4 = %d"
                            .formatted(column, kinds.get(column).value(random), random.nextInt(4)));
        }
        statement.execute("UPDATE t SET id = id + 100 WHERE id % 7 = 1");
        statement.execute("DELETE FROM t WHERE id % 11 = 3");
    }

    private static Written condition(List<ConditionKind> kinds, Random random, int depth) {
        int choice = depth == 0 ? 0 : random.nextInt(6);
        if (choice < 3) {
            int column = random.nextInt(3) == 0 ? random.nextInt(COLUMNS) : 0;
            return kinds.get(column).test("c" + column, random);
        }
        Written left = condition(kinds, random, depth - 1);
        if (choice == 3) {
            return new Written("not (" + left.where() + ")", "not (" + left.sql() + ")");
        }
        Written right = condition(kinds, random, depth - 1);
        String joined = choice == 4 ? "(%s) and (%s)" : "(%s) or (%s)";
        return new Written(
                joined.formatted(left.where(), right.where()),
                joined.formatted(left.sql(), right.sql()));
    }

    /// The condition is judged as a value: in a WHERE, MySQL rounds -0.005 to 0.00 beside a column
    /// of two decimals, and finds that 0.00 is not greater.
    private static Set<String> found(Statement statement, Written condition) throws SQLException {
        Set<String> ids = new HashSet<>();
        String query = "SELECT id, (" + condition.sql() + ") FROM t";
        try (ResultSet rows = statement.executeQuery(query)) {
            while (rows.next()) {
                if (rows.getBoolean(2)) {
                    ids.add(rows.getString(1));
                }
            }
        }
        return ids;
    }

    private FeedRequest feed(Written condition) {
        return api.feed("fuzzed")
                .with("tables", "condition_fuzz.t,condition_fuzz.mark")
                .with("where", "condition_fuzz.t: " + condition.where());
    }

    private Set<String> replayed(String start, Written condition, int mark) {
        KeyedCopy replica = new KeyedCopy();
        try (FeedClient client = feed(condition).after(start).open()) {
            while (true) {
                ChangeEvent event = client.change();
                if (event.table().equals("condition_fuzz.mark")) {
                    assertThat(event.row(0).path("id").asInt()).isEqualTo(mark);
                    return replica.keys("condition_fuzz.t");
                }
                requireKnown(replica, event);
                replica.apply(event);
            }
        }
    }

    /// What is updated or deleted was there, and what is inserted was not.
    private static void requireKnown(KeyedCopy replica, ChangeEvent event) {
        Set<String> known = replica.keys("condition_fuzz.t");
        for (int i = 0; i < event.rows().size(); i++) {
            boolean isUpdate = event.operation().equals("update");
            String key = (isUpdate ? event.before(i) : event.row(i)).path("id").toString();
            assertThat(known.contains(key))
                    .as(() -> event.json().toString())
                    .isEqualTo(!event.operation().equals("insert"));
        }
    }

    private Set<String> read(Written condition) {
        SnapshotStream stream =
                SnapshotStream.toTheEnd(
                        feed(condition)
                                .with("tables", "condition_fuzz.t")
                                .with("snapshot", "only"));
        return stream.frames().stream()
                .filter(Frame::isChange)
                .flatMap(frame -> KeyedCopy.keys(frame.change()).stream())
                .collect(Collectors.toSet());
    }
}
