package io.fustor.source.mysql.server;

import io.fustor.source.mysql.error.FailureCode;
import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.position.GtidSet;
import io.fustor.source.mysql.schema.Selection;
import io.fustor.source.mysql.schema.TableId;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What a running source asks of its server over SQL, on one connection that is opened when first
/// needed, opened again when it was lost, and used by one caller at a time: three hundred
/// subscribers who ask where the binlog ends cost one connection.
///
/// Any thread may call; a call blocks for the connect and read timeouts at most. Every method
/// throws a [SourceException] by what went wrong.
public final class MySqlServer implements AutoCloseable {

    private static final int NO_SUCH_THREAD = 1094;
    private static final int QUERIES_AT_ONCE = 50;
    private static final String RETENTION =
            """
            SHOW GLOBAL VARIABLES WHERE Variable_name IN (
                'binlog_expire_logs_seconds', 'binlog_expire_logs_auto_purge', 'expire_logs_days')
            """;

    private static final Logger log = LoggerFactory.getLogger(MySqlServer.class);

    private final ServerAccess access;
    private final ReentrantLock lock = new ReentrantLock();
    private volatile @Nullable Connection connection;
    private @Nullable ServerIdentity identity;
    private boolean closed;
    private volatile String baseName = "";
    private volatile long answered = System.nanoTime();

    /// A file of the binlog.
    ///
    /// @param size in bytes
    public record BinlogFile(String name, long size) {}

    private interface Query<T extends @Nullable Object> {
        T run(Connection connection) throws SQLException;
    }

    public MySqlServer(ServerAccess access) {
        this.access = access;
    }

    public ServerAccess access() {
        return access;
    }

    /// Who the server is, asked once a connection.
    public ServerIdentity identity() {
        return ask(this::identity);
    }

    /// Makes sure that the server lets us in and writes what a feed needs.
    ///
    /// @throws SourceException by what is missing
    public void requireCapturable() {
        ask(
                open -> {
                    status(open);
                    String format = text(open, "SELECT @@global.binlog_format");
                    if (!format.equals("ROW")) {
                        throw new SourceException(
                                FailureCode.STATEMENT_FORMAT,
                                "binlog_format is "
                                        + format
                                        + ": set it to ROW (SET PERSIST binlog_format = 'ROW')");
                    }
                    return format;
                });
    }

    /// Whether the server writes the columns' names beside the rows; sessions cannot have it
    /// otherwise.
    public boolean writesColumnNames() {
        return ask(
                open -> {
                    try (Statement statement = open.createStatement();
                            ResultSet row =
                                    statement.executeQuery(
                                            "SHOW GLOBAL VARIABLES LIKE 'binlog_row_metadata'")) {
                        return row.next() && row.getString(2).equalsIgnoreCase("FULL");
                    }
                });
    }

    /// Where the binlog ends.
    ///
    /// @throws SourceException `BINLOG_DISABLED` where the server writes none
    public BinlogStatus status() {
        return ask(this::status);
    }

    /// Where the binlog ends, asked twice.
    ///
    /// @param first before it was asked who is committing
    /// @param last after that
    /// @param isSettled whether the last one's set holds the GTIDs in front of its position, and no
    ///   others: nothing was written in between, and nobody was committing. Always so without GTIDs
    public record EndStatus(BinlogStatus first, BinlogStatus last, boolean isSettled) {}

    /// Where the binlog ends, and whether the server said it in a moment without commits. A
    /// transaction owns its GTID (`gtid_owned`) from before it is written until it is in
    /// `gtid_executed`.
    public EndStatus end() {
        return ask(
                open -> {
                    BinlogStatus first = status(open);
                    if (first.executed() == null) {
                        return new EndStatus(first, first, true);
                    }
                    boolean isQuiet = text(open, "SELECT @@global.gtid_owned").isEmpty();
                    BinlogStatus last = status(open);
                    return new EndStatus(
                            first, last, isQuiet && first.position().equals(last.position()));
                });
    }

