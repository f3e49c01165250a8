package io.fustor.source.mysql.web;

import org.apache.coyote.http11.Http11NioProtocol;

/// Tomcat's HTTP/1.1 over [ClientConnections]. Tomcat makes it by its name.
public final class GuardedProtocol extends Http11NioProtocol {

    private final GuardedEndpoint endpoint;

    public GuardedProtocol() {
        this(new GuardedEndpoint());
    }

    private GuardedProtocol(GuardedEndpoint endpoint) {
        super(endpoint);
        this.endpoint = endpoint;
    }

    void limit(WebProperties properties) {
        endpoint.limit(properties);
    }
}
