package io.fustor.source.mysql.server;

/// The size of a server's discovered schema.
///
/// @param tables the number of tables
/// @param columns the number of fields of all tables together
public record DiscoveredFields(int tables, int columns) {}
