package io.fustor.source.mysql.server;

import io.fustor.source.mysql.schema.TableSchema;

/// A table as the server's `information_schema` describes it.
///
/// @param schema the same that a table map of the table has
/// @param key ordinals, in the key's order, of columns that tell all its rows apart and are never
///   null: those of the primary key, else of the unique index that InnoDB orders the rows by; empty
///   where there is neither
/// @param keyName the name of the key's index, or empty
/// @param isTransactional whether a consistent view holds for the table, by its storage engine
/// @param estimatedRows the server's own guess
@SuppressWarnings("ArrayRecordComponent") // never compared
public record TableDescription(
        TableSchema schema,
        int[] key,
        String keyName,
        boolean isTransactional,
        long estimatedRows) {}
