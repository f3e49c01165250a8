package io.fustor.source.mysql.web;

import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.apache.tomcat.util.net.NioChannel;
import org.apache.tomcat.util.net.NioEndpoint;
import org.apache.tomcat.util.net.SecureNioChannel;
import org.apache.tomcat.util.net.SocketEvent;
import org.apache.tomcat.util.net.SocketWrapperBase;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The connection of one client, and what the server waits for on it. The thread of its request
/// sets the phase. [ClientConnections] drops it from other threads if the phase lasts too long.
final class ClientConnection implements ClientExchange {

    private static final Logger LOG = LoggerFactory.getLogger(ClientConnection.class);

    private static final Duration CLOSE_LOOK = Duration.ofMillis(5);

    /// What the server waits for; BUSY is the time of a response, without a limit.
    enum Phase {
        IDLE,
        HEAD,
        BODY,
        BUSY
    }

    private final SocketWrapperBase<NioChannel> wrapper;

    /// Of all connections.
    private final AtomicInteger allStreaming;

    private volatile Phase phase = Phase.HEAD;
    private volatile long since = System.nanoTime();
    private boolean isBodyBegun;
    private volatile boolean isDropped;

    /// Of a connection that uses HTTP/2.
    private volatile @Nullable ClientStreams streams;

    /// The request that is served; like the following ones, for its thread.
    private @Nullable ServedRequest served;

    private @Nullable RequestHead head;
    private @Nullable LastingResponse lasting;
    private @Nullable StreamingConnection streaming;

    /// Of a request during which nothing else reads from the connection.
    private @Nullable Runnable inputEnd;

    /// @param allStreaming how many connections there are whose request has left them to a stream
    ClientConnection(SocketWrapperBase<NioChannel> wrapper, AtomicInteger allStreaming) {
        this.wrapper = wrapper;
        this.allStreaming = allStreaming;
    }

    /// Bytes arrived; the caller serves them on this thread.
    ScopedValue.Carrier begin() {
        if (phase == Phase.IDLE) {
            since = System.nanoTime();
        }
        phase = Phase.BUSY;
        return ScopedValue.where(CURRENT, this);
    }

    /// What arrived was served on this thread, or has failed.
    void end() {
        StreamingConnection current = streaming;
        streaming = null;
        if (current != null) {
            allStreaming.decrementAndGet();
            current.failIfUnwritten();
        }
    }

    /// Serves a request on this thread.
    void serve(ServedRequest next) throws Exception {
        RequestHead itsHead = new RequestHead(next.request());
        head = itsHead;
        served = next;
        try {
            next.serve(this);
        } finally {
            served = null;
            head = null;
            itsHead.restore();
        }
    }

    @Override
    public void lasts() {
        RequestHead current = head;
        if (current != null) {
            current.release();
        }
    }

    /// Where the client has sent more than the request, Tomcat's request stays: it holds that.
    @Override
    public void serveRest(HttpServletRequest request, Rest rest) {
        ServedRequest current = served;
        if (current == null || current.hasMore()) {
            lasting = LastingResponse.of(request, rest);
        } else {
            StreamingConnection next =
                    new StreamingConnection(this, wrapper, current.response(), rest);
            streaming = next;
            allStreaming.incrementAndGet();
            next.leave(current.response());
        }
    }

    @Override
    public boolean holdsRequest() {
        return streaming == null || wrapper.getSocket() instanceof SecureNioChannel;
    }

    @Override
    public @Nullable LastingResponse takeLasting() {
        LastingResponse taken = lasting;
        lasting = null;
        return taken;
    }

    /// The bytes were not a complete head.
    void awaitHead() {
        phase = Phase.HEAD;
    }

    /// The connection stays open for another request.
    void awaitRequest() {
        since = System.nanoTime();
        phase = Phase.IDLE;
    }

    /// From now on, the connection has many requests at a time.
    ClientStreams multiplex(ClientStreams several) {
        streams = several;
        return several;
    }

    @Override
    public void awaitBody() {
        if (!isBodyBegun) {
            isBodyBegun = true;
            since = System.nanoTime();
        }
        phase = Phase.BODY;
    }

    @Override
    public void bodyCame() {
        phase = Phase.BUSY;
    }

    /// Tomcat reads the rest of the body, so that the client can read the response. This may take
    /// the time of a body once more.
    @Override
    public void answered(boolean withBody) {
        onInputEnd(null);
        isBodyBegun = false;
        since = System.nanoTime();
        phase = withBody ? Phase.BODY : Phase.BUSY;
    }

