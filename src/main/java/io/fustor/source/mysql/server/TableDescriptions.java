package io.fustor.source.mysql.server;

import io.fustor.source.mysql.connection.SqlRows;
import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.schema.Column;
import io.fustor.source.mysql.schema.NameRule;
import io.fustor.source.mysql.schema.Selection;
import io.fustor.source.mysql.schema.TableId;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Describes tables from `information_schema`, any number of them with the same few queries. The
/// queries run at different moments, and a table may change in between. So a reader of its rows has
/// to check the description again in its consistent view.
///
/// A label of an `ENUM` or `SET` with a character above U+FFFF has `?` in its place, for the server
/// keeps these descriptions in utf8mb3.
public final class TableDescriptions {

    /// What is kept of a row, beside its bytes.
    private static final int ROW_WEIGHT = 200;

    private static final Comparator<TableId> BY_NAME =
            Comparator.comparing(TableId::schema).thenComparing(TableId::table);

    private static final String NOT_SYSTEM =
            "TABLE_SCHEMA NOT IN ('mysql', 'sys', 'information_schema', 'performance_schema')";

    private static final String TABLES =
            """
            SELECT TABLE_SCHEMA, TABLE_NAME, TABLE_TYPE, ENGINE, TABLE_ROWS,
                   ENGINE IN (SELECT ENGINE FROM information_schema.ENGINES
                              WHERE TRANSACTIONS = 'YES'),
                   TABLE_TYPE = 'SYSTEM VERSIONED'
            FROM information_schema.TABLES
            WHERE\s""";

    private static final String COLUMNS =
            """
            SELECT TABLE_SCHEMA, TABLE_NAME, COLUMN_NAME, ORDINAL_POSITION, DATA_TYPE, COLUMN_TYPE,
                   CHARACTER_OCTET_LENGTH, NUMERIC_PRECISION, NUMERIC_SCALE, DATETIME_PRECISION,
                   COLLATION_NAME, IS_NULLABLE, PRIVILEGES, EXTRA
            FROM information_schema.COLUMNS
            WHERE\s""";

    private static final String KEY_PARTS =
            """
            SELECT TABLE_SCHEMA, TABLE_NAME, INDEX_NAME, SEQ_IN_INDEX, COLUMN_NAME, SUB_PART,
                   COLLATION, INDEX_TYPE,\s""";

    private static final String OF_UNIQUE_KEYS =
            " FROM information_schema.STATISTICS WHERE NON_UNIQUE = 0 AND ";

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

    private static final String VERSIONED =
            "it is system-versioned, and the service does not tell its history from its rows: leave it out of the"
                    + " selection";

    private static final int TABLE_DENIED = 1142;
    private static final int COLUMN_DENIED = 1143;

    private final Connection connection;
    private final String where;
    private final List<String> values;
    private final NameRule names;
    private final Map<TableId, TableDraft> tables = new TreeMap<>(BY_NAME);

    private TableDescriptions(Connection connection, @Nullable TableId only) throws SQLException {
        this.names = ServerIdentity.names(connection);
        this.connection = connection;
        this.where = NOT_SYSTEM + (only == null ? "" : " AND TABLE_SCHEMA = ? AND TABLE_NAME = ?");
        this.values = only == null ? List.of() : List.of(only.schema(), only.table());
    }

    /// What a selection includes, tables and views, as far as the server shows it to the user,
    /// ordered by schema and table; temporary and system tables are never among them. A table about
    /// which the server does not answer, or whose values cannot be told, says so itself.
    static List<TableDraft> selected(Connection connection, Selection selection)
            throws SQLException {
        return new TableDescriptions(connection, null).read(selection);
    }

    /// One table, or null where there is none that the user may read.
    ///
    /// @throws SourceException `UNSUPPORTED_TYPE` for a table with a column of an unknown type, and
    ///   for one that is system-versioned; `PRIVILEGE_MISSING` where only some columns may be read
    /// @throws SQLException also where the server cannot open the table
    public static @Nullable TableDescription of(Connection connection, TableId table)
            throws SQLException {
        // The query may compare names in another way than the server itself.
        TableDescriptions descriptions = new TableDescriptions(connection, table);
        TableId stored = descriptions.names.stored(table);
        for (TableDraft found : descriptions.read(Selection.EVERYTHING)) {
            if (!found.id().equals(stored) || !found.kind().isTable()) {
                continue;
            }
            SQLException failure = found.failure();
            if (failure != null) {
                throw failure;
            }
            if (!found.isDescribed() && found.isSupported()) {
                descriptions.requireOpenable(table);
            }
            return found.isReadable() || !found.isSupported() ? found.toDescription() : null;
        }
        return null;
    }

