package io.fustor.source.mysql.server;

import io.fustor.source.mysql.error.SourceException;

/// What a connection to one server needs. Two sources with equal access share one capture.
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

    /// Called before every attempt to connect.
    ///
    /// @throws SourceException HOST_FORBIDDEN where the configuration does not allow the host
    public void requireAllowed() {
        hosts.require(address);
    }
}
