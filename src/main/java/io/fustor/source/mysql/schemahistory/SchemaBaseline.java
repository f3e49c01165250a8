package io.fustor.source.mysql.schemahistory;

import io.fustor.source.mysql.connection.SqlRows;
import io.fustor.source.mysql.schema.StatementContext;
import io.fustor.source.mysql.schema.TableId;
import io.fustor.source.mysql.schemahistory.Catalog.Entry;
import io.fustor.source.mysql.schemahistory.Catalog.ServerNames;
import io.fustor.source.mysql.schemahistory.CollationNames.Named;
import io.fustor.source.mysql.server.Quoting;
import io.fustor.source.mysql.server.ServerVersion;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Reads the present definitions of all databases and tables of a server from its own DDL (`SHOW
/// CREATE TABLE`), so that the history begins with definitions that its own DDL reader made. It
/// takes one query a table, at different moments. The caller checks that no DDL was written between
/// two looks at the binlog's position.
public final class SchemaBaseline {

    private static final int NO_SUCH_DATABASE = 1049;
    private static final int TABLE_DENIED = 1142;

    /// Errors that do not concern the table: the server stops, or ended the statement.
    private static final Set<Integer> NOT_THE_TABLES = Set.of(1053, 1079, 1317, 1927, 1969, 3024);

    private static final int NO_SUCH_TABLE = 1146;

    private static final String SCHEMATA =
            """
            SELECT SCHEMA_NAME, DEFAULT_COLLATION_NAME FROM information_schema.SCHEMATA
            """;

    /// Everything whose name can conflict with a table's.
    private static final String TABLES =
            """
            SELECT TABLE_SCHEMA, TABLE_NAME, COALESCE(TABLE_TYPE, '') FROM information_schema.TABLES
            WHERE TABLE_SCHEMA NOT IN ('mysql', 'sys', 'information_schema', 'performance_schema')
            """;

    /// How long a statement waits for a table that another session has locked.
    private static final int LOCK_SECONDS = 5;

    private static final String COLLATIONS =
            """
            SELECT c.COLLATION_NAME, c.ID, c.CHARACTER_SET_NAME, c.IS_DEFAULT, s.MAXLEN
            FROM information_schema.COLLATIONS c
            JOIN information_schema.CHARACTER_SETS s USING (CHARACTER_SET_NAME)
            """;

    /// MariaDB numbers some collations per character set, in another table.
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

    /// The maximum number of lost tables in one log line.
    private static final int TOLD = 20;

    private static final Logger log = LoggerFactory.getLogger(SchemaBaseline.class);

    private final Connection connection;

    private SchemaBaseline(Connection connection) {
        this.connection = connection;
    }

    /// Reads all tables; blocks until that is done. Changes settings of the connection's session.
    ///
    /// @param known the earlier result, from which untouched tables are taken; null for none
    /// @param touched the tables touched by statements since then
    /// @throws SQLException the driver's exception; the caller translates it
    public static Catalog read(
            Connection connection, @Nullable Catalog known, @Nullable TouchedTables touched)
            throws SQLException {
        Map<TableId, Entry> kept = new HashMap<>();
        if (known != null && touched != null) {
            kept.putAll(known.tables());
            kept.keySet().removeIf(touched::includes);
        }
        return new SchemaBaseline(connection).read(kept);
    }

    /// Reads the current structure of one table.
    ///
    /// @param server a catalog with the server's schemas
    /// @return the table alone, or nothing if there is no such table
    /// @throws SQLException the driver's exception; the caller translates it
    public static Catalog describe(Connection connection, TableId table, Catalog server)
            throws SQLException {
        SchemaBaseline baseline = new SchemaBaseline(connection);
        baseline.prepare();
        Catalog empty = server.onlySchemas();
        DdlParser parser = new DdlParser(server.server().version(), server.server().isMariaDb());
        Entry entry = baseline.table(table, parser, empty);
        return entry instanceof Entry.Known(TableDefinition known) ? empty.with(known) : empty;
    }

    private void prepare() throws SQLException {
        execute(
                "SET SESSION sql_mode = 'NO_ENGINE_SUBSTITUTION', sql_quote_show_create = 1,"
                        + " lock_wait_timeout = "
                        + LOCK_SECONDS);
        String generatedKeys = "show_gipk_in_create_table_and_information_schema";
        if (!rows("SHOW VARIABLES LIKE '" + generatedKeys + "'", 1).isEmpty()) {
            execute("SET SESSION " + generatedKeys + " = ON");
        }
    }

