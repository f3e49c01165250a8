package io.fustor.source.mysql.server;

import io.fustor.source.mysql.connection.SqlRows;
import io.fustor.source.mysql.schema.NameRule;
import io.fustor.source.mysql.schema.TableId;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/// Finds columns by their names in all tables that the user sees.
final class NamedColumns {

    /// The size of a row in memory, about.
    private static final int ROW_WEIGHT = 200;

    private static final String TABLES =
            "SELECT TABLE_SCHEMA, TABLE_NAME FROM information_schema.TABLES"
                    + " WHERE TABLE_TYPE IN ('BASE TABLE', 'SYSTEM VERSIONED')";

    private NamedColumns() {}

    /// Which of the columns each wanted table has.
    ///
    /// @param names as [NameRule#column] gives them
    static Map<TableId, Set<String>> of(
            Connection connection, Set<String> names, Predicate<TableId> wanted)
            throws SQLException {
        NameRule rule = ServerIdentity.names(connection);
        Map<TableId, Set<String>> columns = new LinkedHashMap<>();
        SqlRows.stream(
                connection,
                TABLES,
                ROW_WEIGHT,
                row -> {
                    TableId table = rule.stored(new TableId(row.getString(1), row.getString(2)));
                    if (wanted.test(table)) {
                        columns.put(table, new HashSet<>());
                    }
                });
        visit(
                connection,
                names,
                (table, column) -> {
                    Set<String> found = columns.get(table);
                    if (found != null) {
                        found.add(NameRule.column(column));
                    }
                });
        return columns;
    }

    static void visit(
            Connection connection, Collection<String> names, MySqlServer.ColumnVisitor visitor)
            throws SQLException {
        NameRule rule = ServerIdentity.names(connection);
        String sql =
                "SELECT TABLE_SCHEMA, TABLE_NAME, COLUMN_NAME FROM information_schema.COLUMNS"
                        + " WHERE COLUMN_NAME IN ("
                        + String.join(", ", Collections.nCopies(names.size(), "?"))
                        + ")";
        SqlRows.stream(
                connection,
                sql,
                ROW_WEIGHT,
                row ->
                        visitor.visit(
                                rule.stored(new TableId(row.getString(1), row.getString(2))),
                                row.getString(3)),
                names.toArray());
    }
}
