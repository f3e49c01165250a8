package io.fustor.source.mysql.support;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/// Writers that commit random transactions over five tables with foreign keys between them and keys
/// of different kinds, all on the same rows: inserts, updates, changes of keys, deletes, and
/// rollbacks of whole transactions and of parts. Statements that the server refuses, for a key that
/// is taken or a row that is referred to, and deadlocks are part of it. What the tables hold in the
/// end only the server knows.
public final class KeyedTraffic {

    private static final long PAUSE_NANOS = 50_000_000;
    private static final int LONGEST_STATEMENT = 12;
    private static final int ROLLBACK_PERCENT = 6;

    /// Duplicate key, row referred to, referred row missing, value out of range, truncated.
    private static final Set<Integer> REFUSALS =
            Set.of(1062, 1451, 1452, 1690, 1264, 1406, 1265, 1022);

    /// Another transaction was first: a deadlock, a lock that took too long, or MariaDB's
    /// `innodb_snapshot_isolation`; or InnoDB could not get at its counter of keys in time (1467).
    private static final Set<Integer> TRY_AGAIN = Set.of(1213, 1205, 1020, 1467);

    private final TestMySql server;
    private final String schema;
    private final long seed;
    private final AtomicLong committedRows;

    /// Makes the schema anew, with its tables and the first rows in them.
    ///
    /// @param rows in each table, or some fewer
    public KeyedTraffic(TestMySql server, String schema, long seed, int rows) {
        this(server, schema, seed, new AtomicLong());
        server.execute(
                "DROP DATABASE IF EXISTS " + schema,
                "CREATE DATABASE " + schema,
                "CREATE TABLE " + schema + ".marks (id INT PRIMARY KEY)");
        for (KeyedTable table : KeyedTable.values()) {
            server.execute(isMySql8(server) ? table.ddl(schema) : olderDdl(table, schema));
        }
        fill(rows);
    }

    private KeyedTraffic(TestMySql server, String schema, long seed, AtomicLong committedRows) {
        this.server = server;
        this.schema = schema;
        this.seed = seed;
        this.committedRows = committedRows;
    }

    /// The same traffic, going on at a server that has the tables already.
    ///
    /// @param further what the writers there do differs with it
    public KeyedTraffic at(TestMySql other, long further) {
        return new KeyedTraffic(other, schema, further, committedRows);
    }

    private static boolean isMySql8(TestMySql server) {
        String version = Sql.value(server, "SELECT VERSION()");
        return !version.contains("MariaDB") && !version.startsWith("5.");
    }

    /// With the collation next to it where the server has none of MySQL 8.
    private static String olderDdl(KeyedTable table, String schema) {
        return table.ddl(schema).replace("utf8mb4_0900_ai_ci", "utf8mb4_unicode_ci");
    }

    private void fill(int rows) {
        Random random = new Random(seed);
        for (KeyedTable table : KeyedTable.values()) {
            List<String> statements = new ArrayList<>(List.of("BEGIN"));
            for (int done = 0; done < rows; done += 500) {
                statements.add(insert("INSERT IGNORE", table, Math.min(500, rows - done), random));
            }
            statements.add("COMMIT");
            server.execute(statements.toArray(String[]::new));
        }
    }

    private String insert(String verb, KeyedTable table, int rows, Random random) {
        StringBuilder sql = new StringBuilder(verb + " INTO " + table.qualified(schema));
        for (int i = 0; i < rows; i++) {
            String values = table.values(random).replace("%s", schema);
            sql.append(i == 0 ? " VALUES " : ", ").append(values);
        }
        return sql.toString();
    }

    /// Rows changed by transactions that were committed.
    public long committedRows() {
        return committedRows.get();
    }

    /// Lets writers commit transactions of 1 to about `mostRows` rows until it is said to be over,
    /// and returns when all have ended.
    public void run(int writers, int mostRows, BooleanSupplier isOver) {
        run(writers, mostRows, Long.MAX_VALUE, isOver);
    }