    @Override
    public void letClientStall(Duration time) {
        wrapper.setWriteTimeout(time.toMillis());
    }

    @Override
    public boolean isDropped() {
        return isDropped;
    }

    Phase phase() {
        ClientStreams several = streams;
        return several == null ? phase : several.phase();
    }

    long since() {
        ClientStreams several = streams;
        return several == null ? since : several.since();
    }

    /// Looks at the streams of an HTTP/2 connection, or for the end of what the client sends.
    void look(long now, Duration bodyTimeout) {
        ClientStreams several = streams;
        if (several != null) {
            several.look(now, bodyTimeout);
        } else {
            lookForInputEnd();
        }
    }

    @Override
    public synchronized void onInputEnd(@Nullable Runnable action) {
        inputEnd = action;
    }

    /// What the client has sent ahead stays in the connection's buffer for the next request.
    private synchronized void lookForInputEnd() {
        Runnable action = inputEnd;
        if (action == null || wrapper.isClosed()) {
            return;
        }
        try {
            wrapper.isReadyForRead();
        } catch (IOException e) {
            LOG.debug("client sends nothing more", e);
            action.run();
        }
    }

    /// Whether it is closed; then its streams are told.
    boolean isOver() {
        if (!wrapper.isClosed()) {
            return false;
        }
        left();
        return true;
    }

    /// Whether closing it now could take something away from its client. Over HTTP/2 a client sends
    /// as long as it reads, and the system answers what comes for a closed connection with a reset,
    /// for which the client drops what it has not read (RFC 9112, 9.6): the client closes first.
    boolean isNeeded() {
        boolean isServed = phase == Phase.BUSY || phase == Phase.BODY;
        return !isDropped && !wrapper.isClosed() && (streams != null || isServed);
    }

    /// It is closed.
    void left() {
        ClientStreams several = streams;
        if (several != null) {
            several.left();
        }
    }

    /// Closes the connection if the server still waits on it. Never blocks.
    ///
    /// @return whether it will be closed
    boolean drop() {
        if (isDropped) {
            dropAgain();
            return false;
        }
        if (streams != null) {
            return sayGoodbye();
        }
        if (phase == Phase.BODY) {
            return stopReading();
        }
        // The thread that serves a connection holds its lock.
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

    /// Lets Tomcat tell the client that an HTTP/2 connection ends (`GOAWAY`), and close it.
    private boolean sayGoodbye() {
        if (phase() == Phase.BUSY || wrapper.isClosed()) {
            return false;
        }
        isDropped = true;
        wrapper.processSocket(SocketEvent.TIMEOUT, true);
        return true;
    }

    /// An HTTP/2 client that does not read gets no last word.
    private void dropAgain() {
        if (streams != null) {
            cut();
        }
    }

    /// Closes the channel below the wrapper, whose buffers a thread may be writing to: that thread
    /// fails at its next attempt, and closes the rest. With a linger time of 0 the system drops
    /// what it has not sent yet.
    void cut() {
        isDropped = true;
        try {
            SocketChannel channel = wrapper.getSocket().getIOChannel();
            if (channel != null) {
                channel.setOption(StandardSocketOptions.SO_LINGER, 0);
                channel.close();
                // A channel that a selector knows is closed when the selector has noticed.
                if (wrapper instanceof NioEndpoint.NioSocketWrapper polled) {
                    polled.getPoller().getSelector().wakeup();
                }
            }
        } catch (IOException e) {
            LOG.debug("connection is closed already", e);
        }
        left();
    }

    @Override
    public void cut(Thread served) {
        cut();
        // It may wait for the client; the next attempt to write fails.
        served.interrupt();
    }

    @Override
    public void finish(Duration time) {
        long end = System.nanoTime() + time.toNanos();
        try {
            SocketChannel channel = wrapper.getSocket().getIOChannel();
            if (channel != null) {
                channel.shutdownOutput();
                awaitClose(channel, end);
            }
        } catch (IOException e) {
            LOG.debug("connection is closed already", e);
        }
        cut();
    }

    private static void awaitClose(SocketChannel channel, long end) throws IOException {
        ByteBuffer ignored = ByteBuffer.allocate(256);
        while (channel.read(ignored.clear()) >= 0 && System.nanoTime() < end) {
            LockSupport.parkNanos(CLOSE_LOOK.toNanos());
        }
    }

    /// Shuts the input down. The reading thread then finds the end and closes the connection.
    private boolean stopReading() {
        isDropped = true;
        try {
            // Null if the connection is already closed.
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
