package io.fustor.source.mysql.support;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/// Questions to a test's server.
public final class Sql {

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
