package io.fustor.source.mysql.connection;

import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.stereotype.Component;

/// Builds the [ServerAccess] of a server from the service's configuration.
@Component
@EnableConfigurationProperties({ConnectionProperties.class, HostRule.class})
public class Servers {

    private final ConnectionProperties connection;
    private final HostRule hosts;

    Servers(ConnectionProperties connection, HostRule hosts) {
        this.connection = connection;
        this.hosts = hosts;
    }

    /// The access to a server with a credential; does not connect.
    public ServerAccess access(ServerAddress address, Credential credential) {
        return new ServerAccess(address, credential, connection, hosts);
    }
}
