package io.fustor.source.mysql.web;

import java.nio.channels.SocketChannel;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.apache.tomcat.util.net.NioChannel;
import org.apache.tomcat.util.net.NioEndpoint;
import org.apache.tomcat.util.net.SocketWrapperBase;
import org.jspecify.annotations.Nullable;

/// A port that does not let idle or slow clients keep others out: once a second it drops those that
/// are over a deadline, and before it would wait for a free connection, those that have kept it
/// waiting longest.
final class GuardedEndpoint extends NioEndpoint {

    private static final int ROOM = 16;

    private @Nullable ClientConnections clients;
    private @Nullable ScheduledFuture<?> rounds;

    /// Called by the protocol's constructor, once.
    @Override
    public void setHandler(Handler<NioChannel> requests) {
        clients = new ClientConnections(requests);
        super.setHandler(clients);
    }

    private ClientConnections clients() {
        ClientConnections set = clients;
        if (set == null) {
            throw new IllegalStateException("the protocol sets it when it is made");
        }
        return set;
    }

    void limit(WebProperties properties) {
        clients().limit(properties);
    }

    @Override
    public void startInternal() throws Exception {
        super.startInternal();
        rounds =
                getUtilityExecutor().scheduleWithFixedDelay(this::dropSlow, 1, 1, TimeUnit.SECONDS);
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

    @Override
    protected void countUpOrAwaitConnection() throws InterruptedException {
        makeRoom();
        super.countUpOrAwaitConnection();
    }

    private void makeRoom() {
        int most = getMaxConnections();
        if (most > 0 && getConnectionCount() >= most) {
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