    /// The name of the binlog file of a number; only the number where the server was not asked
    /// anything yet.
    public String fileName(long number) {
        return baseName + "%06d".formatted(number);
    }

    /// The files of the binlog that the server still has, oldest first.
    public List<BinlogFile> files() {
        return ask(
                open -> {
                    List<BinlogFile> files = new ArrayList<>();
                    try (Statement statement = open.createStatement();
                            ResultSet rows = statement.executeQuery("SHOW BINARY LOGS")) {
                        while (rows.next()) {
                            files.add(new BinlogFile(rows.getString(1), rows.getLong(2)));
                        }
                    }
                    if (files.isEmpty()) {
                        throw binlogDisabled();
                    }
                    return files;
                });
    }

    /// The GTIDs whose transactions the server no longer has in its binlog.
    public GtidSet purged() {
        return ask(open -> GtidSet.parse(text(open, "SELECT @@global.gtid_purged")));
    }

    /// How long the server keeps a binlog file that it writes no more; null where it purges none by
    /// itself.
    public @Nullable Duration retention() {
        return ask(
                open -> {
                    Map<String, String> variables = new HashMap<>();
                    try (Statement statement = open.createStatement();
                            ResultSet rows = statement.executeQuery(RETENTION)) {
                        while (rows.next()) {
                            variables.put(rows.getString(1), rows.getString(2));
                        }
                    }
                    String seconds = variables.getOrDefault("binlog_expire_logs_seconds", "0");
                    String days = variables.getOrDefault("expire_logs_days", "0");
                    String purges = variables.getOrDefault("binlog_expire_logs_auto_purge", "ON");
                    long kept =
                            seconds.equals("0")
                                    ? (long) (Double.parseDouble(days) * 86_400)
                                    : Long.parseLong(seconds);
                    return kept == 0 || !purges.equals("ON") ? null : Duration.ofSeconds(kept);
                });
    }

    /// The server's clock, in microseconds since 1970.
    public long clockMicros() {
        return ask(
                open ->
                        (long)
                                (Double.parseDouble(text(open, "SELECT UNIX_TIMESTAMP(NOW(6))"))
                                        * 1e6));
    }

    /// The names of a table's columns in table order; empty where there is no such table.
    public Set<String> columns(String schema, String table) {
        return ask(
                open -> {
                    Set<String> names = new LinkedHashSet<>();
                    try (PreparedStatement statement =
                            open.prepareStatement(
                                    "SELECT COLUMN_NAME FROM"
                                            + " information_schema.COLUMNS WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ? ORDER BY"
                                            + " ORDINAL_POSITION")) {
                        statement.setString(1, schema);
                        statement.setString(2, table);
                        try (ResultSet rows = statement.executeQuery()) {
                            while (rows.next()) {
                                names.add(rows.getString(1));
                            }
                        }
                    }
                    return names;
                });
    }

    /// The tables of a selection that the user may see, as they are now.
    public List<TableDescription> describe(Selection selection) {
        return ask(open -> TableDescriptions.selected(open, selection));
    }

    /// A table as it is now, or null where there is none.
    public @Nullable TableDescription describe(TableId table) {
        return ask(open -> TableDescriptions.of(open, table));
    }

    /// Makes sure that queries may be run, without running them for their rows.
    ///
    /// @param queries each on one table; none has two columns of one name
    /// @throws SourceException `PRIVILEGE_MISSING` where the user may not read what one reads
    public void requireReadable(List<String> queries) {
        for (int from = 0; from < queries.size(); from += QUERIES_AT_ONCE) {
            List<String> some =
                    queries.subList(from, Math.min(queries.size(), from + QUERIES_AT_ONCE));
            String sql =
                    some.stream()
                            .map(query -> "SELECT 1 FROM (" + query + ") one_query")
                            .collect(Collectors.joining(" UNION ALL "));
            ask(open -> text(open, sql));
        }
    }

