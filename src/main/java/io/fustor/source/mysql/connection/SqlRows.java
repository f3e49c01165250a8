package io.fustor.source.mysql.connection;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/// Runs SQL statements on an open connection and reads the rows of their results. A statement
/// without values reaches the server unchanged: the driver looks for no escapes of its own in it.
///
/// For the thread that uses the connection. Every method blocks on the server and throws the
/// driver's [SQLException].
public final class SqlRows {

    private SqlRows() {}

    /// Makes a value of the current row.
    public interface RowReader<T> {
        T read(ResultSet row) throws SQLException;
    }

    /// Receives one row after the other.
    public interface RowVisitor {
        void visit(ResultSet row) throws SQLException;
    }

    /// Reads all rows of a small result.
    ///
    /// @param values bound to the question marks
    public static <T> List<T> read(
            Connection open, String sql, RowReader<T> reader, Object... values)
            throws SQLException {
        List<T> rows = new ArrayList<>();
        forEach(open, sql, row -> rows.add(reader.read(row)), values);
        return rows;
    }

    /// The first column of the first row; empty if there is no row, or the value is NULL.
    public static String text(Connection open, String sql) throws SQLException {
        return text(open, sql, 1);
    }

    /// A column of the first row; empty if there is no row, or the value is NULL.
    ///
    /// @param column counted from 1
    public static String text(Connection open, String sql, int column) throws SQLException {
        try (Statement statement = verbatim(open);
                ResultSet row = statement.executeQuery(sql)) {
            String text = row.next() ? row.getString(column) : null;
            return text == null ? "" : text;
        }
    }

    /// Whether a result has a row.
    ///
    /// @param values bound to the question marks
    public static boolean exists(Connection open, String sql, Object... values)
            throws SQLException {
        return !read(open, sql, _ -> true, values).isEmpty();
    }

    /// Visits all rows of a small result.
    ///
    /// @param values bound to the question marks
    public static void forEach(Connection open, String sql, RowVisitor visitor, Object... values)
            throws SQLException {
        if (values.length == 0) {
            try (Statement statement = verbatim(open)) {
                visitAll(statement.executeQuery(sql), visitor);
            }
            return;
        }
        try (PreparedStatement statement = open.prepareStatement(sql)) {
            bind(statement, values);
            visitAll(statement.executeQuery(), visitor);
        }
    }

    /// Visits the rows of a large result, of which the driver holds one at a time.
    ///
    /// @param weight the bytes that the visitor keeps of each row, beside its own; 0 if it counts
    ///   them itself
    /// @param values bound to the question marks
    public static void stream(
            Connection open, String sql, int weight, RowVisitor visitor, Object... values)
            throws SQLException {
        try (PreparedStatement statement = SqlConnections.rowByRow(open, sql, weight)) {
            bind(statement, values);
            visitAll(statement.executeQuery(), visitor);
        }
    }

    /// Runs a statement and ignores its result.
    public static void execute(Connection open, String sql) throws SQLException {
        try (Statement statement = verbatim(open)) {
            statement.execute(sql);
        }
    }

    private static Statement verbatim(Connection open) throws SQLException {
        Statement statement = open.createStatement();
        statement.setEscapeProcessing(false);
        return statement;
    }

    private static void bind(PreparedStatement statement, Object... values) throws SQLException {
        for (int i = 0; i < values.length; i++) {
            statement.setObject(i + 1, values[i]);
        }
    }

    private static void visitAll(ResultSet result, RowVisitor visitor) throws SQLException {
        try (ResultSet row = result) {
            while (row.next()) {
                visitor.visit(row);
            }
        }
    }
}
