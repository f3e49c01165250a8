package io.fustor.source.mysql.web;

import org.apache.coyote.Adapter;
import org.apache.coyote.UpgradeProtocol;
import org.apache.coyote.http11.Http11NioProtocol;
import org.apache.coyote.http2.Http2Protocol;

/// Tomcat's HTTP/1.1 and HTTP/2 over [ClientConnections]. Tomcat instantiates it by name.
public final class GuardedProtocol extends Http11NioProtocol {

    /// Each connection has a buffer for the trailer of a chunked body, which no request here needs.
    private static final int LONGEST_TRAILER = 512;

    private final GuardedEndpoint endpoint;

    public GuardedProtocol() {
        this(new GuardedEndpoint());
    }

    private GuardedProtocol(GuardedEndpoint endpoint) {
        super(endpoint);
        this.endpoint = endpoint;
        setMaxTrailerSize(LONGEST_TRAILER);
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

    /// The response of a stream passes pieces on as they are, and holds a heartbeat at most. All
    /// other responses get a larger buffer ([AnswerBufferFilter]).
    @Override
    public int getDesiredBufferSize() {
        return AnswerBufferFilter.SIZE_OF_STREAMS;
    }

    void limit(WebProperties properties) {
        endpoint.limit(properties);
    }
}
