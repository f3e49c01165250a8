package org.apache.coyote.http2;

import org.apache.coyote.Adapter;
import org.apache.coyote.Request;
import org.apache.coyote.http11.upgrade.InternalHttpUpgradeHandler;
import org.apache.tomcat.util.net.SocketWrapperBase;
import org.jspecify.annotations.Nullable;

/// Tomcat's HTTP/2 with a [Http2Watch] for each connection.
public abstract class WatchedHttp2Protocol extends Http2Protocol {

    /// A connection begins to use HTTP/2; on the thread that serves it.
    protected abstract Http2Watch watch(Http2Connection connection);

    @Override
    public final InternalHttpUpgradeHandler getInternalUpgradeHandler(
            SocketWrapperBase<?> socketWrapper, Adapter adapter, @Nullable Request coyoteRequest) {
        var connection = new WatchedConnection(this, adapter, coyoteRequest, socketWrapper);
        connection.watch(watch(connection));
        return connection;
    }
}
