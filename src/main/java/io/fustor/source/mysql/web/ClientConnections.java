package io.fustor.source.mysql.web;

import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.tomcat.util.net.AbstractEndpoint;
import org.apache.tomcat.util.net.NioChannel;
import org.apache.tomcat.util.net.SocketEvent;
import org.apache.tomcat.util.net.SocketWrapperBase;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Every open connection of a server port. Tomcat's time-outs count from the last byte, so a client
/// that sends one now and then may keep a connection for ever; here heads and bodies have deadlines
/// as a whole, and where all connections are taken, those that the server waits on longest make
/// room.
final class ClientConnections implements AbstractEndpoint.Handler<NioChannel> {

    private static final Logger LOG = LoggerFactory.getLogger(ClientConnections.class);

    private final AbstractEndpoint.Handler<NioChannel> requests;
    private final Map<SocketWrapperBase<NioChannel>, ClientConnection> open =
            new ConcurrentHashMap<>();
    private volatile Duration headTimeout = Duration.ofSeconds(20);
    private volatile Duration bodyTimeout = Duration.ofSeconds(30);
    private volatile Duration writeTimeout = Duration.ofMinutes(1);

    /// @param requests serves the bytes that come
    ClientConnections(AbstractEndpoint.Handler<NioChannel> requests) {
        this.requests = requests;
    }

    void limit(WebProperties properties) {
        headTimeout = properties.headTimeout();
        bodyTimeout = properties.bodyTimeout();
        writeTimeout = properties.writeTimeout();
    }

    void opened(SocketWrapperBase<NioChannel> wrapper) {
        of(wrapper);
    }

    private ClientConnection of(SocketWrapperBase<NioChannel> wrapper) {
        return open.computeIfAbsent(wrapper, ClientConnection::new);
    }

    @Override
    public SocketState process(SocketWrapperBase<NioChannel> wrapper, SocketEvent event) {
        ClientConnection connection = of(wrapper);
        connection.letClientStall(writeTimeout);
        SocketState state = connection.begin().call(() -> requests.process(wrapper, event));
        if (state == SocketState.LONG) {
            connection.awaitHead();
        } else if (state == SocketState.OPEN) {
            connection.awaitRequest();
        }
        return state;
    }

    /// Drops what is over its deadline.
    void dropLate() {
        long now = System.nanoTime();
        int dropped = 0;
        // Closed in the moment in which it was opened.
        open.values().removeIf(ClientConnection::isClosed);
        for (ClientConnection connection : open.values()) {
            if (isLate(connection, now) && connection.drop()) {
                dropped++;
            }
        }
        if (dropped > 0) {
            LOG.debug("connections dropped={} reason=late", dropped);
        }
    }

    private boolean isLate(ClientConnection connection, long now) {
        long waited = now - connection.since();
        return switch (connection.phase()) {
            case HEAD -> waited > headTimeout.toNanos();
            case BODY -> waited > bodyTimeout.toNanos();
            // Tomcat's keep-alive time-out does that.
            case IDLE, BUSY -> false;
        };
    }

    /// Drops those that the server has waited on longest.
    ///
    /// @return how many
    int dropLongestWaiting(int count) {
        List<ClientConnection> waiting =
                open.values().stream()
                        .filter(connection -> connection.phase() != ClientConnection.Phase.BUSY)
                        .sorted(Comparator.comparingLong(ClientConnection::since))
                        .toList();
        int dropped = 0;
        for (ClientConnection connection : waiting) {
            if (dropped < count && connection.drop()) {
                dropped++;
            }
        }
        return dropped;
    }

    @Override
    public Object getGlobal() {
        return requests.getGlobal();
    }

    @Override
    public void release(SocketWrapperBase<NioChannel> wrapper) {
        open.remove(wrapper);
        requests.release(wrapper);
    }

    @Override
    public void pause() {
        requests.pause();
    }

    @Override
    public void recycle() {
        requests.recycle();
    }
}
