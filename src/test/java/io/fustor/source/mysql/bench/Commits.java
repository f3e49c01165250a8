package io.fustor.source.mysql.bench;

import io.fustor.source.mysql.support.TestMySql;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;

/// Commits rows of one table at a steady rate, over as many connections as that takes, and notes
/// when each commit was answered. What a server cannot keep up with stays undone.
///
/// @param rate rows a second
/// @param rows of a commit
record Commits(TestMySql mysql, int rate, int seconds, int rows) {

    static final String TABLE = "bench.ticks";

    /// What one connection may be asked for: an answer takes a fraction of a millisecond.
    private static final int RATE_OF_ONE = 1_000;

    private static final int MOST_CONNECTIONS = 16;

    /// A row a commit.
    Commits(TestMySql mysql, int rate, int seconds) {
        this(mysql, rate, seconds, 1);
    }

    void createTable() {
        createTable("");
    }

    /// @param further columns, which the server fills itself
    void createTable(String further) {
        mysql.execute(
                "DROP TABLE IF EXISTS " + TABLE,
                "CREATE TABLE %s (tick INT PRIMARY KEY, v VARCHAR(100)%s)"
                        .formatted(TABLE, further));
    }

    /// The number of rows, if all of them can be committed in time.
    int most() {
        return rate * seconds;
    }

    /// Returns when the time is over.
    ///
    /// @return how many rows were committed
    int run(Ticks answered) throws Exception {
        int connections = Math.clamp(rate / rows / RATE_OF_ONE, 1, MOST_CONNECTIONS);
        List<Future<Integer>> writers = new ArrayList<>();
        long start = System.nanoTime();
        try (ExecutorService threads = Executors.newFixedThreadPool(connections)) {
            for (int i = 0; i < connections; i++) {
                int first = i;
                writers.add(threads.submit(() -> commit(first, connections, start, answered)));
            }
            int count = 0;
            for (Future<Integer> writer : writers) {
                count += writer.get();
            }
            return count;
        }
    }

    private int commit(int first, int step, long start, Ticks answered) throws SQLException {
        long end = start + seconds * 1_000_000_000L;
        try (Connection connection = mysql.jdbc();
                PreparedStatement insert =
                        connection.prepareStatement(
                                "INSERT INTO "
                                        + TABLE
                                        + " (tick, v) VALUES (?, ?)"
                                        + ", (?, ?)".repeat(rows - 1))) {
            int count = 0;
            for (int row = first * rows;
                    row + rows <= most() && System.nanoTime() < end;
                    row += step * rows) {
                awaitTime(start + row * 1_000_000_000L / rate);
                for (int i = 0; i < rows; i++) {
                    insert.setInt(2 * i + 1, row + i);
                    insert.setString(
                            2 * i + 2,
                            "a row of a common size, with some text in it: " + (row + i));
                }
                insert.executeUpdate();
                long now = System.nanoTime();
                for (int i = 0; i < rows; i++) {
                    answered.came(row + i, now);
                }
                count += rows;
            }
            return count;
        }
    }

    private static void awaitTime(long due) {
        for (long wait = due - System.nanoTime(); wait > 0; wait = due - System.nanoTime()) {
            LockSupport.parkNanos(wait);
        }
    }
}
