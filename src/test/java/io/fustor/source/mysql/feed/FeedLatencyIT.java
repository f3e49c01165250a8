package io.fustor.source.mysql.feed;

import static org.assertj.core.api.Assertions.assertThat;

import io.fustor.source.mysql.support.ChangeEvent;
import io.fustor.source.mysql.support.FeedClient;
import io.fustor.source.mysql.support.ServiceApi;
import io.fustor.source.mysql.support.ServiceProcess;
import io.fustor.source.mysql.support.TestMySql;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Prints how long a change takes from its commit at the server to the subscriber. A longer run:
///
///     ./mvnw verify -Dtest=none -Dsurefire.failIfNoSpecifiedTests=false \
///         -Dit.test=FeedLatencyIT -Dlatency.seconds=60
///
/// `latency.rate` is commits a second, 200 where it is not given.
class FeedLatencyIT {

    private static final int RATE = Integer.getInteger("latency.rate", 200);
    private static final int SECONDS = Integer.getInteger("latency.seconds", 1);
    private static final int WARM_UP_SECONDS = Math.max(1, SECONDS / 10);

    @TempDir private Path dataDir;

    @Test
    void printsTheTimeFromCommitToSubscriber() throws Exception {
        int warmUp = WARM_UP_SECONDS * RATE;
        int count = warmUp + SECONDS * RATE;
        long[] committing = new long[count];
        long[] committed = new long[count];
        long[] received = new long[count];
        try (TestMySql mysql = TestMySql.start();
                ServiceProcess service = ServiceProcess.start(dataDir, Map.of())) {
            ServiceApi api = new ServiceApi(service.uri("/"));
            api.addSource("latency", mysql);
            mysql.execute(
                    "CREATE DATABASE latency",
                    "CREATE TABLE latency.t (id INT PRIMARY KEY, v VARCHAR(100))");
            try (FeedClient client = api.feed("latency").with("tables", "latency.t").open();
                    Connection connection = mysql.jdbc()) {
                client.hello();
                CompletableFuture<Void> reading =
                        CompletableFuture.runAsync(() -> receive(client, received));
                commit(connection, committing, committed);
                reading.get(60, TimeUnit.SECONDS);
            }
        }

        System.out.printf("FeedLatencyIT: %d commits at %d a second%n", count - warmUp, RATE);
        print("from commit sent to change received    ", committing, received, warmUp);
        print("from commit answered to change received", committed, received, warmUp);
        print("the commit itself                      ", committing, committed, warmUp);
        assertThat(received).doesNotContain(0);
    }

    private static void receive(FeedClient client, long[] received) {
        for (int i = 0; i < received.length; i++) {
            ChangeEvent change = client.change();
            received[change.row(0).path("id").asInt()] = System.nanoTime();
        }
    }

    private static void commit(Connection connection, long[] committing, long[] committed)
            throws SQLException {
        connection.setAutoCommit(false);
        try (PreparedStatement insert =
                connection.prepareStatement("INSERT INTO latency.t VALUES (?, ?)")) {
            long start = System.nanoTime();
            for (int i = 0; i < committing.length; i++) {
                long due = start + i * 1_000_000_000L / RATE;
                while (System.nanoTime() < due) {
                    LockSupport.parkNanos(due - System.nanoTime());
                }
                insert.setInt(1, i);
                insert.setString(2, "a row of a common size, with some text in it: " + i);
                insert.executeUpdate();
                committing[i] = System.nanoTime();
                connection.commit();
                committed[i] = System.nanoTime();
            }
        }
    }

    private static void print(String what, long[] from, long[] to, int warmUp) {
        double[] millis = new double[from.length - warmUp];
        for (int i = 0; i < millis.length; i++) {
            millis[i] = (to[warmUp + i] - from[warmUp + i]) / 1e6;
        }
        Arrays.sort(millis);
        System.out.printf(
                "    %s: p50 %.2f ms, p99 %.2f ms, p99.9 %.2f ms, longest %.2f ms%n",
                what,
                at(millis, 0.5),
                at(millis, 0.99),
                at(millis, 0.999),
                millis[millis.length - 1]);
    }

    private static double at(double[] sorted, double quantile) {
        return sorted[(int) Math.min(sorted.length - 1L, (long) (sorted.length * quantile))];
    }
}
