package io.fustor.source.mysql.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fustor.source.mysql.support.FeedClient;
import io.fustor.source.mysql.support.ServiceApi;
import io.fustor.source.mysql.support.ServiceProcess;
import io.fustor.source.mysql.support.Sql;
import io.fustor.source.mysql.support.TestMySql;
import io.fustor.source.mysql.support.TestPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What one more instance costs the MySQL server that it reads, and the state database: processor
/// time, connections and transactions, for none to three instances with live subscribers.
@Tag("scale")
@Tag("long")
class InstanceCostIT {

    private static final int MOST = Integer.getInteger("scale.instances", 3);
    private static final int CLIENTS = 10;
    private static final Duration TIME = Duration.ofSeconds(Integer.getInteger("scale.cost", 10));

    private static final String ROW = "INSERT INTO cost.t (v) VALUES (REPEAT('x', 100))";

    @TempDir private Path folder;

    private final AtomicBoolean isOver = new AtomicBoolean();
    private final AtomicLong rows = new AtomicLong();

    private record Usage(long rows, long ticks, long queries, long stateTransactions) {}

    @Test
    void oneMoreInstanceNeedsAFewConnections() throws Exception {
        try (var postgres = TestPostgres.start();
                var mysql = TestMySql.start();
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            mysql.execute(
                    "CREATE DATABASE cost",
                    "CREATE TABLE cost.t (id INT AUTO_INCREMENT PRIMARY KEY, v VARCHAR(100))");
            Map<String, String> settings = new HashMap<>(postgres.database("cost"));
            settings.put(
                    "fustor.security.encryption-key",
                    "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=");
            List<ServiceProcess> services = new ArrayList<>();
            List<FeedClient> clients = new ArrayList<>();
            threads.submit(() -> write(mysql));
            try {
                for (int instances = 0; instances <= MOST; instances++) {
                    if (instances > 0) {
                        services.add(addOne(instances, settings, mysql, threads, clients));
                    }
                    int connections = connections(mysql);
                    Usage before = usage(mysql, postgres);
                    await().pollDelay(TIME).atMost(TIME.multipliedBy(3)).until(() -> true);
                    print(instances, connections, before, usage(mysql, postgres));
                    assertThat(connections).isBetween(instances, 4 * instances);
                }
            } finally {
                isOver.set(true);
                clients.forEach(FeedClient::cut);
                services.forEach(ServiceProcess::close);
            }
        }
    }

    private ServiceProcess addOne(
            int number,
            Map<String, String> settings,
            TestMySql mysql,
            ExecutorService threads,
            List<FeedClient> clients) {
        ServiceProcess service = ServiceProcess.start(folder.resolve("cost-" + number), settings);
        ServiceApi api = new ServiceApi(service.uri("/"));
        if (number == 1) {
            api.addSource("cost", mysql);
        }
        for (int i = 0; i < CLIENTS; i++) {
            FeedClient client = api.feed("cost").with("tables", "cost.t").open();
            clients.add(client);
            threads.submit(() -> readOn(client));
        }
        await().until(() -> live(api) >= number * CLIENTS);
        return service;
    }

    private static long live(ServiceApi api) {
        return api.source("cost")
                .path("subscribers")
                .valueStream()
                .filter(one -> one.path("state").asString().equals("live"))
                .count();
    }

    private static void print(int instances, int connections, Usage from, Usage to) {
        double seconds = TIME.toMillis() / 1000.0;
        long rows = Math.max(1, to.rows() - from.rows());
        System.out.printf(
                "InstanceCostIT: instances=%d connections=%d mysqld=%.0f ms/s, %.1f CPU s per million"
                        + " rows; rows=%.0f/s, queries beside the writer's=%.1f/s, transactions of"
                        + " the state=%.1f/s%n",
                instances,
                connections,
                (to.ticks() - from.ticks()) * 10 / seconds,
                (to.ticks() - from.ticks()) / 100.0 / rows * 1e6,
                rows / seconds,
                (to.queries() - from.queries() - rows) / seconds,
                (to.stateTransactions() - from.stateTransactions()) / seconds);
    }

    private Usage usage(TestMySql mysql, TestPostgres postgres) throws IOException, SQLException {
        String stat = Files.readString(Path.of("/proc", Long.toString(mysql.pid()), "stat"));
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
        return new Usage(
                rows.get(),
                Long.parseLong(fields[11]) + Long.parseLong(fields[12]),
                Long.parseLong(
                        Sql.value(
                                mysql,
                                "SELECT variable_value FROM performance_schema.global_status"
                                        + " WHERE variable_name = 'Questions'")),
                transactions(postgres));
    }

    private static long transactions(TestPostgres postgres) throws SQLException {
        try (var connection = postgres.connect("cost");
                var statement = connection.createStatement();
                var row =
                        statement.executeQuery(
                                "SELECT xact_commit + xact_rollback FROM pg_stat_database"
                                        + " WHERE datname = 'cost'")) {
            row.next();
            return row.getLong(1);
        }
    }

    private static int connections(TestMySql mysql) {
        return Integer.parseInt(
                Sql.value(
                        mysql,
                        "SELECT COUNT(*) FROM information_schema.processlist WHERE user = '"
                                + TestMySql.CAPTURE.user()
                                + "'"));
    }

    private void write(TestMySql mysql) {
        try (var connection = mysql.jdbc();
                var insert = connection.prepareStatement(ROW)) {
            while (!isOver.get()) {
                insert.executeUpdate();
                rows.incrementAndGet();
                LockSupport.parkNanos(4_000_000);
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void readOn(FeedClient client) {
        try {
            while (true) {
                client.frame();
            }
        } catch (RuntimeException | AssertionError _) {
            // Cut at the end of the test.
        }
    }
}
