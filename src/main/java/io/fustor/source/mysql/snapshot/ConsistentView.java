package io.fustor.source.mysql.snapshot;

import io.fustor.source.mysql.connection.ServerAccess;
import io.fustor.source.mysql.connection.SqlConnections;
import io.fustor.source.mysql.connection.SqlErrors;
import io.fustor.source.mysql.connection.SqlRows;
import io.fustor.source.mysql.connection.TimeLimit;
import io.fustor.source.mysql.error.FailureCode;
import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.server.BinlogStatus;
import io.fustor.source.mysql.server.ServerIdentity;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A connection whose transaction sees all tables as of one moment, however long they are read. It
/// is prepared first and begun when its caller is ready, so that the two can happen at different
/// times.
///
/// For one thread, except [#abort] and [#close]. Methods block on the server and throw a
/// [SourceException] with the reason of a failure.
public final class ConsistentView implements AutoCloseable {

    private static final int UNKNOWN_VARIABLE = 1193;
    private static final int MISSING_PRIVILEGE = 1227;
    private static final int UNKNOWN_VALUE = 1231;

    /// A reader may spend an hour on one row, and no server limit may end that. Some variables may
    /// be missing: some are MariaDB's, some a new MySQL's.
    private static final List<String> VARIABLES =
            List.of(
                    // Keys may be invalid dates.
                    "sql_mode = 'NO_ENGINE_SUBSTITUTION,ALLOW_INVALID_DATES'",
                    // Reads in the order of a single index.
                    "optimizer_switch = 'mrr=off,index_merge=off'",
                    // The other optimizer has another form of EXPLAIN.
                    "optimizer_switch = 'hypergraph_optimizer=off'",
                    // A limit that a server sets globally would truncate tables.
                    "sql_select_limit = 18446744073709551615",
                    "sql_big_selects = ON",
                    "max_execution_time = 0",
                    "max_statement_time = 0",
                    "wait_timeout = 31536000",
                    "net_write_timeout = 31536000",
                    "net_read_timeout = 31536000",
                    "idle_transaction_timeout = 0",
                    "idle_readonly_transaction_timeout = 0",
                    "lock_wait_timeout = 10",
                    "information_schema_stats_expiry = 0",
                    "show_gipk_in_create_table_and_information_schema = ON",
                    "character_set_results = NULL");

    /// The limit for a statement that does not read a table's rows.
    private static final Duration LONGEST = Duration.ofSeconds(30);

    private static final String SAVEPOINT = "fustor_table";

    private static final String WHO_AND_WHEN =
            "SELECT @@global.server_id, UNIX_TIMESTAMP(NOW(6)) * 1000000";

    private final ServerAccess access;
    private final Connection connection;
    private final ServerIdentity server;
    private @Nullable Instant opened;
    private long openedMicros;
    private long serverId;

    /// A query on an open connection.
    public interface Question<T extends @Nullable Object> {
        T ask(Connection connection) throws SQLException;
    }

    private ConsistentView(ServerAccess access, Connection connection, ServerIdentity server) {
        this.access = access;
        this.connection = connection;
        this.server = server;
    }

    /// Connects and prepares the session; the view exists only after [#begin].
    public static ConsistentView connect(ServerAccess access) {
        Connection connection = SqlConnections.open(access);
        try {
            return ask(
                    connection,
                    access,
                    open -> {
                        prepare(open);
                        return new ConsistentView(access, open, ServerIdentity.read(open));
                    });
        } catch (SourceException e) {
            abort(connection);
            throw e;
        }
    }

    /// A view of what is committed now.
    public static ConsistentView open(ServerAccess access) {
        ConsistentView view = connect(access);
        try {
            view.begin();
            return view;
        } catch (SourceException e) {
            view.close();
            throw e;
        }
    }

    private static void prepare(Connection connection) throws SQLException {
        setVariables(connection);
        // At another level the server begins the transaction without a view, with only a warning.
        execute(connection, "SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ");
    }

    private static void setVariables(Connection connection) throws SQLException {
        for (String variable : VARIABLES) {
            set(connection, variable);
        }
    }

