package io.fustor.source.mysql.support;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.SQLTransactionRollbackException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/// Writers that commit random transactions over the three tables of a schema: inserts, updates,
/// changes of keys and deletes, in statements of one row and of many, with rollbacks of whole
/// transactions and of parts between them. What each writer does follows from the seed; how the
/// writers' transactions interleave does not. Each writer has keys of its own, so that they seldom
/// meet.
public final class Traffic {

    /// The tables, in the order in which the writers number them.
    public static final List<String> TABLES = List.of("accounts", "orders", "readings");

    /// In every row that [#end] commits, and in no other.
    private static final String END = "the end";

    private static final int LONGEST_STATEMENT = 400;
    private static final int ROLLBACK_PERCENT = 5;
    private static final long KEYS_A_WRITER = 1_000_000_000_000L;
    private static final long KEY_STEP = 100_000_000L;

    private final TestMySql server;
    private final String schema;
    private final long seed;
    private final AtomicLong committedRows;
    private final AtomicLong runs;
    private final AtomicLong ends;

    /// Makes the schema anew, with its tables.
    public Traffic(TestMySql server, String schema, long seed) {
        this(server, schema, seed, new AtomicLong(), new AtomicLong(), new AtomicLong());
        server.execute(
                "DROP DATABASE IF EXISTS " + schema,
                "CREATE DATABASE " + schema,
                """
                CREATE TABLE %s.accounts (
                    id BIGINT UNSIGNED PRIMARY KEY, name VARCHAR(80) NOT NULL,
                    balance DECIMAL(12,2) NOT NULL, note TEXT)"""
                        .formatted(schema),
                """
                CREATE TABLE %s.orders (
                    shop INT NOT NULL, id BIGINT NOT NULL, name VARCHAR(80) NOT NULL,
                    balance DECIMAL(12,2) NOT NULL, note TEXT, PRIMARY KEY (shop, id))"""
                        .formatted(schema),
                """
                CREATE TABLE %s.readings (
                    name VARCHAR(80) CHARACTER SET latin1 NOT NULL, id BIGINT NOT NULL,
                    balance DOUBLE NOT NULL, note VARBINARY(400), PRIMARY KEY (id, name))"""
                        .formatted(schema));
    }

    private Traffic(
            TestMySql server,
            String schema,
            long seed,
            AtomicLong committedRows,
            AtomicLong runs,
            AtomicLong ends) {
        this.server = server;
        this.schema = schema;
        this.seed = seed;
        this.committedRows = committedRows;
        this.runs = runs;
        this.ends = ends;
    }

    /// The same traffic, going on at a server that has the tables already.
    public Traffic at(TestMySql other) {
        return new Traffic(other, schema, seed, committedRows, runs, ends);
    }

    /// Rows changed by transactions that were committed.
    public long committedRows() {
        return committedRows.get();
    }

    /// Whether a row is the last one that a reader of a table, or of all of them, will see.
    ///
    /// @param table without schema; null for all tables
    public static boolean isEnd(FeedRow row, @Nullable String table) {
        String last = table == null ? TABLES.getLast() : table;
        return row.row().contains(END) && row.table().endsWith("." + last);
    }

    /// Reads on until the traffic's end, and adds to the rows.
    public static void readToTheEnd(FeedClient client, List<FeedRow> rows) {
        while (rows.isEmpty() || !isEnd(rows.getLast(), null)) {
            rows.addAll(client.change().flatten());
        }
    }

    /// All rows of a stream up to the traffic's end.
    public static List<FeedRow> readToTheEnd(FeedRequest feed) {
        List<FeedRow> rows = new ArrayList<>();
        try (FeedClient client = feed.open()) {
            readToTheEnd(client, rows);
        }
        return rows;
    }

    /// Commits one row in each table, in one transaction, by which readers know that they have all.
    public void end() {
        long key = ends.incrementAndGet() - KEYS_A_WRITER / 2;
        String values = Math.abs(key) + ", '" + END + "', 0)";
        server.execute(
                "BEGIN",
                "INSERT INTO " + schema + ".accounts (id, name, balance) VALUES (" + values,
                "INSERT INTO " + schema + ".orders (shop, id, name, balance) VALUES (-1, " + values,
                "INSERT INTO " + schema + ".readings (id, name, balance) VALUES (" + values,
                "COMMIT");
        committedRows.addAndGet(TABLES.size());
    }

    /// Lets writers commit row changes, each writer its share, in transactions of 1 to `mostRows`,
    /// and returns when all have ended. A second run goes on with keys of its own.
    public void run(int writers, int rows, int mostRows) {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> running = new ArrayList<>();
            long run = runs.getAndIncrement() * 100;
            for (int i = 0; i < writers; i++) {
                int share = rows / writers + (i < rows % writers ? 1 : 0);
                Writer writer = new Writer(run + i, new Random(seed + run + i));
                running.add(
                        threads.submit(
                                () -> {
                                    writer.write(share, mostRows);
                                    return null;
                                }));
            }
            for (Future<?> writer : running) {
                writer.get();
            }
        } catch (ExecutionException e) {
            throw new IllegalStateException("a writer failed", e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while writers write", e);
        }
    }

    private final class Writer {

        private final long number;
        private final Random random;
        private final List<List<Long>> keys = new ArrayList<>();
        private long nextKey;

        Writer(long number, Random random) {
            this.number = number;
            this.random = random;
            this.nextKey = number * KEYS_A_WRITER + 1;
            TABLES.forEach(_ -> keys.add(new ArrayList<>()));
        }