    /// The same, with pauses once so many rows are changed: all that is read after that only has to
    /// happen while others write, and each further row has to be read and compared too.
    public void run(int writers, int mostRows, long rows, BooleanSupplier isOver) {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> running = new ArrayList<>();
            for (int i = 0; i < writers; i++) {
                Writer writer = new Writer(new Random(seed + 1 + i), mostRows, rows);
                running.add(
                        threads.submit(
                                () -> {
                                    writer.write(isOver);
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
            throw new IllegalStateException("interrupted while the writers write", e);
        }
    }

    /// Commits one row in a table of its own, by which readers know that they have all.
    public void end() {
        mark(1);
    }

    /// Commits a row of a number of its own in the table of [#end].
    public void mark(int number) {
        server.execute("INSERT INTO " + schema + ".marks VALUES (" + number + ")");
    }

    /// Whether an event brings the row of [#end].
    public static boolean isEnd(ChangeEvent event) {
        return event.table().endsWith(".marks");
    }

    /// Fails unless the copy has exactly the rows that the server prints.
    public void assertHeldBy(KeyedCopy copy) {
        for (KeyedTable table : KeyedTable.values()) {
            String name = table.qualified(schema);
            List<String> lines = Sql.column(server, table.selectLines(schema), 1);
            KeyedCopy.assertSame(name, new TreeSet<>(lines), copy.lines(name));
            if (lines.size() != copy.count(name)) {
                throw new AssertionError(
                        name + ": " + lines.size() + " rows, not " + copy.count(name));
            }
        }
    }

    private final class Writer {

        private final Random random;
        private final int mostRows;
        private final long rows;

        Writer(Random random, int mostRows, long rows) {
            this.random = random;
            this.mostRows = mostRows;
            this.rows = rows;
        }

        void write(BooleanSupplier isOver) throws SQLException {
            try (Connection connection = server.jdbc();
                    Statement statement = connection.createStatement()) {
                statement.execute("SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED");
                connection.setAutoCommit(false);
                while (!isOver.getAsBoolean()) {
                    transact(connection, statement);
                    if (committedRows.get() >= rows) {
                        LockSupport.parkNanos(PAUSE_NANOS);
                    }
                }
            }
        }

        private void transact(Connection connection, Statement statement) throws SQLException {
            try {
                int wanted = (int) Math.exp(random.nextDouble() * Math.log(mostRows + 1.0));
                int done = 0;
                for (int tries = 0; done < wanted && tries < wanted; tries++) {
                    done += changeSome(statement, wanted - done);
                }
                if (random.nextInt(100) < ROLLBACK_PERCENT) {
                    connection.rollback();
                    return;
                }
                if (random.nextInt(100) < ROLLBACK_PERCENT) {
                    statement.execute("SAVEPOINT part");
                    changeSome(statement, LONGEST_STATEMENT);
                    statement.execute("ROLLBACK TO SAVEPOINT part");
                }
                connection.commit();
                committedRows.addAndGet(done);
            } catch (SQLException e) {
                connection.rollback();
                if (!TRY_AGAIN.contains(e.getErrorCode())) {
                    throw e;
                }
            }
        }

        /// One statement on one table; 0 where the server refuses it.
        private int changeSome(Statement statement, int most) throws SQLException {
            KeyedTable[] tables = KeyedTable.values();
            KeyedTable table = tables[random.nextInt(tables.length)];
            int rows = 1 + random.nextInt(Math.min(most, LONGEST_STATEMENT));
            try {
                return statement.executeUpdate(sql(table, rows));
            } catch (SQLException e) {
                if (!REFUSALS.contains(e.getErrorCode())) {
                    throw e;
                }
                return 0;
            }
        }

        private String sql(KeyedTable table, int rows) {
            String name = table.qualified(schema);
            String where = " WHERE " + table.chosen(random) + " LIMIT " + rows;
            int choice = random.nextInt(100);
            if (choice < 30) {
                return insert(choice < 5 ? "INSERT" : "INSERT IGNORE", table, rows, random);
            }
            if (choice < 36) {
                return insert("REPLACE", table, rows, random);
            }
            if (choice < 56) {
                return "UPDATE " + name + " SET " + table.valueChange(random) + where;
            }
            if (choice < 76) {
                return "UPDATE " + name + " SET " + table.keyChange(random) + where;
            }
            return "DELETE FROM " + name + where;
        }
    }
}
