package io.fustor.source.mysql.server;

import org.springframework.stereotype.Component;

/// What the service's configuration says of every connection to a MySQL server.
@Component
public final class ConnectionRules {

    private final ConnectionProperties connection;
    private final AllowedHosts hosts;

    ConnectionRules(ConnectionProperties connection, AllowedHosts hosts) {
        this.connection = connection;
        this.hosts = hosts;
    }

    /// What a connection to this server by this user needs.
    public ServerAccess access(ServerAddress address, Credential credential) {
        return new ServerAccess(address, credential, connection, hosts);
    }
}
