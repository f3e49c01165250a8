package io.fustor.source.mysql.capture;

import io.fustor.source.mysql.connection.SqlRows;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/// How a MySQL server commits: the settings that determine which transactions in its binlog may not
/// be visible yet.
///
/// @param gtids whether every transaction has a GTID
/// @param ordered whether transactions become visible in the binlog's order
/// @param waiting maximum number of transactions that may be in the binlog but not visible yet
record CommitRules(boolean gtids, boolean ordered, int waiting) {

    private static final int SYNTAX_ERROR = 1064;

    /// The maximum number of scheduler events that the server runs at once; no count includes them.
    private static final long SCHEDULED = 100;

    /// A reserve for threads that a later server may not count.
    private static final long SPARE = 8;

    /// A session that mixes engines writes two transactions in one commit.
    private static final long TRANSACTIONS_A_SESSION = 2;

    /// Queries the current rules. The count applies to transactions that were already in the
    /// binlog: a session that waits for its commit is executing a statement, and counts as running.
    static CommitRules read(Connection connection) throws SQLException {
        Map<String, String> known =
                pairs(
                        connection,
                        """
                        SHOW GLOBAL VARIABLES WHERE Variable_name IN (
                            'gtid_mode', 'binlog_order_commits', 'aurora_version',
                            'event_scheduler',
                            'replica_parallel_workers', 'slave_parallel_workers')
                        """);
        known.putAll(pairs(connection, "SHOW GLOBAL STATUS LIKE 'Threads_running'"));
        long workers =
                Math.max(
                        number(known, "replica_parallel_workers"),
                        number(known, "slave_parallel_workers"));
        long sessions =
                number(known, "threads_running")
                        + countChannels(connection) * (workers + 1)
                        + (known.getOrDefault("event_scheduler", "ON").equals("ON") ? SCHEDULED : 0)
                        + SPARE;
        return new CommitRules(
                known.getOrDefault("gtid_mode", "").equals("ON"),
                known.getOrDefault("binlog_order_commits", "").equals("ON")
                        && known.containsKey("threads_running")
                        // It has its own storage, so its order of commits may differ.
                        && !known.containsKey("aurora_version"),
                Math.toIntExact(TRANSACTIONS_A_SESSION * sessions));
    }

    private static Map<String, String> pairs(Connection connection, String sql)
            throws SQLException {
        Map<String, String> pairs = new TreeMap<>();
        SqlRows.forEach(
                connection,
                sql,
                row ->
                        pairs.put(
                                row.getString(1).toLowerCase(Locale.ROOT),
                                String.valueOf(row.getString(2))));
        return pairs;
    }

    private static long number(Map<String, String> known, String name) {
        return Long.parseLong(known.getOrDefault(name, "0"));
    }

    /// The number of servers that this one follows; each has its own appliers. MySQL 8.0.22 renamed
    /// the statement.
    private static long countChannels(Connection connection) throws SQLException {
        try {
            return count(connection, "SHOW REPLICA STATUS");
        } catch (SQLException e) {
            if (e.getErrorCode() != SYNTAX_ERROR) {
                throw e;
            }
            return count(connection, "SHOW SLAVE STATUS");
        }
    }

    private static long count(Connection connection, String sql) throws SQLException {
        return SqlRows.read(connection, sql, _ -> true).size();
    }
}