    /// The names of a table's columns in table order; empty where there is no such table. The
    /// server gets the same questions whether there is one or not, so that their time tells
    /// nothing.
    ///
    /// @throws SQLException also where the server cannot open the table
    static Set<String> columnNames(Connection connection, TableId table) throws SQLException {
        TableDescriptions descriptions = new TableDescriptions(connection, table);
        Set<String> names = descriptions.columnNames(table);
        boolean exists = descriptions.exists();
        if (names.isEmpty() && exists) {
            descriptions.requireOpenable(table);
        }
        return names;
    }

    private Set<String> columnNames(TableId table) throws SQLException {
        TableId stored = names.stored(table);
        Set<String> columns = new LinkedHashSet<>();
        String sql =
                """
                SELECT TABLE_SCHEMA, TABLE_NAME, COLUMN_NAME FROM information_schema.COLUMNS
                WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ? ORDER BY ORDINAL_POSITION
                """;
        stream(
                sql,
                row -> {
                    if (id(row).equals(stored)) {
                        columns.add(row.getString(3));
                    }
                });
        return columns;
    }

    private boolean exists() throws SQLException {
        readTables(Selection.EVERYTHING);
        return !tables.isEmpty();
    }

    /// Called for a table that is there and has no columns: the server said why in a mere warning,
    /// and says it here. Where it opens the table now, another session had it for the moment.
    private void requireOpenable(TableId table) throws SQLException {
        SqlRows.execute(connection, "SELECT 1 FROM " + quoted(table) + " LIMIT 0");
        throw TableFailures.locked(table, null);
    }

    private List<TableDraft> read(Selection selection) throws SQLException {
        showGeneratedKeys();
        Map<String, Integer> collations = collations();
        readTables(selection);
        if (!tables.isEmpty()) {
            readColumns(collations);
            readKeyParts();
            findHiddenColumns();
        }
        for (TableDraft table : tables.values()) {
            if (table.isReadable() && table.hasSeveralUniqueKeys()) {
                about(table, this::readKeyOrder);
            }
        }
        return List.copyOf(tables.values());
    }

    private interface TableQuestion {
        void ask(TableDraft table) throws SQLException;
    }

    /// Asks about one table. What the server has against it concerns no other.
    private static void about(TableDraft table, TableQuestion question) {
        try {
            question.ask(table);
        } catch (SQLException e) {
            table.failed(e);
        }
    }

