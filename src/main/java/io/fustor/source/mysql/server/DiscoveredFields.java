package io.fustor.source.mysql.server;

/// How much was discovered of a server's tables.
///
/// @param tables how many tables there are
/// @param columns how many fields they have together
public record DiscoveredFields(int tables, int columns) {}
