package io.fustor.source.mysql.web;

import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import org.apache.tomcat.util.net.NioChannel;
import org.apache.tomcat.util.net.SocketWrapperBase;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One client's connection, and whether the server waits for something on it. Its request's thread
/// says what it waits for; [ClientConnections] drops it from other threads where that takes too
/// long.
final class ClientConnection {

    private static final Logger LOG = LoggerFactory.getLogger(ClientConnection.class);

    private static final ScopedValue<ClientConnection> CURRENT = ScopedValue.newInstance();

    /// What the server waits for; BUSY is an answer's time, however long.
    enum Phase {
        IDLE,
        HEAD,
        BODY,
        BUSY
    }

    private final SocketWrapperBase<NioChannel> wrapper;
    private volatile Phase phase = Phase.HEAD;
    private volatile long since = System.nanoTime();
    private boolean isBodyBegun;
    private volatile boolean isDropped;

    ClientConnection(SocketWrapperBase<NioChannel> wrapper) {
        this.wrapper = wrapper;
    }

    /// The connection of the request that this thread serves; null where it came over none.
    static @Nullable ClientConnection current() {
        return CURRENT.isBound() ? CURRENT.get() : null;
    }

    /// Bytes came; the caller serves them on this thread.
    ScopedValue.Carrier begin() {
        if (phase == Phase.IDLE) {
            since = System.nanoTime();
        }
        phase = Phase.BUSY;
        return ScopedValue.where(CURRENT, this);
    }

    /// The bytes were no whole head.
    void awaitHead() {
        phase = Phase.HEAD;
    }

    /// The connection stays open for another request.
    void awaitRequest() {
        since = System.nanoTime();
        phase = Phase.IDLE;
    }

    /// This thread is about to read from the request's body. The time counts from the first call.
    void awaitBody() {
        if (!isBodyBegun) {
            isBodyBegun = true;
            since = System.nanoTime();
        }
        phase = Phase.BODY;
    }

    void bodyCame() {
        phase = Phase.BUSY;
    }

    /// The application has answered. Tomcat reads what is left of a body, so that the client gets
    /// to read the answer, and that has the time of a body once more.
    void answered(boolean withBody) {
        isBodyBegun = false;
        since = System.nanoTime();
        phase = withBody ? Phase.BODY : Phase.BUSY;
    }

    /// How long one write may get nowhere, from now on.
    void letClientStall(Duration time) {
        wrapper.setWriteTimeout(time.toMillis());
    }

    Phase phase() {
        return phase;
    }

    long since() {
        return since;
    }

    boolean isClosed() {
        return wrapper.isClosed();
    }

    /// Closes the connection where the server still waits on it. Never blocks.
    ///
    /// @return whether it will be closed
    boolean drop() {
        if (isDropped) {
            return false;
        }
        if (phase == Phase.BODY) {
            return stopReading();
        }
        // Who serves a connection has its lock.
        if (!wrapper.getLock().tryLock()) {
            return false;
        }
        try {
            if (phase == Phase.BUSY || wrapper.isClosed()) {
                return false;
            }
            isDropped = true;
            wrapper.close();
            return true;
        } finally {
            wrapper.getLock().unlock();
        }
    }

    /// A thread reads from it, and closes it when it finds the end.
    private boolean stopReading() {
        isDropped = true;
        try {
            // Null where the connection is closed by now.
            SocketChannel channel = wrapper.getSocket().getIOChannel();
            if (channel != null) {
                channel.shutdownInput();
            }
            return true;
        } catch (IOException e) {
            LOG.debug("connection is closed already", e);
            return false;
        }
    }
}