    private void showGeneratedKeys() throws SQLException {
        String sql = "SHOW SESSION VARIABLES LIKE '" + SHOW_GENERATED_KEYS + "'";
        if (SqlRows.text(connection, sql, 2).equals("OFF")) {
            SqlRows.execute(connection, "SET SESSION " + SHOW_GENERATED_KEYS + " = ON");
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
        SqlRows.forEach(connection, sql, row -> collations.put(row.getString(1), row.getInt(2)));
        return collations;
    }

    /// Whether this server has the column in a table of `information_schema`.
    private boolean hasColumn(String table, String column) throws SQLException {
        String sql =
                """
                SELECT 1 FROM information_schema.COLUMNS
                WHERE TABLE_SCHEMA = 'information_schema' AND TABLE_NAME = ? AND COLUMN_NAME = ?
                """;
        return SqlRows.exists(connection, sql, table, column);
    }

    private void readTables(Selection asked) throws SQLException {
        Selection selection = asked.under(names);
        stream(
                TABLES + where,
                row -> {
                    TableId id = id(row);
                    if (selection.includes(id)) {
                        tables.put(id, described(id, row));
                    }
                });
    }

    private static TableDraft described(TableId id, ResultSet row) throws SQLException {
        String engine = row.getString(4);
        TableDraft table =
                new TableDraft(
                        id,
                        new TableDraft.Kind(
                                row.getString(3),
                                engine == null ? "" : engine,
                                row.getLong(5),
                                row.getBoolean(6)));
        if (row.getBoolean(7)) {
            table.notSupported(VERSIONED);
        }
        return table;
    }

    /// Without order, for sorting costs the server most of the time.
    private void readColumns(Map<String, Integer> collations) throws SQLException {
        boolean isMariaDb =
                new ServerVersion(connection.getMetaData().getDatabaseProductVersion()).isMariaDb();
        stream(
                COLUMNS + where,
                row -> {
                    TableDraft table = table(row);
                    if (table != null && table.kind().isTable() && table.isSupported()) {
                        addColumn(table, row, collations, isMariaDb);
                    }
                });
    }

    private static void addColumn(
            TableDraft table, ResultSet row, Map<String, Integer> collations, boolean isMariaDb)
            throws SQLException {
        try {
            table.add(row.getInt(4), part(row, collations, isMariaDb));
        } catch (SourceException e) {
            table.notSupported(e.getMessage());
        }
    }

    private static TableDraft.Part part(
            ResultSet row, Map<String, Integer> collations, boolean isMariaDb) throws SQLException {
        Column column = ColumnDraft.read(row, collations, isMariaDb);
        return new TableDraft.Part(
                column,
                row.getString(13).contains("select"),
                row.getString(12).equals("YES"),
                KeyOrder.isGivenBy(
                        column,
                        row.getString(6),
                        Objects.requireNonNullElse(row.getString(11), ""),
                        row.getString(14)));
    }

    private void readKeyParts() throws SQLException {
        String isUsable =
                hasColumn("STATISTICS", "IS_VISIBLE")
                        ? "IS_VISIBLE = 'YES'"
                        : hasColumn("STATISTICS", "IGNORED") ? "IGNORED = 'NO'" : "TRUE";
        stream(
                KEY_PARTS + isUsable + OF_UNIQUE_KEYS + where,
                row -> {
                    TableDraft table = table(row);
                    if (table != null) {
                        table.addKeyPart(row.getString(3), row.getInt(4), keyPart(row));
                    }
                });
    }

    /// Without a collation the index has no order. MariaDB has unique indexes over hashes.
    private static TableDraft.KeyPart keyPart(ResultSet row) throws SQLException {
        String direction = row.getString(7);
        return new TableDraft.KeyPart(
                row.getString(5),
                row.getString(6) != null,
                "D".equals(direction),
                direction != null && "BTREE".equals(row.getString(8)) && row.getBoolean(9));
    }

    /// Selects all columns of those tables where that could fail: what is not seen at all cannot be
    /// missed.
    private void findHiddenColumns() throws SQLException {
        String sql =
                hasColumn("ROLE_COLUMN_GRANTS", "COLUMN_NAME")
                        ? GRANTED_BY_COLUMN_TO_ROLES
                        : GRANTED_BY_COLUMN;
        List<TableDraft> doubtful = new ArrayList<>();
        SqlRows.forEach(
                connection,
                sql,
                row -> {
                    TableDraft table = table(row);
                    if (table != null && table.isReadable()) {
                        doubtful.add(table);
                    }
                });
        for (TableDraft table : doubtful) {
            about(table, this::findHiddenColumns);
        }
    }

    private void findHiddenColumns(TableDraft table) throws SQLException {
        try {
            SqlRows.execute(connection, "SELECT * FROM " + quoted(table.id()) + " LIMIT 0");
        } catch (SQLException e) {
            if (e.getErrorCode() != TABLE_DENIED && e.getErrorCode() != COLUMN_DENIED) {
                throw e;
            }
            table.hideColumns();
        }
    }

    static String quoted(TableId table) {
        return Quoting.identifier(table.schema()) + "." + Quoting.identifier(table.table());
    }

    private @Nullable TableDraft table(ResultSet row) throws SQLException {
        return tables.get(id(row));
    }

    /// A table by the names that the binlog has; descriptions may keep another spelling.
    private TableId id(ResultSet row) throws SQLException {
        return names.stored(new TableId(row.getString(1), row.getString(2)));
    }

    /// The order of a table's indexes stands nowhere in `information_schema`.
    private void readKeyOrder(TableDraft table) throws SQLException {
        String sql = "SHOW INDEX FROM " + quoted(table.id());
        List<String> names = SqlRows.read(connection, sql, row -> row.getString("Key_name"));
        if (!table.hasOnlyKeys(names)) {
            requireOpenable(table.id());
        }
        table.orderKeys(names);
    }

    private void stream(String sql, SqlRows.RowVisitor visitor) throws SQLException {
        SqlRows.stream(connection, sql, ROW_WEIGHT, visitor, values.toArray());
    }
}
