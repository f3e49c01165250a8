package io.fustor.source.mysql.schema;

import java.util.Set;

/// A table's full name.
///
/// @param schema the database's name as the server wrote it
/// @param table the table's name as the server wrote it
public record TableId(String schema, String table) {

    private static final Set<String> SYSTEM_SCHEMAS =
            Set.of("mysql", "sys", "information_schema", "performance_schema");

    /// Whether the table belongs to the server itself; no feed contains such tables.
    public boolean isSystem() {
        return SYSTEM_SCHEMAS.contains(schema);
    }

    public static Set<String> systemSchemas() {
        return SYSTEM_SCHEMAS;
    }

    @Override
    public String toString() {
        return schema + "." + table;
    }
}
