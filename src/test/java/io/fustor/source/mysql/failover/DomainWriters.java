package io.fustor.source.mysql.failover;

import static org.assertj.core.api.Assertions.assertThat;

import io.fustor.source.mysql.support.FeedClient;
import io.fustor.source.mysql.support.FeedRequest;
import io.fustor.source.mysql.support.FeedRow;
import io.fustor.source.mysql.support.TestMySql;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/// Writers that each write into a `gtid_domain_id` of their own, and a table of their own, rows
/// that they number: between domains a replica keeps no order, within one it does.
final class DomainWriters {

    private static final int DOMAINS = 3;
    private static final int MOST_ROWS = 9;

    private final int[] written = new int[DOMAINS];

    DomainWriters(TestMySql server) {
        server.execute("CREATE DATABASE domains");
        for (int i = 0; i < DOMAINS; i++) {
            server.execute("CREATE TABLE domains.t%d (id INT PRIMARY KEY)".formatted(i));
        }
    }

    /// All writers commit so many transactions each, at one time.
    void write(TestMySql server, int transactions) throws InterruptedException, ExecutionException {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> writing = new ArrayList<>();
            for (int i = 0; i < DOMAINS; i++) {
                int domain = i;
                writing.add(
                        threads.submit(
                                () -> {
                                    write(server, domain, transactions);
                                    return null;
                                }));
            }
            for (Future<?> each : writing) {
                each.get();
            }
        }
    }

    private void write(TestMySql server, int domain, int transactions) throws SQLException {
        try (Connection connection = server.jdbc();
                Statement statement = connection.createStatement()) {
            statement.execute("SET SESSION gtid_domain_id = " + domain);
            for (int i = 0; i < transactions; i++) {
                int rows = 1 + i % MOST_ROWS;
                List<String> values = new ArrayList<>();
                for (int k = 0; k < rows; k++) {
                    values.add("(" + ++written[domain] + ")");
                }
                statement.execute(
                        "INSERT INTO domains.t%d VALUES %s"
                                .formatted(domain, String.join(",", values)));
            }
        }
    }

    /// Commits a last row into each table, in one transaction.
    void end(TestMySql server) {
        List<String> statements = new ArrayList<>(List.of("BEGIN"));
        for (int i = 0; i < DOMAINS; i++) {
            statements.add("INSERT INTO domains.t%d VALUES (%d)".formatted(i, ++written[i]));
        }
        statements.add("COMMIT");
        server.execute(statements.toArray(String[]::new));
    }

    /// The last table's rows are of the last domain, but for the last one.
    private static boolean isEnd(FeedRow row) {
        return row.table().equals("domains.t" + (DOMAINS - 1))
                && row.transaction().startsWith("0-");
    }

    private static int id(FeedRow row) {
        return Integer.parseInt(row.row().replaceAll("\\D", ""));
    }

    static List<FeedRow> readToTheEnd(FeedRequest feed) {
        List<FeedRow> rows = new ArrayList<>();
        try (FeedClient client = feed.open()) {
            while (rows.isEmpty() || !isEnd(rows.getLast())) {
                rows.addAll(client.change().flatten());
            }
        }
        return rows;
    }

    /// Row by row, with the connection cut after every few. While there is no server, it comes
    /// again.
    static List<FeedRow> readWithCuts(FeedRequest feed, String start) {
        List<FeedRow> rows = new ArrayList<>();
        String token = start;
        while (true) {
            try (FeedClient client = feed.with("batch", 1).after(token).send()) {
                for (int i = 0; i < 60 && client.status() != 503; i++) {
                    rows.addAll(client.change().flatten());
                    if (isEnd(rows.getLast())) {
                        return rows;
                    }
                }
                token = client.status() == 503 ? token : client.token();
            }
        }
    }

    /// Each row once, and those of each domain in their order.
    void assertComplete(List<FeedRow> rows) {
        assertNumbered(rows, Map.of());
    }

    /// What follows the row's id is what follows the row.
    void assertRest(List<FeedRow> rows, int index, FeedRequest feed) {
        Map<String, Integer> had = new TreeMap<>();
        rows.subList(0, index + 1).forEach(row -> had.put(row.table(), id(row)));
        assertNumbered(readToTheEnd(feed.after(rows.get(index).token())), had);
    }

    private void assertNumbered(Collection<FeedRow> rows, Map<String, Integer> had) {
        for (int i = 0; i < DOMAINS; i++) {
            String table = "domains.t" + i;
            int next = had.getOrDefault(table, 0);
            for (FeedRow row : rows) {
                if (row.table().equals(table)) {
                    assertThat(id(row)).as(table).isEqualTo(++next);
                }
            }
            assertThat(next).as(table).isEqualTo(written[i]);
        }
    }
}
