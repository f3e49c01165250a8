package io.fustor.source.mysql.server;

/// The fields of a server's tables.
///
/// @param json an object with the key `properties`, which has one key `schema.table.column` for
///   each field
/// @param tables how many tables they are in
/// @param columns how many they are
public record DiscoveredFields(String json, int tables, int columns) {}
