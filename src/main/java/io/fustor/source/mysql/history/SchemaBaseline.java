package io.fustor.source.mysql.history;

import io.fustor.source.mysql.history.CollationNames.Named;
import io.fustor.source.mysql.history.Schemas.Entry;
import io.fustor.source.mysql.history.Schemas.ServerNames;
import io.fustor.source.mysql.schema.TableId;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Reads what all databases and tables of a server look like now, from what it says of them in its
/// own DDL (`SHOW CREATE TABLE`), so that the history begins with what its own reading of DDL makes
/// of it. One query a table; it sees no common moment, so whoever calls it makes sure that no DDL
/// came between two looks at the binlog's position.
public final class SchemaBaseline {

    private static final Pattern VERSION = Pattern.compile("(\\d+)\\.(\\d+)\\.(\\d+).*");

    private static final int NO_SUCH_DATABASE = 1049;
    private static final int TABLE_DENIED = 1142;
    private static final int NO_SUCH_TABLE = 1146;

    private static final String SCHEMATA =
            """
            SELECT SCHEMA_NAME, DEFAULT_COLLATION_NAME FROM information_schema.SCHEMATA
            """;
    private static final String TABLES =
            """
            SELECT TABLE_SCHEMA, TABLE_NAME FROM information_schema.TABLES
            WHERE TABLE_TYPE = 'BASE TABLE'
              AND TABLE_SCHEMA NOT IN ('mysql', 'sys', 'information_schema', 'performance_schema')
            """;
    private static final String COLLATIONS =
            """
            SELECT c.COLLATION_NAME, c.ID, c.CHARACTER_SET_NAME, c.IS_DEFAULT, s.MAXLEN
            FROM information_schema.COLLATIONS c
            JOIN information_schema.CHARACTER_SETS s USING (CHARACTER_SET_NAME)
            """;

    /// MariaDB gives some collations a number for each character set, in another table.
    private static final String COLLATIONS_OF_SETS =
            """
            SELECT c.FULL_COLLATION_NAME, c.ID, c.CHARACTER_SET_NAME, c.IS_DEFAULT, s.MAXLEN
            FROM information_schema.COLLATION_CHARACTER_SET_APPLICABILITY c
            JOIN information_schema.CHARACTER_SETS s USING (CHARACTER_SET_NAME)
            """;

    private static final String HAS_COLLATIONS_OF_SETS =
            """
            SELECT 1 FROM information_schema.COLUMNS
            WHERE TABLE_SCHEMA = 'information_schema'
              AND TABLE_NAME = 'COLLATION_CHARACTER_SET_APPLICABILITY'
              AND COLUMN_NAME = 'FULL_COLLATION_NAME'
            """;

    private final Connection connection;

    private SchemaBaseline(Connection connection) {
        this.connection = connection;
    }

    /// Blocks until all tables are read. It changes settings of the connection's session.
    ///
    /// @param known what was read before, of which untouched tables are not read again; null for
    ///   nothing
    /// @param touched by statements since then
    /// @throws SQLException as the driver has it; the caller translates it
    public static Schemas read(
            Connection connection, @Nullable Schemas known, @Nullable TouchedTables touched)
            throws SQLException {
        Map<TableId, Entry> kept = new HashMap<>();
        if (known != null && touched != null) {
            kept.putAll(known.tables());
            kept.keySet().removeIf(touched::includes);
        }
        return new SchemaBaseline(connection).read(kept);
    }

    private Schemas read(Map<TableId, Entry> kept) throws SQLException {
        execute("SET SESSION sql_mode = 'NO_ENGINE_SUBSTITUTION', sql_quote_show_create = 1");
        String generatedKeys = "show_gipk_in_create_table_and_information_schema";
        if (!rows("SHOW VARIABLES LIKE '" + generatedKeys + "'", 1).isEmpty()) {
            execute("SET SESSION " + generatedKeys + " = ON");
        }
        ServerNames server = server();
        Schemas schemas = new Schemas(server, collations(server), Map.of());
        DdlParser parser = new DdlParser(server.version(), server.isMariaDb());
        Map<TableId, Entry> tables = new HashMap<>();
        // A table may be in the binlog already and not to be seen before the second look.
        for (int look = 0; look < 2; look++) {
            for (TableId table : listed()) {
                Entry entry = tables.containsKey(table) ? null : kept.get(table);
                if (entry == null && !tables.containsKey(table)) {
                    entry = table(table, parser, schemas);
                }
                if (entry != null) {
                    tables.put(table, entry);
                }
            }
        }
        return new Schemas(server, collations(server), tables);
    }

    private Map<String, Integer> collations(ServerNames server) throws SQLException {
        Map<String, Integer> collations = new HashMap<>();
        for (String[] row : rows(SCHEMATA, 2)) {
            collations.put(row[0], server.collations().collation(row[1]).id());
        }
        return collations;
    }

    private Set<TableId> listed() throws SQLException {
        Set<TableId> tables = new LinkedHashSet<>();
        for (String[] row : rows(TABLES, 2)) {
            tables.add(new TableId(row[0], row[1]));
        }
        return tables;
    }

    private ServerNames server() throws SQLException {
        String version = rows("SELECT VERSION()", 1).getFirst()[0];
        Matcher numbers = VERSION.matcher(version);
        int number = 0;
        if (numbers.matches()) {
            number =
                    Integer.parseInt(numbers.group(1)) * 10_000
                            + Integer.parseInt(numbers.group(2)) * 100
                            + Integer.parseInt(numbers.group(3));
        }
        boolean lowerCase =
                !rows("SELECT @@global.lower_case_table_names", 1).getFirst()[0].equals("0");
        List<Named> names = new ArrayList<>();
        boolean isOfSets = !rows(HAS_COLLATIONS_OF_SETS, 1).isEmpty();
        for (String[] row : rows(isOfSets ? COLLATIONS_OF_SETS : COLLATIONS, 5)) {
            names.add(
                    new Named(
                            row[0],
                            Integer.parseInt(row[1]),
                            row[2],
                            "Yes".equals(row[3]),
                            Integer.parseInt(row[4])));
        }
        return new ServerNames(
                number, version.contains("MariaDB"), lowerCase, new CollationNames(names));
    }

    /// Null where there is no such table any more.
    private @Nullable Entry table(TableId id, DdlParser parser, Schemas schemas)
            throws SQLException {
        String name = quoted(id.schema()) + "." + quoted(id.table());
        String sql;
        try {
            sql = rows("SHOW CREATE TABLE " + name, 2).getFirst()[1];
        } catch (SQLException e) {
            if (e.getErrorCode() == NO_SUCH_TABLE || e.getErrorCode() == NO_SUCH_DATABASE) {
                return null;
            }
            if (e.getErrorCode() == TABLE_DENIED) {
                return new Entry.Lost("the user has no privilege on the whole table");
            }
            throw e;
        }
        StatementContext inSchema = StatementContext.plain(id.schema());
        Entry entry = schemas.after(parser.parse(sql, inSchema), inSchema).table(id);
        return entry == null
                ? new Entry.Lost("the server's own description of it could not be read")
                : entry;
    }

    private static String quoted(String name) {
        return "`" + name.replace("`", "``") + "`";
    }

    private void execute(String sql) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.execute();
        }
    }

    private List<String[]> rows(String sql, int columns) throws SQLException {
        List<String[]> rows = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement(sql);
                ResultSet result = statement.executeQuery()) {
            while (result.next()) {
                String[] row = new String[columns];
                for (int i = 0; i < columns; i++) {
                    row[i] = result.getString(i + 1);
                }
                rows.add(row);
            }
        }
        return rows;
    }
}
