package io.fustor.source.mysql.server;

import io.fustor.source.mysql.error.FailureCode;
import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.schema.Selection;
import io.fustor.source.mysql.schema.TableId;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Describes tables from `information_schema`, any number of them by the same few queries. They see
/// no common moment: a table that changes meanwhile may be described by halves, so whoever reads
/// its rows looks again when those are in view.
///
/// A label of an `ENUM` or `SET` with a character above U+FFFF has `?` in its place, for the server
/// keeps these descriptions in utf8mb3.
public final class TableDescriptions {

    private static final Comparator<TableId> BY_NAME =
            Comparator.comparing(TableId::schema).thenComparing(TableId::table);

    private static final String NOT_SYSTEM =
            "TABLE_SCHEMA NOT IN ('mysql', 'sys', 'information_schema', 'performance_schema')";

    private static final String TABLES =
            """
            SELECT TABLE_SCHEMA, TABLE_NAME, TABLE_ROWS,
                   ENGINE IN (SELECT ENGINE FROM information_schema.ENGINES
                              WHERE TRANSACTIONS = 'YES')
            FROM information_schema.TABLES
            WHERE TABLE_TYPE IN ('BASE TABLE', 'SYSTEM VERSIONED') AND\s""";

    private static final String COLUMNS =
            """
            SELECT TABLE_SCHEMA, TABLE_NAME, COLUMN_NAME, ORDINAL_POSITION, DATA_TYPE, COLUMN_TYPE,
                   CHARACTER_OCTET_LENGTH, NUMERIC_PRECISION, NUMERIC_SCALE, DATETIME_PRECISION,
                   COLLATION_NAME, IS_NULLABLE, PRIVILEGES
            FROM information_schema.COLUMNS
            WHERE\s""";

    private static final String KEY_PARTS =
            """
            SELECT TABLE_SCHEMA, TABLE_NAME, INDEX_NAME, SEQ_IN_INDEX, COLUMN_NAME, SUB_PART
            FROM information_schema.STATISTICS
            WHERE NON_UNIQUE = 0 AND\s""";

    /// A user who was granted columns does not see the others.
    private static final String GRANTED_BY_COLUMN =
            "SELECT DISTINCT TABLE_SCHEMA, TABLE_NAME FROM information_schema.COLUMN_PRIVILEGES";

    private static final String GRANTED_BY_COLUMN_TO_ROLES =
            GRANTED_BY_COLUMN
                    + " UNION SELECT TABLE_SCHEMA, TABLE_NAME FROM"
                    + " information_schema.ROLE_COLUMN_GRANTS";

    /// Without it, a server that so chooses hides a primary key that it made itself.
    private static final String SHOW_GENERATED_KEYS =
            "show_gipk_in_create_table_and_information_schema";

    static final String SOME_COLUMNS =
            "the user may read some of its columns only; grant SELECT on the whole table";

    private static final int TABLE_DENIED = 1142;
    private static final int COLUMN_DENIED = 1143;

    private final Connection connection;
    private final String where;
    private final List<String> values;
    private final Map<TableId, DescribedTable> tables = new TreeMap<>(BY_NAME);

    private TableDescriptions(Connection connection, @Nullable TableId only) {
        this.connection = connection;
        this.where = NOT_SYSTEM + (only == null ? "" : " AND TABLE_SCHEMA = ? AND TABLE_NAME = ?");
        this.values = only == null ? List.of() : List.of(only.schema(), only.table());
    }

    /// All tables that the selection includes and the connection's user may read, ordered by schema
    /// and table; views, temporary and system tables are never among them.
    ///
    /// @throws SourceException `PRIVILEGE_MISSING` for a table of which only some columns may be
    ///   read, `UNSUPPORTED_TYPE` for one with a column of an unknown type
    public static List<TableDescription> selected(Connection connection, Selection selection)
            throws SQLException {
        return new TableDescriptions(connection, null).read(selection);
    }

    /// One table, or null where there is none that [#selected(Connection, Selection)] would find.
    ///
    /// @throws SourceException as [#selected(Connection, Selection)]
    public static @Nullable TableDescription of(Connection connection, TableId table)
            throws SQLException {
        // Names may be compared without regard to case; the map's are not.
        List<TableDescription> found =
                new TableDescriptions(connection, table).read(Selection.EVERYTHING);
        for (TableDescription description : found) {
            if (description.schema().id().equals(table)) {
                return description;
            }
        }
        return null;
    }

    private List<TableDescription> read(Selection selection) throws SQLException {
        showGeneratedKeys();
        Map<String, Integer> collations = collations();
        readTables(selection);
        if (!tables.isEmpty()) {
            readColumns(collations);
            readKeyParts();
            requireAllColumns();
        }
        List<TableDescription> result = new ArrayList<>(tables.size());
        for (DescribedTable table : tables.values()) {
            if (!table.isReadable()) {
                continue;
            }
            if (table.hasSeveralUniqueKeys()) {
                readKeyOrder(table);
            }
            result.add(table.toDescription());
        }
        return result;
    }