    private static void set(Connection connection, String variable) throws SQLException {
        try {
            execute(connection, "SET SESSION " + variable);
        } catch (SQLException e) {
            switch (e.getErrorCode()) {
                case UNKNOWN_VARIABLE, UNKNOWN_VALUE, MISSING_PRIVILEGE -> {}
                default -> throw e;
            }
        }
    }

    private static void execute(Connection connection, String sql) throws SQLException {
        SqlRows.execute(connection, sql);
    }

    /// Restores the settings of a view after others were in use.
    public void prepare() {
        ask(
                open -> {
                    setVariables(open);
                    return open;
                });
    }

    /// Opens the view: from now on the connection sees what is committed now, and nothing later.
    public void begin() {
        execute("START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY");
        opened = Instant.now();
        askServer();
    }

    private void askServer() {
        ask(
                open -> {
                    SqlRows.forEach(
                            open,
                            WHO_AND_WHEN,
                            row -> {
                                serverId = row.getLong(1);
                                openedMicros = row.getBigDecimal(2).longValue();
                            });
                    return open;
                });
    }

    /// When the view was opened, by the server's clock, in microseconds since 1970.
    public long openedMicros() {
        return openedMicros;
    }

    /// The server's `server_id`.
    public long serverId() {
        return serverId;
    }

    /// When the view was opened, by this machine's clock.
    public Instant opened() {
        Instant at = opened;
        if (at == null) {
            throw new IllegalStateException("the view is not open yet");
        }
        return at;
    }

    public ServerAccess access() {
        return access;
    }

    /// The connection, for queries in the view. The end of its transaction is the end of the view.
    public Connection connection() {
        return connection;
    }

    /// The server's identity, read over this connection: the address may lead to another server
    /// than before.
    public ServerIdentity server() {
        return server;
    }

    /// The current end of this server's binlog; does not affect the view.
    ///
    /// @throws SourceException `BINLOG_DISABLED` if the server writes none
    public BinlogStatus status() {
        BinlogStatus status = readStatus();
        if (status == null) {
            throw BinlogStatus.binlogDisabled(access);
        }
        return status;
    }

    private @Nullable BinlogStatus readStatus() {
        return ask(open -> BinlogStatus.read(open, server));
    }

    /// Runs a query on the view's connection, within half a minute whatever the server does.
    ///
    /// @throws SourceException with the reason of a failure, `SERVER_STALLED` at the end of the
    ///   time
    public <T extends @Nullable Object> T ask(Question<T> question) {
        return ask(connection, access, question);
    }

    private static <T extends @Nullable Object> T ask(
            Connection open, ServerAccess access, Question<T> question) {
        try (TimeLimit limit = TimeLimit.start(open, LONGEST)) {
            try {
                return question.ask(open);
            } catch (SQLException e) {
                throw limit.isOver()
                        ? new SourceException(
                                FailureCode.SERVER_STALLED,
                                access.address()
                                        + " did not answer within "
                                        + LONGEST.toSeconds()
                                        + " s",
                                e)
                        : SqlErrors.translate(e, access);
            } finally {
                SqlConnections.settle(open);
            }
        }
    }

    /// Makes the server begin with the rows of a query; waits at most half a minute for that.
    RowStream rows(String sql) {
        try (TimeLimit _ = TimeLimit.start(connection, LONGEST)) {
            return RowStream.open(connection, access, sql);
        }
    }

    /// Runs a statement without a result.
    public void execute(String sql) {
        ask(
                open -> {
                    execute(open, sql);
                    return open;
                });
    }

    /// Sets the savepoint to which [#releaseTables] returns.
    public void savepoint() {
        execute("SAVEPOINT " + SAVEPOINT);
    }

    /// Releases the tables read since [#savepoint], so that statements that change them need not
    /// wait for the view's end. The view itself stays.
    public void releaseTables() {
        execute("ROLLBACK TO SAVEPOINT " + SAVEPOINT);
    }

    /// Ends a waiting read, from any thread: it fails with `CONNECTION_LOST`.
    public void abort() {
        abort(connection);
    }

    private static void abort(Connection connection) {
        try {
            connection.abort(Runnable::run);
        } catch (SQLException _) {
            // Nothing more can be closed.
        }
    }

    /// Ends the view by aborting the connection: an orderly close would have to read the rest of a
    /// table. Any thread may call this; does not wait.
    @Override
    public void close() {
        abort();
    }
}
