package io.fustor.source.mysql.capture;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/// How a MySQL server commits, as far as it decides which transactions in its binlog may not be
/// visible yet.
///
/// @param gtids whether every transaction has a GTID
/// @param ordered whether transactions become visible in the binlog's order
/// @param waiting how many transactions may stand in the binlog and not be visible yet, at the most
record CommitRules(boolean gtids, boolean ordered, int waiting) {

    private static final int SYNTAX_ERROR = 1064;

    /// Events that the server runs by itself at once, at the most: no count includes them.
    private static final long SCHEDULED = 100;

    /// For what a later server may not count.
    private static final long SPARE = 8;

    /// A session that mixes engines writes two transactions in one commit.
    private static final long TRANSACTIONS_A_SESSION = 2;

    /// Asks for the rules as they are now. The count of what waits holds for what stood in the
    /// binlog before: a session that waits for its commit is in the middle of a statement, and
    /// counts as running.
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
                        + (known.getOrDefault("event_scheduler", "ON").equals("ON")
                                ? SCHEDULED
                                : 0)
                        + SPARE;
        return new CommitRules(
                known.getOrDefault("gtid_mode", "").equals("ON"),
                known.getOrDefault("binlog_order_commits", "").equals("ON")
                        && known.containsKey("threads_running")
                        // Its storage is its own, and so may be what comes before what.
                        && !known.containsKey("aurora_version"),
                Math.toIntExact(TRANSACTIONS_A_SESSION * sessions));
    }

    private static Map<String, String> pairs(Connection connection, String sql)
            throws SQLException {
        Map<String, String> pairs = new TreeMap<>();
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            while (rows.next()) {
                pairs.put(
                        rows.getString(1).toLowerCase(Locale.ROOT),
                        String.valueOf(rows.getString(2)));
            }
        }
        return pairs;
    }

    private static long number(Map<String, String> known, String name) {
        return Long.parseLong(known.getOrDefault(name, "0"));
    }

    /// How many servers this one follows; each has appliers of its own. The statement was renamed
    /// in 8.0.22.
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
        long count = 0;
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            while (rows.next()) {
                count++;
            }
        }
        return count;
    }
}