    /// Ends another connection of the same user, which does not need it any more, where it is still
    /// there. Nothing depends on it, so a failure is no failure of the caller's.
    ///
    /// @param uuid of the server that the connection leads to; the address may lead to another now
    /// @param threadId the connection's number at the server
    public void endConnection(String uuid, long threadId) {
        try {
            ask(open -> identity(open).uuid().equals(uuid) && kill(open, threadId));
        } catch (SourceException e) {
            log.debug("connection={} was left to the server: {}", threadId, e.getMessage());
        }
    }

    /// Gives the connection up, also in the middle of a question, for the server was found silent:
    /// whoever asks next, or still waits, gets a new one. Does not wait.
    public void distrust() {
        Connection open = connection;
        if (open == null) {
            return;
        }
        try {
            open.abort(Runnable::run);
        } catch (SQLException _) {
            // It is gone already.
        }
    }

    /// When the server answered last, by [System#nanoTime].
    public long answered() {
        return answered;
    }

    private static boolean kill(Connection open, long threadId) throws SQLException {
        try (Statement statement = open.createStatement()) {
            statement.execute("KILL CONNECTION " + threadId);
            return true;
        } catch (SQLException e) {
            if (e.getErrorCode() == NO_SUCH_THREAD) {
                return false;
            }
            throw e;
        }
    }

    /// Runs a query on the connection, and once more on a new one where the old one turns out to be
    /// gone.
    private <T extends @Nullable Object> T ask(Query<T> query) {
        enter();
        try {
            boolean fresh = connection == null;
            try {
                return answer(query);
            } catch (SQLException e) {
                disconnect();
                SourceException failure = SqlErrors.translate(e, access);
                if (fresh || failure.code() != FailureCode.CONNECTION_LOST) {
                    throw failure;
                }
            }
            try {
                return answer(query);
            } catch (SQLException e) {
                disconnect();
                throw SqlErrors.translate(e, access);
            }
        } finally {
            lock.unlock();
        }
    }

    /// Answers have no checksum: one that makes no sense is the end of the connection.
    private <T extends @Nullable Object> T answer(Query<T> query) throws SQLException {
        try {
            T result = query.run(connection());
            answered = System.nanoTime();
            return result;
        } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
            disconnect();
            throw new SourceException(
                    FailureCode.CONNECTION_LOST,
                    access.address() + " gave an answer that cannot be read",
                    e);
        }
    }

    /// Waits for the callers before, but not for longer than they may take themselves.
    private void enter() {
        try {
            if (!lock.tryLock(
                    access.connection().readTimeout().toMillis(), TimeUnit.MILLISECONDS)) {
                throw new SourceException(
                        FailureCode.SERVER_STALLED,
                        access.address() + " does not answer the queries sent before");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new SourceException(
                    FailureCode.CONNECTION_LOST, "interrupted while waiting for the server", e);
        }
    }

    private Connection connection() throws SQLException {
        Connection open = connection;
        if (closed) {
            throw new SourceException(
                    FailureCode.CONNECTION_LOST,
                    "the connection to " + access.address() + " is closed");
        }
        if (open == null) {
            open = SqlConnections.open(access);
            connection = open;
        }
        return open;
    }

    private ServerIdentity identity(Connection open) throws SQLException {
        ServerIdentity known = identity;
        if (known == null) {
            known = ServerIdentity.read(open);
            identity = known;
        }
        return known;
    }

    private BinlogStatus status(Connection open) throws SQLException {
        BinlogStatus status = BinlogStatus.read(open, identity(open));
        if (status == null) {
            throw binlogDisabled();
        }
        String file = status.position().file();
        baseName = file.substring(0, file.lastIndexOf('.') + 1);
        return status;
    }

    private SourceException binlogDisabled() {
        return BinlogStatus.binlogDisabled(access);
    }

    private static String text(Connection open, String sql) throws SQLException {
        try (Statement statement = open.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            String text = row.next() ? row.getString(1) : null;
            return text == null ? "" : text;
        }
    }

    private void disconnect() {
        Connection open = connection;
        connection = null;
        identity = null;
        if (open != null) {
            try {
                open.close();
            } catch (SQLException _) {
                // It is gone already.
            }
        }
    }

    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            disconnect();
        } finally {
            lock.unlock();
        }
    }
}
