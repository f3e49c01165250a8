package io.fustor.source.mysql.wizard;

import io.fustor.source.mysql.connection.SqlRows;
import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.server.ServerSession;
import java.util.List;

/// The role of a server in replication, according to its own statements.
///
/// @param isReplica whether the server is configured to follow another server
/// @param filters the schemas that the binlog includes or excludes; empty if it includes all
public record ReplicationRole(boolean isReplica, String filters) {

    private static final int SYNTAX_ERROR = 1064;

    public static ReplicationRole read(ServerSession session) {
        boolean isReplica =
                !either(session, "SHOW REPLICA STATUS", "SHOW SLAVE STATUS", _ -> true).isEmpty();
        List<String> filters =
                either(
                        session,
                        "SHOW BINARY LOG STATUS",
                        "SHOW MASTER STATUS",
                        row -> filters(row.getString(3), row.getString(4)));
        return new ReplicationRole(isReplica, filters.isEmpty() ? "" : filters.getFirst());
    }

    private static String filters(String written, String ignored) {
        String does = written.isEmpty() ? "" : "binlog-do-db=" + written;
        String ignores = ignored.isEmpty() ? "" : "binlog-ignore-db=" + ignored;
        return does.isEmpty() || ignores.isEmpty() ? does + ignores : does + " " + ignores;
    }

    /// MySQL 8.0.22 renamed the statements, and 8.4 removed the old names.
    private static <T> List<T> either(
            ServerSession session, String sql, String older, SqlRows.RowReader<T> reader) {
        try {
            return session.query(sql, reader);
        } catch (SourceException e) {
            if (ServerSession.errorNumber(e) != SYNTAX_ERROR) {
                throw e;
            }
            return session.query(older, reader);
        }
    }
}
