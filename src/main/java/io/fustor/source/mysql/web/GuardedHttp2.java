package io.fustor.source.mysql.web;

import java.time.Duration;
import org.apache.coyote.Request;
import org.apache.coyote.http2.Http2Connection;
import org.apache.coyote.http2.Http2Watch;
import org.apache.coyote.http2.WatchedHttp2Protocol;

/// Tomcat's HTTP/2 over [ClientConnections]. Tomcat asks for a time limit on the thread that is
/// about to wait, so that each stream has its own.
final class GuardedHttp2 extends WatchedHttp2Protocol {

    /// The buffers of a request body are twice as large.
    private static final int BODY_WINDOW = 32 * 1024;

    /// A head and a first frame of its response count 20 each in the client's favour: a client may
    /// reset each stream that it has got something of, but not many others.
    private static final int RESET = 35;

    /// A client may give back each byte that it got, on the stream and on the connection. Smaller
    /// steps than this one count, at most by as much.
    private static final int SMALLEST_STEP = 10;

    private static final Duration LATER = Duration.ofSeconds(20);

    private final ClientConnections clients;

    GuardedHttp2(ClientConnections clients) {
        this.clients = clients;
        setMaxConcurrentStreams(ClientStreams.MOST);
        // Streams last for hours: with fewer threads, the other ones would never begin.
        setMaxConcurrentStreamExecution(ClientStreams.MOST);
        setInitialWindowSize(BODY_WINDOW);
        setOverheadResetFactor(RESET);
        setOverheadWindowUpdateThreshold(SMALLEST_STEP);
        setUseSendfile(false);
        // Nothing of a request stays for the next one.
        setDiscardRequestsAndResponses(true);
    }

    /// A request with a body goes on with HTTP/1.1: Tomcat would have to hold the whole body before
    /// the upgrade.
    @Override
    public boolean accept(Request request) {
        boolean hasBody =
                request.getContentLengthLong() > 0
                        || request.getHeader("Transfer-Encoding") != null;
        return !hasBody && super.accept(request);
    }

    @Override
    protected Http2Watch watch(Http2Connection connection) {
        return clients.multiplexed(connection);
    }

    private Duration stall() {
        return ClientExchange.current() instanceof ClientStream stream
                ? stream.stall()
                : clients.writeTimeout();
    }

    /// How long a stream waits until its client allows it to send. [ClientStream#look] ends it
    /// before: after this time, Tomcat fails where the client has taken back what it had allowed.
    @Override
    public long getStreamWriteTimeout() {
        return stall().plus(LATER).toMillis();
    }

    /// How long a stream waits until the client allows the connection to send, or takes bytes from
    /// the socket.
    @Override
    public long getWriteTimeout() {
        return stall().toMillis();
    }

    @Override
    public long getReadTimeout() {
        return clients.headTimeout().toMillis();
    }

    @Override
    public long getStreamReadTimeout() {
        return clients.bodyTimeout().toMillis();
    }

    @Override
    public long getKeepAliveTimeout() {
        return getHttp11Protocol().getKeepAliveTimeout();
    }
}
