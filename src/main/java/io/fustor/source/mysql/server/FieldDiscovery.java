package io.fustor.source.mysql.server;

import io.fustor.source.mysql.connection.AnswerMemory;
import io.fustor.source.mysql.connection.ServerAccess;
import io.fustor.source.mysql.connection.SqlConnections;
import io.fustor.source.mysql.connection.SqlErrors;
import io.fustor.source.mysql.connection.SqlRows;
import io.fustor.source.mysql.connection.TimeLimit;
import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.schema.TableId;
import java.io.OutputStream;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.databind.json.JsonMapper;

/// Reads the structure of a server's tables for the wizard: every column of every table that the
/// user can see, without system schemas and views. Rows are streamed, schema by schema, so that
/// only the names of one schema's tables and keys are in memory.
public final class FieldDiscovery {

    private static final String TABLES =
            """
            SELECT TABLE_NAME FROM information_schema.TABLES
            WHERE TABLE_SCHEMA = ? AND TABLE_TYPE IN ('BASE TABLE', 'SYSTEM VERSIONED')
            """;
    private static final String KEYS =
            """
            SELECT TABLE_NAME, COLUMN_NAME, SEQ_IN_INDEX
            FROM information_schema.STATISTICS
            WHERE TABLE_SCHEMA = ? AND INDEX_NAME = 'PRIMARY'
            """;

    /// Unsorted, since sorting costs the server most of the time.
    private static final String COLUMNS =
            """
            SELECT TABLE_NAME, COLUMN_NAME, ORDINAL_POSITION, DATA_TYPE, COLUMN_TYPE, IS_NULLABLE,
                   COLUMN_COMMENT
            FROM information_schema.COLUMNS
            WHERE TABLE_SCHEMA = ?
            """;

    /// The size of a name in a set or map, in addition to its characters.
    private static final long NAME_WEIGHT = 128;

    private static final Duration LONGEST = Duration.ofMinutes(2);

    private final Connection connection;
    private final JsonGenerator json;
    private final AnswerMemory.Hold hold;
    private int tables;
    private int columns;

    private FieldDiscovery(Connection connection, JsonGenerator json, AnswerMemory.Hold hold) {
        this.connection = connection;
        this.json = json;
        this.hold = hold;
    }

    /// Reads all fields that the user of the access can see, and writes them as a JSON object with
    /// the key `properties`. Blocks until the server has answered.
    ///
    /// @param out receives the JSON in UTF-8; is closed
    /// @throws SourceException with the reason why the connection or a query failed
    public static DiscoveredFields read(ServerAccess access, OutputStream out) {
        try (Connection connection = SqlConnections.open(access);
                TimeLimit _ = TimeLimit.start(connection, LONGEST);
                AnswerMemory.Hold hold = AnswerMemory.OF_HEAP.open(access);
                JsonGenerator json = JsonMapper.shared().createGenerator(out)) {
            FieldDiscovery discovery = new FieldDiscovery(connection, json, hold);
            discovery.readAll();
            return new DiscoveredFields(discovery.tables, discovery.columns);
        } catch (SQLException e) {
            throw SqlErrors.translate(e, access);
        }
    }

    private void readAll() throws SQLException {
        json.writeStartObject();
        json.writeObjectPropertyStart("properties");
        for (String schema : schemas()) {
            readSchema(schema);
        }
        json.writeEndObject();
        json.writeEndObject();
    }

    private List<String> schemas() throws SQLException {
        List<String> schemas =
                SqlRows.read(
                        connection,
                        "SELECT SCHEMA_NAME FROM information_schema.SCHEMATA ORDER BY 1",
                        row -> row.getString(1));
        schemas.removeIf(
                schema -> TableId.systemSchemas().contains(schema.toLowerCase(Locale.ROOT)));
        return schemas;
    }

