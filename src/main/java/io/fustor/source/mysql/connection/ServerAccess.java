package io.fustor.source.mysql.connection;

/// Everything that a connection to one server needs. Two sources with equal access share one
/// capture.
///
/// @param hosts the hosts to which connections are allowed
public record ServerAccess(
        ServerAddress address,
        Credential credential,
        ConnectionProperties connection,
        HostRule hosts) {

    /// Access with the default host rule.
    public ServerAccess(
            ServerAddress address, Credential credential, ConnectionProperties connection) {
        this(address, credential, connection, HostRule.DEFAULT);
    }
}