    private void showGeneratedKeys() throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement("SHOW SESSION VARIABLES LIKE ?")) {
            statement.setString(1, SHOW_GENERATED_KEYS);
            try (ResultSet row = statement.executeQuery()) {
                if (!row.next() || row.getString(2).equals("ON")) {
                    return;
                }
            }
        }
        execute("SET SESSION " + SHOW_GENERATED_KEYS + " = ON");
    }

    private void execute(String sql) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.execute();
        }
    }

    /// The number of each collation by its name. MariaDB gives some of its collations a number for
    /// each character set, in another table.
    private Map<String, Integer> collations() throws SQLException {
        Map<String, Integer> collations = new HashMap<>();
        boolean isSeveral =
                hasColumn("COLLATION_CHARACTER_SET_APPLICABILITY", "FULL_COLLATION_NAME");
        String sql =
                isSeveral
                        ? """
                        SELECT FULL_COLLATION_NAME, ID
                        FROM information_schema.COLLATION_CHARACTER_SET_APPLICABILITY
                        """
                        : "SELECT COLLATION_NAME, ID FROM information_schema.COLLATIONS";
        try (PreparedStatement statement = connection.prepareStatement(sql);
                ResultSet row = statement.executeQuery()) {
            while (row.next()) {
                collations.put(row.getString(1), row.getInt(2));
            }
        }
        return collations;
    }

    /// Whether this server has the column in a table of `information_schema`.
    private boolean hasColumn(String table, String column) throws SQLException {
        String sql =
                """
                SELECT 1 FROM information_schema.COLUMNS
                WHERE TABLE_SCHEMA = 'information_schema' AND TABLE_NAME = ? AND COLUMN_NAME = ?
                """;
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setString(1, table);
            statement.setString(2, column);
            try (ResultSet row = statement.executeQuery()) {
                return row.next();
            }
        }
    }

    private void readTables(Selection selection) throws SQLException {
        try (PreparedStatement statement = streaming(TABLES + where);
                ResultSet row = statement.executeQuery()) {
            while (row.next()) {
                TableId id = new TableId(row.getString(1), row.getString(2));
                if (selection.includes(id)) {
                    tables.put(id, new DescribedTable(id, row.getLong(3), row.getBoolean(4)));
                }
            }
        }
    }

    /// Without order, for sorting costs the server most of the time.
    private void readColumns(Map<String, Integer> collations) throws SQLException {
        try (PreparedStatement statement = streaming(COLUMNS + where);
                ResultSet row = statement.executeQuery()) {
            while (row.next()) {
                DescribedTable table = table(row);
                if (table != null) {
                    boolean isReadable = row.getString(13).contains("select");
                    boolean isNullable = row.getString(12).equals("YES");
                    table.add(
                            row.getInt(4),
                            DescribedColumn.read(table.id(), row, collations),
                            isReadable,
                            isNullable);
                }
            }
        }
    }

    private void readKeyParts() throws SQLException {
        try (PreparedStatement statement = streaming(KEY_PARTS + where);
                ResultSet row = statement.executeQuery()) {
            while (row.next()) {
                DescribedTable table = table(row);
                if (table != null) {
                    boolean isPrefix = row.getString(6) != null;
                    table.addKeyPart(row.getString(3), row.getInt(4), row.getString(5), isPrefix);
                }
            }
        }
    }

    /// Selects all columns of those tables where that could fail: what is not seen at all cannot be
    /// missed.
    private void requireAllColumns() throws SQLException {
        String sql =
                hasColumn("ROLE_COLUMN_GRANTS", "COLUMN_NAME")
                        ? GRANTED_BY_COLUMN_TO_ROLES
                        : GRANTED_BY_COLUMN;
        List<DescribedTable> doubtful = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement(sql);
                ResultSet row = statement.executeQuery()) {
            while (row.next()) {
                DescribedTable table = table(row);
                if (table != null && table.isReadable()) {
                    doubtful.add(table);
                }
            }
        }
        for (DescribedTable table : doubtful) {
            requireAllColumns(table.id());
        }
    }

    private void requireAllColumns(TableId table) throws SQLException {
        try {
            execute("SELECT * FROM " + quoted(table) + " LIMIT 0");
        } catch (SQLException e) {
            if (e.getErrorCode() == TABLE_DENIED || e.getErrorCode() == COLUMN_DENIED) {
                throw undescribed(FailureCode.PRIVILEGE_MISSING, table, SOME_COLUMNS);
            }
            throw e;
        }
    }

    private static String quoted(TableId table) {
        return Quoting.identifier(table.schema()) + "." + Quoting.identifier(table.table());
    }

    private @Nullable DescribedTable table(ResultSet row) throws SQLException {
        return tables.get(new TableId(row.getString(1), row.getString(2)));
    }

    /// The order of a table's indexes stands nowhere in `information_schema`.
    private void readKeyOrder(DescribedTable table) throws SQLException {
        String sql = "SHOW INDEX FROM " + quoted(table.id());
        List<String> names = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement(sql);
                ResultSet row = statement.executeQuery()) {
            while (row.next()) {
                names.add(row.getString("Key_name"));
            }
        }
        table.orderKeys(names);
    }

    /// The driver reads row by row only with this fetch size, and all rows into memory otherwise.
    private PreparedStatement streaming(String sql) throws SQLException {
        PreparedStatement statement = connection.prepareStatement(sql);
        statement.setFetchSize(Integer.MIN_VALUE);
        for (int i = 0; i < values.size(); i++) {
            statement.setString(i + 1, values.get(i));
        }
        return statement;
    }

    /// The failure of a table that cannot be described.
    static SourceException undescribed(FailureCode code, TableId table, String why) {
        return new SourceException(code, "the table " + table + " cannot be read: " + why);
    }
}
