package io.fustor.source.mysql.web;

import io.fustor.source.mysql.thread.SupervisedThread;
import io.fustor.source.mysql.thread.Work;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.apache.tomcat.util.net.NioChannel;
import org.apache.tomcat.util.net.NioEndpoint;
import org.apache.tomcat.util.net.SecureNioChannel;
import org.apache.tomcat.util.net.SocketBufferHandler;
import org.apache.tomcat.util.net.SocketWrapperBase;
import org.jspecify.annotations.Nullable;

/// A port on which idle or slow clients cannot block others. Once a second it drops connections
/// past a deadline. Before it would wait for a free connection, it drops those on which it has
/// waited longest.
final class GuardedEndpoint extends NioEndpoint {

    private static final int ROOM = 16;

    /// More than a TLS engine requires for its largest record.
    private static final int TLS_RECORD = 20 * 1024;

    /// The largest frame that a client of HTTP/2 may send.
    private static final int FRAME = 16 * 1024;

    /// How long the responses that are being sent may take when the port closes, and how long a
    /// client of HTTP/2 has to close its connection: with the two seconds of the streams' last
    /// events, less than the five in which the process has to be gone.
    private static final Duration FAREWELL = Duration.ofMillis(1_500);

    private static final Duration ROOM_LOOK = Duration.ofMillis(5);

    private @Nullable ClientConnections clients;
    private volatile int mostRequests = Integer.MAX_VALUE;
    private @Nullable ScheduledFuture<?> rounds;

    /// Called by the protocol's constructor, once.
    @Override
    public void setHandler(Handler<NioChannel> requests) {
        clients = new ClientConnections(requests, this::freePlaces);
        super.setHandler(clients);
    }

    ClientConnections clients() {
        ClientConnections set = clients;
        if (set == null) {
            throw new IllegalStateException("the protocol sets it when it is made");
        }
        return set;
    }

    /// How many more requests there may be.
    private long freePlaces() {
        long most = getMaxConnections();
        long free = most > 0 ? most - getConnectionCount() : Long.MAX_VALUE;
        return Math.min(free, mostRequests - requests());
    }

    /// The connections that have a request or wait for one.
    private long requests() {
        return getConnectionCount() - clients().streaming();
    }

    /// @param most connections that have a request or wait for one
    void limitRequests(int most) {
        mostRequests = most;
    }

    void limit(WebProperties properties) {
        clients().limit(properties);
    }

    @Override
    public void startInternal() throws Exception {
        super.startInternal();
        rounds =
                getUtilityExecutor()
                        .scheduleWithFixedDelay(
                                SupervisedThread.contained(
                                        Work.TASK, "slow clients", this::dropSlow),
                                1,
                                1,
                                TimeUnit.SECONDS);
    }

    /// Lets the clients take what is being sent, before Tomcat closes all connections at once.
    void sayGoodbye() {
        // Connections of HTTP/2 get their GOAWAY, and others no further request.
        pause();
        closeServerSocketGraceful();
        clients().awaitLeave(FAREWELL);
    }

    @Override
    public void stopInternal() {
        ScheduledFuture<?> current = rounds;
        if (current != null) {
            current.cancel(false);
        }
        super.stopInternal();
    }

    private void dropSlow() {
        clients().dropLate();
        makeRoom();
    }

    /// Called before Tomcat allocates the buffers of the first connection. They must hold a
    /// complete record of TLS or frame of HTTP/2. Otherwise Tomcat would allocate new ones later
    /// and free the old ones.
    ///
    /// Tomcat would keep the channels of closed connections, with their buffers, and give them to
    /// the next ones. A thread that still serves a stream of the closed connection, or is about to
    /// cut it, would then write to the next client's connection, or cut that one.
    @Override
    public void bind() throws Exception {
        socketProperties.setBufferPool(0);
        int least = isSSLEnabled() ? TLS_RECORD : FRAME;
        socketProperties.setAppReadBufSize(Math.max(socketProperties.getAppReadBufSize(), least));
        super.bind();
    }

    /// Leaves the buffers of closed connections to the garbage collector. Tomcat would free them
    /// with `sun.misc.Unsafe`. The JVM warns about that in four lines at every stop, and will
    /// remove it.
    @Override
    protected NioChannel createChannel(SocketBufferHandler buffers) {
        return isSSLEnabled() ? new TlsChannel(buffers, this) : new PlainChannel(buffers);
    }

    private static final class PlainChannel extends NioChannel {

        PlainChannel(SocketBufferHandler buffers) {
            super(buffers);
        }

        @Override
        public void free() {}
    }

    private static final class TlsChannel extends SecureNioChannel {

        TlsChannel(SocketBufferHandler buffers, NioEndpoint endpoint) {
            super(buffers, endpoint);
        }

        @Override
        public void free() {}
    }

    @Override
    protected void countUpOrAwaitConnection() throws InterruptedException {
        makeRoom();
        super.countUpOrAwaitConnection();
        // Counts the one that is about to be accepted.
        while (requests() > mostRequests && isRunning() && !isPaused()) {
            Thread.sleep(ROOM_LOOK);
            makeRoom();
        }
    }

    private void makeRoom() {
        int most = getMaxConnections();
        boolean isFull = most > 0 && getConnectionCount() >= most;
        if (isFull || requests() >= mostRequests) {
            clients().dropLongestWaiting(ROOM);
        }
    }

    @Override
    protected boolean setSocketOptions(SocketChannel socket) {
        boolean isOpen = super.setSocketOptions(socket);
        SocketWrapperBase<NioChannel> wrapper = connections.get(socket);
        if (wrapper != null) {
            clients().opened(wrapper);
        }
        return isOpen;
    }
}
