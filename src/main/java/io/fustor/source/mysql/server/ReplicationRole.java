package io.fustor.source.mysql.server;

import io.fustor.source.mysql.error.SourceException;
import java.util.List;

/// What a server's own statements say of its part in replication.
///
/// @param isReplica whether it is set up to follow another server
/// @param filters which schemas its binlog has or leaves out, empty where it has all
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

    /// Statements were renamed from 8.0.22 on and the old names removed in 8.4.
    private static <T> List<T> either(
            ServerSession session, String sql, String older, ServerSession.RowReader<T> reader) {
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