    private Catalog read(Map<TableId, Entry> kept) throws SQLException {
        prepare();
        ServerNames server = server();
        Catalog schemas = new Catalog(server, collations(server), Map.of());
        DdlParser parser = new DdlParser(server.version(), server.isMariaDb());
        Map<TableId, Entry> tables = new HashMap<>();
        // A table may be in the binlog already and become visible only at the second look.
        for (int look = 0; look < 2; look++) {
            for (Map.Entry<TableId, String> listed : listed().entrySet()) {
                TableId table = server.stored(listed.getKey());
                Entry entry = tables.containsKey(table) ? null : kept.get(table);
                if (entry == null && !tables.containsKey(table)) {
                    entry = entry(listed.getKey(), listed.getValue(), parser, schemas);
                }
                if (entry != null) {
                    tables.put(table, entry);
                }
            }
        }
        warnOfLost(tables);
        return new Catalog(server, collations(server), tables);
    }

    private Map<String, Integer> collations(ServerNames server) throws SQLException {
        Map<String, Integer> collations = new HashMap<>();
        for (String[] row : rows(SCHEMATA, 2)) {
            collations.put(row[0], server.collations().collation(row[1]).id());
        }
        return collations;
    }

    private static void warnOfLost(Map<TableId, Entry> tables) {
        List<String> lost = new ArrayList<>();
        tables.forEach(
                (table, entry) -> {
                    if (entry instanceof Entry.Lost(String why)) {
                        lost.add(table + ": " + why);
                    }
                });
        if (!lost.isEmpty()) {
            log.warn(
                    "schemas lost={} tables={}",
                    lost.size(),
                    lost.subList(0, Math.min(lost.size(), TOLD)));
        }
    }

    /// The kinds of all tables and views.
    private Map<TableId, String> listed() throws SQLException {
        Map<TableId, String> tables = new LinkedHashMap<>();
        for (String[] row : rows(TABLES, 3)) {
            tables.put(new TableId(row[0], row[1]), row[2]);
        }
        return tables;
    }

    private @Nullable Entry entry(TableId table, String kind, DdlParser parser, Catalog schemas)
            throws SQLException {
        return switch (kind) {
            case "VIEW" -> new Entry.View();
            case "BASE TABLE" -> table(table, parser, schemas);
            case "SYSTEM VERSIONED" -> new Entry.Lost(Entry.Lost.VERSIONED);
            case "" -> new Entry.Lost("the server cannot open it");
            default -> new Entry.Lost("its type is " + kind);
        };
    }

    private ServerNames server() throws SQLException {
        ServerVersion version = new ServerVersion(rows("SELECT VERSION()", 1).getFirst()[0]);
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
                version.number(), version.isMariaDb(), lowerCase, new CollationNames(names));
    }

    /// Null if the table no longer exists.
    private @Nullable Entry table(TableId id, DdlParser parser, Catalog schemas)
            throws SQLException {
        String name = Quoting.identifier(id.schema()) + "." + Quoting.identifier(id.table());
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
            if (!isTables(e)) {
                throw e;
            }
            return new Entry.Lost(
                    "the server does not describe it, error %d".formatted(e.getErrorCode()));
        }
        StatementContext inSchema = StatementContext.plain(id.schema());
        Entry entry = schemas.after(parser.parse(sql, inSchema), inSchema).table(id);
        return entry == null
                ? new Entry.Lost("the server's own description of it could not be read")
                : entry;
    }

    /// Whether an error concerns the table, rather than the server or the connection.
    private boolean isTables(SQLException e) throws SQLException {
        boolean isOfConnection = e.getSQLState() != null && e.getSQLState().startsWith("08");
        return e.getErrorCode() != 0
                && !isOfConnection
                && !NOT_THE_TABLES.contains(e.getErrorCode())
                && connection.isValid(LOCK_SECONDS);
    }

    private void execute(String sql) throws SQLException {
        SqlRows.execute(connection, sql);
    }

    private List<String[]> rows(String sql, int columns) throws SQLException {
        return SqlRows.read(
                connection,
                sql,
                row -> {
                    String[] values = new String[columns];
                    for (int i = 0; i < columns; i++) {
                        values[i] = row.getString(i + 1);
                    }
                    return values;
                });
    }
}