    private void readSchema(String schema) throws SQLException {
        hold.close(); // what was kept of the schema before
        Set<String> baseTables = baseTables(schema);
        if (baseTables.isEmpty()) {
            return;
        }
        tables += baseTables.size();
        Map<String, Map<String, Integer>> keys = keys(schema);
        forEach(
                COLUMNS,
                schema,
                row -> {
                    String table = row.getString(1);
                    if (baseTables.contains(table)) {
                        columns++;
                        writeColumn(schema, row, keys.getOrDefault(table, Map.of()));
                    }
                });
    }

    private Set<String> baseTables(String schema) throws SQLException {
        Set<String> names = new HashSet<>();
        forEach(
                TABLES,
                schema,
                row -> {
                    String name = row.getString(1);
                    hold.add(NAME_WEIGHT + 2L * name.length());
                    names.add(name);
                });
        return names;
    }

    private Map<String, Map<String, Integer>> keys(String schema) throws SQLException {
        Map<String, Map<String, Integer>> keys = new HashMap<>();
        forEach(
                KEYS,
                schema,
                row -> {
                    String table = row.getString(1);
                    String column = row.getString(2);
                    hold.add(2 * NAME_WEIGHT + 2L * (table.length() + column.length()));
                    keys.computeIfAbsent(table, _ -> new HashMap<>()).put(column, row.getInt(3));
                });
        return keys;
    }

    /// Visits the rows one by one. If there is no memory for one, the connection is aborted: the
    /// driver would read all remaining rows before it closes a result.
    private void forEach(String sql, String schema, SqlRows.RowVisitor visitor)
            throws SQLException {
        try (PreparedStatement statement = streaming(sql, schema);
                ResultSet row = statement.executeQuery()) {
            try {
                while (row.next()) {
                    visitor.visit(row);
                }
            } catch (Throwable e) {
                connection.abort(Runnable::run);
                throw e;
            }
        }
    }

    private PreparedStatement streaming(String sql, String schema) throws SQLException {
        PreparedStatement statement = SqlConnections.rowByRow(connection, sql, 0);
        statement.setString(1, schema);
        return statement;
    }

    private void writeColumn(String schema, ResultSet row, Map<String, Integer> key)
            throws SQLException {
        String column = row.getString(2);
        JsonType type = JsonType.of(row.getString(4));
        json.writeObjectPropertyStart(schema + "." + row.getString(1) + "." + column);
        json.writeStringProperty("type", type.type());
        if (type.format() != null) {
            json.writeStringProperty("format", type.format());
        }
        json.writeNumberProperty("column_index", row.getInt(3) - 1);
        json.writeStringProperty("mysql_type", row.getString(5));
        json.writeBooleanProperty("nullable", "YES".equals(row.getString(6)));
        Integer place = key.get(column);
        if (place == null) {
            json.writeNullProperty("primary_key");
        } else {
            json.writeNumberProperty("primary_key", place);
        }
        String comment = row.getString(7);
        if (comment != null && !comment.isEmpty()) {
            json.writeStringProperty("comment", comment);
        }
        json.writeEndObject();
    }

    /// How a column's values appear in the feed, as JSON Schema types.
    private record JsonType(String type, @Nullable String format) {

        static JsonType of(String dataType) {
            return switch (dataType.toLowerCase(Locale.ROOT)) {
                case "tinyint", "smallint", "mediumint", "int", "bigint", "bit", "year" ->
                        new JsonType("integer", null);
                case "decimal", "float", "double" -> new JsonType("number", null);
                case "date" -> new JsonType("string", "date");
                case "timestamp" -> new JsonType("string", "date-time");
                case "binary",
                        "varbinary",
                        "tinyblob",
                        "blob",
                        "mediumblob",
                        "longblob",
                        "vector" ->
                        new JsonType("string", "byte");
                case "json",
                        "geometry",
                        "point",
                        "linestring",
                        "polygon",
                        "multipoint",
                        "multilinestring",
                        "multipolygon",
                        "geometrycollection",
                        "geomcollection" ->
                        new JsonType("object", null);
                default -> new JsonType("string", null);
            };
        }
    }
}
