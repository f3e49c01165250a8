package io.fustor.source.mysql.wizard;

import io.fustor.source.mysql.schema.NameRule;
import io.fustor.source.mysql.schema.Selection;
import io.fustor.source.mysql.schema.TableId;
import io.fustor.source.mysql.server.Quoting;
import io.fustor.source.mysql.server.ServerSession;
import java.util.List;

/// Inspects the tables that a source captures, as one user sees them.
public final class CapturedTables {

    private static final String TABLES =
            """
            SELECT TABLE_SCHEMA, TABLE_NAME FROM information_schema.TABLES
            WHERE TABLE_TYPE IN ('BASE TABLE', 'SYSTEM VERSIONED')
            ORDER BY 1, 2
            """;

    /// A unique key identifies a row if none of its columns can be null. `NON_UNIQUE` is also 0 for
    /// the primary key.
    private static final String WITHOUT_KEY =
            """
            SELECT t.TABLE_SCHEMA, t.TABLE_NAME FROM information_schema.TABLES t
            WHERE t.TABLE_TYPE IN ('BASE TABLE', 'SYSTEM VERSIONED')
              AND t.TABLE_SCHEMA NOT IN ('mysql', 'sys', 'information_schema', 'performance_schema')
              AND (t.TABLE_SCHEMA, t.TABLE_NAME) NOT IN (
                SELECT k.TABLE_SCHEMA, k.TABLE_NAME FROM (
                    SELECT s.TABLE_SCHEMA, s.TABLE_NAME, s.INDEX_NAME
                    FROM information_schema.STATISTICS s
                    WHERE s.NON_UNIQUE = 0
                      AND s.TABLE_SCHEMA NOT IN
                          ('mysql', 'sys', 'information_schema', 'performance_schema')
                    GROUP BY s.TABLE_SCHEMA, s.TABLE_NAME, s.INDEX_NAME
                    HAVING SUM(s.NULLABLE = 'YES') = 0 AND COUNT(s.COLUMN_NAME) = COUNT(*)) k)
            ORDER BY 1, 2
            """;

    private static final String CASCADES =
            """
            SELECT CONSTRAINT_SCHEMA, TABLE_NAME, CONSTRAINT_NAME, DELETE_RULE, UPDATE_RULE,
                   REFERENCED_TABLE_NAME
            FROM information_schema.REFERENTIAL_CONSTRAINTS
            WHERE DELETE_RULE IN ('CASCADE', 'SET NULL', 'SET DEFAULT')
               OR UPDATE_RULE IN ('CASCADE', 'SET NULL', 'SET DEFAULT')
            ORDER BY 1, 2, 3
            """;

    private final ServerSession session;
    private final Selection selection;

    /// A foreign key that changes rows of its table when rows of another table change.
    ///
    /// @param table whose rows the foreign key changes
    public record Cascade(TableId table, String name, String onDelete, String onUpdate) {}

    public CapturedTables(ServerSession session, Selection selection) {
        this.session = session;
        this.selection = selection.under(rule(session));
    }

    private static NameRule rule(ServerSession session) {
        return NameRule.of(
                session.query("SELECT @@global.lower_case_table_names", row -> row.getInt(1))
                        .getFirst());
    }

    /// All captured tables.
    public List<TableId> all() {
        return selected(TABLES);
    }

    /// The tables without a key that identifies a row.
    public List<TableId> withoutKey() {
        return selected(WITHOUT_KEY);
    }

    private List<TableId> selected(String sql) {
        return session.query(sql, row -> new TableId(row.getString(1), row.getString(2))).stream()
                .filter(selection::includes)
                .toList();
    }

    /// The foreign keys that change rows of these tables by cascading.
    public List<Cascade> cascades() {
        return session
                .query(
                        CASCADES,
                        row ->
                                new Cascade(
                                        new TableId(row.getString(1), row.getString(2)),
                                        row.getString(3),
                                        row.getString(4),
                                        row.getString(5)))
                .stream()
                .filter(cascade -> selection.includes(cascade.table()))
                .toList();
    }

    /// Selects one row with all columns from each of these tables, in few statements.
    ///
    /// @throws io.fustor.source.mysql.error.SourceException if the user may not read one of them
    public void readOneRowOf(List<TableId> tables) {
        List<String> selects =
                tables.stream()
                        .map(
                                table ->
                                        "(SELECT 1 FROM (SELECT * FROM "
                                                + Quoting.identifier(table.schema())
                                                + "."
                                                + Quoting.identifier(table.table())
                                                + " LIMIT 1) one_row)")
                        .toList();
        session.query(String.join(" UNION ALL ", selects), row -> row.getInt(1));
    }
}