        void write(int rows, int mostRows) throws SQLException {
            try (Connection connection = server.jdbc()) {
                connection.setAutoCommit(false);
                connection.setTransactionIsolation(Connection.TRANSACTION_READ_COMMITTED);
                int left = rows;
                while (left > 0) {
                    int size = Math.min(left, size(mostRows));
                    if (commit(connection, size)) {
                        left -= size;
                        committedRows.addAndGet(size);
                    }
                }
            }
        }

        /// One transaction; says whether it was committed.
        private boolean commit(Connection connection, int size) throws SQLException {
            List<List<Long>> before = copy();
            try {
                changeRows(connection, size);
                if (random.nextInt(100) < ROLLBACK_PERCENT) {
                    connection.rollback();
                    restore(before);
                    return false;
                }
                if (random.nextInt(100) < ROLLBACK_PERCENT) {
                    rollBackAPart(connection, 1 + random.nextInt(size));
                }
                connection.commit();
                return true;
            } catch (SQLTransactionRollbackException _) {
                // A deadlock: where a statement scans the table it meets the others' rows.
                restore(before);
                return false;
            }
        }

        /// Many small transactions and a few large ones: even over the sizes' logarithms.
        private int size(int mostRows) {
            return (int) Math.exp(random.nextDouble() * Math.log(mostRows + 1.0));
        }

        private void rollBackAPart(Connection connection, int rows) throws SQLException {
            List<List<Long>> before = copy();
            execute(connection, "SAVEPOINT part");
            changeRows(connection, rows);
            execute(connection, "ROLLBACK TO SAVEPOINT part");
            restore(before);
        }

        private List<List<Long>> copy() {
            List<List<Long>> copies = new ArrayList<>();
            keys.forEach(of -> copies.add(new ArrayList<>(of)));
            return copies;
        }

        private void restore(List<List<Long>> before) {
            keys.clear();
            keys.addAll(before);
        }

        private void changeRows(Connection connection, int rows) throws SQLException {
            int left = rows;
            while (left > 0) {
                int table = random.nextInt(TABLES.size());
                int count = Math.min(left, 1 + random.nextInt(LONGEST_STATEMENT));
                left -= changeTable(connection, table, count);
            }
        }

        private int changeTable(Connection connection, int table, int rows) throws SQLException {
            List<Long> live = keys.get(table);
            int choice = random.nextInt(100);
            if (choice < 50 || live.isEmpty()) {
                return insert(connection, table, rows);
            }
            List<Long> chosen = takeKeys(live, Math.min(rows, live.size()));
            String of = table == 1 ? "shop = " + number + " AND " : "";
            String where = " WHERE " + of + "id IN (" + join(chosen) + ")";
            String name = schema + "." + TABLES.get(table);
            if (choice < 75) {
                live.addAll(chosen);
                String text = "x".repeat(random.nextInt(60)) + random.nextLong();
                return update(
                        connection,
                        "UPDATE " + name + " SET note = '" + text + "'" + where,
                        chosen);
            }
            if (choice < 85) {
                chosen.forEach(key -> live.add(key + KEY_STEP));
                return update(
                        connection,
                        "UPDATE " + name + " SET id = id + " + KEY_STEP + where,
                        chosen);
            }
            return update(connection, "DELETE FROM " + name + where, chosen);
        }

        private List<Long> takeKeys(List<Long> live, int count) {
            int from = random.nextInt(live.size() - count + 1);
            List<Long> part = live.subList(from, from + count);
            List<Long> chosen = new ArrayList<>(part);
            part.clear();
            return chosen;
        }

        private int insert(Connection connection, int table, int rows) throws SQLException {
            boolean isOrders = table == 1;
            String sql =
                    "INSERT INTO "
                            + schema
                            + "."
                            + TABLES.get(table)
                            + (isOrders ? " (shop, " : " (")
                            + "id, name, balance, note) VALUES "
                            + String.join(
                                    ", ",
                                    Collections.nCopies(
                                            rows, isOrders ? "(?, ?, ?, ?, ?)" : "(?, ?, ?, ?)"));
            try (PreparedStatement statement = connection.prepareStatement(sql)) {
                int at = 1;
                for (int i = 0; i < rows; i++) {
                    keys.get(table).add(nextKey);
                    if (isOrders) {
                        statement.setLong(at++, number);
                    }
                    statement.setLong(at++, nextKey++);
                    statement.setString(at++, "näme \"" + random.nextInt(1_000_000) + "\"\n");
                    statement.setString(at++, random.nextInt(100_000) + "." + random.nextInt(100));
                    statement.setString(at++, note());
                }
                return check(statement.executeUpdate(), rows);
            }
        }

        private @Nullable String note() {
            return random.nextInt(5) == 0 ? null : "n".repeat(random.nextInt(120)) + "\t€";
        }

        private int update(Connection connection, String sql, List<Long> chosen)
                throws SQLException {
            try (Statement statement = connection.createStatement()) {
                return check(statement.executeUpdate(sql), chosen.size());
            }
        }

        private static int check(int changed, int expected) {
            if (changed != expected) {
                throw new IllegalStateException(changed + " rows changed, not " + expected);
            }
            return changed;
        }

        private static void execute(Connection connection, String sql) throws SQLException {
            try (Statement statement = connection.createStatement()) {
                statement.execute(sql);
            }
        }

        private static String join(List<Long> chosen) {
            return String.join(", ", chosen.stream().map(String::valueOf).toList());
        }
    }
}
