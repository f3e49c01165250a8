package io.fustor.source.mysql.web;

import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import org.apache.coyote.http2.Http2Connection;
import org.apache.coyote.http2.Http2Watch;
import org.apache.tomcat.util.net.AbstractEndpoint;
import org.apache.tomcat.util.net.NioChannel;
import org.apache.tomcat.util.net.SocketEvent;
import org.apache.tomcat.util.net.SocketWrapperBase;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The open connections of a server port. Tomcat's time-outs count from the last byte, so a slow
/// client may keep a connection forever. Here, heads and bodies have deadlines as a whole. If all
/// connections are in use, those on which the server has waited longest are dropped.
final class ClientConnections implements AbstractEndpoint.Handler<NioChannel> {

    private static final Logger LOG = LoggerFactory.getLogger(ClientConnections.class);

    private static final Duration LEAVE_LOOK = Duration.ofMillis(5);

    private final AbstractEndpoint.Handler<NioChannel> requests;
    private final Map<SocketWrapperBase<NioChannel>, ClientConnection> open =
            new ConcurrentHashMap<>();
    private final LongSupplier freePlaces;

    /// What the streams of HTTP/2 connections take in the heap, in connections.
    private final AtomicLong placesOfStreams = new AtomicLong();

    private final AtomicInteger streaming = new AtomicInteger();

    private volatile Duration headTimeout = Duration.ofSeconds(20);
    private volatile Duration bodyTimeout = Duration.ofSeconds(30);
    private volatile Duration writeTimeout = Duration.ofMinutes(1);

    /// @param requests serves the bytes that arrive
    /// @param freePlaces how many more connections there may be
    ClientConnections(AbstractEndpoint.Handler<NioChannel> requests, LongSupplier freePlaces) {
        this.requests = requests;
        this.freePlaces = freePlaces;
    }

    void limit(WebProperties properties) {
        headTimeout = properties.headTimeout();
        bodyTimeout = properties.bodyTimeout();
        writeTimeout = properties.writeTimeout();
    }

    Duration headTimeout() {
        return headTimeout;
    }

    Duration bodyTimeout() {
        return bodyTimeout;
    }

    Duration writeTimeout() {
        return writeTimeout;
    }

    void opened(SocketWrapperBase<NioChannel> wrapper) {
        of(wrapper);
    }

    private ClientConnection of(SocketWrapperBase<NioChannel> wrapper) {
        return open.computeIfAbsent(wrapper, one -> new ClientConnection(one, streaming));
    }

    /// The connection that this thread serves goes on with HTTP/2.
    Http2Watch multiplexed(Http2Connection frames) {
        if (ClientExchange.current() instanceof ClientConnection connection) {
            return connection.multiplex(new ClientStreams(connection, frames, this));
        }
        throw new IllegalStateException("a connection is served by the thread that reads it");
    }

    /// Takes the place of a stream, if there is one. A stream needs no connection of its own, but
    /// about as much of the heap.
    boolean admit(ClientStream stream) {
        if (placesOfStreams.addAndGet(stream.places()) <= freePlaces.getAsLong()) {
            return true;
        }
        leaves(stream);
        dropLongestWaiting(stream.places());
        return false;
    }

    /// How many connections have no request but a stream, which has reserved its own room in the
    /// heap.
    int streaming() {
        return streaming.get();
    }

    void leaves(ClientStream stream) {
        placesOfStreams.addAndGet(-stream.places());
    }

    @Override
    public SocketState process(SocketWrapperBase<NioChannel> wrapper, SocketEvent event) {
        ClientConnection connection = of(wrapper);
        connection.letClientStall(writeTimeout);
        SocketState state;
        try {
            state = connection.begin().call(() -> requests.process(wrapper, event));
        } finally {
            connection.end();
        }
        if (state == SocketState.LONG) {
            connection.awaitHead();
        } else if (state == SocketState.OPEN) {
            connection.awaitRequest();
        }
        return state;
    }

    /// Drops connections past their deadline.
    void dropLate() {
        long now = System.nanoTime();
        int dropped = 0;
        // A connection may close at the moment when it opens.
        open.values().removeIf(ClientConnection::isOver);
        for (ClientConnection connection : open.values()) {
            if (isLate(connection, now) && connection.drop()) {
                dropped++;
            }
            connection.look(now, bodyTimeout);
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
            // Tomcat's keep-alive time-out handles these.
            case IDLE, BUSY -> false;
        };
    }

    /// Drops the connections on which the server has waited longest.
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

    /// Waits until no connection is needed any more. Blocks for that time at most.
    void awaitLeave(Duration time) {
        long end = System.nanoTime() + time.toNanos();
        while (open.values().stream().anyMatch(ClientConnection::isNeeded)
                && end - System.nanoTime() > 0
                && !Thread.currentThread().isInterrupted()) {
            LockSupport.parkNanos(LEAVE_LOOK.toNanos());
        }
    }

    @Override
    public Object getGlobal() {
        return requests.getGlobal();
    }

    @Override
    public void release(SocketWrapperBase<NioChannel> wrapper) {
        ClientConnection connection = open.remove(wrapper);
        if (connection != null) {
            connection.left();
        }
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
