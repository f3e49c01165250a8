package io.fustor.source.mysql.web;

import org.apache.coyote.Adapter;
import org.apache.coyote.Processor;
import org.apache.coyote.UpgradeProtocol;
import org.apache.coyote.UpgradeToken;
import org.apache.coyote.http11.Http11NioProtocol;
import org.apache.coyote.http2.Http2Protocol;
import org.apache.tomcat.util.net.SocketWrapperBase;

/// Tomcat's HTTP/1.1 and HTTP/2 over [ClientConnections]. Tomcat instantiates it by name.
public final class GuardedProtocol extends Http11NioProtocol {

    /// Nothing reads the trailer of a request, but Tomcat has a buffer of this size for the one of
    /// each connection.
    private static final int TRAILER = 512;

    private static final int OUTPUT = 1024;

    private final GuardedEndpoint endpoint;

    public GuardedProtocol() {
        this(new GuardedEndpoint());
    }

    private GuardedProtocol(GuardedEndpoint endpoint) {
        super(endpoint);
        this.endpoint = endpoint;
        setMaxTrailerSize(TRAILER);
    }

    @Override
    public void setAdapter(Adapter adapter) {
        super.setAdapter(new HeadedAdapter(adapter));
    }

    /// Spring Boot adds Tomcat's HTTP/2 if it is enabled; ours takes its place.
    @Override
    public void addUpgradeProtocol(UpgradeProtocol protocol) {
        super.addUpgradeProtocol(
                protocol instanceof Http2Protocol
                        ? new GuardedHttp2(endpoint.clients())
                        : protocol);
    }

    /// The connection of a stream serves itself when the request has left.
    @Override
    protected Processor createUpgradeProcessor(SocketWrapperBase<?> socket, UpgradeToken token) {
        return token.httpUpgradeHandler() instanceof StreamingConnection streaming
                ? streaming
                : super.createUpgradeProcessor(socket, token);
    }

    @Override
    public void stop() throws Exception {
        endpoint.sayGoodbye();
        super.stop();
    }

    /// Of the buffer for a response in the servlet's hands. What is larger passes it by, and so
    /// does what a stream writes; but each connection has one.
    @Override
    public int getDesiredBufferSize() {
        return OUTPUT;
    }

    void limit(WebProperties properties) {
        endpoint.limit(properties);
    }

    /// @param most connections that have a request or wait for one
    void limitRequests(int most) {
        endpoint.limitRequests(most);
    }
}
