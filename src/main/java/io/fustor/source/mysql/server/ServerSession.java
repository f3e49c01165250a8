package io.fustor.source.mysql.server;

import io.fustor.source.mysql.error.FailureCode;
import io.fustor.source.mysql.error.SourceException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A short talk with a server on a connection of its own, over at the end of its time whatever the
/// server does. For one thread; every method blocks on the server and throws a [SourceException] by
/// what went wrong.
public final class ServerSession implements AutoCloseable {

    /// What [Quoting] relies on, whatever the server's default is.
    private static final String SQL_MODE = "SET SESSION sql_mode = 'NO_ENGINE_SUBSTITUTION'";

    private final ServerAccess access;
    private final Connection connection;
    private final TimeLimit limit;

    /// Reads one row of a result.
    public interface RowReader<T> {
        T read(ResultSet row) throws SQLException;
    }

    private ServerSession(ServerAccess access, Connection connection, TimeLimit limit) {
        this.access = access;
        this.connection = connection;
        this.limit = limit;
    }

    /// Connects and logs in.
    ///
    /// @param time how long the talk may take, connecting included
    public static ServerSession openWithin(ServerAccess access, Duration time) {
        long start = System.nanoTime();
        Connection connection = SqlConnections.open(access);
        Duration rest = time.minusNanos(System.nanoTime() - start);
        return prepared(access, connection, rest);
    }

    /// Connects and logs in.
    ///
    /// @param time how long all after that may take
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

    /// All rows of a query whose result is small.
    ///
    /// @param values bound to its question marks
    public <T> List<T> query(String sql, RowReader<T> reader, Object... values) {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            for (int i = 0; i < values.length; i++) {
                statement.setObject(i + 1, values[i]);
            }
            List<T> rows = new ArrayList<>();
            try (ResultSet row = statement.executeQuery()) {
                while (row.next()) {
                    rows.add(reader.read(row));
                }
            }
            return rows;
        } catch (SQLException e) {
            throw translate(e);
        }
    }

    /// The first column of a query's first row, or null.
    public @Nullable String value(String sql, Object... values) {
        List<String> rows = query(sql, row -> String.valueOf(row.getString(1)), values);
        return rows.isEmpty() ? null : rows.getFirst();
    }

    /// Runs a statement as it stands: the driver looks for no escapes of its own in it.
    public void execute(String sql) {
        try (Statement statement = connection.createStatement()) {
            statement.setEscapeProcessing(false);
            statement.execute(sql);
        } catch (SQLException e) {
            throw translate(e);
        }
    }

    /// The server's error number behind a failure, or 0.
    public static int errorNumber(SourceException failure) {
        return failure.getCause() instanceof SQLException e ? e.getErrorCode() : 0;
    }

    private SourceException translate(SQLException e) {
        if (limit.isOver()) {
            return new SourceException(
                    FailureCode.SERVER_STALLED,
                    access.address()
                            + " took too long to answer; it is busy, or not a MySQL server",
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
            // It is gone already.
        }
    }
}
