package io.fustor.source.mysql.server;

/// What a connection to one server needs. Two sources with equal access share one capture.
///
/// @param hosts which hosts may be connected to
public record ServerAccess(
        ServerAddress address,
        Credential credential,
        ConnectionProperties connection,
        HostRule hosts) {

    /// Access under the rule that holds without configuration.
    public ServerAccess(
            ServerAddress address, Credential credential, ConnectionProperties connection) {
        this(address, credential, connection, HostRule.DEFAULT);
    }
}
