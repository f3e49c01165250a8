package io.fustor.source.mysql.server;

import io.fustor.source.mysql.connection.ServerAccess;
import io.fustor.source.mysql.connection.SqlRows;
import io.fustor.source.mysql.error.FailureCode;
import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.position.BinlogPosition;
import io.fustor.source.mysql.position.GtidSet;
import io.fustor.source.mysql.position.Place;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The end of a server's binlog, as `SHOW BINARY LOG STATUS` prints it, and the transactions that
/// the server has. MariaDB's set is asked for after the position, and may be ahead of it.
///
/// @param executed null if the server has no GTIDs
public record BinlogStatus(
        ServerIdentity server, BinlogPosition position, @Nullable GtidSet executed) {

    private static final int SYNTAX_ERROR = 1064;

    /// Reads the status over a connection. The statement was renamed in 8.2 and its old name
    /// removed in 8.4; managed services may have either.
    ///
    /// @return null if the server writes no binlog
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
        List<BinlogStatus> rows =
                SqlRows.read(
                        connection,
                        sql,
                        row ->
                                new BinlogStatus(
                                        server,
                                        new BinlogPosition(row.getString(1), row.getLong(2)),
                                        server.gtids() ? GtidSet.parse(row.getString(5)) : null));
        if (rows.isEmpty()) {
            return null;
        }
        BinlogStatus status = rows.getFirst();
        return server.isMariaDb()
                ? new BinlogStatus(server, status.position(), state(connection))
                : status;
    }

    private static GtidSet state(Connection connection) throws SQLException {
        return GtidSet.parse(SqlRows.text(connection, "SELECT @@global.gtid_binlog_state"));
    }

    /// The failure for a server without a status.
    public static SourceException binlogDisabled(ServerAccess access) {
        return new SourceException(
                FailureCode.BINLOG_DISABLED,
                access.address() + " writes no binlog: start it with log_bin and a server_id");
    }

    /// The place after the last transaction.
    public Place place() {
        return new Place(
                server.number(), position.fileNumber(), position.offset(), 0, 0, executed, null);
    }
}
