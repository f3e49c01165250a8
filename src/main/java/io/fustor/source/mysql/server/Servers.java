package io.fustor.source.mysql.server;

import org.springframework.stereotype.Component;

/// Makes what a connection to a server needs, as the service is configured: how to connect, and
/// where to at all.
@Component
public class Servers {

    private final ConnectionProperties connection;
    private final HostRule hosts;

    Servers(ConnectionProperties connection, HostRule hosts) {
        this.connection = connection;
        this.hosts = hosts;
    }

    /// What somebody needs to connect to a server; nothing is connected yet.
    public ServerAccess access(ServerAddress address, Credential credential) {
        return new ServerAccess(address, credential, connection, hosts);
    }
}
