package io.fustor.source.mysql.capture;

import io.fustor.source.mysql.binlog.BinlogReader;
import io.fustor.source.mysql.binlog.BinlogStart;
import io.fustor.source.mysql.change.BinlogEvent;
import io.fustor.source.mysql.change.RowsEvent;
import io.fustor.source.mysql.change.Transaction;
import io.fustor.source.mysql.position.BinlogPosition;
import io.fustor.source.mysql.position.Gtid;
import io.fustor.source.mysql.position.Place;
import io.fustor.source.mysql.server.MySqlServer;
import io.fustor.source.mysql.support.TestMySql;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTransactionRollbackException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;

/// Sessions that commit at the same time, each transaction with a new id in a log and with an
/// update of a row that others update too; and what the binlog says of it afterwards.
final class Committers implements AutoCloseable {

    static final String LOG = "handover.log";

    static final int SESSIONS = 16;
    private static final int SHARED_ROWS = 64;

    private final TestMySql mysql;
    private final ExecutorService threads = Executors.newFixedThreadPool(SESSIONS);
    private final List<Future<?>> sessions = new ArrayList<>();
    private final AtomicLong committed = new AtomicLong();
    private volatile boolean over;

    /// A transaction of a committer as it stands in the binlog.
    record Logged(Transaction transaction, long id) {

        /// Whether a reader that continues from a place does not get it.
        boolean isBefore(Place place) {
            Gtid gtid = transaction.gtid();
            boolean isExecuted = gtid != null && place.executedOrEmpty().contains(gtid);
            return isExecuted || place.isAfter(transaction.start());
        }

        boolean startsBefore(BinlogPosition end) {
            Place start = transaction.start();
            return start.fileNumber() < end.fileNumber()
                    || start.fileNumber() == end.fileNumber() && start.offset() < end.offset();
        }
    }

    private Committers(TestMySql mysql) {
        this.mysql = mysql;
    }

    static void createTables(TestMySql mysql) {
        mysql.execute(
                "CREATE DATABASE handover",
                "CREATE TABLE handover.log (id BIGINT PRIMARY KEY)",
                "CREATE TABLE handover.shared (id INT PRIMARY KEY, n BIGINT NOT NULL)");
        for (int i = 0; i < SHARED_ROWS; i++) {
            mysql.execute("INSERT INTO handover.shared VALUES (" + i + ", 0)");
        }
    }

    static Committers start(TestMySql mysql, long seed) {
        Committers started = new Committers(mysql);
        for (int i = 0; i < SESSIONS; i++) {
            int session = i;
            started.sessions.add(
                    started.threads.submit(
                            () -> {
                                started.commit(session, new Random(seed + session));
                                return null;
                            }));
        }
        return started;
    }

    private void commit(int session, Random random) throws SQLException {
        try (Connection connection = mysql.jdbc();
                Statement statement = connection.createStatement()) {
            for (long i = 1; !over; i++) {
                long id = i * SESSIONS + session;
                statement.execute("BEGIN");
                statement.execute("INSERT INTO handover.log VALUES (" + id + ")");
                statement.execute(
                        "UPDATE handover.shared SET n = n + 1 WHERE id = "
                                + random.nextInt(SHARED_ROWS));
                statement.execute("COMMIT");
                committed.incrementAndGet();
            }
        } catch (SQLTransactionRollbackException e) {
            throw new AssertionError(
                    "the committers lock one row each, so none can be in the way", e);
        }
    }

    long committed() {
        return committed.get();
    }

    /// Lets every session end its transaction.
    void stop() throws InterruptedException, ExecutionException {
        over = true;
        for (Future<?> session : sessions) {
            session.get();
        }
    }

    @Override
    public void close() {
        over = true;
        threads.shutdown();
    }

    /// The ids that a connection sees in the log.
    static Set<Long> visible(Connection connection) throws SQLException {
        Set<Long> ids = new HashSet<>();
        try (Statement statement = connection.createStatement();
                var rows = statement.executeQuery("SELECT id FROM " + LOG)) {
            while (rows.next()) {
                ids.add(rows.getLong(1));
            }
        }
        return ids;
    }

    /// The committers' transactions from the start of a file to the binlog's end, in its order.
    static List<Logged> logged(MySqlServer server, BinlogPosition from) {
        Place end = server.status().place();
        Place start = new Place(end.server(), from.fileNumber(), 4, 0, 0, null, null);
        List<Logged> all = new ArrayList<>();
        try (BinlogReader reader =
                BinlogReader.open(server, new BinlogStart.AtPosition(start, from.file()), false)) {
            while (end.isAfter(reader.position()) || reader.hasBuffered()) {
                BinlogEvent event = reader.next();
                if (event instanceof RowsEvent rows && rows.table().id().table().equals("log")) {
                    all.add(new Logged(rows.transaction(), id(rows)));
                }
            }
        }
        return all;
    }

    /// Of a row of one column: the bitmap of nulls, and eight bytes.
    static long id(RowsEvent rows) {
        return ByteBuffer.wrap(rows.images().bytes())
                .order(ByteOrder.LITTLE_ENDIAN)
                .getLong(rows.images().rowsFrom() + 1);
    }
}
