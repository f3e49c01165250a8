package io.fustor.source.mysql.server;

/// What a connection to one server needs. Two sources with equal access share one capture.
public record ServerAccess(
        ServerAddress address, Credential credential, ConnectionProperties connection) {}
