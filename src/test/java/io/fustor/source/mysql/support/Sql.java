package io.fustor.source.mysql.support;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;

/// Questions to a test's server.
public final class Sql {

    /// `ER_NO_SUCH_THREAD`
    private static final int NO_SUCH_THREAD = 1094;

    private Sql() {}

    /// The first column of the first row.
    public static String value(TestMySql mysql, String query) {
        return column(mysql, query, 1).getFirst();
    }

    /// A column of all rows.
    ///
    /// @param number from 1
    public static List<String> column(TestMySql mysql, String query, int number) {
        try (Connection connection = mysql.jdbc();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(query)) {
            List<String> values = new ArrayList<>();
            while (rows.next()) {
                values.add(rows.getString(number));
            }
            return values;
        } catch (SQLException e) {
            throw new IllegalStateException(query, e);
        }
    }

    /// Purges all binlog files before the newest. A server leaves a file that a connection still
    /// reads, so that it is asked until none is left.
    ///
    /// @return the newest one's name
    public static String purgeToNewest(TestMySql mysql) {
        String newest = column(mysql, "SHOW BINARY LOGS", 1).getLast();
        Awaitility.await("the purge")
                .atMost(Duration.ofSeconds(60))
                .until(
                        () -> {
                            mysql.execute("PURGE BINARY LOGS TO '" + newest + "'");
                            return column(mysql, "SHOW BINARY LOGS", 1).getFirst().equals(newest);
                        });
        return newest;
    }

    /// Ends the connections that a condition on `information_schema.PROCESSLIST` is true for, such
    /// as `USER = 'one'`. One that ended by itself since it was listed is none to end.
    public static void killConnections(TestMySql mysql, String condition) {
        String ids = "SELECT ID FROM information_schema.PROCESSLIST WHERE " + condition;
        try (Connection connection = mysql.jdbc();
                Statement statement = connection.createStatement()) {
            for (String id : column(mysql, ids, 1)) {
                kill(statement, id);
            }
        } catch (SQLException e) {
            throw new IllegalStateException(condition, e);
        }
    }

    private static void kill(Statement statement, String id) throws SQLException {
        try {
            statement.execute("KILL " + id);
        } catch (SQLException e) {
            if (e.getErrorCode() != NO_SUCH_THREAD) {
                throw e;
            }
        }
    }

    /// How many connections of a user follow the server's binlog.
    public static int countBinlogReaders(TestMySql mysql, TestMySql.Login login) {
        return Integer.parseInt(
                value(
                        mysql,
                        """
                        SELECT COUNT(*) FROM information_schema.PROCESSLIST
                        WHERE USER = '%s' AND COMMAND LIKE 'Binlog Dump%%'"""
                                .formatted(login.user())));
    }
}
