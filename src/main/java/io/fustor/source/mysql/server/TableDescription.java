package io.fustor.source.mysql.server;

import io.fustor.source.mysql.schema.TableSchema;
import java.util.Set;

/// A table as the server's `information_schema` describes it.
///
/// @param schema the schema that a table map of the table has
/// @param order the order in which its rows can be read in parts
/// @param nullable the ordinals of the columns that may be NULL
/// @param isTransactional whether a consistent view covers the table, by its storage engine
/// @param estimatedRows the server's estimate
public record TableDescription(
        TableSchema schema,
        KeyOrder order,
        Set<Integer> nullable,
        boolean isTransactional,
        long estimatedRows) {

    public TableDescription {
        nullable = Set.copyOf(nullable);
    }
}
