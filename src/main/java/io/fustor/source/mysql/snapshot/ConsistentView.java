package io.fustor.source.mysql.snapshot;

import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.server.BinlogStatus;
import io.fustor.source.mysql.server.ServerAccess;
import io.fustor.source.mysql.server.ServerIdentity;
import io.fustor.source.mysql.server.SqlConnections;
import io.fustor.source.mysql.server.SqlErrors;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A connection whose transaction sees all tables as they were at one moment, however long it is
/// read. It is prepared first and begun when its caller is ready, so that the two can be told apart
/// in time.
///
/// For one thread, except [#abort] and [#close]. Methods block on the server and throw a
/// [SourceException] by what went wrong.
public final class ConsistentView implements AutoCloseable {

    private static final int UNKNOWN_VARIABLE = 1193;
    private static final int MISSING_PRIVILEGE = 1227;

    /// A reader may take an hour over one row, and a server ends nothing of that by itself. What
    /// may be missing: some of the variables are MariaDB's, some those of a new MySQL.
    private static final List<String> VARIABLES =
            List.of(
                    "sql_mode = 'NO_ENGINE_SUBSTITUTION'",
                    // One that a server sets for everybody would cut tables short.
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

    private static final String SAVEPOINT = "fustor_table";

    private final ServerAccess access;
    private final Connection connection;
    private final ServerIdentity server;
    private @Nullable Instant opened;
    private long openedMicros;
    private long serverId;

    private ConsistentView(ServerAccess access, Connection connection, ServerIdentity server) {
        this.access = access;
        this.connection = connection;
        this.server = server;
    }

    /// Connects and prepares the session; nothing is seen before [#begin].
    public static ConsistentView connect(ServerAccess access) {
        Connection connection = SqlConnections.open(access);
        try {
            prepare(connection);
            return new ConsistentView(access, connection, ServerIdentity.read(connection));
        } catch (SQLException e) {
            abort(connection);
            throw SqlErrors.translate(e, access);
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
        // Under another level the server begins the transaction without a view, with a mere
        // warning.
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
            if (e.getErrorCode() != UNKNOWN_VARIABLE && e.getErrorCode() != MISSING_PRIVILEGE) {
                throw e;
            }
        }
    }

    private static void execute(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    /// Gives the session the settings of a view again, after others for a while.
    public void prepare() {
        try {
            setVariables(connection);
        } catch (SQLException e) {
            throw SqlErrors.translate(e, access);
        }
    }

    /// Opens the view: from now on the connection sees what is committed, and nothing later.
    public void begin() {
        execute("START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY");
        opened = Instant.now();
        askServer();
    }

    private void askServer() {
        try (Statement statement = connection.createStatement();
                ResultSet row =
                        statement.executeQuery(
                                "SELECT @@global.server_id, UNIX_TIMESTAMP(NOW(6)) * 1000000")) {
            row.next();
            serverId = row.getLong(1);
            openedMicros = row.getBigDecimal(2).longValue();
        } catch (SQLException e) {
            throw SqlErrors.translate(e, access);
        }
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

    /// The connection, for queries in the view. Whoever ends its transaction ends the view.
    public Connection connection() {
        return connection;
    }

    /// Who the server is, asked on this very connection: an address may lead to another one than
    /// the last time.
    public ServerIdentity server() {
        return server;
    }

    /// Where the binlog of this very server ends now; does not disturb the view.
    ///
    /// @throws SourceException `BINLOG_DISABLED` where the server writes none
    public BinlogStatus status() {
        try {
            BinlogStatus status = BinlogStatus.read(connection, server);
            if (status == null) {
                throw BinlogStatus.binlogDisabled(access);
            }
            return status;
        } catch (SQLException e) {
            throw SqlErrors.translate(e, access);
        }
    }

    /// Runs a statement without a result.
    public void execute(String sql) {
        try {
            execute(connection, sql);
        } catch (SQLException e) {
            throw SqlErrors.translate(e, access);
        }
    }

    /// Marks the point to which [#releaseTables] goes back.
    public void savepoint() {
        execute("SAVEPOINT " + SAVEPOINT);
    }

    /// Gives the tables read since [#savepoint] back, so that statements which change them need not
    /// wait for the view's end. The view stays as it is.
    public void releaseTables() {
        execute("ROLLBACK TO SAVEPOINT " + SAVEPOINT);
    }

    /// Ends a read that waits, from any thread: it fails with `CONNECTION_LOST`.
    public void abort() {
        abort(connection);
    }

    private static void abort(Connection connection) {
        try {
            connection.abort(Runnable::run);
        } catch (SQLException _) {
            // It is closed as far as it ever will be.
        }
    }

    /// Ends the view by cutting the connection: to close it in order would mean reading what is
    /// left of a table. Any thread may call; does not wait.
    @Override
    public void close() {
        abort();
    }
}
