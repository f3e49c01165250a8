package io.fustor.source.mysql.server;

import io.fustor.source.mysql.error.FailureCode;
import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.position.BinlogPosition;
import io.fustor.source.mysql.position.FeedPosition;
import io.fustor.source.mysql.position.GtidSet;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.jspecify.annotations.Nullable;

/// Where a server's binlog ends, as `SHOW BINARY LOG STATUS` says it; position and set belong
/// together.
///
/// @param executed null where the server gives no MySQL GTIDs
public record BinlogStatus(
        ServerIdentity server, BinlogPosition position, @Nullable GtidSet executed) {

    private static final int SYNTAX_ERROR = 1064;

    /// Asks the server at the other end of a connection. The statement was renamed in 8.2 and the
    /// old name removed in 8.4; managed services have either.
    ///
    /// @return null where the server writes no binlog
    public static @Nullable BinlogStatus read(Connection connection, ServerIdentity server)
            throws SQLException {
        try {
            return read(connection, "SHOW MASTER STATUS", server);
        } catch (SQLException e) {
            if (e.getErrorCode() != SYNTAX_ERROR) {
                throw e;
            }
            return read(connection, "SHOW BINARY LOG STATUS", server);
        }
    }

    private static @Nullable BinlogStatus read(
            Connection connection, String sql, ServerIdentity server) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            if (!row.next()) {
                return null;
            }
            return new BinlogStatus(
                    server,
                    new BinlogPosition(row.getString(1), row.getLong(2)),
                    server.gtids() ? GtidSet.parse(row.getString(5)) : null);
        }
    }

    /// What is wrong where the server has no status.
    public static SourceException binlogDisabled(ServerAccess access) {
        return new SourceException(
                FailureCode.BINLOG_DISABLED,
                access.address() + " writes no binlog: start it with log_bin and a server_id");
    }

    /// The place behind the last transaction.
    public FeedPosition place() {
        return new FeedPosition(
                server.number(), position.fileNumber(), position.offset(), 0, 0, executed, null);
    }
}
