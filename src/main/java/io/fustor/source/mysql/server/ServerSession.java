package io.fustor.source.mysql.server;

import io.fustor.source.mysql.connection.ServerAccess;
import io.fustor.source.mysql.connection.SqlConnections;
import io.fustor.source.mysql.connection.SqlErrors;
import io.fustor.source.mysql.connection.SqlRows;
import io.fustor.source.mysql.connection.TimeLimit;
import io.fustor.source.mysql.error.FailureCode;
import io.fustor.source.mysql.error.SourceException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A few questions to a server over a connection of their own, within a time limit. For one thread.
/// Every method blocks on the server, and throws a [SourceException] if it fails.
public final class ServerSession implements AutoCloseable {

    /// What [Quoting] relies on, whatever the server's default.
    private static final String SQL_MODE = "SET SESSION sql_mode = 'NO_ENGINE_SUBSTITUTION'";

    private final ServerAccess access;
    private final Connection connection;
    private final TimeLimit limit;

    private ServerSession(ServerAccess access, Connection connection, TimeLimit limit) {
        this.access = access;
        this.connection = connection;
        this.limit = limit;
    }

    /// Connects and logs in.
    ///
    /// @param time the limit for all queries, connecting included
    public static ServerSession openWithin(ServerAccess access, Duration time) {
        long start = System.nanoTime();
        Connection connection = SqlConnections.open(access);
        Duration rest = time.minusNanos(System.nanoTime() - start);
        return prepared(access, connection, rest);
    }

    /// Connects and logs in.
    ///
    /// @param time the limit for all queries after the login
    public static ServerSession open(ServerAccess access, Duration time) {
        return prepared(access, SqlConnections.open(access), time);
    }

    private static ServerSession prepared(
            ServerAccess access, Connection connection, Duration time) {
        ServerSession session =
                new ServerSession(access, connection, TimeLimit.start(connection, time));
        try {
            session.execute(SQL_MODE);
            return session;
        } catch (SourceException e) {
            session.close();
            throw e;
        }
    }

    public ServerAccess access() {
        return access;
    }

    /// All rows of a query with a small result.
    ///
    /// @param values bound to the question marks
    public <T> List<T> query(String sql, SqlRows.RowReader<T> reader, Object... values) {
        try {
            return SqlRows.read(connection, sql, reader, values);
        } catch (SQLException e) {
            throw translate(e);
        }
    }

    /// The first column of a query's first row, or null.
    public @Nullable String value(String sql, Object... values) {
        List<String> rows = query(sql, row -> String.valueOf(row.getString(1)), values);
        return rows.isEmpty() ? null : rows.getFirst();
    }

    /// Runs a statement as it is: the driver does not process escapes in it.
    public void execute(String sql) {
        try {
            SqlRows.execute(connection, sql);
        } catch (SQLException e) {
            throw translate(e);
        }
    }

    /// The server's error number in a failure, or 0.
    public static int errorNumber(SourceException failure) {
        return failure.getCause() instanceof SQLException e ? e.getErrorCode() : 0;
    }

    private SourceException translate(SQLException e) {
        if (limit.isOver()) {
            return new SourceException(
                    FailureCode.SERVER_STALLED,
                    access.address()
                            + " took too long to answer; it is busy, or it is not a MySQL server",
                    e);
        }
        return SqlErrors.translate(e, access);
    }

    @Override
    public void close() {
        limit.close();
        try {
            connection.close();
        } catch (SQLException _) {
            // It is closed already.
        }
    }
}
